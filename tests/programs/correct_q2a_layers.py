"""Right networks for question 2a: pooling, strides, padding, activations, shared layers."""

from programs.correct_q2a_networks import GLOBAL_MAX, LINEAR, NET, layers
from programs.training_program import network

CORRECT_LAYERS = (
    layers(
        "average and maximum side by side",
        "nn.Conv2d(1, 12, 5, padding=2), nn.GELU(), Both(), nn.Conv2d(24, 24, 3, padding=1), "
        "nn.SiLU()",
        f"{GLOBAL_MAX}, {LINEAR.format(24)}",
        """
class Both(nn.Module):
    def forward(self, x):
        return torch.cat([functional.avg_pool2d(x, 2), functional.max_pool2d(x, 2)], 1)
""",
    ),
    layers(
        "strides, then max pooling, without padding",
        "nn.Conv2d(1, 16, 5, stride=2), nn.ReLU(), nn.Conv2d(16, 32, 3), nn.ReLU(), "
        "nn.MaxPool2d(2)",
        f"{GLOBAL_MAX}, {LINEAR.format(32)}",
    ),
    layers(
        "pooling by 3, twice, then over all places",
        "nn.Conv2d(1, 8, 3, padding=1, padding_mode='replicate'), nn.ReLU6(), nn.MaxPool2d(3), "
        "nn.Conv2d(8, 32, 3, padding=1, padding_mode='circular'), nn.Hardswish(), "
        f"nn.MaxPool2d(3, ceil_mode=True), {GLOBAL_MAX}",
        LINEAR.format(32),
    ),
    layers(
        "a stride of 5, then over all places",
        f"nn.Conv2d(1, 48, 7, stride=5, padding=3), nn.ReLU(), {GLOBAL_MAX}",
        "nn.Flatten(), nn.Linear(48, 48), nn.ReLU(), nn.Linear(48, num_classes)",
    ),
    layers(
        "other strides down than across",
        "nn.Conv2d(1, 8, (5, 3), padding=(2, 1)), nn.ReLU(), nn.MaxPool2d((2, 1)), "
        "nn.Conv2d(8, 24, 3, padding=1), nn.ReLU(), nn.MaxPool2d((1, 2))",
        f"{GLOBAL_MAX}, {LINEAR.format(24)}",
    ),
    layers(
        "adaptive pooling to 3 x 3, in the head",
        "nn.Conv2d(1, 8, 5, padding=2, padding_mode='reflect'), nn.ReLU(), nn.MaxPool2d(2), "
        "nn.Conv2d(8, 32, 3), nn.ReLU()",
        "nn.AdaptiveMaxPool2d(3), nn.Flatten(), nn.Linear(288, num_classes)",
    ),
    network(
        "weights to start from that are chosen by hand",
        f"""{NET}
def build_cnn(num_classes=10):
    first = nn.Conv2d(1, 8, 5, padding=2)
    y, x = torch.meshgrid(torch.arange(-2.0, 3), torch.arange(-2.0, 3), indexing="ij")
    waves = [
        torch.exp(-(x**2 + y**2) / 4) * torch.cos(1.5 * (x * math.cos(a) + y * math.sin(a)))
        for a in [n * math.pi / 8 for n in range(8)]
    ]
    with torch.no_grad():
        first.weight.copy_(torch.stack(waves)[:, None])
        first.bias.zero_()
    second = nn.Conv2d(8, 32, 3, padding=1)
    nn.init.kaiming_normal_(second.weight)
    nn.init.zeros_(second.bias)
    features = nn.Sequential(first, nn.ReLU(), nn.MaxPool2d(2), second, nn.ReLU())
    last = nn.Linear(32, num_classes)
    nn.init.zeros_(last.weight)
    return Net(features, nn.Sequential(nn.AdaptiveMaxPool2d(1), nn.Flatten(), last))
""",
    ),
    layers(
        "absolute values and squares",
        "nn.Conv2d(1, 8, 5, padding=2), Absolute(), nn.MaxPool2d(2), "
        "nn.Conv2d(8, 24, 3, padding=1), Squared()",
        f"{GLOBAL_MAX}, {LINEAR.format(24)}",
        """
class Absolute(nn.Module):
    def forward(self, x):
        return x.abs()

class Squared(nn.Module):
    def forward(self, x):
        return 0.5 * x * x
""",
    ),
    network(
        "one layer used three times",
        f"""{NET}
class Again(nn.Module):
    def __init__(self):
        super().__init__()
        self.start, self.again = nn.Conv2d(1, 24, 5, padding=2), nn.Conv2d(24, 24, 3, padding=1)
        self.same = self.again

    def forward(self, x):
        x = functional.max_pool2d(functional.relu(self.start(x)), 2)
        for layer in (self.again, self.same, self.again):
            x = functional.relu(layer(x)) + x
        return x

def build_cnn(num_classes=10):
    head = nn.Sequential(nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(24, num_classes))
    return Net(Again(), head)
""",
    ),
    network(
        "a dictionary of layers, features as a view of it",
        """
class Named(nn.ModuleDict):
    def __init__(self, num_classes):
        super().__init__({
            "features": nn.ModuleDict({
                "conv": nn.Conv2d(1, 16, 5, padding="valid"), "pool": nn.MaxPool2d(2),
                "more": nn.Conv2d(16, 32, 3, padding="valid"),
            }),
            "head": nn.Linear(32, num_classes),
        })
        self.features.forward = lambda x: torch.relu(
            self.features.more(self.features.pool(torch.relu(self.features.conv(x))))
        )
        linear = self.head.forward
        self.head.forward = lambda maps: linear(maps.flatten(2).max(2).values)

    def forward(self, x):
        return self["head"](self["features"](x))

def build_cnn(num_classes=10):
    return Named(num_classes)
""",
    ),
    layers(
        "squeeze and excitation",
        "nn.Conv2d(1, 16, 5, padding=2), nn.ReLU(), Squeeze(16), nn.MaxPool2d(2), "
        "nn.Conv2d(16, 24, 3, padding=1), nn.ReLU(), Squeeze(24)",
        f"{GLOBAL_MAX}, {LINEAR.format(24)}",
        """
class Squeeze(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.small, self.large = nn.Linear(c, 4), nn.Linear(4, c)

    def forward(self, x):
        gate = torch.sigmoid(self.large(torch.relu(self.small(x.mean((2, 3))))))
        return x * gate[:, :, None, None]
""",
    ),
    layers(
        "global average, in float64",
        "Wide(), nn.Conv2d(1, 16, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), "
        "nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), "
        "nn.Conv2d(32, 32, 3, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2d(1)",
        LINEAR.format(32),
        """
class Wide(nn.Module):
    def forward(self, x):
        return x.double()

class Net(Net):
    def __init__(self, features, head):
        super().__init__(features, head)
        self.double()

    def forward(self, x):
        return super().forward(x).float()
""",
    ),
)
