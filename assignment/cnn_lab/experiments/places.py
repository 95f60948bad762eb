"""What shared and unshared windows learn from patches at fixed and at free places (part 1d)."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec
from matplotlib.patches import Rectangle
from torch.nn import functional

from cnn_lab.experiments import style
from cnn_lab.experiments.notebook import experiment, progress, report, table
from cnn_lab.experiments.place_training import (
    CLASSES,
    KERNEL,
    PATTERNS,
    PLACES,
    SIDE,
    Images,
    Run,
    train,
)

__all__ = ["run_any_place", "run_fixed_place"]

GOAL = 0.9
"""The test accuracy whose first step is reported."""

Runs = dict[str, list[Run]]
"""The runs of each layer, "shared" and "unshared", one for each seed."""


@experiment
def run_fixed_place(seeds: Sequence[int] = (0, 1, 2), *, steps: int = 100) -> None:
    """All images hold the same patch, and an image's class is its place (discussion 4, part 1d).

    Below the test accuracies are shown, of the unshared layer with the first seed: which weights
    training has changed, added up over all windows that see a pixel, and how training has changed
    the one kernel at each class's place that has changed most. Such a kernel may see the patch
    moved by a pixel or two, since its window need only overlap the place.

    Args:
        seeds: one run each; a seed decides images, starting weights and batches.
        steps: training steps of each run.

    """
    runs = _train_all(seeds, steps, anywhere=False)
    made, grid = _draw_curves(runs, height=6.2)
    on_example, on_change, on_kernels = (made.add_subplot(grid[1, i]) for i in range(3))
    run = runs["unshared"][0]
    change = run.end.kernels - run.start.kernels
    _draw_example(on_example, runs["shared"][0].test)
    _draw_change(on_change, change)
    _draw_strongest(on_kernels, change)
    for axis in (on_change, on_kernels):
        for row, column in PLACES:
            _outline(axis, row, column, color="black")
    style.finish(made, "One patch; the class is its place")
    _report("fixed_place", runs)


@experiment
def run_any_place(seeds: Sequence[int] = (0, 1, 2), *, steps: int = 200) -> None:
    """Each class has a pattern of its own, which may lie anywhere (discussion 4, part 1d).

    Below the test accuracies are shown, of the shared layer with the first seed: its filters, and
    how strongly each of them answers to each pattern, as the mean over the test images of the
    filter's maximum over all places.

    Args:
        seeds: one run each; a seed decides images, starting weights and batches.
        steps: training steps of each run.

    """
    runs = _train_all(seeds, steps, anywhere=True)
    made, grid = _draw_curves(runs, height=7.0)
    _draw_example(made.add_subplot(grid[1, 0]), runs["shared"][0].test)
    _draw_answers(made.add_subplot(grid[1, 1:]), runs["shared"][0])
    style.finish(made, "A pattern for each class; the place is free")
    _report("any_place", runs)


def _train_all(seeds: Sequence[int], steps: int, *, anywhere: bool) -> Runs:
    runs: Runs = {"shared": [], "unshared": []}
    for seed in progress(seeds, "training"):
        for layer, of_layer in runs.items():
            shared = layer == "shared"
            of_layer.append(train(anywhere=anywhere, shared=shared, seed=seed, steps=steps))
    return runs


def _draw_curves(runs: Runs, *, height: float) -> tuple[Figure, GridSpec]:
    """Draw the test accuracies in the upper row of a grid; the lower row has three columns."""
    made = plt.figure(figsize=(8.0, height), layout="constrained")
    grid = made.add_gridspec(2, 3, height_ratios=(2.8, height - 2.8))
    axis = made.add_subplot(grid[0, :])
    axis.spines[["top", "right"]].set_visible(False)
    looks = {
        "shared": {"color": style.CNN, "linestyle": "-", "marker": "o"},
        "unshared": {"color": style.MLP, "linestyle": "--", "marker": "^"},
    }
    for layer, of_layer in runs.items():
        steps = of_layer[0].steps
        percent = 100 * np.array([run.accuracies for run in of_layer])
        for one in percent:
            axis.plot(steps, one, color=looks[layer]["color"], alpha=0.3, linewidth=1)
        mean = percent.mean(0)
        axis.plot(steps, mean, label=layer, linewidth=2, markevery=2, markersize=5, **looks[layer])
        above = mean[-1] < 50
        axis.annotate(
            f"{layer}: {of_layer[0].end.numel:,} weights",
            (steps[-1], mean[-1]),
            xytext=(-4, 12 if above else -12),
            textcoords="offset points",
            color=looks[layer]["color"],
            ha="right",
            va="bottom" if above else "top",
        )
    axis.axhline(100 / CLASSES, color="0.4", linestyle=":", zorder=0)
    axis.text(0.01 * steps[-1], 100 / CLASSES - 4, "guessing", color="0.3", va="top")
    axis.set(
        xlim=(0, steps[-1]), ylim=(0, 103), xlabel="training steps", ylabel="test accuracy (%)"
    )
    return made, grid


def _draw_example(axis: Axes, images: Images) -> None:
    """Draw the first image, its patch in a frame."""
    axis.imshow(images.pixels[0].numpy(), cmap=style.IMAGE)
    _outline(axis, *images.corners[0], color="black")
    _label_pixels(axis, f"an image of class {images.labels[0].item()}:\nits patch in a frame")


def _draw_change(axis: Axes, change: torch.Tensor) -> None:
    """Draw for each pixel how far the weights have moved that it is multiplied with."""
    squares = change.square().sum(2).T[None]
    at_pixels = functional.fold(squares, (SIDE, SIDE), KERNEL, padding=1)[0, 0]
    axis.imshow(at_pixels.sqrt().numpy(), cmap="gray_r")
    _label_pixels(axis, "unshared layer: change of\nthe weights (dark: large)")


def _draw_strongest(axis: Axes, change: torch.Tensor) -> None:
    """Draw, where it looks, the kernel at each class's place that has changed most."""
    distances = change.norm(dim=1).reshape(SIDE, SIDE, -1)
    kernels = change.reshape(SIDE, SIDE, KERNEL, KERNEL, -1)
    limit = change.abs().max().item()
    for row, column in PLACES:
        # The centres of all windows that overlap the class's place.
        near = distances[row - 1 : row + 4, column - 1 : column + 4]
        i, j, channel = (int(index) for index in np.unravel_index(near.argmax().item(), near.shape))
        centre = row - 1 + i, column - 1 + j
        kernel = kernels[*centre, :, :, channel].numpy()
        style.draw_kernel(axis, kernel, centre[0] - 1, centre[1] - 1, limit=limit)
    axis.set(xlim=(-0.5, SIDE - 0.5), ylim=(SIDE - 0.5, -0.5), aspect="equal")
    _label_pixels(axis, "at each place, the change of\nthe kernel that changed most")


def _outline(axis: Axes, row: int, column: int, *, color: str) -> None:
    corner = (column - 0.5, row - 0.5)
    for edge, width in (("white", 4.0), (color, 1.8)):  # seen on dark and on light pixels
        axis.add_patch(
            Rectangle(corner, KERNEL, KERNEL, fill=False, linewidth=width, edgecolor=edge)
        )


def _label_pixels(axis: Axes, title: str) -> None:
    ticks = range(0, SIDE, 5)
    axis.set(xticks=ticks, yticks=ticks, xlabel="column (pixels)", ylabel="row (pixels)")
    axis.set_title(title, fontsize=10)


def _draw_answers(axis: Axes, run: Run) -> None:
    """Draw the patterns above, the filters to the left, and their answers to each other."""
    features = run.end.features(run.test.windows)
    answers = torch.stack([features[run.test.labels == c].mean(0) for c in range(CLASSES)], 1)
    filters = run.end.kernels[0].T.reshape(-1, KERNEL, KERNEL).numpy()
    size = 0.85
    centres = np.arange(CLASSES)
    for centre in centres:
        for tile, x, y in ((PATTERNS[centre], centre, -1), (filters[centre], -1, centre)):
            box = (x - size / 2, x + size / 2, y + size / 2, y - size / 2)
            limit = np.abs(tile).max()
            axis.imshow(tile, cmap=style.IMAGE, vmin=-limit, vmax=limit, extent=box)
            frame = Rectangle((box[0], box[3]), size, size, fill=False, edgecolor="0.5")
            axis.add_patch(frame)
    picture = axis.imshow(answers.numpy(), cmap="gray_r", vmin=0)
    end = CLASSES - 0.5
    axis.set(xlim=(-1.5, end), ylim=(end, -1.5), xticks=centres, yticks=[], xlabel="class")
    axis.set_title("pattern of each class", fontsize=10)
    axis.set_ylabel("shared layer's filters (white: positive)")
    axis.tick_params(length=0)
    axis.spines[:].set_visible(False)
    beside = axis.inset_axes((1.03, 0, 0.04, CLASSES / (CLASSES + 1)))
    axis.figure.colorbar(picture, cax=beside, label="mean answer of filter to pattern")


def _report(task: str, runs: Runs) -> None:
    """Report weights, speed and accuracies of both layers; facts are named after the task."""
    facts: dict[str, float] = {}
    columns = []
    for layer, of_layer in runs.items():
        last = of_layer[0].steps[-1]
        weights = of_layer[0].end.numel
        steps = float(np.median([run.steps_to(GOAL) for run in of_layer]))
        test = 100 * float(np.mean([run.accuracies[-1] for run in of_layer]))
        training = 100 * float(np.mean([run.train_accuracy for run in of_layer]))
        reached = f"{steps:.0f}" if np.isfinite(steps) else f"over {last}"
        columns.append((layer, f"{weights:,}", reached, f"{test:.1f} %", f"{training:.1f} %"))
        facts |= {
            f"{task}_{layer}_weights": weights,
            f"{task}_{layer}_test_percent": test,
            f"{task}_{layer}_train_percent": training,
        }
        if np.isfinite(steps):
            facts[f"{task}_{layer}_steps"] = steps
    names = (
        "",
        "weights",
        f"steps to {100 * GOAL:.0f} % test accuracy (median of {len(runs['shared'])})",
        f"test accuracy after {last} steps",
        f"training accuracy after {last} steps",
    )
    report(table(*zip(names, *columns, strict=True)), **facts)
