"""How figures look: one palette, legible in print and for the colour-blind."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.patches import Rectangle

__all__ = [
    "CNN",
    "COLOURS",
    "IMAGE",
    "MLP",
    "SIGNED",
    "draw_image",
    "draw_kernel",
    "figure",
    "finish",
]

# Okabe and Ito (2008): eight colours that stay apart with every common colour vision deficiency.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#000000")

CNN, MLP = COLOURS[0], COLOURS[5]
"""Convolution (shared weights) and fully connected or unshared, in every figure."""

IMAGE = "gray"
SIGNED = "RdBu_r"
"""Colour maps: of images, and of values with a sign (always symmetric about 0)."""


def figure(
    rows: int = 1, columns: int = 1, *, width: float = 8.0, height: float = 3.0
) -> tuple[Figure, list[Axes]]:
    """A figure of ``rows`` times ``columns`` axes, row by row; sizes in inches."""
    made, axes = plt.subplots(
        rows, columns, figsize=(width, height), squeeze=False, layout="constrained"
    )
    for axis in axes.flat:
        axis.spines[["top", "right"]].set_visible(False)
    return made, list(axes.flat)


def finish(made: Figure, title: str = "") -> None:
    """Show the figure below the cell, and forget it."""
    if title:
        made.suptitle(title)
    plt.show()
    plt.close(made)


def draw_image(axis: Axes, image: np.ndarray, colours: str, low: float, high: float) -> AxesImage:
    """Draw every pixel of an image (H, W) as a square, in a frame without ticks."""
    axis.set(xticks=[], yticks=[])
    axis.spines[:].set_visible(True)
    return axis.imshow(image, cmap=colours, vmin=low, vmax=high, interpolation="nearest")


def draw_kernel(axis: Axes, kernel: np.ndarray, row: float, column: float, *, limit: float) -> None:
    """Draw the weights (K, K) of a kernel as tiles, the first one at this row and column.

    Colours go from ``-limit`` to ``limit``. In greyscale both ends are dark, so that the larger
    weights carry their sign.
    """
    colours = plt.get_cmap(SIGNED)
    for (i, j), weight in np.ndenumerate(kernel):
        share = weight / limit
        tile = (column + j - 0.5, row + i - 0.5)
        colour = colours((1 + share) / 2)
        axis.add_patch(Rectangle(tile, 1, 1, facecolor=colour, edgecolor="0.6", linewidth=0.4))
        if abs(share) > 0.2:
            sign = "+" if weight > 0 else "\N{MINUS SIGN}"
            ink = "white" if abs(share) > 0.6 else "black"
            written = axis.text(column + j, row + i, sign, color=ink, fontsize=7, clip_on=True)
            written.set(ha="center", va="center")
