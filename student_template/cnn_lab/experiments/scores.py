"""Networks that were trained with several seeds each: their accuracies as numbers and as bars."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from cnn_lab import settings
from cnn_lab.experiments import style
from cnn_lab.experiments.runs import Run

__all__ = [
    "LOOKS",
    "Look",
    "Scored",
    "accuracy_axis",
    "accuracy_cells",
    "accuracy_facts",
    "draw_bars",
    "draw_line",
]


@dataclass(frozen=True)
class Scored:
    """A network's runs, one for each seed, and the numbers of its weights."""

    name: str
    runs: tuple[Run, ...]
    trained_weights: int
    frozen_weights: int = 0

    @property
    def accuracies(self) -> list[float]:
        """The test accuracy of each run, 0 to 1."""
        return [run.accuracy for run in self.runs]


@dataclass(frozen=True)
class Look:
    """How a network is drawn, so that colours are not needed to tell it from the others."""

    colour: str
    hatch: str
    marker: str
    line: str


LOOKS = {
    "CNN": Look(style.CNN, "", "o", "-"),
    "MLP": Look(style.MLP, "///", "s", "--"),
    "random features": Look(style.COLOURS[2], "...", "^", "-."),
}


def accuracy_cells(scored: Scored) -> tuple[str, str, str]:
    """Mean, lowest and highest accuracy, as cells of a table."""
    values = scored.accuracies
    mean_of_all, lowest, highest = (
        f"{100 * value:.1f} %" for value in (mean(values), min(values), max(values))
    )
    return mean_of_all, lowest, highest


def accuracy_facts(scored: Scored) -> dict[str, float]:
    """The same as numbers from 0 to 1, and the weights; names start with the network's."""
    name = scored.name.lower().replace(" ", "_")
    return {
        f"{name}_accuracy_mean": mean(scored.accuracies),
        f"{name}_accuracy_lowest": min(scored.accuracies),
        f"{name}_accuracy_highest": max(scored.accuracies),
        f"{name}_trained_weights": scored.trained_weights,
        f"{name}_frozen_weights": scored.frozen_weights,
    }


def accuracy_axis(axis: Axes) -> None:
    """An axis of test accuracies, and the line that guessing reaches."""
    axis.set(ylim=(0, 1.08), ylabel="test accuracy (%)", yticks=np.linspace(0, 1, 6))
    axis.yaxis.set_major_formatter(PercentFormatter(1, symbol=""))
    draw_line(axis, 1 / settings.CLASSES, "guessing", ":")


def draw_line(axis: Axes, accuracy: float, name: str, line: str = "-") -> None:
    """A horizontal line at an accuracy, for the legend."""
    label = f"{name} ({100 * accuracy:.0f} %)"
    axis.axhline(accuracy, color="0.25", linestyle=line, linewidth=1.2, label=label, zorder=3)


def draw_bars(axis: Axes, networks: Sequence[Scored]) -> None:
    """A bar for each network's mean accuracy, and a dot for each seed."""
    for place, network in enumerate(networks):
        look, values = LOOKS[network.name], network.accuracies
        axis.bar(
            place,
            mean(values),
            0.6,
            color=look.colour,
            hatch=look.hatch,
            edgecolor="white",
            zorder=2,
        )
        spread = np.linspace(-0.15, 0.15, len(values)) if len(values) > 1 else [0]
        axis.plot(
            place + np.array(spread),
            values,
            look.marker,
            color="white",
            markeredgecolor="black",
            markersize=5,
            zorder=4,
        )
        axis.annotate(
            f"{100 * mean(values):.0f} %",
            (place, max(values)),
            (0, 6),
            textcoords="offset points",
            ha="center",
            va="bottom",
            zorder=5,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
        )
    axis.set_xticks(range(len(networks)), [network.name.replace(" ", "\n") for network in networks])
    axis.set_xlim(-0.6, len(networks) - 0.4)
