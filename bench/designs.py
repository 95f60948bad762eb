"""Networks and trainings for `bench.false_fails`: correct ones, risky ones, and wrong ones.

A network has the parts `features` and `head`, and fewer than 20,001 parameters, as question 2a
wants it. A training is called as `train_model` is.
"""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional


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


_CORRECT: dict[str, Callable[[], Network]] = {
    "global max 8-32": lambda: Network([*block(1, 8, 5, max2()), *block(8, 32, 3)], top(32)),
    "global max 8-8": lambda: Network([*block(1, 8, 5, max2()), *block(8, 8, 3)], top(8)),
    "one 7x7 layer, global max": lambda: Network(block(1, 32, 7), top(32)),
    "flatten 8-16": lambda: Network(
        [*block(1, 8, 5, max2()), *block(8, 16, 3, max2())], flat(16 * 36)
    ),
    "flatten 16-32": lambda: Network(
        [*block(1, 16, 3, max2()), *block(16, 32, 3, max2())], flat(32 * 36)
    ),
    "flatten, three 8s": lambda: Network(
        [*block(1, 8, 3, max2()), *block(8, 8, 3, max2()), *block(8, 8, 3, max2())], flat(72)
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
"""Each as somebody might write it."""

_RISKY: dict[str, Callable[[], Network]] = {
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
"""Sane by the letter of the recommendation, and as weak as that allows."""

_DEAR: dict[str, Callable[[], Network]] = {
    "three 32s at full size": lambda: Network(
        [*block(1, 32, 3), *block(32, 32, 3), *block(32, 32, 3, max2())], top(32)
    ),
}
"""What takes the most time that 20,000 weights can take, or nearly so."""

_MLPS: dict[str, Callable[[], Network]] = {
    "linear": lambda: Network([], flat(576)),
    "MLP 34": lambda: Network([], flat(576, 34)),
    "MLP 32-32": lambda: Network([], flat(576, 32, 32)),
    "MLP 32-24-16": lambda: Network([], flat(576, 32, 24, 16)),
    "MLP 33, batch norm": lambda: Network(
        [], [nn.Flatten(), nn.Linear(576, 33), nn.BatchNorm1d(33), nn.ReLU(), nn.Linear(33, 10)]
    ),
    "MLP 34, dropout 0.2": lambda: Network([], flat(576, 34, drop=0.2)),
}

NETWORKS = {**_CORRECT, **_RISKY, **_DEAR, **_MLPS}


@dataclass(frozen=True)
class Trainer:
    """A training as the contract has it."""

    lr: float
    batch: int
    kind: type[torch.optim.Optimizer] = torch.optim.Adam
    decay: float = 0.0
    cosine: bool = False

    def __call__(
        self, model: nn.Module, images: Tensor, labels: Tensor, *, epochs: int, seed: int
    ) -> nn.Module:
        """Train in place."""
        torch.manual_seed(seed)
        parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
        if not parameters or epochs == 0:
            return model
        optimizer = self.kind(parameters, lr=self.lr, weight_decay=self.decay)  # type: ignore[call-arg]
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
        model.train()
        for _ in range(self.epochs(epochs)):
            for some, due in self.batches(images, labels):
                self.zero(optimizer)
                self.loss(model(some), due).backward()
                self.step(optimizer)
            if self.cosine:
                schedule.step()
        return model

    def epochs(self, wanted: int) -> int:
        """How many are done."""
        return wanted

    def batches(self, images: Tensor, labels: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
        """One epoch."""
        for batch in torch.randperm(len(images)).split(self.batch):
            yield images[batch], labels[batch]

    def loss(self, logits: Tensor, labels: Tensor) -> Tensor:
        """What is minimised."""
        return functional.cross_entropy(logits, labels)

    def zero(self, optimizer: torch.optim.Optimizer) -> None:
        """Forget the last batch's gradient."""
        optimizer.zero_grad()

    def step(self, optimizer: torch.optim.Optimizer) -> None:
        """Follow this batch's gradient."""
        optimizer.step()


class NeverSteps(Trainer):
    """No optimizer.step()."""

    def step(self, optimizer: torch.optim.Optimizer) -> None:
        """Nothing."""


class NeverZeroes(Trainer):
    """No optimizer.zero_grad()."""

    def zero(self, optimizer: torch.optim.Optimizer) -> None:
        """Nothing."""


class NotPaired(Trainer):
    """Images are shuffled, labels are not."""

    def batches(self, images: Tensor, labels: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
        """One epoch."""
        order = torch.randperm(len(images))
        return zip(images[order].split(self.batch), labels.split(self.batch), strict=True)


class NotShuffled(Trainer):
    """The images in their order, which is that of the classes."""

    def batches(self, images: Tensor, labels: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
        """One epoch."""
        return zip(images.split(self.batch), labels.split(self.batch), strict=True)


class FirstBatch(Trainer):
    """A return or break that is indented too far: one batch an epoch."""

    def batches(self, images: Tensor, labels: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
        """One epoch."""
        return itertools.islice(super().batches(images, labels), 1)


class OneEpoch(Trainer):
    """A return in the loop over the epochs."""

    def epochs(self, wanted: int) -> int:
        """One at most."""
        return min(wanted, 1)


class ThirdOfEpochs(Trainer):
    """A number of epochs of its own."""

    def epochs(self, wanted: int) -> int:
        """Five."""
        return 5


class SoftmaxFirst(Trainer):
    """A softmax before cross-entropy, which has one."""

    def loss(self, logits: Tensor, labels: Tensor) -> Tensor:
        """What is minimised."""
        return super().loss(logits.softmax(1), labels)


class Smoothed(Trainer):
    """Label smoothing, which the contract does not have."""

    def loss(self, logits: Tensor, labels: Tensor) -> Tensor:
        """What is minimised."""
        return functional.cross_entropy(logits, labels, label_smoothing=0.1)


class WithRepetition(Trainer):
    """Each batch is drawn from all images."""

    def batches(self, images: Tensor, labels: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
        """One epoch."""
        for _ in range(0, len(images), self.batch):
            batch = torch.randint(len(images), (self.batch,))
            yield images[batch], labels[batch]


class DropsTheLast(Trainer):
    """The last batch is left out when it is not full."""

    def batches(self, images: Tensor, labels: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
        """One epoch."""
        return (pair for pair in super().batches(images, labels) if len(pair[0]) == self.batch)


_ADAMW, _SGD = torch.optim.AdamW, torch.optim.SGD

_SANE = {
    "Adam 3e-3, batch 64": Trainer(3e-3, 64),
    "Adam 5e-3, batch 64": Trainer(5e-3, 64),
    "Adam 1e-2, batch 64": Trainer(1e-2, 64),
    "Adam 3e-3, batch 16": Trainer(3e-3, 16),
    "Adam 1e-2, batch 16": Trainer(1e-2, 16),
    "AdamW 5e-3, batch 64, decay 0.1": Trainer(5e-3, 64, _ADAMW, decay=0.1),
    "Adam 3e-3, batch 64, cosine": Trainer(3e-3, 64, cosine=True),
    "Adam 1e-2, batch 32, cosine": Trainer(1e-2, 32, cosine=True),
}
_MORE = {
    "Adam 5e-3, batch 32": Trainer(5e-3, 32),
    "AdamW 1e-2, batch 32, decay 0.01": Trainer(1e-2, 32, _ADAMW, decay=0.01),
    "Adam 3e-3, batch 1": Trainer(3e-3, 1),
}
_WRONG = {
    "never steps": NeverSteps(5e-3, 64),
    "no zero_grad": NeverZeroes(5e-3, 64),
    "labels not permuted": NotPaired(5e-3, 64),
    "not shuffled": NotShuffled(5e-3, 64),
    "one batch an epoch": FirstBatch(5e-3, 64),
    "one epoch": OneEpoch(5e-3, 64),
    "Adam 0.3": Trainer(0.3, 64),
}
_OUTSIDE = {
    "Adam 1e-3, batch 64": Trainer(1e-3, 64),
    "SGD 3e-3, batch 64": Trainer(3e-3, 64, _SGD),
}
_UNSEEN = {
    "softmax first": SoftmaxFirst(5e-3, 64),
    "5 epochs": ThirdOfEpochs(5e-3, 64),
    "drawn with repetition": WithRepetition(5e-3, 64),
    "last batch left out": DropsTheLast(5e-3, 64),
    "label smoothing": Smoothed(5e-3, 64),
}
TRAININGS = {**_SANE, **_MORE, **_OUTSIDE, **_WRONG, **_UNSEEN}
SANE, WRONG = tuple(_SANE), tuple(_WRONG)

PAIRS: dict[str, list[tuple[str, str]]] = {
    "designs": [
        ("global max 8-32", "Adam 1e-2, batch 16"),
        ("global max 8-8", "Adam 3e-3, batch 64"),
        ("one 7x7 layer, global max", "Adam 5e-3, batch 32"),
        ("flatten 8-16", "Adam 3e-3, batch 64"),
        ("flatten 16-32", "AdamW 5e-3, batch 64, decay 0.1"),
        ("flatten, three 8s", "Adam 5e-3, batch 32"),
        ("flatten, hidden layer", "Adam 1e-2, batch 64"),
        ("LeNet", "Adam 3e-3, batch 64"),
        ("adaptive max 4x4", "Adam 3e-3, batch 64"),
        ("max 4, flatten", "Adam 1e-2, batch 32, cosine"),
        ("batch norm", "Adam 1e-2, batch 16"),
        ("batch norm, flatten", "AdamW 1e-2, batch 32, decay 0.01"),
        ("group norm", "Adam 3e-3, batch 64, cosine"),
        ("three layers 8-16-32", "Adam 1e-2, batch 16"),
        ("three layers 16-32-48", "Adam 3e-3, batch 64"),
        ("dilation 2", "Adam 5e-3, batch 32"),
        ("max 2, global mean", "Adam 5e-3, batch 32"),
        ("mean of maxima 3x3", "Adam 3e-3, batch 16"),
        ("dropout", "Adam 1e-2, batch 64"),
        ("residual", "Adam 1e-2, batch 32, cosine"),
        ("stride 2, max 2", "Adam 3e-3, batch 64"),
        ("tanh", "Adam 1e-2, batch 64"),
        ("no ReLU", "AdamW 1e-2, batch 32, decay 0.01"),
        ("overlapping max 3", "Adam 3e-3, batch 64, cosine"),
    ],
    "risky": [
        ("flatten, three 8s", "Adam 3e-3, batch 64"),
        ("flatten, three 8s", "Adam 3e-3, batch 64, cosine"),
        ("flatten, hidden layer", "Adam 3e-3, batch 64, cosine"),
        ("flatten 8-16", "Adam 1e-2, batch 16"),
        ("max 2, global mean", "Adam 3e-3, batch 64"),
        *[
            (network, training)
            for network in _RISKY
            for training in ("Adam 3e-3, batch 64", "Adam 1e-2, batch 16")
        ],
    ],
    "dear": [
        ("three 32s at full size", "Adam 3e-3, batch 64"),
        ("three 32s at full size", "Adam 3e-3, batch 16"),
        ("global max 8-32", "Adam 3e-3, batch 1"),
    ],
    "mlps": [
        (network, training)
        for network in _MLPS
        for training in (
            "Adam 3e-3, batch 64",
            "Adam 5e-3, batch 64",
            "Adam 1e-2, batch 64",
            "AdamW 1e-2, batch 32, decay 0.01",
        )
    ],
    "wrong": [
        *[("global max 8-32", wrong) for wrong in _WRONG],
        *[("batch norm", wrong) for wrong in ("no zero_grad", "not shuffled", "Adam 0.3")],
        ("batch norm", "one epoch"),
    ],
    "outside": [
        (network, training)
        for network in ("global max 8-32", "flatten 8-16", "batch norm")
        for training in _OUTSIDE
    ],
    "unseen": [("global max 8-32", wrong) for wrong in _UNSEEN],
}
"""What is trained with what, by the tables of `bench.false_fails`."""
