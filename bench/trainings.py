"""Trainings for `bench.false_fails`, correct and wrong; each is called as `train_model` is."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["BOLD", "SANE", "TRAININGS", "UNSEEN", "WRONG", "Trainer"]


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
    "Adam 3e-3, batch 32": Trainer(3e-3, 32),
    "Adam 5e-3, batch 64": Trainer(5e-3, 64),
}
_BOLD = {
    "Adam 5e-3, batch 32": Trainer(5e-3, 32),
    "Adam 1e-2, batch 64": Trainer(1e-2, 64),
    "Adam 3e-3, batch 16": Trainer(3e-3, 16),
    "Adam 1e-2, batch 16": Trainer(1e-2, 16),
    "AdamW 5e-3, batch 64, decay 0.1": Trainer(5e-3, 64, _ADAMW, decay=0.1),
    "AdamW 1e-2, batch 32, decay 0.01": Trainer(1e-2, 32, _ADAMW, decay=0.01),
    "Adam 3e-3, batch 64, cosine": Trainer(3e-3, 64, cosine=True),
    "Adam 1e-2, batch 32, cosine": Trainer(1e-2, 32, cosine=True),
}
_OUTSIDE = {
    "Adam 1e-3, batch 64": Trainer(1e-3, 64),
    "SGD 3e-3, batch 64": Trainer(3e-3, 64, _SGD),
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
UNSEEN = {
    "softmax first": SoftmaxFirst(5e-3, 64),
    "5 epochs": ThirdOfEpochs(5e-3, 64),
    "drawn with repetition": WithRepetition(5e-3, 64),
    "last batch left out": DropsTheLast(5e-3, 64),
    "label smoothing": Smoothed(5e-3, 64),
}
TRAININGS = {**_SANE, **_BOLD, **_OUTSIDE, **_WRONG, **UNSEEN}
SANE, BOLD, WRONG = tuple(_SANE), tuple(_BOLD), tuple(_WRONG)
"""As the notebook recommends, more daring than that, and not right."""
