"""Expected values on a second road, which shares no line with the reference.

Where the reference follows the definition loop by loop, these use torch's own convolutions, or
count and sum in another way. A check compares students with what both roads agree on.
"""

import math
from typing import Any

import numpy as np
import torch
from torch.nn import functional


def agreed(reference: Any, oracle: Any, *, rtol: float = 1e-10, atol: float = 1e-12) -> Any:
    """The reference's answer, once the oracle's is the same.

    Anything else is an error of ours and no `Failure`: the student must not pay for it.
    """
    if np.shape(reference) != np.shape(oracle) or not np.allclose(
        reference, oracle, rtol=rtol, atol=atol
    ):
        raise RuntimeError(f"reference and oracle disagree: {reference!r} and {oracle!r}")
    return reference


def unshared_matrix(kernels: np.ndarray) -> np.ndarray:
    """The matrix of 1c: every kernel convolves every unit vector; row i keeps the i-th kernel."""
    n, k = kernels.shape
    units = torch.eye(n, dtype=torch.float64)[:, None, :]
    padded = functional.pad(units, ((k - 1) // 2, k // 2))
    weight = torch.from_numpy(kernels.astype(np.float64))[:, None, :]
    out = functional.conv1d(padded, weight)  # out[column, kernel, position]
    return out.diagonal(dim1=1, dim2=2).T.numpy()


def conv_matrix(kernel: np.ndarray, n: int) -> np.ndarray:
    """The matrix of 1a: column j is torch's "same" convolution of the j-th unit vector."""
    k = len(kernel)
    units = torch.eye(n, dtype=torch.float64)[:, None, :]
    # padding="same" pads an even kernel like this too, but warns about the copy it makes.
    padded = functional.pad(units, ((k - 1) // 2, k // 2))
    weight = torch.from_numpy(kernel.astype(np.float64))[None, None, :]
    return functional.conv1d(padded, weight)[:, 0, :].T.numpy()


def count_params(kind: str, n: int, k: int) -> int:
    """Number all weights, build the matrix of the numbers, and see which ones are in it."""
    if kind == "dense":
        return len(range(n)) * len(range(n))
    if kind == "shared":
        matrix = conv_matrix(np.arange(1, k + 1), n)
    else:
        matrix = unshared_matrix(np.arange(1, n * k + 1).reshape(n, k))
    return len(set(matrix[matrix > 0].tolist()))


def unshared_conv2d(image: np.ndarray, kernels: np.ndarray) -> np.ndarray:
    """All windows at once, each weighted by its own kernel."""
    size = kernels.shape[2]
    pixels = torch.from_numpy(image.astype(np.float64))
    windows = pixels.unfold(0, size, 1).unfold(1, size, 1)
    weights = torch.from_numpy(kernels.astype(np.float64))
    return torch.einsum("ijab,ijab->ij", windows, weights).numpy()


def conv2d(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Torch's convolution of an image without padding, one kernel for all places."""
    pixels, weight = (torch.from_numpy(a.astype(np.float64))[None, None] for a in (image, kernel))
    return functional.conv2d(pixels, weight)[0, 0].numpy()


def output_size(size: int, k: int) -> int:
    """Count the places at which the kernel ends inside of the input."""
    return sum(start + k <= size for start in range(size))


def equivariance_error(
    f: Any, images: torch.Tensor, shift: tuple[int, int], margin: int = 0
) -> float:
    """Pixel (i, j) of T x is pixel (i - dy, j - dx) of x; sum the squares over the interior."""
    border = max(abs(step) for step in shift) + margin
    height, width = images.shape[2:]
    rows = [(i - shift[0]) % height for i in range(height)]
    columns = [(j - shift[1]) % width for j in range(width)]
    with torch.no_grad():
        of_moved = f(images[:, :, rows][:, :, :, columns]).double().numpy()
        moved = f(images)[:, :, rows][:, :, :, columns].double().numpy()
    inside = np.zeros((height, width), bool)
    inside[border : height - border, border : width - border] = True
    difference = np.sum((of_moved - moved)[:, :, inside] ** 2)
    size = np.sum(moved[:, :, inside] ** 2)
    if size == 0:
        return 0.0 if difference == 0 else math.inf
    return math.sqrt(difference / size)
