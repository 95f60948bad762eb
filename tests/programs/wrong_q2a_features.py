"""Wrong networks for question 2a: their features, and the run."""

from programs.training_program import NETWORK
from programs.wrong_q2a_networks import FEATURES, HEAD, layers

COORDINATES = """
class Coordinates(nn.Module):
    def forward(self, x):
        rows = torch.linspace(-1, 1, x.shape[2])[:, None].expand(x.shape[2:])
        return torch.cat([x, rows.expand(len(x), 1, -1, -1)], 1)
"""

POSITIONS = """
class Positions(nn.Module):
    def __init__(self):
        super().__init__()
        self.map = nn.Parameter(torch.zeros(1, 16, 12, 12))

    def forward(self, x):
        return x + functional.interpolate(self.map, x.shape[2:])
"""

WRONG_FEATURES = (
    layers(
        "a map of positions that starts at 0, to be learned",
        "convolutional",
        f"{FEATURES}, Positions()",
        more=POSITIONS,
    ),
    # The features.
    layers(
        "position by adaptive pooling",
        "convolutional",
        f"{FEATURES}, nn.AdaptiveAvgPool2d(2)",
        "nn.Flatten(), nn.Linear(64, num_classes)",
    ),
    layers(
        "position by a channel of rows",
        "convolutional",
        "Coordinates(), nn.Conv2d(2, 8, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), "
        "nn.Conv2d(8, 16, 3, padding=1), nn.ReLU()",
        more=COORDINATES,
    ),
    layers(
        "position by a channel of rows, pooled over all places",
        "convolutional",
        "Coordinates(), nn.Conv2d(2, 16, 5, padding=2), nn.ReLU(), nn.AdaptiveMaxPool2d(1)",
        more=COORDINATES,
    ),
    layers(
        "position by a ramp of weights",
        "convolutional",
        f"Ramp(), {FEATURES}",
        more="\nclass Ramp(nn.Module):\n    def forward(self, x):\n"
        "        return x * torch.linspace(0.5, 1.5, x.shape[3])\n",
    ),
    layers(
        "kernels of 1 x 1, pooled over all places",
        "convolutional run_network",
        "nn.Conv2d(1, 16, 1), nn.ReLU(), nn.Conv2d(16, 16, 1), nn.ReLU(), nn.AdaptiveMaxPool2d(1)",
        tries=NETWORK,
    ),
    layers(
        "kernels of 1 x 1, a dense head",
        "convolutional",
        "nn.Conv2d(1, 2, 1), nn.ReLU()",
        "nn.Flatten(), nn.Linear(1152, num_classes)",
    ),
    layers(
        "an MLP behind a ReLU",
        "convolutional run_network",
        "nn.ReLU()",
        "nn.Flatten(), nn.Linear(576, 34), nn.ReLU(), nn.Linear(34, num_classes)",
        tries=NETWORK,
    ),
    layers(
        "an MLP behind nothing",
        "convolutional not_linear",
        "nn.Identity()",
        "nn.Flatten(), nn.Linear(576, 34), nn.ReLU(), nn.Linear(34, num_classes)",
    ),
    layers(
        "an MLP in the features",
        "any_size convolutional run_network",
        "nn.Flatten(), nn.Linear(576, 34), nn.ReLU(), nn.Unflatten(1, (34, 1, 1))",
        "nn.Flatten(), nn.Linear(34, num_classes)",
        tries=NETWORK,
    ),
    layers(
        "sizes that only 24 x 24 has",
        "any_size convolutional",
        f"{FEATURES}, nn.LayerNorm([16, 12, 12])",
    ),
    layers(
        "square images only",
        "any_size",
        f"Turned(), {FEATURES}",
        more="\nclass Turned(nn.Module):\n    def forward(self, x):\n"
        "        return (x + x.transpose(2, 3)) / 2\n",
        tries="any_size",
    ),
    layers(
        "nothing left of 16 x 16",
        "any_size",
        "nn.Conv2d(1, 8, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 16, 5), nn.ReLU(), "
        "nn.MaxPool2d(2), nn.Conv2d(16, 16, 3), nn.ReLU()",
    ),
    layers(
        "no nonlinearity",
        "not_linear",
        "nn.Conv2d(1, 8, 5, padding=2), nn.AvgPool2d(2), nn.Conv2d(8, 16, 3, padding=1)",
        "nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, num_classes)",
    ),
    layers(
        "the nonlinearity in the head",
        "not_linear",
        "nn.Conv2d(1, 8, 5, padding=2), nn.Conv2d(8, 16, 3, padding=1)",
        f"nn.ReLU(), {HEAD}",
    ),
    layers(
        "features that are dead",
        "convolutional not_linear",
        f"{FEATURES}, Dead()",
        more="\nclass Dead(nn.Module):\n    def forward(self, x):\n"
        "        return torch.relu(x - 100)\n",
    ),
    # The run.
    layers(
        "two channels, averages",
        "run_network",
        "nn.Conv2d(1, 2, 3, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2d(1)",
        "nn.Flatten(), nn.Linear(2, num_classes)",
        tries=NETWORK,
    ),
)
