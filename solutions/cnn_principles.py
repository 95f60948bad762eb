"""Principles of CNNs: the reference solutions of questions 1a to 1e and 2b.

The questions follow EECS 182, Fall 2022, discussion 4 ("Weight Sharing in CNN" and "Principles of
CNN"); each docstring names its part. Written to be read beside the handout: every function is its
definition, loop by loop.

Conventions: *convolution* is meant as in deep learning, so the kernel is not flipped; indices
start at 0; "same" padding puts ``(k - 1) // 2`` zeros before the input and the rest, ``k // 2``,
after it.
"""

import math
from collections.abc import Callable

import numpy as np
import torch


def build_conv_matrix(kernel: np.ndarray, n: int) -> np.ndarray:
    """The matrix of a "same"-padded convolution of ``n`` numbers (discussion 4, part 1a).

    ``K @ x`` is the convolution of ``x`` with ``kernel``: row ``i`` holds the kernel, placed so
    that its centre, the weight ``(k - 1) // 2``, stands on the diagonal. Weights that fall off
    either end of the row meet nothing but padding, and are left out.

    Args:
        kernel: shape (k,), k >= 1; k may be even, and larger than n.
        n: the length of input and output.

    Returns:
        K, float64, shape (n, n): a Toeplitz matrix.

    Raises:
        ValueError: the kernel is not 1-D or is empty, or n < 1.

    """
    if kernel.ndim != 1 or kernel.size == 0:
        raise ValueError(f"kernel must be 1-D and not empty, not of shape {kernel.shape}")
    if n < 1:
        raise ValueError(f"n must be at least 1, not {n}")
    k = len(kernel)
    centre = (k - 1) // 2
    matrix = np.zeros((n, n))
    for i in range(n):
        for j in range(k):
            column = i + j - centre
            if 0 <= column < n:
                matrix[i, column] = kernel[j]
    return matrix


def count_params(kind: str, n: int, k: int) -> int:
    """How many different weights the n x n matrix of a layer holds (discussion 4, part 1b).

    Output ``i`` meets input ``c`` through the weight ``j = c - i + (k - 1) // 2`` of its kernel, if
    there is such a weight. Counted are the weights that meet some input; no bias.

    Args:
        kind: "dense" (fully connected), "unshared" (each output has a kernel of its own) or
            "shared" (one kernel for all outputs: a convolution).
        n: the length of input and output.
        k: the length of a kernel; a dense layer has none and ignores it.

    Returns:
        The number of weights.

    Raises:
        ValueError: the kind is none of the three, n < 1 or k < 1.

    """
    if kind not in ("dense", "unshared", "shared"):
        raise ValueError(f"kind must be 'dense', 'unshared' or 'shared', not {kind!r}")
    if n < 1 or k < 1:
        raise ValueError(f"n and k must be at least 1, not {n} and {k}")
    if kind == "dense":
        return n * n
    centre = (k - 1) // 2
    weights = set()
    for i in range(n):
        for column in range(n):
            j = column - i + centre
            if 0 <= j < k:
                weights.add((i, j) if kind == "unshared" else j)
    return len(weights)


def build_unshared_matrix(kernels: np.ndarray) -> np.ndarray:
    """The matrix of a convolution whose kernel differs by position (discussion 4, part 1c).

    The same matrix as `build_conv_matrix`, except that row ``i`` holds a kernel of its own.

    Args:
        kernels: shape (n, k); row i is the kernel at output position i.

    Returns:
        The matrix, float64, shape (n, n).

    Raises:
        ValueError: kernels is not 2-D or is empty.

    """
    if kernels.ndim != 2 or kernels.size == 0:
        raise ValueError(f"kernels must be 2-D and not empty, not of shape {kernels.shape}")
    n, k = kernels.shape
    centre = (k - 1) // 2
    matrix = np.zeros((n, n))
    for i in range(n):
        for j in range(k):
            column = i + j - centre
            if 0 <= column < n:
                matrix[i, column] = kernels[i, j]
    return matrix


def unshared_conv2d(image: np.ndarray, kernels: np.ndarray) -> np.ndarray:
    """Slide a window over an image, with a kernel of its own at each place (discussion 4, part 1d).

    No padding: the window of output ``(i, j)`` is ``image[i:i+K, j:j+K]``.

    Args:
        image: shape (H, W).
        kernels: shape (H - K + 1, W - K + 1, K, K): one K x K kernel for each output.

    Returns:
        The outputs, float64, shape (H - K + 1, W - K + 1).

    Raises:
        ValueError: the image is not 2-D, the kernels are not 4-D or not square, K < 1, or there
            is not exactly one kernel for each place of the window.

    """
    if image.ndim != 2:
        raise ValueError(f"image must be 2-D, not of shape {image.shape}")
    if kernels.ndim != 4 or kernels.shape[2] != kernels.shape[3]:
        raise ValueError(f"kernels must have shape (H', W', K, K), not {kernels.shape}")
    size = kernels.shape[2]
    if size < 1:
        raise ValueError("kernels must be at least 1 x 1")
    height, width = image.shape[0] - size + 1, image.shape[1] - size + 1
    if height < 1 or width < 1:
        raise ValueError(f"a {size} x {size} kernel does not fit an image of {image.shape}")
    if kernels.shape[:2] != (height, width):
        raise ValueError(f"{height} x {width} kernels are due, not {kernels.shape[:2]}")
    out = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            window = image[i : i + size, j : j + size]
            out[i, j] = np.sum(kernels[i, j] * window)
    return out


def output_size(size: int, k: int) -> int:
    """How many places a kernel has along one axis, without padding (discussion 4, part 1e).

    Args:
        size: the length of the input along this axis.
        k: the length of the kernel.

    Returns:
        The length of the output: 1 for the largest kernel, k = size.

    Raises:
        ValueError: k < 1 or k > size.

    """
    if not 1 <= k <= size:
        raise ValueError(f"k must be between 1 and {size}, not {k}")
    return size - k + 1


def equivariance_error(
    f: Callable[[torch.Tensor], torch.Tensor],
    images: torch.Tensor,
    shift: tuple[int, int],
    *,
    margin: int = 0,
) -> float:
    """How far ``f`` is from commuting with a translation (discussion 4, parts 2b and 2c).

    With T the circular translation by ``shift``, this is ``||f(T x) - T f(x)|| / ||T f(x)||``,
    where the norms leave out the border: there a translation brings in pixels from the far side.

    Args:
        f: maps images (N, C, H, W) to feature maps (N, C', H, W); a module is in eval mode.
        images: x, shape (N, C, H, W), float32 or float64.
        shift: (dy, dx) in pixels, down and to the right; may be negative.
        margin: pixels to leave out on every side, besides the max(|dy|, |dx|) that wrap around.

    Returns:
        The relative error: 0.0 when both norms are 0, infinity when only ||T f(x)|| is.

    Raises:
        ValueError: the margin is negative, or nothing is left inside of the border.

    """
    dy, dx = shift
    if margin < 0:
        raise ValueError(f"margin must not be negative, but is {margin}")
    border = max(abs(dy), abs(dx)) + margin
    height, width = images.shape[2:]
    if 2 * border >= min(height, width):
        raise ValueError(f"a border of {border} leaves nothing of images of {height} x {width}")

    def translate(maps: torch.Tensor) -> torch.Tensor:
        return torch.roll(maps, shifts=(dy, dx), dims=(2, 3))

    def norm_inside(maps: torch.Tensor) -> float:
        inside = maps[:, :, border : height - border, border : width - border]
        return torch.linalg.vector_norm(inside.double()).item()

    with torch.no_grad():
        of_translated = f(translate(images))
        translated = translate(f(images))
        difference = norm_inside(of_translated - translated)
        size = norm_inside(translated)
    if size == 0:
        return 0.0 if difference == 0 else math.inf
    return difference / size
