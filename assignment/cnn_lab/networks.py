"""The networks that a student's CNN and training loop are compared with."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from cnn_lab import settings
from cnn_lab.randomness import seeded

__all__ = [
    "RandomFeatures",
    "WideCNN",
    "changed_parameters",
    "count_parameters",
    "frozen_state",
    "mlp",
    "wide_cnn",
]

State = dict[str, tuple[bytes, bool]]

HIDDEN = 34
"""Units of the MLP's hidden layer: as many as `settings.MAX_PARAMETERS` allows."""


def mlp(*, seed: int) -> nn.Sequential:
    """A multilayer perceptron of 19,968 weights, images (N, 1, 24, 24) -> logits (N, 10).

    On the digits, 15 epochs of Adam bring it to a test accuracy of about 0.33 at a learning rate
    of 3e-3, and of 0.42 at most at 1e-2.

    Args:
        seed: decides the weights at the start; the global random state stays as it is.

    """
    with seeded(seed):
        return nn.Sequential(
            nn.Flatten(),
            nn.Linear(settings.SIDE**2, HIDDEN),
            nn.ReLU(),
            nn.Linear(HIDDEN, settings.CLASSES),
        )


class RandomFeatures(nn.Module):
    """Two convolutions with frozen random weights, images (N, 1, H, W) -> maps (N, 128, 1, 1).

    The weights are drawn as He et al. (2015) propose, "Delving deep into rectifiers": normal, with
    a variance of 2 over the number of inputs of a filter. There are no biases.
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv5 = _he_normal(16, 1, 5)
        self.conv3 = _he_normal(128, 16, 3)

    def forward(self, images: Tensor) -> Tensor:
        """What each filter of the second convolution finds at most, wherever that is."""
        fine = torch.relu(functional.conv2d(images, self.conv5, padding="same"))
        coarse = functional.max_pool2d(fine, 2)
        found = torch.relu(functional.conv2d(coarse, self.conv3, padding="same"))
        return found.amax((2, 3), keepdim=True)


def _he_normal(filters: int, channels: int, size: int) -> nn.Parameter:
    """Frozen weights of a convolution, shape (filters, channels, size, size)."""
    weights = torch.empty(filters, channels, size, size, dtype=torch.float32)
    nn.init.kaiming_normal_(weights, nonlinearity="relu")
    return nn.Parameter(weights, requires_grad=False)


class WideCNN(nn.Module):
    """Frozen random ``features``, and a trainable linear ``head``: logits (N, 10)."""

    def __init__(self) -> None:
        super().__init__()
        self.features = RandomFeatures()
        self.head = nn.Sequential(nn.Flatten(), nn.Linear(128, settings.CLASSES))

    def forward(self, images: Tensor) -> Tensor:
        """The logits, shape (N, 10), of images, shape (N, 1, H, W)."""
        return self.head(self.features(images))


def wide_cnn(*, seed: int) -> WideCNN:
    """The network of question 2d, with 18,832 frozen and 1,290 trainable weights.

    Args:
        seed: decides the weights at the start; the global random state stays as it is.

    """
    with seeded(seed):
        return WideCNN()


def count_parameters(model: nn.Module) -> tuple[int, int]:
    """How many weights of a network are trainable, and how many are frozen; biases count."""
    sizes = {True: 0, False: 0}
    for parameter in model.parameters():
        sizes[parameter.requires_grad] += parameter.numel()
    return sizes[True], sizes[False]


def frozen_state(model: nn.Module) -> State:
    """The bytes and the flag ``requires_grad`` of each frozen parameter, by its name."""
    return {name: state for name, state in _state(model).items() if not state[1]}


def changed_parameters(model: nn.Module, before: State) -> list[str]:
    """The names of parameters of which one bit, or the flag, is not as it was ``before``."""
    after = _state(model)
    return [name for name, state in before.items() if after.get(name) != state]


def _state(model: nn.Module) -> State:
    """The bytes and the flag of every parameter."""
    return {
        name: (parameter.detach().cpu().numpy().tobytes(), parameter.requires_grad)
        for name, parameter in model.named_parameters()
    }
