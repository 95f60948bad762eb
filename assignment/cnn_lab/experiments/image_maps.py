"""Questions 2b and 2c: a CNN and an MLP that turn an image into an image, trained or not.

Their task is to draw the outline of a digit. In training every digit lies in the centre of the
canvas, so no training image has told them what to do at any other place.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from cnn_lab import settings
from cnn_lab.data import Pictures, load_pictures
from cnn_lab.experiments.notebook import progress

__all__ = [
    "REACH",
    "ImageMaps",
    "Places",
    "at_all_places",
    "outline",
    "put",
    "train_image_maps",
    "untrained_image_maps",
]

REACH = 3
"""Radius of the CNN's receptive field: 2 pixels of its 5 x 5 and 1 of its 3 x 3 convolution."""

SEED = 11
"""Its random kernels make varied feature maps; they move with the digit for any other seed too."""

HIDDEN = 128
LEARNING_RATE = 3e-3
BATCH = 64
HOLD_OUT = 10
"""One of so many pictures is not trained with, but shown."""

Places = dict[str, np.ndarray]
"""The "input", and what "CNN" and "MLP" make of it, with the digit at every place of the canvas.

Arrays (places, places, 24, 24): at [row, column] the digit's upper left corner is there.
"""


@dataclass(frozen=True)
class ImageMaps:
    """Two networks in eval mode, images (N, 1, 24, 24) -> maps (N, 1, 24, 24).

    ``pictures`` are for trying them with: none of these has been in the training.
    """

    cnn: nn.Sequential
    mlp: nn.Sequential
    trained: bool
    pictures: Pictures

    @property
    def name(self) -> str:
        """What the networks are, for what is reported of them."""
        return "trained" if self.trained else "untrained"

    def picture(self, label: int) -> Tensor:
        """The first picture of a class, shape (1, h, w); ValueError where there is none."""
        of_class = self.pictures.images[self.pictures.labels == label]
        if len(of_class) == 0:
            raise ValueError(f"label must be 0 to {settings.CLASSES - 1}, not {label}")
        return of_class[:1]


def untrained_image_maps(source: str | Path = settings.DATA, *, seed: int = SEED) -> ImageMaps:
    """The networks at their random start (EECS 182, Fall 2022, discussion 4, part 2c).

    The CNN has two convolutions and no pooling, 281 parameters; the MLP has two fully connected
    layers, 148,160 parameters.

    Args:
        source: where pictures come from, as in `load_data`.
        seed: decides the weights.

    """
    _, shown = _split(load_pictures(source))
    cnn, mlp = _new_networks(seed)
    return ImageMaps(cnn, mlp, trained=False, pictures=shown)


def train_image_maps(
    source: str | Path = settings.DATA, *, seed: int = SEED, epochs: int = 20
) -> ImageMaps:
    """The same networks, trained to draw outlines of centred digits (discussion 4, part 2b).

    Takes a few seconds. The same seed gives the same weights.

    Args:
        source: where pictures come from, as in `load_data`.
        seed: decides the weights at the start, and the order of the training images.
        epochs: how often each network sees every training image.

    """
    training, shown = _split(load_pictures(source))
    centre = (settings.SIDE - training.images.shape[-1]) // 2
    images = put(training.images, centre, centre)
    cnn, mlp = _new_networks(seed)
    for name, network in (("CNN", cnn), ("MLP", mlp)):
        _fit(
            network, images, outline(images), what=f"training the {name}", seed=seed, epochs=epochs
        )
    return ImageMaps(cnn, mlp, trained=True, pictures=shown)


def put(pictures: Tensor, row: int, column: int, *, side: int = settings.SIDE) -> Tensor:
    """Black canvases (N, 1, side, side), with pictures (N, h, w) from this row and column on."""
    height, width = pictures.shape[1:]
    canvases = torch.zeros(len(pictures), 1, side, side)
    canvases[:, 0, row : row + height, column : column + width] = pictures
    return canvases


def at_all_places(maps: ImageMaps, label: int) -> Places:
    """Move the first picture of a class over the whole canvas."""
    picture = maps.picture(label)
    indices = range(settings.SIDE - picture.shape[-1] + 1)
    images = torch.cat([put(picture, row, column) for row in indices for column in indices])
    with torch.no_grad():
        outputs = {"input": images, "CNN": maps.cnn(images), "MLP": maps.mlp(images)}
    shape = (len(indices), len(indices), settings.SIDE, settings.SIDE)
    return {name: output.numpy().reshape(shape) for name, output in outputs.items()}


def outline(images: Tensor) -> Tensor:
    """What the networks learn: how much brighter than a pixel its brightest neighbour is."""
    return functional.max_pool2d(images, 3, stride=1, padding=1) - images


def _split(pictures: Pictures) -> tuple[Pictures, Pictures]:
    """The pictures to train with, and those to show."""
    shown = torch.arange(len(pictures.labels)) % HOLD_OUT == 0
    return (
        Pictures(pictures.images[~shown], pictures.labels[~shown]),
        Pictures(pictures.images[shown], pictures.labels[shown]),
    )


def _new_networks(seed: int) -> tuple[nn.Sequential, nn.Sequential]:
    """The CNN and the MLP, with normal weights after He et al. (2015) and biases of 0."""
    pixels = settings.SIDE**2
    with torch.random.fork_rng(devices=[]):  # new layers draw from the global generator
        cnn = nn.Sequential(
            nn.Conv2d(1, 8, 5, padding="same"), nn.ReLU(), nn.Conv2d(8, 1, 3, padding="same")
        )
        mlp = nn.Sequential(
            nn.Flatten(),
            nn.Linear(pixels, HIDDEN),
            nn.ReLU(),
            nn.Linear(HIDDEN, pixels),
            nn.Unflatten(1, (1, settings.SIDE, settings.SIDE)),
        )
    generator = torch.Generator().manual_seed(seed)
    for parameter in [*cnn.parameters(), *mlp.parameters()]:
        if parameter.ndim > 1:
            nn.init.kaiming_normal_(parameter, nonlinearity="relu", generator=generator)
        else:
            nn.init.zeros_(parameter)
    return cnn.eval(), mlp.eval()


def _fit(
    network: nn.Sequential, images: Tensor, targets: Tensor, *, what: str, seed: int, epochs: int
) -> None:
    """Lower the mean squared error by Adam (Kingma and Ba, 2015), written out."""
    rng = np.random.default_rng(seed)
    weights = list(network.parameters())
    means = [torch.zeros_like(weight) for weight in weights]
    squares = [torch.zeros_like(weight) for weight in weights]
    step = 0
    for _ in progress(range(epochs), what):
        for batch in torch.from_numpy(rng.permutation(len(images))).split(BATCH):
            error = functional.mse_loss(network(images[batch]), targets[batch])
            gradients = torch.autograd.grad(error, weights)
            step += 1
            with torch.no_grad():
                for weight, gradient, mean, square in zip(
                    weights, gradients, means, squares, strict=True
                ):
                    mean.lerp_(gradient, 1 - 0.9)
                    square.lerp_(gradient**2, 1 - 0.999)
                    direction = mean / (1 - 0.9**step)
                    scale = (square / (1 - 0.999**step)).sqrt() + 1e-8
                    weight.sub_(LEARNING_RATE * direction / scale)
