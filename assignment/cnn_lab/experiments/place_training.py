"""Two tasks about patches in noisy images, and two layers to learn them (part 1d)."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

__all__ = ["CLASSES", "KERNEL", "PATTERNS", "PLACES", "SIDE", "Images", "Run", "Weights", "train"]

SIDE, KERNEL, CHANNELS, CLASSES = 16, 3, 8, 8

PATTERNS = np.array(
    [
        [[1, -1, -1], [-1, 1, -1], [-1, -1, 1]],
        [[1, 1, 1], [-1, -1, -1], [-1, -1, -1]],
        [[-1, 1, -1], [-1, 1, -1], [-1, 1, -1]],
        [[-1, -1, 1], [-1, 1, -1], [1, -1, -1]],
        [[1, -1, 1], [-1, 1, -1], [1, -1, 1]],
        [[-1, 1, -1], [1, 1, 1], [-1, 1, -1]],
        [[1, 1, 1], [1, -1, 1], [1, 1, 1]],
        [[1, 1, -1], [1, 1, -1], [-1, -1, -1]],
    ],
    dtype=np.float32,
)
"""A patch of 3 x 3 pixels for each class: lines, crosses, a ring and a corner."""

PLACES = ((1, 1), (1, 6), (1, 11), (6, 1), (6, 11), (11, 1), (11, 6), (11, 11))
"""Row and column of the upper left pixel of each class's place."""

NOISE = 0.3
TRAIN_IMAGES, TEST_IMAGES = 600, 400
LEARNING_RATE, MOMENTUM, BATCH = 0.05, 0.9, 32
MEASURE_EVERY = 5
"""Training steps between two measurements of the test accuracy."""


@dataclass(frozen=True)
class Images:
    """Noise with a patch in it.

    Attributes:
        pixels: float32, shape (N, 16, 16).
        labels: int64, shape (N,).
        corners: where each patch lies: row and column of its upper left pixel, shape (N, 2).

    """

    pixels: Tensor
    labels: Tensor
    corners: np.ndarray

    @property
    def windows(self) -> Tensor:
        """The 3 x 3 pixels around each of the 256 places, zeros outside, shape (256, N, 9)."""
        return functional.unfold(self.pixels[:, None], KERNEL, padding=1).permute(2, 0, 1)


def make_images(count: int, rng: np.random.Generator, *, anywhere: bool) -> Images:
    """Draw ``count`` images of either task.

    Args:
        count: the number of images.
        rng: decides classes, noise and places.
        anywhere: the class decides the pattern, which lies anywhere; otherwise all images hold
            the first pattern, and the class decides its place.

    """
    labels = rng.integers(0, CLASSES, count)
    pixels = NOISE * rng.standard_normal((count, SIDE, SIDE)).astype(np.float32)
    if anywhere:
        corners = rng.integers(0, SIDE - KERNEL + 1, (count, 2))
    else:
        corners = np.array(PLACES)[labels]
    for image, label, (row, column) in zip(pixels, labels, corners, strict=True):
        image[row : row + KERNEL, column : column + KERNEL] += PATTERNS[label if anywhere else 0]
    return Images(torch.from_numpy(pixels), torch.from_numpy(labels), corners)


class Weights(NamedTuple):
    """A layer of 3 x 3 windows with 8 channels, and what follows it.

    Shared and unshared layers differ in the first axis of their kernels alone: one kernel for all
    places, or one for each.
    """

    kernels: Tensor
    """(1 or 256, 9, 8)"""
    biases: Tensor
    """(1 or 256, 1, 8)"""
    head: Tensor
    """(8, classes)"""
    head_biases: Tensor
    """(classes,)"""

    @property
    def numel(self) -> int:
        """The number of trainable weights."""
        return sum(part.numel() for part in self)

    def features(self, windows: Tensor) -> Tensor:
        """Each channel's maximum over all places, after the ReLU: (256, N, 9) -> (N, 8)."""
        return torch.relu(windows @ self.kernels + self.biases).amax(0)

    def logits(self, windows: Tensor) -> Tensor:
        """The scores of the classes: (256, N, 9) -> (N, classes)."""
        return self.features(windows) @ self.head + self.head_biases

    @torch.no_grad()
    def accuracy(self, windows: Tensor, labels: Tensor) -> float:
        """The share of images whose class has the highest score."""
        return (self.logits(windows).argmax(1) == labels).float().mean().item()


@dataclass(frozen=True)
class Run:
    """How one layer learned one task.

    Attributes:
        start, end: the weights before and after training.
        steps: the numbers of training steps after which the test accuracy was measured.
        accuracies: the test accuracies then, 0 to 1.
        train_accuracy: on the training images, after training.
        test: the images that it was tested with.

    """

    start: Weights
    end: Weights
    steps: list[int]
    accuracies: list[float]
    train_accuracy: float
    test: Images

    def steps_to(self, accuracy: float) -> float:
        """After how many steps the test accuracy was first measured as high as this, or inf."""
        measured = zip(self.steps, self.accuracies, strict=True)
        return next((step for step, reached in measured if reached >= accuracy), float("inf"))


def train(*, anywhere: bool, shared: bool, seed: int, steps: int) -> Run:
    """Train a shared or an unshared layer on either task, with momentum.

    Args:
        anywhere: which task, see `make_images`.
        shared: one kernel for all places, or one for each.
        seed: decides images, starting weights and batches; both layers get the same images.
        steps: the number of training steps.

    """
    rng = np.random.default_rng(seed)
    training = make_images(TRAIN_IMAGES, rng, anywhere=anywhere)
    test = make_images(TEST_IMAGES, rng, anywhere=anywhere)
    windows, test_windows = training.windows.contiguous(), test.windows.contiguous()
    generator = torch.Generator().manual_seed(seed)
    weights = start = _starting_weights(1 if shared else SIDE * SIDE, generator)
    velocity = [torch.zeros_like(part) for part in weights]
    measured, accuracies = [0], [weights.accuracy(test_windows, test.labels)]
    for step in range(1, steps + 1):
        batch = torch.randint(TRAIN_IMAGES, (BATCH,), generator=generator)
        gradient = _gradient(weights, windows[:, batch], training.labels[batch])
        velocity = [MOMENTUM * v + g for v, g in zip(velocity, gradient, strict=True)]
        weights = Weights(
            *(part - LEARNING_RATE * v for part, v in zip(weights, velocity, strict=True))
        )
        if step % MEASURE_EVERY == 0:
            measured.append(step)
            accuracies.append(weights.accuracy(test_windows, test.labels))
    train_accuracy = weights.accuracy(windows, training.labels)
    return Run(start, weights, measured, accuracies, train_accuracy, test)


def _starting_weights(places: int, generator: torch.Generator) -> Weights:
    """Random weights, as torch's own layers start: uniform, within 1 / sqrt(number of inputs)."""

    def uniform(inputs: int, *shape: int) -> Tensor:
        return (2 * torch.rand(shape, generator=generator) - 1) / inputs**0.5

    window = KERNEL * KERNEL
    return Weights(
        kernels=uniform(window, places, window, CHANNELS),
        biases=uniform(window, places, 1, CHANNELS),
        head=uniform(CHANNELS, CHANNELS, CLASSES),
        head_biases=uniform(CHANNELS, CLASSES),
    )


def _gradient(weights: Weights, windows: Tensor, labels: Tensor) -> tuple[Tensor, ...]:
    """The gradient of the cross-entropy with respect to each part of the weights."""
    variables = Weights(*(part.detach().requires_grad_() for part in weights))
    loss = functional.cross_entropy(variables.logits(windows), labels)
    return torch.autograd.grad(loss, variables)
