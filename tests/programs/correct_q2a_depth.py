"""Right networks for question 2a whose features stride, round and reach far, or start out plain.

Tried without the training runs: most of them learn as well as any, in more time.
"""

from programs.correct_q2a_networks import GLOBAL_MAX, LINEAR, NET
from programs.training_program import NETWORK_ONLY, TrainingProgram, network


def features(name: str, layers: str, channels: int, more: str = "") -> TrainingProgram:
    """These layers before a global maximum, which is the head's."""
    source = f"""{NET}{more}
def build_cnn(num_classes=10):
    head = nn.Sequential({GLOBAL_MAX}, {LINEAR.format(channels)})
    return Net(nn.Sequential({layers}), head)
"""
    return network(name, source, tries=NETWORK_ONLY)


def stages(name: str, channels: str, stage: str, pooled: str = "") -> TrainingProgram:
    """For each number of channels some layers; ``pooled`` ends the features."""
    source = f"""{NET}
def build_cnn(num_classes=10):
    layers, before = [], 1
    for c in {channels}:
        layers += [{stage}]
        before = c
    head = nn.Sequential({GLOBAL_MAX}, nn.Flatten(), nn.Linear(c, num_classes))
    return Net(nn.Sequential(*layers, {pooled}), head)
"""
    return network(name, source, tries=NETWORK_ONLY)


HALVED = "nn.Conv2d(before, c, {0}, stride=2, padding={0} // 2), nn.ReLU()"
POOLED = (
    "nn.Conv2d(before, c, {0}, padding={0} // 2), nn.BatchNorm2d(c), nn.ReLU(), nn.MaxPool2d(2)"
)
TWICE = (
    "nn.Conv2d(before, c, 3, padding=1), nn.BatchNorm2d(c), nn.ReLU(), "
    "nn.Conv2d(c, c, 3, padding=1), nn.BatchNorm2d(c), nn.ReLU(), "
)
MEAN = "nn.AdaptiveAvgPool2d(1)"

CORRECT_DEPTHS = (
    stages("strides of 2, padded, twice", "(16, 32)", HALVED.format(3)),
    stages("strides of 2 and kernels of 5, padded", "(16, 24)", HALVED.format(5)),
    stages("strides of 2, three times", "(8, 16, 24)", HALVED.format(3)),
    features(
        "the stem of a ResNet",
        "nn.Conv2d(1, 16, 7, 2, 3), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(3, 2, 1)",
        16,
    ),
    features(
        "pooling that rounds up",
        "nn.Conv2d(1, 16, 3), nn.ReLU(), nn.MaxPool2d(2, ceil_mode=True), "
        "nn.Conv2d(16, 24, 3), nn.ReLU(), nn.MaxPool2d(2, ceil_mode=True)",
        24,
    ),
    features(
        "a stride of 16, some of it rounded",
        "nn.Conv2d(1, 16, 5, 2, 2), nn.ReLU(), nn.Conv2d(16, 24, 3, 2, 1), nn.MaxPool2d(2), "
        "nn.Conv2d(24, 24, 3, 1, 1), nn.ReLU(), nn.MaxPool2d(2)",
        24,
    ),
    features("large strides", "nn.Conv2d(1, 32, 9, stride=(7, 3), padding=4), nn.ReLU()", 32),
    features(
        "two poolings that overlap",
        "nn.Conv2d(1, 16, 5), nn.ReLU(), nn.MaxPool2d(3, 2, 1), nn.AvgPool2d(3, 2, 1)",
        16,
    ),
    stages("four stages, pooled over all", "(8, 16, 24, 32)", POOLED.format(3), GLOBAL_MAX),
    stages("four stages and their mean", "(8, 16, 16, 24)", POOLED.format(5), MEAN),
    stages("three stages of 5 x 5 and their mean", "(8, 16, 24)", POOLED.format(5), MEAN),
    stages("stages of two", "(8, 12, 12, 16)", TWICE + "nn.MaxPool2d(2)", GLOBAL_MAX),
    stages("three stages of two", "(8, 16, 24)", TWICE + "nn.MaxPool2d(2)", MEAN),
    stages(
        "four stages of three, all their places",
        "(8, 8, 12, 12)",
        TWICE + "nn.Conv2d(c, c, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)",
    ),
    features(
        "a factor that is learned",
        "nn.Conv2d(1, 16, 5), nn.ReLU(), Scale()",
        16,
        """
class Scale(nn.Module):
    def __init__(self):
        super().__init__()
        self.s = nn.Parameter(torch.tensor(1.0))

    def forward(self, x):
        return self.s * x
""",
    ),
    features("a slope that starts at 1", "nn.Conv2d(1, 12, 5), nn.PReLU(12, init=1.0)", 12),
    features(
        "branches that start at 0",
        "nn.Conv2d(1, 24, 5, padding=2), Branch(24), Branch(24)",
        24,
        """
class Branch(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.conv = nn.Conv2d(c, c, 3, padding=1)
        self.a = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return x + self.a * torch.relu(self.conv(x))
""",
    ),
)
