"""An image under one kernel for all places, and under kernels of their own (discussion 4, 1d)."""

from collections.abc import Callable

import numpy as np
import torch
from matplotlib.axes import Axes
from torch.nn import functional

from cnn_lab.data import load_pictures
from cnn_lab.experiments import style
from cnn_lab.experiments.notebook import array_answer, experiment, report, table

__all__ = ["show_unshared_windows"]

VERTICAL = np.array([[-1.0, 0, 1]] * 3)
HORIZONTAL = np.ascontiguousarray(VERTICAL.T)
"""The Prewitt operators: they answer to vertical and to horizontal edges."""

SIDE, DIGIT = 16, 12
"""Pixels on each side of the image, and of the digit in its middle."""

SHOWN_AT = (0, 4, 9, 13)
"""The rows, and columns, of the windows whose kernels are drawn."""


@experiment
def show_unshared_windows(unshared_conv2d: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> None:
    """Look for edges with one kernel everywhere, and with another one for each half (part 1d).

    Args:
        unshared_conv2d: the answer to question 1d.

    """
    image = _digit()
    places = SIDE - len(VERTICAL) + 1
    shared = np.tile(VERTICAL, (places, places, 1, 1))
    unshared = shared.copy()
    unshared[:, places // 2 :] = HORIZONTAL
    maps = [
        array_answer("q1d", (places, places), unshared_conv2d, image, kernels)
        for kernels in (shared, unshared)
    ]
    due = functional.conv2d(
        torch.from_numpy(image)[None, None], torch.from_numpy(VERTICAL)[None, None]
    )
    difference = float(np.abs(maps[0] - due[0, 0].numpy()).max())

    made, axes = style.figure(2, 3, width=8.0, height=5.2)
    limit = max(np.abs(maps).max(), 1e-9)
    for row, kernels, title in (
        (0, shared, "one kernel everywhere"),
        (1, unshared, "one for each half"),
    ):
        on_image, on_kernels, on_output = axes[3 * row : 3 * row + 3]
        on_image.imshow(image, cmap=style.IMAGE)
        _draw_kernels(on_kernels, kernels)
        picture = on_output.imshow(maps[row], cmap=style.SIGNED, vmin=-limit, vmax=limit)
        on_image.set_ylabel("row (pixels)")
        on_kernels.set_title(title)
        if row:
            on_kernels.axvline((SIDE - 1) / 2, color="black", linestyle=":")
            on_output.axvline((places - 1) / 2, color="black", linestyle=":")
    axes[0].set_title("image")
    axes[2].set_title("output")
    made.colorbar(picture, ax=[axes[2], axes[5]], label="output", shrink=0.7)
    for axis in axes:
        axis.set_xticks([0, 5, 10])
        axis.set_yticks([0, 5, 10])
        axis.spines[:].set_visible(True)
    for axis in axes[3:]:
        axis.set_xlabel("column (pixels)")
    style.finish(made)
    report(
        table(
            ("places of the window", f"{places} x {places}"),
            ("largest difference from torch's conv2d, one kernel", f"{difference:.1e}"),
        ),
        places=places**2,
        max_difference=difference,
    )


def _digit() -> np.ndarray:
    """A handwritten 0, enlarged so that its edges are seen, shape (16, 16)."""
    small = load_pictures("digits").images[:1, None].double()
    large = functional.interpolate(small, (DIGIT, DIGIT), mode="bilinear")
    return functional.pad(large, ((SIDE - DIGIT) // 2,) * 4)[0, 0].numpy()


def _draw_kernels(axis: Axes, kernels: np.ndarray) -> None:
    """Draw some of the kernels where their windows lie on the image."""
    for row in SHOWN_AT:
        for column in SHOWN_AT:
            style.draw_kernel(axis, kernels[row, column], row, column, limit=1.4)
    axis.set(xlim=(-0.5, SIDE - 0.5), ylim=(SIDE - 0.5, -0.5), aspect="equal")
