"""Networks for `bench.false_fails`: correct ones, risky ones, dear ones, and MLPs.

Each has the parts `features` and `head`, and fewer than 20,001 parameters, as question 2a wants it.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

__all__ = ["CORRECT", "MLPS", "NETWORKS", "RISKY"]


class Network(nn.Module):
    """A head after features."""

    def __init__(self, features: list[nn.Module], head: list[nn.Module]) -> None:
        super().__init__()
        self.features, self.head = nn.Sequential(*features), nn.Sequential(*head)

    def forward(self, images: Tensor) -> Tensor:
        """Logits (N, 10) of images (N, 1, 24, 24)."""
        return self.head(self.features(images))


class Residual(nn.Module):
    """Two convolutions whose outcome is added to what went in."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.inner = nn.Sequential(*block(channels, channels, 3), conv(channels, channels, 3))

    def forward(self, maps: Tensor) -> Tensor:
        """Maps of the same shape."""
        return torch.relu(maps + self.inner(maps))


class Normal(nn.GroupNorm):
    """Group norm of four groups."""

    def __init__(self, channels: int) -> None:
        super().__init__(4, channels)


def conv(inputs: int, outputs: int, size: int, **more: int) -> nn.Conv2d:
    """A convolution that keeps height and width, but for its stride."""
    reach = (size - 1) * more.get("dilation", 1)
    return nn.Conv2d(inputs, outputs, size, padding=reach // 2, **more)


def block(
    inputs: int,
    outputs: int,
    size: int,
    *after: nn.Module,
    act: type[nn.Module] = nn.ReLU,
    norm: Callable[[int], nn.Module] = lambda _: nn.Identity(),
    **more: int,
) -> list[nn.Module]:
    """A convolution, a norm, an activation, and what comes after it."""
    return [conv(inputs, outputs, size, **more), norm(outputs), act(), *after]


def flat(*sizes: int, drop: float = 0.0) -> list[nn.Module]:
    """A head that flattens; linear layers of these sizes, with ReLU between."""
    layers: list[nn.Module] = [nn.Flatten()]
    for inputs, outputs in zip(sizes, (*sizes[1:], 10), strict=True):
        layers += [nn.Dropout(drop), nn.Linear(inputs, outputs), nn.ReLU()]
    return layers[:-1]


def top(channels: int, drop: float = 0.0) -> list[nn.Module]:
    """A head that takes the maximum over all places."""
    return [nn.AdaptiveMaxPool2d(1), *flat(channels, drop=drop)]


def mean(channels: int) -> list[nn.Module]:
    """A head that takes the mean over all places."""
    return [nn.AdaptiveAvgPool2d(1), *flat(channels)]


def max2() -> nn.Module:
    """The maximum of 2 x 2 places."""
    return nn.MaxPool2d(2)


CORRECT: dict[str, Callable[[], Network]] = {
    "global max 8-32": lambda: Network([*block(1, 8, 5, max2()), *block(8, 32, 3)], top(32)),
    "flatten 8-16": lambda: Network(
        [*block(1, 8, 5, max2()), *block(8, 16, 3, max2())], flat(16 * 36)
    ),
    "flatten 16-32": lambda: Network(
        [*block(1, 16, 3, max2()), *block(16, 32, 3, max2())], flat(32 * 36)
    ),
    "flatten, hidden layer": lambda: Network(
        [*block(1, 8, 5, max2()), *block(8, 16, 3, max2())], flat(576, 24)
    ),
    "LeNet": lambda: Network(
        [*block(1, 8, 5, max2()), *block(8, 16, 5, max2(), max2())], flat(144, 64, 32)
    ),
    "adaptive max 4x4": lambda: Network(
        [*block(1, 16, 3, max2()), *block(16, 32, 3)], [nn.AdaptiveMaxPool2d(4), *flat(512)]
    ),
    "max 4, flatten": lambda: Network(
        [*block(1, 16, 5, nn.MaxPool2d(4)), *block(16, 32, 3)], flat(32 * 36)
    ),
    "batch norm": lambda: Network(
        [*block(1, 16, 3, max2(), norm=nn.BatchNorm2d), *block(16, 32, 3, norm=nn.BatchNorm2d)],
        top(32),
    ),
    "batch norm, flatten": lambda: Network(
        [
            *block(1, 8, 5, max2(), norm=nn.BatchNorm2d),
            *block(8, 16, 3, max2(), norm=nn.BatchNorm2d),
        ],
        flat(576),
    ),
    "group norm": lambda: Network(
        [*block(1, 16, 5, max2(), norm=Normal), *block(16, 32, 3, norm=Normal)], top(32)
    ),
    "three layers 8-16-32": lambda: Network(
        [*block(1, 8, 3, max2()), *block(8, 16, 3, max2()), *block(16, 32, 3)], top(32)
    ),
    "three layers 16-32-48": lambda: Network(
        [*block(1, 16, 3, max2()), *block(16, 32, 3, max2()), *block(32, 48, 3)], top(48)
    ),
    "dilation 2": lambda: Network(
        [*block(1, 16, 3, max2()), *block(16, 32, 3, dilation=2)], top(32)
    ),
    "max 2, global mean": lambda: Network([*block(1, 16, 5, max2()), *block(16, 32, 3)], mean(32)),
    "mean of maxima 3x3": lambda: Network(
        [*block(1, 16, 5, max2()), *block(16, 32, 3, max2(), nn.AvgPool2d(2))], flat(32 * 9)
    ),
    "dropout": lambda: Network(
        [*block(1, 16, 5, max2(), nn.Dropout2d(0.1)), *block(16, 32, 3)], top(32, drop=0.5)
    ),
    "residual": lambda: Network([*block(1, 16, 5, max2()), Residual(16)], top(16)),
    "stride 2, max 2": lambda: Network(
        [*block(1, 16, 5, max2(), stride=2), *block(16, 32, 3)], top(32)
    ),
    "tanh": lambda: Network(
        [*block(1, 8, 5, max2(), act=nn.Tanh), *block(8, 32, 3, act=nn.Tanh)], top(32)
    ),
    "no ReLU": lambda: Network(
        [*block(1, 8, 5, max2(), act=nn.Identity), *block(8, 32, 3, act=nn.Identity)], top(32)
    ),
    "overlapping max 3": lambda: Network(
        [*block(1, 8, 5, nn.MaxPool2d(3, 2)), *block(8, 16, 3, nn.MaxPool2d(3, 2))], flat(400)
    ),
}
"""As the notebook recommends: two convolutions or more, 8 channels, then 16 or more, maxima."""

RISKY: dict[str, Callable[[], Network]] = {
    "global max 8-8": lambda: Network([*block(1, 8, 5, max2()), *block(8, 8, 3)], top(8)),
    "one 7x7 layer, global max": lambda: Network(block(1, 32, 7), top(32)),
    "flatten, three 8s": lambda: Network(
        [*block(1, 8, 3, max2()), *block(8, 8, 3, max2()), *block(8, 8, 3, max2())], flat(72)
    ),
    "max 2, global mean 8-8": lambda: Network([*block(1, 8, 3, max2()), *block(8, 8, 3)], mean(8)),
    "max 2, global mean 8-16": lambda: Network(
        [*block(1, 8, 3, max2()), *block(8, 16, 3)], mean(16)
    ),
    "one 3x3 layer of 8, global mean": lambda: Network(block(1, 8, 3, max2()), mean(8)),
    "one 3x3 layer of 8, global max": lambda: Network(block(1, 8, 3, max2()), top(8)),
    "one 3x3 layer of 8, flatten": lambda: Network(block(1, 8, 3, max2()), flat(1152)),
    "one 5x5 layer of 8, flatten": lambda: Network(block(1, 8, 5, max2()), flat(1152)),
    "five 3x3 layers of 8": lambda: Network(
        [
            *block(1, 8, 3),
            *block(8, 8, 3, max2()),
            *block(8, 8, 3),
            *block(8, 8, 3, max2()),
            *block(8, 8, 3),
        ],
        top(8),
    ),
    "sigmoid": lambda: Network(
        [*block(1, 8, 5, max2(), act=nn.Sigmoid), *block(8, 32, 3, act=nn.Sigmoid)], top(32)
    ),
    "dropout 0.5 twice, 8-8": lambda: Network(
        [*block(1, 8, 5, max2(), nn.Dropout2d(0.5)), *block(8, 8, 3)], top(8, drop=0.5)
    ),
}
"""Weaker than the notebook recommends."""

_DEAR: dict[str, Callable[[], Network]] = {
    "three 32s at full size": lambda: Network(
        [*block(1, 32, 3), *block(32, 32, 3), *block(32, 32, 3, max2())], top(32)
    ),
}
"""What takes the most time that 20,000 weights can take, or nearly so."""

MLPS: dict[str, Callable[[], Network]] = {
    "linear": lambda: Network([], flat(576)),
    "MLP 34": lambda: Network([], flat(576, 34)),
    "MLP 32-32": lambda: Network([], flat(576, 32, 32)),
    "MLP 32-24-16": lambda: Network([], flat(576, 32, 24, 16)),
    "MLP 33, batch norm": lambda: Network(
        [], [nn.Flatten(), nn.Linear(576, 33), nn.BatchNorm1d(33), nn.ReLU(), nn.Linear(33, 10)]
    ),
    "MLP 34, dropout 0.2": lambda: Network([], flat(576, 34, drop=0.2)),
}

NETWORKS = {**CORRECT, **RISKY, **_DEAR, **MLPS}
