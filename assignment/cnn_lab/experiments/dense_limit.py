"""What becomes of an unpadded convolution as its kernel grows (discussion 4, part 1e)."""

from collections.abc import Callable

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from torch.nn import functional

from cnn_lab import settings
from cnn_lab.experiments import style
from cnn_lab.experiments.notebook import array_answer, count_answer, experiment, report, table

__all__ = ["show_dense_limit", "show_output_size"]

SMALL = 6
"""Pixels on each side of the image whose weight matrices are drawn."""


@experiment
def show_output_size(output_size: Callable[[int, int], int]) -> None:
    """Draw the output size of an image of 24 x 24 pixels against the kernel size (part 1e).

    Args:
        output_size: the answer to question 1e.

    """
    side = settings.SIDE
    kernels = range(1, side + 1)
    sizes = [count_answer("q1e", output_size, side, k) for k in kernels]
    shown = (3, side // 2, side)

    made = plt.figure(figsize=(8.0, 3.6), layout="constrained")
    grid = made.add_gridspec(2, 4, width_ratios=(3.2, 1, 1, 1))
    axis = made.add_subplot(grid[:, 0])
    axis.spines[["top", "right"]].set_visible(False)
    axis.plot(kernels, sizes, color=style.CNN, marker="o", markersize=4)
    for k in shown:
        size = sizes[k - 1]
        axis.plot(k, size, color=style.MLP, marker="s", markersize=8)
        axis.annotate(
            f"K = {k}: {size}",
            (k, size),
            xytext=(-12, -4) if k == side else (9, 4),
            textcoords="offset points",
            ha="right" if k == side else "left",
        )
    axis.set(
        xlim=(0, side + 1),
        ylim=(0, max(sizes) + 1),
        xlabel="kernel size K (pixels)",
        ylabel="output size (pixels)",
    )
    for column, k in enumerate(shown, start=1):
        upper, lower = made.add_subplot(grid[0, column]), made.add_subplot(grid[1, column])
        _draw_square(upper, side, "0.9", "")
        _draw_square(upper, k, style.MLP, "///")
        _draw_square(lower, sizes[k - 1], style.CNN, "")
        upper.set_title(f"K = {k}", fontsize=10)
        for square in (upper, lower):
            square.set(xlim=(-1, side + 1), ylim=(side + 1, -1), aspect="equal")
            square.set(xticks=[], yticks=[])
            square.spines[:].set_visible(False)
        if column == 1:
            upper.set_ylabel("image and kernel")
            lower.set_ylabel("output")
    style.finish(made, f"Unpadded convolution of {side} x {side} pixels")
    report(
        table(
            ("kernel", "output"),
            *((f"{k} x {k}", f"{sizes[k - 1]} x {sizes[k - 1]}") for k in (1, *shown)),
        ),
        **{f"size_{k}": sizes[k - 1] for k in (1, *shown)},
    )


@experiment
def show_dense_limit(unshared_conv2d: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> None:
    """Draw the matrix of an unshared layer for larger and larger kernels (part 1e).

    A column of the matrix is the layer's output for an image of which one pixel is 1 and all
    others are 0. For the largest kernel the layer is compared with torch's fully connected one,
    given the same weights.

    Args:
        unshared_conv2d: the answer to question 1d.

    """
    rng = np.random.default_rng(0)
    kernels = {k: _weights(k, rng) for k in (3, 5, SMALL)}
    matrices = {k: _matrix(unshared_conv2d, of_size) for k, of_size in kernels.items()}
    shares = {k: float((matrix != 0).mean()) for k, matrix in matrices.items()}

    image = rng.standard_normal((SMALL, SMALL))
    output = array_answer("q1d", (1, 1), unshared_conv2d, image, kernels[SMALL])
    due = functional.linear(
        torch.from_numpy(image.reshape(1, -1)), torch.from_numpy(kernels[SMALL].reshape(1, -1))
    )
    difference = float(np.abs(output - due.numpy()).max())

    made = plt.figure(figsize=(8.0, 6.2), layout="constrained")
    heights = [len(matrix) + 1 for matrix in matrices.values()]
    grid = made.add_gridspec(len(matrices), 1, height_ratios=heights)
    for row, (k, matrix) in enumerate(matrices.items()):
        axis = made.add_subplot(grid[row])
        axis.imshow(matrix, cmap=style.SIGNED, vmin=-1, vmax=1)
        outputs, pixels = matrix.shape
        axis.set_title(
            f"K = {k}: {outputs} x {pixels} entries, {100 * shares[k]:.0f} % not zero", fontsize=10
        )
        axis.set(yticks=[0, outputs - 1] if outputs > 1 else [0], ylabel="output")
        axis.set_xticks(range(0, pixels, SMALL))
        for start in range(SMALL, pixels, SMALL):
            axis.axvline(start - 0.5, color="0.5", linewidth=0.8, linestyle=":")
    axis.set_xlabel(f"pixel of the {SMALL} x {SMALL} image, counted row by row")
    style.finish(made, "The matrix of an unshared layer, for three kernel sizes")
    report(
        table(
            ("kernel", "outputs", "entries not zero"),
            *(
                (f"{k} x {k}", str(len(matrix)), f"{100 * shares[k]:.1f} %")
                for k, matrix in matrices.items()
            ),
        )
        + f"\n\nLargest difference from a fully connected layer, K = {SMALL}: {difference:.1e}",
        **{f"nonzero_share_{k}": share for k, share in shares.items()},
        **{f"outputs_{k}": len(matrix) for k, matrix in matrices.items()},
        max_difference=difference,
    )


def _draw_square(axis: Axes, side: int, colour: str, hatch: str) -> None:
    """Draw so many pixels on each side, from the upper left corner."""
    axis.add_patch(Rectangle((0, 0), side, side, facecolor=colour, hatch=hatch, edgecolor="0.2"))


def _weights(k: int, rng: np.random.Generator) -> np.ndarray:
    """A k x k kernel for each place, no weight near zero, so that all of them are seen."""
    places = SMALL - k + 1
    shape = (places, places, k, k)
    return rng.uniform(0.4, 1.0, shape) * rng.choice([-1.0, 1.0], shape)


def _matrix(unshared_conv2d: Callable[..., np.ndarray], kernels: np.ndarray) -> np.ndarray:
    """The layer's matrix, shape (outputs, pixels), measured one pixel at a time."""
    columns = []
    for pixel in range(SMALL * SMALL):
        image = np.zeros((SMALL, SMALL))
        image.flat[pixel] = 1
        output = array_answer("q1d", kernels.shape[:2], unshared_conv2d, image, kernels)
        columns.append(output.reshape(-1))
    return np.stack(columns, axis=1)
