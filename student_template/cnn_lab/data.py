"""The images of the training task: small pictures, each at a random place on a black canvas."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from cnn_lab import settings
from cnn_lab.datafiles import DataError, read_folder

__all__ = ["Data", "Pictures", "load_data", "load_pictures", "place"]

# Loaded with the module, because the grader's workers cannot open files later on.
with np.load(Path(__file__).with_name("digits.npz")) as _file:
    _DIGITS = _file["images"], _file["labels"]


@dataclass(frozen=True)
class Pictures:
    """Source images in [0, 1], float32, shape (N, h, w), and labels 0 to 9, int64, sorted."""

    images: Tensor
    labels: Tensor


@dataclass(frozen=True)
class Data:
    """Images (N, 1, 24, 24), float32 in [0, 1], and labels (N,), int64.

    The training images are sorted by class. No test image shows a picture of the training images.
    """

    train_images: Tensor
    train_labels: Tensor
    test_images: Tensor
    test_labels: Tensor


def load_data(source: str | Path = settings.DATA, *, seed: int = settings.PUBLIC_SEED) -> Data:
    """Split the pictures of ``source`` into training and test, and place them on canvases.

    Args:
        source: "digits", scikit-learn's 1,797 handwritten digits, which come with this package, or
            a folder with the files of MNIST or CIFAR-10.
        seed: decides the split and the places.

    Raises:
        DataError: there is no such folder, its files are in no known format, or a class has too
            few images for both training and test.

    """
    pictures = load_pictures(source)
    rng = np.random.default_rng(seed)
    is_test = np.zeros(len(pictures.labels), bool)
    for label in range(settings.CLASSES):
        of_class = np.flatnonzero(pictures.labels.numpy() == label)
        for_test = round(settings.TEST_SHARE * len(of_class))
        if for_test == 0:
            raise DataError(
                f"{source} has {len(of_class)} images of class {label}, too few to keep some for "
                f"testing: take a data set with more."
            )
        is_test[rng.permutation(of_class)[:for_test]] = True
    train = place(pictures, ~is_test, settings.TRAIN_PLACEMENTS, rng)
    test = place(pictures, is_test, settings.TEST_PLACEMENTS, rng)
    return Data(*train, *test)


def load_pictures(source: str | Path = settings.DATA) -> Pictures:
    """The source images, no larger than 16 x 16, the same number of each class at most."""
    images, labels = _DIGITS if source == "digits" else read_folder(Path(source))
    chosen = np.concatenate(
        [np.flatnonzero(labels == c)[: settings.PER_CLASS] for c in range(settings.CLASSES)]
    )
    levels = 16 if source == "digits" else 255
    small = torch.from_numpy(images[chosen].astype(np.float32) / levels)
    factor = -(-small.shape[-1] // settings.SMALL_SIDE)
    small = functional.avg_pool2d(small[:, None], factor)[:, 0]
    return Pictures(small, torch.from_numpy(labels[chosen].astype(np.int64)))


def place(
    pictures: Pictures, chosen: np.ndarray, placements: int, rng: np.random.Generator
) -> tuple[Tensor, Tensor]:
    """Put each chosen picture on ``placements`` canvases, each time at a random place.

    Args:
        pictures: the source images.
        chosen: which of them, bool, shape (N,).
        placements: how many canvases each gets.
        rng: decides the places; every place where the whole picture fits is equally likely.

    Returns:
        images (M, 1, 24, 24) and labels (M,), in the order of the pictures.

    """
    indices = np.repeat(np.flatnonzero(chosen), placements)
    height, width = pictures.images.shape[1:]
    rows = rng.integers(0, settings.SIDE - height + 1, len(indices))
    columns = rng.integers(0, settings.SIDE - width + 1, len(indices))
    canvases = torch.zeros(len(indices), 1, settings.SIDE, settings.SIDE)
    canvas = np.arange(len(indices))[:, None, None]
    down = rows[:, None, None] + np.arange(height)[:, None]
    across = columns[:, None, None] + np.arange(width)
    canvases[canvas, 0, down, across] = pictures.images[indices]
    return canvases, pictures.labels[indices]
