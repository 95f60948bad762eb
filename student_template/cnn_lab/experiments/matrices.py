"""The weight matrices of convolutions of nine numbers (discussion 4, parts 1a to 1c)."""

from collections.abc import Callable

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle
from torch.nn import functional

from cnn_lab.experiments import style
from cnn_lab.experiments.notebook import array_answer, count_answer, experiment, report, table

__all__ = ["show_conv_matrix", "show_sharing", "show_weight_counts"]

LENGTH, KERNEL = 9, 3
"""Of input and output, and of the kernel: those of discussion 4."""

ZERO, OTHER = 0, -1
"""Entries of a matrix that are no weight; the weights themselves are numbered from 1."""

ARRAY = np.ndarray
BuildConvMatrix = Callable[[ARRAY, int], ARRAY]
BuildUnsharedMatrix = Callable[[ARRAY], ARRAY]


@experiment
def show_conv_matrix(build_conv_matrix: BuildConvMatrix) -> None:
    """Draw x' = K x for a kernel of three weights, and compare K with torch (part 1a).

    Every entry of K has the colour and the name of the weight that stands there.

    Args:
        build_conv_matrix: the answer to question 1a.

    """
    numbers, matrix = _shared_numbers(build_conv_matrix)
    x = np.random.default_rng(0).standard_normal(LENGTH)
    due = functional.conv1d(
        torch.from_numpy(x)[None, None],
        torch.arange(1.0, KERNEL + 1, dtype=torch.float64)[None, None],
        padding="same",
    )
    difference = float(np.abs(matrix @ x - due.numpy()).max())

    made, (axis,) = style.figure(width=7.5, height=5.6)
    _draw_matrix(axis, numbers, kernels=1)
    _draw_vector(axis, -3, "x'")
    _draw_vector(axis, LENGTH + 1, "x")
    middle = (LENGTH - 1) / 2
    axis.text(-1.5, middle, "=", ha="center", va="center", fontsize=18)
    axis.text(LENGTH, middle, "·", ha="center", va="center", fontsize=20)
    for column, name in ((-3, "output x'"), (middle, "matrix K"), (LENGTH + 1, "input x")):
        axis.text(column, LENGTH - 0.1, name, ha="center", va="center", fontsize=11)
    axis.set(xlim=(-4, LENGTH + 2), ylim=(LENGTH, -0.6), yticks=[], xlabel="", ylabel="")
    style.finish(made, "The convolution of nine numbers as a matrix")
    report(
        table(
            ("entries", str(matrix.size)),
            ("of these zero", str(np.sum(numbers == ZERO))),
            ("different weights", str(_distinct(numbers))),
            ("entries that are neither", str(np.sum(numbers == OTHER))),
            ("largest |K x - conv1d(x)|", f"{difference:.1e}"),
        ),
        distinct_weights=_distinct(numbers),
        zeros=int(np.sum(numbers == ZERO)),
        other_entries=int(np.sum(numbers == OTHER)),
        max_difference=difference,
    )


@experiment
def show_weight_counts(count_params: Callable[[str, int, int], int]) -> None:
    """Draw how many weights three kinds of layer have as the input grows (part 1b).

    Args:
        count_params: the answer to question 1b.

    """
    lengths = range(1, 51)
    names = {"dense": "fully connected", "unshared": "unshared", "shared": "shared (convolution)"}
    looks = {
        "dense": {"color": "black", "linestyle": "-.", "marker": "s"},
        "unshared": {"color": style.MLP, "linestyle": "--", "marker": "^"},
        "shared": {"color": style.CNN, "linestyle": "-", "marker": "o"},
    }
    counts = {
        kind: [count_answer("q1b", count_params, kind, n, KERNEL) for n in lengths]
        for kind in names
    }
    made, (axis,) = style.figure(width=7.5, height=3.8)
    axis.axvline(LENGTH, color="0.8", zorder=0)
    for kind, of_kind in counts.items():
        axis.plot(
            lengths, of_kind, markevery=[LENGTH - 1], markersize=7, linewidth=2, **looks[kind]
        )
        axis.annotate(
            f"{of_kind[LENGTH - 1]:,}",
            (LENGTH, of_kind[LENGTH - 1]),
            xytext=(7, -13),
            textcoords="offset points",
        )
        axis.annotate(
            f"{names[kind]}: {of_kind[-1]:,}",
            (lengths[-1], of_kind[-1]),
            xytext=(6, 0),
            textcoords="offset points",
            color=looks[kind]["color"],
            va="center",
            annotation_clip=False,
        )
    axis.set(
        yscale="log",
        xlim=(0, lengths[-1]),
        xticks=[1, LENGTH, 20, 30, 40, 50],
        xlabel="length n of input and output (numbers)",
        ylabel="different weights",
    )
    style.finish(made, f"Weights of three layers from n numbers to n numbers, kernel of {KERNEL}")
    report(
        table(
            ("weights", f"n = {LENGTH}", f"n = {lengths[-1]}"),
            *(
                (names[kind], f"{of_kind[LENGTH - 1]:,}", f"{of_kind[-1]:,}")
                for kind, of_kind in counts.items()
            ),
        ),
        **{f"{kind}_{n}": counts[kind][n - 1] for kind in names for n in (LENGTH, lengths[-1])},
    )


@experiment
def show_sharing(
    build_conv_matrix: BuildConvMatrix, build_unshared_matrix: BuildUnsharedMatrix
) -> None:
    """Draw a convolution's matrix beside that of a layer without weight sharing (part 1c).

    The names of the weights on the right: the lower index is the place in the kernel, the upper
    one says whose kernel it is.

    Args:
        build_conv_matrix: the answer to question 1a.
        build_unshared_matrix: the answer to question 1c.

    """
    shared, _ = _shared_numbers(build_conv_matrix)
    kernels = np.arange(1.0, LENGTH * KERNEL + 1).reshape(LENGTH, KERNEL)
    matrix = array_answer("q1c", (LENGTH, LENGTH), build_unshared_matrix, kernels)
    unshared = _weight_numbers(matrix, kernels.size)

    made, axes = style.figure(1, 2, width=9.0, height=5.0)
    _draw_matrix(axes[0], shared, kernels=1)
    _draw_matrix(axes[1], unshared, kernels=LENGTH)
    axes[0].set_title("one kernel for all outputs")
    axes[1].set_title("a kernel of its own for each output")
    style.finish(made)
    report(
        table(
            ("", "shared", "unshared"),
            ("different weights", str(_distinct(shared)), str(_distinct(unshared))),
            ("zeros", str(np.sum(shared == ZERO)), str(np.sum(unshared == ZERO))),
            ("neither", str(np.sum(shared == OTHER)), str(np.sum(unshared == OTHER))),
        ),
        shared_weights=_distinct(shared),
        unshared_weights=_distinct(unshared),
        other_entries=int(np.sum(shared == OTHER) + np.sum(unshared == OTHER)),
    )


def _shared_numbers(build_conv_matrix: BuildConvMatrix) -> tuple[ARRAY, ARRAY]:
    """Which weight is where in the matrix of question 1a, and the matrix itself."""
    kernel = np.arange(1.0, KERNEL + 1)
    matrix = array_answer("q1a", (LENGTH, LENGTH), build_conv_matrix, kernel, LENGTH)
    return _weight_numbers(matrix, KERNEL), matrix


def _weight_numbers(matrix: ARRAY, count: int) -> ARRAY:
    """The entries of a matrix whose weights had the values 1 to ``count``, as weight numbers."""
    return np.where(np.isin(matrix, np.arange(count + 1)), matrix, OTHER).astype(int)


def _distinct(numbers: ARRAY) -> int:
    return len(np.unique(numbers[numbers > ZERO]))


def _draw_matrix(axis: Axes, numbers: ARRAY, *, kernels: int) -> None:
    """Draw a matrix whose weights are those of so many kernels, numbered kernel by kernel."""
    for (row, column), number in np.ndenumerate(numbers):
        colour, label = _look(number, kernels)
        hatch = "///" if number == OTHER else None
        _draw_cell(axis, row, column, label, facecolor=colour, hatch=hatch)
    indices = range(LENGTH)
    axis.set(xlim=(-0.6, LENGTH - 0.4), ylim=(LENGTH - 0.4, -0.6), aspect="equal")
    axis.set_xticks(indices, [f"$x_{i + 1}$" for i in indices])
    axis.set_yticks(indices, [f"$x'_{i + 1}$" for i in indices])
    axis.tick_params(length=0, labelsize=11, labeltop=True, labelbottom=False)
    axis.set(xlabel="input", ylabel="output")
    axis.spines[:].set_visible(False)


def _look(number: int, kernels: int) -> tuple[tuple[float, ...], str]:
    """The colour and the name of an entry; hue = place in the kernel, shade = which kernel."""
    if number == ZERO:
        return (1.0, 1.0, 1.0), "0"
    if number == OTHER:
        return (0.8, 0.8, 0.8), "?"
    kernel, place = divmod(number - 1, KERNEL)
    strength = 0.5 if kernels == 1 else 0.15 + 0.6 * kernel / (kernels - 1)
    hue = np.array(to_rgb(style.COLOURS[place]))
    whose = "" if kernels == 1 else f"^{{({kernel + 1})}}"
    return tuple(1 - strength * (1 - hue)), f"$k_{place + 1}{whose}$"


def _draw_vector(axis: Axes, column: float, name: str) -> None:
    for row in range(LENGTH):
        _draw_cell(axis, row, column, f"${name}_{row + 1}$", facecolor="0.95")


def _draw_cell(axis: Axes, row: float, column: float, label: str, **look: object) -> None:
    axis.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, edgecolor="0.7", lw=0.6, **look))
    colour = "0.6" if label == "0" else "black"
    axis.text(column, row, label, ha="center", va="center", fontsize=11, color=colour)
