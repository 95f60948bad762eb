"""Questions 2b and 2c: what happens to the output of a network when a digit moves."""

from collections.abc import Callable

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.image import AxesImage
from matplotlib.patches import Rectangle
from torch import nn
from torch.nn import functional

from cnn_lab import settings
from cnn_lab.data import place
from cnn_lab.experiments import style
from cnn_lab.experiments.image_maps import REACH, ImageMaps, Places, at_all_places, put
from cnn_lab.experiments.notebook import error_answer, experiment, report, table

__all__ = ["show_equivariance", "show_feature_maps", "show_moving_digit"]

STRIP = 7
"""How many places the strip shows, on the way from the upper left to the lower right corner."""

SHIFTS = ((0, 1), (2, 2), (-3, 3), (4, -2))
MARGINS = (0, REACH)

LARGE_PICTURE, LARGE_CANVAS = 16, 32
"""Sides of what the feature maps are shown for: shared weights do not care about the size."""


@experiment
def show_moving_digit(maps: ImageMaps, *, label: int = 5, slider: bool = True) -> None:
    """Move a digit over the canvas, and show both networks' maps (discussion 4, parts 2b and 2c).

    A strip of seven places is always drawn; dotted frames mark where the digit is. Sliders for all
    places follow where a kernel runs and ipywidgets is installed.

    Args:
        maps: the networks, trained or not.
        label: which digit to move, 0 to 9.
        slider: False leaves the sliders out.

    Reports how far the centre of each network's response moves, in pixels, between the first and
    the last place of the strip at which no response is cut off by the border.

    """
    places = at_all_places(maps, label)
    last = len(places["input"]) - 1
    stops = [round(stop) for stop in np.linspace(0, last, STRIP)]
    limit = max(abs(places[name][stop, stop]).max() for name in ("CNN", "MLP") for stop in stops)
    _draw_strip(places, stops, limit, trained=maps.trained)
    whole = [stop for stop in stops if REACH <= stop <= last - REACH]
    start, end = whole[0], whole[-1]
    moved = {
        name: _centre(network, places[name][end, end])
        - _centre(network, places[name][start, start])
        for name, network in (("CNN", maps.cnn), ("MLP", maps.mlp))
    }
    report(
        f"From row and column {start} to row and column {end}, in pixels:\n"
        + table(
            ("", "down", "right"),
            ("the digit moves", f"{end - start:.1f}", f"{end - start:.1f}"),
            *(
                (f"the centre of the {name}'s map moves", f"{down:.1f}", f"{right:.1f}")
                for name, (down, right) in moved.items()
            ),
        ),
        digit_moved=end - start,
        **{
            f"{maps.name}_{name.lower()}_moved_{axis}": float(by)
            for name, both in moved.items()
            for axis, by in zip(("down", "right"), both, strict=True)
        },
    )
    if slider:
        _show_sliders(places, limit)


@experiment
def show_equivariance(maps: ImageMaps, equivariance_error: Callable[..., float]) -> None:
    """Measure both networks with the student's function (discussion 4, parts 2b and 2c).

    The images show digits at random places, also at the border.

    Args:
        maps: the networks, trained or not.
        equivariance_error: the answer to question 2b, (f, images, shift, *, margin) -> error.

    Reports the error of each network at each shift and margin, and as facts the CNN's largest and
    the MLP's smallest error at each margin.

    """
    pictures = maps.pictures
    everyone = np.ones(len(pictures.labels), bool)
    images, _ = place(pictures, everyone, 1, np.random.default_rng(settings.PUBLIC_SEED))
    errors = {
        (name, margin): [
            error_answer("q2b", equivariance_error, network, images, shift, margin=margin)
            for shift in SHIFTS
        ]
        for name, network in (("CNN", maps.cnn), ("MLP", maps.mlp))
        for margin in MARGINS
    }
    _draw_errors(errors, trained=maps.trained)
    report(
        table(
            ("shift (dy, dx)", *(f"{name}, margin {margin}" for name, margin in errors)),
            *(
                (str(shift), *map(_short, of_shift))
                for shift, *of_shift in zip(SHIFTS, *errors.values(), strict=True)
            ),
        ),
        **{f"{maps.name}_cnn_margin_{m}_max": max(errors["CNN", m]) for m in MARGINS},
        **{f"{maps.name}_mlp_margin_{m}_min": min(errors["MLP", m]) for m in MARGINS},
    )


@experiment
def show_feature_maps(maps: ImageMaps, *, label: int = 5) -> None:
    """Show what the CNN's first layer makes of a large digit at three places (part 2c).

    Below the kernel of each of the eight channels are its feature maps after the ReLU.

    Args:
        maps: the networks; untrained ones have random kernels.
        label: which digit to show, 0 to 9.

    Reports the largest activation of each channel at each place.

    """
    picture = maps.picture(label)
    factor = LARGE_PICTURE // picture.shape[-1]
    picture = functional.interpolate(picture[None], scale_factor=factor, mode="bilinear")[0]
    last = LARGE_CANVAS - picture.shape[-1]
    stops = [(REACH, REACH), (last // 2, last - REACH), (last - REACH, last // 2)]
    images = torch.cat([put(picture, *stop, side=LARGE_CANVAS) for stop in stops])
    with torch.no_grad():
        features = maps.cnn[:2](images).numpy()
        kernels = maps.cnn[0].weight[:, 0].numpy()
    peaks = features.max(axis=(2, 3))
    _draw_features(kernels, images[:, 0].numpy(), features, trained=maps.trained)
    report(
        "The largest activation of each channel:\n"
        + table(
            ("the digit is at", *map(str, range(1, len(kernels) + 1))),
            *(
                (f"row {row}, column {column}", *(f"{peak:.2f}" for peak in of_place))
                for (row, column), of_place in zip(stops, peaks, strict=True)
            ),
        ),
        active_channels=int((peaks > 0).all(axis=0).sum()),
        largest_change=float(np.ptp(peaks, axis=0).max()),
    )


def _centre(network: nn.Module, output: np.ndarray) -> np.ndarray:
    """Row and column of the centre of what a map shows beyond that of an empty canvas."""
    with torch.no_grad():
        empty = network(torch.zeros(1, 1, *output.shape)).numpy()[0, 0]
    response = np.abs(output - empty)
    return np.array([np.average(index, weights=response) for index in np.indices(output.shape)])


def _short(error: float) -> str:
    """Two decimals; but a rounding error shows its size, and only zero is "0"."""
    if error == 0:
        return "0"
    return f"{error:.2f}" if error >= 0.005 else f"{error:.0e}"


def _draw_strip(places: Places, stops: list[int], limit: float, *, trained: bool) -> None:
    made, axes = style.figure(3, STRIP, width=8.6, height=4.3)
    rows = np.array(axes).reshape(3, STRIP)
    for column, stop in zip(rows.T, stops, strict=True):
        image, output = _draw_place(places, column, stop, stop, limit)
        column[0].set_title(f"row {stop}\ncolumn {stop}", fontsize=9)
    for axis, name in zip(rows[:, 0], places, strict=True):
        axis.set_ylabel(name, fontsize=12)
    made.colorbar(image, ax=rows[0], label="brightness", ticks=[0, 0.5, 1])
    made.colorbar(output, ax=rows[1:], label="output")
    middle = stops[STRIP // 2]
    title = (
        f"Networks trained with digits at row {middle}, column {middle} only"
        if trained
        else "Untrained networks"
    )
    style.finish(made, title)


def _show_sliders(places: Places, limit: float) -> None:
    """Show any place, on the scale of the strip."""
    try:
        from IPython import get_ipython  # noqa: PLC0415 - neither package is needed elsewhere
        from ipywidgets import IntSlider, interact  # noqa: PLC0415
    except ImportError:
        return
    if getattr(get_ipython(), "kernel", None) is None:
        return

    def draw(row: int, column: int) -> None:
        made, axes = style.figure(1, 3, width=7.5, height=2.6)
        _, output = _draw_place(places, axes, row, column, limit)
        for axis, name in zip(axes, places, strict=True):
            axis.set_title(name)
        made.colorbar(output, ax=axes[1:], label="output", extend="both")
        style.finish(made)

    last = len(places["input"]) - 1
    interact(draw, row=IntSlider(last // 2, 0, last), column=IntSlider(last // 2, 0, last))


def _draw_place(
    places: Places, axes: list[Axes] | np.ndarray, row: int, column: int, limit: float
) -> tuple[AxesImage, AxesImage]:
    """Input, CNN map and MLP map, the maps from -limit to limit."""
    size = settings.SIDE - len(places["input"]) + 1
    image = style.draw_image(axes[0], places["input"][row, column], style.IMAGE, 0, 1)
    for axis, name in zip(axes[1:], ("CNN", "MLP"), strict=True):
        output = style.draw_image(axis, places[name][row, column], style.SIGNED, -limit, limit)
        corner = (column - 0.5, row - 0.5)
        axis.add_patch(Rectangle(corner, size, size, fill=False, color="0.3", linestyle=":"))
    return image, output


def _draw_errors(errors: dict[tuple[str, int], list[float]], *, trained: bool) -> None:
    made, (axis,) = style.figure(width=8.0, height=3.6)
    width = 0.21
    for i, ((name, margin), of_shift) in enumerate(errors.items()):
        bars = axis.bar(
            np.arange(len(SHIFTS)) + (i - 1.5) * width,
            of_shift,
            width,
            label=f"{name}, margin {margin}",
            color=style.CNN if name == "CNN" else style.MLP,
            alpha=1.0 if margin == 0 else 0.55,
            hatch="" if margin == 0 else "///",
            edgecolor="black",
            linewidth=0.5,
        )
        axis.bar_label(bars, [_short(error) for error in of_shift], padding=2, fontsize=9)
    shifts = range(len(SHIFTS))
    axis.set_xticks(shifts, [str(shift) for shift in SHIFTS])
    axis.set_xticks([i + side * width for i in shifts for side in (-1, 1)], minor=True)
    axis.set_xticklabels(["CNN", "MLP"] * len(SHIFTS), minor=True)
    axis.tick_params(axis="x", which="major", length=0, pad=20)
    axis.tick_params(axis="x", which="minor", length=0)
    axis.set(xlabel="shift (dy, dx) in pixels", ylabel="equivariance error (relative)")
    made.legend(loc="outside lower center", ncols=len(errors), frameon=False)
    style.finish(made, f"{'Trained' if trained else 'Untrained'} networks, digits at random places")


def _draw_features(
    kernels: np.ndarray, images: np.ndarray, features: np.ndarray, *, trained: bool
) -> None:
    channels = len(kernels)
    made, axes = style.figure(1 + len(images), 1 + channels, width=9.0, height=4.6)
    rows = np.array(axes).reshape(1 + len(images), 1 + channels)
    largest = float(np.abs(kernels).max())
    rows[0, 0].set_axis_off()
    rows[0, 0].text(0.5, 0.5, f"kernels\n±{largest:.2f}", ha="center", va="center", fontsize=9)
    rows[1, 0].set_title("input\n0 to 1", fontsize=9)
    for axis, image in zip(rows[1:, 0], images, strict=True):
        style.draw_image(axis, image, style.IMAGE, 0, 1)
    for channel in range(channels):
        top, *below = rows[:, 1 + channel]
        style.draw_kernel(top, kernels[channel], 0, 0, limit=largest)
        top.set(xlim=(-0.6, 4.6), ylim=(4.6, -0.6), aspect="equal")
        top.set_axis_off()
        top.set_title(f"channel {channel + 1}", fontsize=9)
        peak = float(features[:, channel].max())
        below[0].set_title(f"0 to {peak:.2f}", fontsize=9)
        for axis, feature in zip(below, features[:, channel], strict=True):
            style.draw_image(axis, feature, style.IMAGE, 0, peak)
    kind = "trained" if trained else "random"
    style.finish(made, f"Convolution with {kind} kernels, then ReLU: black is 0")
