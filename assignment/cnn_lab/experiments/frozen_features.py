"""Question 2d: a trained head on random convolutional features."""

from collections.abc import Callable, Sequence

import matplotlib.pyplot as plt
import torch
from matplotlib.figure import SubFigure
from torch import Tensor, nn
from torch.nn import functional

from cnn_lab import settings
from cnn_lab.data import Data
from cnn_lab.experiments import style
from cnn_lab.experiments.notebook import experiment, progress, report, table
from cnn_lab.experiments.runs import run
from cnn_lab.experiments.scores import (
    Scored,
    accuracy_axis,
    accuracy_cells,
    accuracy_facts,
    draw_bars,
    draw_line,
)
from cnn_lab.experiments.training_task import Comparison
from cnn_lab.networks import (
    WideCNN,
    changed_parameters,
    count_parameters,
    frozen_state,
    mlp,
    wide_cnn,
)

__all__ = ["random_features"]

FILTERS = 4
"""Random filters that are shown."""

WINDOW = 16
"""Pixels on each side of the part of an image that is shown."""


@experiment
def random_features(
    train_model: Callable[..., nn.Module],
    data: Data,
    comparison: Comparison | None = None,
    seeds: Sequence[int] = (0, 1, 2),
    *,
    epochs: int = settings.HEAD_EPOCHS,
    mlp_epochs: int = settings.EPOCHS,
) -> None:
    """Train a linear head on frozen random features (discussion 4, part 2d).

    The network is `cnn_lab.networks.wide_cnn`. It is compared with an MLP all of whose weights are
    trained.

    Args:
        train_model: question 2a.
        data: what to train and test with.
        comparison: what `compare_cnn_and_mlp` returned; without it MLPs are trained here.
        seeds: one run for each of these.
        epochs: how often each training image is used for the head.
        mlp_epochs: the same for the MLPs that are trained here.

    Reports the accuracies, the numbers of weights, and whether a frozen weight has changed.

    """
    total = len(seeds) * (epochs + (mlp_epochs if comparison is None else 0))
    changed, runs, mlp_runs = set(), [], []
    with progress((), "training heads", total=total) as bar:
        for seed in seeds:
            model = wide_cnn(seed=seed)
            sizes, before = count_parameters(model), frozen_state(model)
            runs.append(run(train_model, model, data, epochs=epochs, seed=seed, bar=bar))
            changed.update(changed_parameters(model, before))
        for seed in seeds if comparison is None else ():
            baseline = mlp(seed=seed)
            mlp_runs.append(run(train_model, baseline, data, epochs=mlp_epochs, seed=seed, bar=bar))
    networks = [Scored("random features", tuple(runs), *sizes)]
    if comparison is None:
        networks.append(Scored("MLP", tuple(mlp_runs), *count_parameters(baseline)))
    else:
        networks += [comparison.mlp, comparison.cnn]
    _draw(networks, wide_cnn(seed=seeds[0]), data)
    _report(networks, sorted(changed))


def _draw(networks: Sequence[Scored], model: WideCNN, data: Data) -> None:
    """Bars of the accuracies, and some of the filters."""
    made = plt.figure(figsize=(9, 3.6), layout="constrained")
    left, right = made.subfigures(1, 2, width_ratios=[1, 1.35])
    bars = left.subplots()
    bars.spines[["top", "right"]].set_visible(False)
    accuracy_axis(bars)
    draw_line(bars, settings.HEAD_PASS_ACCURACY, "to pass")
    draw_bars(bars, networks)
    bars.set_title("After training (marks: each seed)", fontsize=11)
    left.legend(*bars.get_legend_handles_labels(), loc="outside lower center", ncols=2, fontsize=9)
    _draw_filters(right, model, data)
    style.finish(made)


def _draw_filters(made: SubFigure, model: WideCNN, data: Data) -> None:
    """Some 5 x 5 filters above; below a test image, and what each filter makes of it."""
    kernels = model.features.conv5[:FILTERS]
    image = data.test_images[len(data.test_images) // 2, 0]
    with torch.no_grad():
        maps = torch.relu(functional.conv2d(image[None, None], kernels, padding="same"))[0]
    window = _around(image)
    axes = made.subplots(2, FILTERS + 1)
    axes[0, 0].axis("off")
    style.draw_image(axes[1, 0], image[window].numpy(), style.IMAGE, 0, 1)
    axes[1, 0].set_title("image", fontsize=10)
    limit = kernels.abs().max().item()
    for number, (kernel, found) in enumerate(zip(kernels[:, 0], maps, strict=True), start=1):
        above, below = axes[:, number]
        style.draw_kernel(above, kernel.numpy(), 0, 0, limit=limit)
        above.set(xlim=(-0.5, 4.5), ylim=(4.5, -0.5), aspect="equal")
        above.axis("off")
        above.set_title(f"filter {number}", fontsize=10)
        style.draw_image(below, found[window].numpy(), style.IMAGE, 0, found.max().item())
        below.set_title(f"map {number}", fontsize=10)
    made.suptitle(
        f"{FILTERS} of the {len(model.features.conv5)} random 5 × 5 filters, and their maps of an "  # noqa: RUF001
        "image\n(after the ReLU; each from 0, black, to its largest value, white)",
        fontsize=11,
    )


def _around(image: Tensor) -> tuple[slice, slice]:
    """The rows and columns of a window around what is not black."""
    starts = []
    for axis in (1, 0):
        lit = image.any(axis).nonzero()
        middle = int(lit.min() + lit.max() + 1) // 2
        starts.append(min(max(middle - WINDOW // 2, 0), settings.SIDE - WINDOW))
    return slice(starts[0], starts[0] + WINDOW), slice(starts[1], starts[1] + WINDOW)


def _report(networks: Sequence[Scored], changed: Sequence[str]) -> None:
    """The table below the figure."""
    rows = [
        (
            network.name,
            *accuracy_cells(network),
            f"{network.trained_weights:,}",
            f"{network.frozen_weights:,}",
        )
        for network in networks
    ]
    frozen = "No frozen weight has changed by a bit."
    if changed:
        frozen = (
            f'train_model has changed frozen weights: {", ".join(changed)}. grader.check("q2d")'
        )
        frozen += " says more."
    report(
        "Test accuracy after training:\n"
        + table(("", "mean", "lowest", "highest", "trained weights", "frozen weights"), *rows)
        + f"\n{frozen}",
        **{name: value for network in networks for name, value in accuracy_facts(network).items()},
        changed_parameters=len(changed),
    )
