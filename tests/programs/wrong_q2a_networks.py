"""Wrong networks for question 2a, what they are made of, and what comes out."""

from programs.correct_q2a_networks import NET
from programs.training_program import NETWORK, NETWORK_ONLY, TrainingProgram, network

FEATURES = (
    "nn.Conv2d(1, 8, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), "
    "nn.Conv2d(8, 16, 3, padding=1), nn.ReLU()"
)
HEAD = "nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(16, num_classes)"


def layers(
    name: str,
    fails: str,
    features: str = FEATURES,
    head: str = HEAD,
    *,
    more: str = "",
    first: str = "",
    tries: str = NETWORK_ONLY,
) -> TrainingProgram:
    """A network of two sequences of layers, with more definitions, and a line to begin with."""
    source = f"""{NET}{more}
def build_cnn(num_classes=10):
    {first or "pass"}
    model = Net(nn.Sequential({features}), nn.Sequential({head}))
    return model
"""
    return network(name, source, fails, tries=tries)


DROPOUT = """
class Forgetful(nn.Module):
    def forward(self, x):
        return functional.dropout(x, 0.3)
"""

WRONG_NETWORKS = (
    # What it is made of.
    network(
        "no part is called head",
        """
class Net(nn.Module):
    def __init__(self, num_classes):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(1, 8, 5), nn.ReLU(), nn.AdaptiveMaxPool2d(1))
        self.classifier = nn.Linear(8, num_classes)

    def forward(self, x):
        return self.classifier(self.features(x).flatten(1))

def build_cnn(num_classes=10):
    return Net(num_classes)
""",
        "parts",
        tries=NETWORK_ONLY,
    ),
    network(
        "a plain sequence without parts",
        """
def build_cnn(num_classes=10):
    return nn.Sequential(
        nn.Conv2d(1, 8, 5), nn.ReLU(), nn.AdaptiveMaxPool2d(1), nn.Flatten(),
        nn.Linear(8, num_classes),
    )
""",
        "parts any_size convolutional not_linear",
        tries=NETWORK_ONLY,
    ),
    layers(
        "flattened between the parts",
        "parts",
        head="nn.Linear(16, num_classes)",
        more="\nclass Net(Net):\n    def forward(self, x):\n"
        "        return self.head(self.features(x).amax((2, 3)))\n",
    ),
    layers(
        "another nonlinearity in forward",
        "parts",
        more="\nclass Net(Net):\n    def forward(self, x):\n"
        "        return self.head(torch.tanh(self.features(x)))\n",
    ),
    layers(
        "flat features",
        "any_size convolutional not_linear",
        f"{FEATURES}, nn.AdaptiveMaxPool2d(1), nn.Flatten()",
        "nn.Linear(16, num_classes)",
    ),
    layers("always ten classes", "parts", head=HEAD.replace("num_classes", "10")),
    layers(
        "one class too many",
        "parts raw_logits eval_mode run_network",
        head=HEAD.replace("num_classes", "num_classes + 1"),
        tries=NETWORK,
    ),
    network(
        "no default for the number of classes",
        "\nreference_build = build_cnn\ndef build_cnn(num_classes):\n"
        "    return reference_build(num_classes)\n",
        "parts",
        tries=NETWORK_ONLY,
    ),
    layers(
        "more than 20,000 weights",
        "size_of_the_network",
        head="nn.AdaptiveMaxPool2d(6), "
        "nn.Flatten(), nn.Linear(576, 40), nn.ReLU(), nn.Linear(40, num_classes)",
    ),
    layers(
        "lazy layers",
        "size_of_the_network",
        FEATURES.replace("nn.Conv2d(8, ", "nn.LazyConv2d("),
        HEAD.replace("Linear(16, ", "LazyLinear("),
    ),
    layers(
        "a lazy norm without weights",
        "size_of_the_network",
        f"{FEATURES}, nn.LazyBatchNorm2d(affine=False)",
    ),
    layers(
        "a frozen layer",
        "size_of_the_network",
        first="first = nn.Conv2d(1, 8, 5, padding=2); first.requires_grad_(False)",
        features=FEATURES.replace("nn.Conv2d(1, 8, 5, padding=2)", "first"),
    ),
    network(
        "the same network on every call",
        """
made = {}
reference_build = build_cnn
def build_cnn(num_classes=10):
    if num_classes not in made:
        made[num_classes] = reference_build(num_classes)
    return made[num_classes]
""",
        "new_each_time",
        tries=NETWORK_ONLY,
    ),
    layers(
        "layers made once, outside",
        "new_each_time",
        more=f"\nparts = [{FEATURES}]\n",
        features="*parts",
    ),
    # The outputs.
    layers("softmax", "raw_logits", head=f"{HEAD}, nn.Softmax(1)"),
    layers("log-softmax", "raw_logits", head=f"{HEAD}, nn.LogSoftmax(dim=1)"),
    layers("softmax over the batch", "raw_logits eval_mode", head=f"{HEAD}, nn.Softmax(dim=0)"),
    layers("sigmoid", "raw_logits", head=f"{HEAD}, nn.Sigmoid()"),
    layers("tanh at the end", "raw_logits", head=f"{HEAD}, nn.Tanh()"),
    layers(
        "dropout also in eval mode",
        "eval_mode",
        more=DROPOUT,
        head="nn.AdaptiveMaxPool2d(1), nn.Flatten(), Forgetful(), nn.Linear(16, num_classes)",
    ),
    layers(
        "dropout in the features, also in eval mode",
        "eval_mode convolutional",
        f"{FEATURES}, Forgetful()",
        more=DROPOUT,
    ),
    layers(
        "batch norm that always looks at the batch",
        "eval_mode",
        FEATURES.replace(
            "nn.ReLU(), nn.Max", "nn.BatchNorm2d(8, track_running_stats=False), nn.ReLU(), nn.Max"
        ),
    ),
    layers(
        "one image only",
        "parts raw_logits eval_mode run_network",
        head=HEAD.replace("nn.Flatten()", "nn.Flatten(0)"),
        tries=NETWORK,
    ),
    layers(
        "crops large images to one place",
        "eval_mode convolutional",
        "nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), Cropped()",
        more="\nclass Cropped(nn.Module):\n    def forward(self, x):\n"
        "        x = x + x.mean()\n"
        "        return x[..., 239:, 239:] if min(x.shape[2:]) >= 240 else x\n",
    ),
    layers("a ReLU on the outputs", "raw_logits", head=f"{HEAD}, nn.ReLU()"),
    layers(
        "a ReLU on the outputs of two layers",
        "raw_logits",
        head="nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(16, 32), nn.ReLU(), "
        "nn.Linear(32, num_classes), nn.ReLU()",
    ),
    layers(
        "pools large images from the third on",
        "convolutional",
        "nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), Tired()",
        more="""
class Tired(nn.Module):
    seen = 0

    def forward(self, x):
        self.seen += min(x.shape[2:]) >= 200
        return x if self.seen < 3 else x.amax((2, 3), keepdim=True)
""",
    ),
    layers(
        "squeezes the batch away",
        "parts",
        more="\nclass Squeezed(nn.Module):\n    def forward(self, x):\n"
        "        return x.squeeze()\n",
        head=f"{HEAD}, Squeezed()",
    ),
)
