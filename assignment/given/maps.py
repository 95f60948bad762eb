"""The functions ``f`` that question 2b is checked with: named factories, and nothing secret.

The grader and the worker each make their own ``f`` from a factory's name and keywords, so what a
factory makes depends on these alone. Student code runs before it in the same process and may have
changed torch's default dtype, default device and random seeds: hence a generator of our own, and
weights that start as numpy arrays and take the images' dtype where they meet them. A network's
weights have to be of one dtype from the start, which is its keyword ``dtype``.

Every map treats each image of a batch by itself. The first line of a factory's docstring describes
its map to students.
"""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

Map = Callable[[Tensor], Tensor]


def _normal(seed: int, *shape: int) -> Tensor:
    """Standard normal numbers, float64, the same in every process."""
    return torch.from_numpy(np.random.default_rng(seed).standard_normal(shape))


def _whole(seed: int, *shape: int) -> Tensor:
    """Whole numbers from -3 to 3: maps of whole-numbered images are free of rounding."""
    return torch.from_numpy(np.random.default_rng(seed).integers(-3, 4, shape, dtype=np.int8))


def _convolve(x: Tensor, weight: Tensor, mode: str) -> Tensor:
    """The "same" convolution of ``x`` with an odd kernel, in the dtype of ``x``."""
    radius = weight.shape[-1] // 2
    padded = functional.pad(x, (radius,) * 4, mode=mode)
    return functional.conv2d(padded, weight.to(x))


def _indices(x: Tensor) -> tuple[Tensor, Tensor]:
    """Each pixel's row, shape (H, 1), and column, shape (1, W), in the dtype of ``x``."""
    height, width = x.shape[2:]
    rows = torch.arange(height, dtype=x.dtype, device=x.device)
    columns = torch.arange(width, dtype=x.dtype, device=x.device)
    return rows[:, None], columns[None, :]


def _signs(x: Tensor) -> Tensor:
    """+1 and -1 in turn, as on a checkerboard, shape (H, W)."""
    rows, columns = _indices(x)
    return 1 - 2 * ((rows + columns) % 2)


def identity() -> Map:
    """The images themselves."""
    return lambda x: x


def constant(value: float = 0.0) -> Map:
    """The same number everywhere, whatever the images."""
    return lambda x: torch.full_like(x, value)


def circular_conv(*, seed: int, inputs: int = 1, outputs: int = 1, size: int = 3) -> Map:
    """A convolution with circular padding: equivariant up to the border."""
    weight = _whole(seed, outputs, inputs, size, size)
    return lambda x: _convolve(x, weight, "circular")


def padded_conv(*, seed: int, inputs: int = 1, outputs: int = 1, size: int = 3) -> Map:
    """A convolution with zero padding: equivariant size // 2 pixels away from the border."""
    weight = _whole(seed, outputs, inputs, size, size)
    return lambda x: _convolve(x, weight, "constant")


def conv_relu_conv(*, seed: int, inputs: int = 1, hidden: int = 2, outputs: int = 1) -> Map:
    """Two zero-padded 3 x 3 convolutions with a ReLU between: together they reach 2 pixels."""
    first, second = _whole(seed, hidden, inputs, 3, 3), _whole(seed + 1, outputs, hidden, 3, 3)

    def f(x: Tensor) -> Tensor:
        return _convolve(torch.relu(_convolve(x, first, "constant")), second, "constant")

    return f


def mlp(*, seed: int, outputs: int = 1) -> Map:
    """One fully connected layer from all pixels to all pixels: not equivariant."""

    def f(x: Tensor) -> Tensor:
        batch, channels, height, width = x.shape
        weight = _normal(seed, outputs * height * width, channels * height * width)
        return (x.flatten(1) @ weight.to(x).T).reshape(batch, outputs, height, width)

    return f


def position_weights() -> Map:
    """The pixel in row i and column j times 1 + (3 i + 5 j) % 7: not equivariant."""

    def f(x: Tensor) -> Tensor:
        rows, columns = _indices(x)
        return x * (1 + (3 * rows + 5 * columns) % 7)

    return f


def checkerboard() -> Map:
    """The images with the sign of every other pixel changed, as on a checkerboard."""
    return lambda x: x * _signs(x)


def one_pixel(*, row: int, column: int) -> Map:
    """The pixel at (row, column) as it is, and 0 at all others."""

    def f(x: Tensor) -> Tensor:
        maps = torch.zeros_like(x)
        maps[:, :, row, column] = x[:, :, row, column]
        return maps

    return f


def scaled_pixel(*, row: int, column: int, factor: float) -> Map:
    """The images with the pixel at (row, column) times factor."""

    def f(x: Tensor) -> Tensor:
        maps = x.clone()
        maps[:, :, row, column] *= factor
        return maps

    return f


class _Network(nn.Module):
    """A convolution, a batch norm and a ReLU, in eval mode, with weights as if trained."""

    def __init__(self, *, seed: int, size: int, channels: int, signs: bool, dtype: str) -> None:
        super().__init__()
        kind = getattr(torch, dtype)
        self.weight = nn.Parameter(_normal(seed, channels, 1, size, size).to(kind))
        self.scale = nn.Parameter(_normal(seed + 1, channels).abs().to(kind))
        self.offset = nn.Parameter(_normal(seed + 2, channels).abs().to(kind))
        self.register_buffer("running_mean", _normal(seed + 3, channels).to(kind))
        self.register_buffer("running_var", 1 + _normal(seed + 4, channels).abs().to(kind))
        self.signs = signs
        self.eval()

    def forward(self, x: Tensor) -> Tensor:
        maps = functional.conv2d(x, self.weight, padding=self.weight.shape[-1] // 2)
        maps = functional.batch_norm(
            maps,
            self.get_buffer("running_mean"),
            self.get_buffer("running_var"),
            self.scale,
            self.offset,
            training=self.training,
        )
        maps = torch.relu(maps)
        return maps * _signs(x) if self.signs else maps


def network(*, seed: int, channels: int = 2, dtype: str = "float32") -> nn.Module:
    """A network in eval mode: a zero-padded 3 x 3 convolution, batch norm, ReLU."""
    return _Network(seed=seed, size=3, channels=channels, signs=False, dtype=dtype)


def signed_network(*, seed: int, channels: int = 2, dtype: str = "float32") -> nn.Module:
    """A network in eval mode, of 1 x 1 reach; the sign of every other pixel is changed."""
    return _Network(seed=seed, size=1, channels=channels, signs=True, dtype=dtype)
