"""Question 2a: the data of the training task, and a CNN against an MLP."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import mean

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from torch import nn

from cnn_lab import settings
from cnn_lab.data import Data
from cnn_lab.experiments import style
from cnn_lab.experiments.notebook import experiment, progress, report, table
from cnn_lab.experiments.runs import Run, new_cnn, run
from cnn_lab.experiments.scores import (
    LOOKS,
    Scored,
    accuracy_axis,
    accuracy_cells,
    accuracy_facts,
    draw_bars,
    draw_line,
)
from cnn_lab.networks import count_parameters, mlp

__all__ = ["Comparison", "compare_cnn_and_mlp", "show_data"]

SHOWN = 2
"""Training images of each class that `show_data` shows."""


@dataclass(frozen=True)
class Comparison:
    """What `compare_cnn_and_mlp` has measured, for question 2d."""

    cnn: Scored
    mlp: Scored


@experiment
def show_data(data: Data) -> None:
    """Show the first training images of each class, and the order that the classes come in.

    Reports the numbers of images, and whether the training images are sorted by class.
    """
    classes = range(settings.CLASSES)
    made, axes = style.figure(SHOWN + 1, len(classes), width=9, height=3.6)
    for label in classes:
        numbers = np.flatnonzero(data.train_labels.numpy() == label)[:SHOWN]
        for row, number in enumerate(numbers):
            axis = axes[row * len(classes) + label]
            style.draw_image(axis, data.train_images[number, 0].numpy(), style.IMAGE, 0, 1)
            axis.set_title(f"class {label}" if row == 0 else "", fontsize=10)
            axis.set_xlabel(f"no. {number}", fontsize=8)
    grid = axes[0].get_gridspec()
    for axis in axes[SHOWN * len(classes) :]:
        axis.remove()
    order = made.add_subplot(grid[SHOWN, :])
    order.plot(data.train_labels.numpy(), ".", color=style.COLOURS[7], markersize=2)
    order.set(xlabel="number of the training image", ylabel="class", yticks=[0, 3, 6, 9])
    order.set_xlim(0, len(data.train_labels))
    order.spines[["top", "right"]].set_visible(False)
    style.finish(made, f"Training images, {settings.SIDE} × {settings.SIDE} pixels, in their order")  # noqa: RUF001
    is_sorted = bool((data.train_labels.diff() >= 0).all())
    report(
        f"{len(data.train_labels):,} training images, "
        f"{'sorted by class' if is_sorted else 'not sorted'}, and {len(data.test_labels):,} test "
        f"images of other pictures.",
        train_images=len(data.train_labels),
        test_images=len(data.test_labels),
        train_sorted=int(is_sorted),
    )


@experiment
def compare_cnn_and_mlp(
    build_cnn: Callable[..., nn.Module],
    train_model: Callable[..., nn.Module],
    data: Data,
    seeds: Sequence[int] = (0, 1, 2),
    *,
    epochs: int = settings.EPOCHS,
) -> Comparison:
    """Train a student's CNN and an MLP of about 20,000 weights (discussion 4, part 2a).

    Both are trained by the student's ``train_model``, on the same images, with the same seeds. Its
    settings need not suit both alike; what the MLP reaches with its best ones, `mlp` says.

    Args:
        build_cnn: question 2a.
        train_model: question 2a.
        data: what to train and test with.
        seeds: one run of each network for each of these; a seed decides the weights at the start,
            and another that is made from it goes to ``train_model``.
        epochs: how often each training image is used.

    Reports the accuracies and the numbers of weights.

    """
    runs: dict[str, list[Run]] = {"CNN": [], "MLP": []}
    with progress((), "training CNNs and MLPs", total=2 * len(seeds) * epochs) as bar:
        for seed in seeds:
            models = {"CNN": new_cnn(build_cnn, seed=seed), "MLP": mlp(seed=seed)}
            sizes = {name: count_parameters(model) for name, model in models.items()}
            for name, model in models.items():
                runs[name].append(
                    run(
                        train_model, model, data, epochs=epochs, seed=seed, bar=bar, with_curve=True
                    )
                )
    cnn, baseline = (Scored(name, tuple(done), *sizes[name]) for name, done in runs.items())
    _draw(cnn, baseline)
    _report(cnn, baseline, epochs)
    return Comparison(cnn, baseline)


def _draw(*networks: Scored) -> None:
    """Curves of the accuracy during training, and bars of the accuracy after it."""
    made, (curves, bars) = style.figure(1, 2, width=8.5, height=3.6)
    curves.get_gridspec().set_width_ratios([1.7, 1])
    for axis in (curves, bars):
        accuracy_axis(axis)
        draw_line(axis, settings.PASS_ACCURACY, "to pass")
    seen = [_draw_curves(curves, network) for network in networks]
    if not any(seen):
        curves.text(0.5, 0.7, "no epochs to be seen", transform=curves.transAxes, ha="center")
    curves.set(xlabel="epochs of training", title="During training (thin lines: each seed)")
    curves.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 5, 10]))
    draw_bars(bars, networks)
    bars.set(title="After training (marks: each seed)", ylabel="")
    for axis in (curves, bars):
        axis.title.set_fontsize(11)
    made.legend(
        *curves.get_legend_handles_labels(), loc="outside lower center", ncols=4, fontsize=9
    )
    style.finish(made)


def _draw_curves(axis: Axes, network: Scored) -> bool:
    """A thin line for each seed, and a thick one for their mean, where epochs were seen."""
    look = LOOKS[network.name]
    curves = [done.curve for done in network.runs if done.curve]
    for curve in curves:
        axis.plot(curve, look.line, color=look.colour, alpha=0.45, linewidth=0.9)
    if curves:
        means = [mean(values) for values in zip(*curves, strict=False)]
        label = f"{network.name} (mean)"
        axis.plot(
            means, look.line, color=look.colour, marker=look.marker, markersize=4, label=label
        )
    return bool(curves)


def _report(cnn: Scored, baseline: Scored, epochs: int) -> None:
    """The table below the figure."""
    rows = [
        (
            network.name,
            *accuracy_cells(network),
            f"{100 * mean(done.train_accuracy for done in network.runs):.1f} %",
            f"{network.trained_weights:,}",
        )
        for network in (cnn, baseline)
    ]
    lines = [
        "Test accuracy after training:",
        table(("", "mean", "lowest", "highest", "on training images", "weights"), *rows),
        f"Your train_model has trained both: {epochs} epochs, {len(cnn.runs)} runs each.",
    ]
    if cnn.trained_weights > settings.MAX_PARAMETERS:
        lines.append(f"Your CNN has more than the {settings.MAX_PARAMETERS:,} weights it may have.")
    report(
        "\n".join(lines),
        **accuracy_facts(cnn),
        **accuracy_facts(baseline),
        mlp_train_accuracy=mean(done.train_accuracy for done in baseline.runs),
    )
