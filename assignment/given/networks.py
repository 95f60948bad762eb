"""Networks that `train_model` is tried with (questions 2a and 2d).

Their weights start from numpy's generator, since student code may have changed torch's, and its
default dtype, before. None of them is an answer to a question.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

CLASSES = 10
_PART = 128  # images


def _parameter(numbers: np.ndarray) -> nn.Parameter:
    """A float32 parameter in main memory."""
    return nn.Parameter(torch.from_numpy(numbers.astype(np.float32)))


def _normal(rng: np.random.Generator, *shape: int, scale: float = 1.0) -> nn.Parameter:
    """A parameter of normal numbers."""
    return _parameter(scale * rng.standard_normal(shape))


class _Layer(nn.Linear):
    """torch's own linear layer, as students know it, but nothing in it is drawn by torch."""

    def __init__(self, weight: nn.Parameter, bias: nn.Parameter | None = None) -> None:
        nn.Module.__init__(self)
        self.out_features, self.in_features = weight.shape
        self.weight = weight
        self.register_parameter("bias", bias)


class _Linear(_Layer):
    """Images (N, 1, H, W) to logits (N, 10): one matrix, and nothing else."""

    def __init__(self, pixels: int, bias: float) -> None:
        super().__init__(
            _parameter(np.zeros((CLASSES, pixels))), _parameter(np.eye(1, CLASSES)[0] * bias)
        )

    def forward(self, images: Tensor) -> Tensor:
        return super().forward(images.flatten(1))


def linear(*, pixels: int, bias: float = 0.0) -> nn.Module:
    """One linear layer, all weights 0 but the bias of class 0."""
    return _Linear(pixels, bias)


class _Watched(_Linear):
    """A linear network that notes what a training loop does with it.

    Of each forward in train mode, or with gradients: the mode, a fingerprint of each image, the
    logits, and the gradient that came back to these. Of each backward: whether ``.grad`` held an
    older gradient, to which this one was added.
    """

    def __init__(self, pixels: int, seed: int) -> None:
        super().__init__(pixels, 0.0)
        self.weight = _normal(np.random.default_rng(seed), CLASSES, pixels, scale=0.5)
        self._key = torch.from_numpy(np.random.default_rng(0).standard_normal(pixels))
        self.modes: list[bool] = []
        self.images: list[Tensor] = []
        self.logits: list[Tensor] = []
        self.gradients: dict[int, Any] = {}
        self.stale = 0
        self._own: dict[str, Any] = {}
        self._was_clean: dict[str, bool] = {}
        for name, parameter in self.named_parameters():
            parameter.register_hook(
                lambda gradient, name=name, parameter=parameter: self._note(
                    name, parameter, gradient
                )
            )
            parameter.register_post_accumulate_grad_hook(
                lambda parameter, name=name: self._compare(name, parameter)
            )
        # Modules that a training might keep in another mode than the rest.
        self.moods = nn.ModuleList([nn.BatchNorm1d(1, affine=False), nn.Dropout()])

    def _note(self, name: str, parameter: Tensor, gradient: Tensor) -> None:
        if name not in self._own:  # the first backward since the last forward
            self._was_clean[name] = parameter.grad is None or not bool(parameter.grad.any())
        self._own[name] = self._own.get(name, 0) + gradient.detach().clone()

    def _compare(self, name: str, parameter: Tensor) -> None:
        own = self._own.get(name)
        # From a clean start, what differs is what a student's hooks have made of it: clipping, say.
        if own is not None and parameter.grad is not None and not self._was_clean[name]:
            self.stale += not torch.allclose(parameter.grad, own, rtol=1e-4, atol=1e-8)

    def forward(self, images: Tensor) -> Tensor:
        logits = super().forward(images)
        if logits.requires_grad:
            self._own.clear()
        if self.training or logits.requires_grad:
            number = len(self.modes)
            self.modes.append(self.training and all(module.training for module in self.moods))
            self.images.append(images.detach().flatten(1).double() @ self._key)
            self.logits.append(logits.detach().float().clone())
            if logits.requires_grad:
                logits.register_hook(lambda gradient: self._keep(number, gradient))
        return logits

    def _keep(self, number: int, gradient: Tensor) -> None:
        self.gradients[number] = self.gradients.get(number, 0) + gradient.detach().float()


def watched(*, pixels: int, seed: int) -> nn.Module:
    """A linear network that notes each batch it is trained with."""
    return _Watched(pixels, seed)


class _Moody(nn.Module):
    """Dropout, batch norm and a frozen layer: all that a training loop has to be careful with."""

    def __init__(self, pixels: int, seed: int, all_frozen: bool) -> None:
        super().__init__()
        rng = np.random.default_rng(seed)
        self.frozen = _Layer(_normal(rng, 12, pixels, scale=0.5))
        self.frozen.requires_grad_(False)
        # Of four numbers an image: a last batch of one image is no error.
        self.norm = nn.BatchNorm1d(3, device="cpu", dtype=torch.float32)
        self.head = _Layer(_normal(rng, CLASSES, 12, scale=0.1))
        if all_frozen:
            self.requires_grad_(False)

    def forward(self, images: Tensor) -> Tensor:
        hidden = self.norm(self.frozen(images.flatten(1)).unflatten(1, (3, 4))).flatten(1)
        return self.head(functional.dropout(torch.relu(hidden), 0.3, self.training))


def moody(*, pixels: int, seed: int, all_frozen: bool = False) -> nn.Module:
    """A frozen layer, batch norm, ReLU, dropout, and a trainable layer."""
    return _Moody(pixels, seed, all_frozen)


class _CourseCnn(nn.Module):
    """Two convolutions; a digit is known by what is found, wherever that is.

    The variance of a weight is ``gain`` over the number of its layer's inputs. torch's own layers
    have a gain of 1/3. With 2 (He et al. 2015) random features are of the size of the image, but a
    training that does not shuffle would succeed, too.
    """

    def __init__(self, seed: int, channels: tuple[int, int], *, gain: float, frozen: bool) -> None:
        super().__init__()
        rng = np.random.default_rng(seed)
        first, second = channels
        self.first = _normal(rng, first, 1, 5, 5, scale=(gain / 25) ** 0.5)
        self.second = _normal(rng, second, first, 3, 3, scale=(gain / (9 * first)) ** 0.5)
        for parameter in (self.first, self.second):
            parameter.requires_grad_(not frozen)
        self.last = _normal(rng, CLASSES, second, scale=(1 / (3 * second)) ** 0.5)
        self.bias = _parameter(np.zeros(CLASSES))

    def _features(self, images: Tensor) -> Tensor:
        maps = torch.relu(functional.conv2d(images, self.first, padding=2))
        maps = functional.max_pool2d(maps, 2)
        return torch.relu(functional.conv2d(maps, self.second, padding=1)).amax((2, 3))

    def forward(self, images: Tensor) -> Tensor:
        # In parts: the maps of all training images at once would be more than a worker may have.
        found = torch.cat([self._features(part) for part in images.split(_PART)])
        return functional.linear(found, self.last, self.bias)


def course_cnn(*, seed: int) -> nn.Module:
    """The course's CNN, all weights trainable: for a training that is tried by itself."""
    return _CourseCnn(seed, (8, 32), gain=1 / 3, frozen=False)


def frozen_features(*, seed: int) -> nn.Module:
    """The course's wide CNN: random features that are frozen, and a trainable last layer."""
    return _CourseCnn(seed, (16, 128), gain=2, frozen=True)
