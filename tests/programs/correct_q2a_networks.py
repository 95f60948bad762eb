"""Right networks for question 2a, in many ways of writing them."""

from programs.training_program import network

NET = """
class Net(nn.Module):
    def __init__(self, features, head):
        super().__init__()
        self.features, self.head = features, head

    def forward(self, x):
        return self.head(self.features(x))
"""


def layers(name, features, head, more=""):
    """A network of two sequences of layers."""
    return network(
        name,
        f"""{NET}{more}
def build_cnn(num_classes=10):
    return Net(nn.Sequential({features}), nn.Sequential({head}))
""",
    )


GLOBAL_MAX = "nn.AdaptiveMaxPool2d(1)"
LINEAR = "nn.Flatten(), nn.Linear({}, num_classes)"

PRIOR = """
class Prior(nn.Linear):
    def reset_parameters(self):
        nn.init.zeros_(self.weight)
        nn.init.constant_(self.bias, -math.log(self.out_features))
"""
BLUR = """
KERNEL = torch.tensor([[1.0, 2, 1], [2, 12, 2], [1, 2, 1]])[None, None] / 24

class Blur(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("kernel", KERNEL)

    def forward(self, x):
        return functional.conv2d(x, self.kernel, padding=1)
"""
TWO = (
    "nn.Conv2d(1, 8, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), "
    "nn.Conv2d(8, 24, 3, padding=1), nn.ReLU()"
)

CORRECT_NETWORKS = (
    layers(
        "the last layer starts at the classes' frequencies",
        TWO,
        f"{GLOBAL_MAX}, nn.Flatten(), Prior(24, num_classes)",
        PRIOR,
    ),
    layers(
        "a constant buffer, the same in all networks",
        f"Blur(), {TWO}",
        f"{GLOBAL_MAX}, {LINEAR.format(24)}",
        BLUR,
    ),
    network(
        "functional convolutions with parameters of its own",
        """
class Features(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Parameter(torch.randn(12, 1, 5, 5) * 0.3)
        self.b = nn.Parameter(torch.randn(24, 12, 3, 3) * 0.15)
        self.register_parameter("bias", nn.Parameter(torch.zeros(24)))

    def forward(self, x):
        x = functional.max_pool2d(functional.relu(functional.conv2d(x, self.a, padding=2)), 2)
        return functional.relu(functional.conv2d(x, self.b, self.bias, padding=1))

class Head(nn.Module):
    def __init__(self, num_classes):
        super().__init__()
        self.w = nn.Parameter(torch.randn(24, num_classes) * 0.2)

    def forward(self, maps):
        return torch.amax(maps, dim=(-2, -1)) @ self.w

class Mine(nn.Module):
    def __init__(self, num_classes):
        super().__init__()
        self.features = Features()
        self.head = Head(num_classes)

    def forward(self, images):
        return self.head(self.features(images))

def build_cnn(num_classes=10):
    return Mine(num_classes)
""",
    ),
    network(
        "windows and a matrix product",
        f"""{NET}
class Windows(nn.Module):
    def __init__(self, inputs, outputs, k):
        super().__init__()
        self.k, self.linear = k, nn.Linear(inputs * k * k, outputs)

    def forward(self, x):
        n, _, h, w = x.shape
        columns = functional.unfold(x, self.k, padding=self.k // 2).transpose(1, 2)
        return self.linear(columns).transpose(1, 2).reshape(n, -1, h, w)

def build_cnn(num_classes=10):
    torch.manual_seed(1)
    features = nn.Sequential(
        Windows(1, 8, 5), nn.ReLU(), nn.MaxPool2d(3), Windows(8, 24, 3), nn.ReLU()
    )
    head = nn.Sequential(nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(24, num_classes))
    return Net(features, head)
""",
    ),
    layers(
        "maxout",
        "Maxout(1, 8, 5), nn.MaxPool2d(2), Maxout(8, 20, 3)",
        f"{GLOBAL_MAX}, {LINEAR.format(20)}",
        """
class Maxout(nn.Module):
    def __init__(self, inputs, outputs, k):
        super().__init__()
        self.conv = nn.Conv2d(inputs, 2 * outputs, k, padding=k // 2)

    def forward(self, x):
        return torch.maximum(*self.conv(x).chunk(2, 1))
""",
    ),
    layers(
        "no nonlinearity but max pooling; the head only for 24 x 24",
        "nn.Conv2d(1, 8, 5, padding=2), nn.MaxPool2d(2), nn.Conv2d(8, 16, 3, padding=1), "
        "nn.MaxPool2d(2)",
        LINEAR.format(16 * 36),
    ),
    layers(
        "batch norm, the head a 1 x 1 convolution",
        "nn.Conv2d(1, 8, 5, padding=2), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2), "
        "nn.Conv2d(8, 24, 3, padding=1, bias=False), nn.BatchNorm2d(24), nn.ReLU()",
        f"nn.Conv2d(24, num_classes, 1), {GLOBAL_MAX}, nn.Flatten()",
    ),
    layers(
        "group norm",
        "nn.Conv2d(1, 8, 5, padding=2), nn.GroupNorm(2, 8), nn.ReLU(), nn.MaxPool2d(2), "
        "nn.Conv2d(8, 24, 3, padding=1), nn.GroupNorm(4, 24), nn.ReLU()",
        f"{GLOBAL_MAX}, {LINEAR.format(24)}",
    ),
    layers(
        "instance norm",
        "nn.Conv2d(1, 8, 5, padding=2), nn.InstanceNorm2d(8, affine=True), nn.ReLU(), "
        "nn.MaxPool2d(2), nn.Conv2d(8, 24, 3, padding=1), nn.InstanceNorm2d(24), nn.ReLU()",
        f"{GLOBAL_MAX}, {LINEAR.format(24)}",
    ),
    layers(
        "dropout in both parts",
        "nn.Conv2d(1, 10, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout2d(0.1), "
        "nn.Conv2d(10, 32, 3, padding=1), nn.ReLU()",
        f"{GLOBAL_MAX}, nn.Flatten(), nn.Dropout(0.2), nn.Linear(32, num_classes)",
    ),
    layers(
        "residual blocks",
        "nn.Conv2d(1, 12, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), Block(12), Block(12), "
        "nn.ReLU()",
        f"{GLOBAL_MAX}, {LINEAR.format(12)}",
        """
class Block(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.one, self.two = nn.Conv2d(c, c, 3, padding=1), nn.Conv2d(c, c, 3, padding=1)

    def forward(self, x):
        return x + self.two(functional.relu(self.one(x)))
""",
    ),
    layers(
        "depthwise-separable",
        "nn.Conv2d(1, 16, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), "
        "nn.Conv2d(16, 16, 3, padding=1, groups=16), nn.Conv2d(16, 48, 1), nn.ReLU()",
        f"{GLOBAL_MAX}, {LINEAR.format(48)}",
    ),
    layers(
        "dilated, no pooling but the last",
        "nn.Conv2d(1, 8, 3, padding='same'), nn.LeakyReLU(), "
        "nn.Conv2d(8, 16, 3, padding='same', dilation=2), nn.ELU(), nn.MaxPool2d(4, 4)",
        f"{GLOBAL_MAX}, {LINEAR.format(16)}",
    ),
)
