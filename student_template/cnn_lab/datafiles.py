"""Reads MNIST and CIFAR-10 from the files that their authors publish.

The formats are those of http://yann.lecun.com/exdb/mnist and
https://www.cs.toronto.edu/~kriz/cifar.html.
"""

import gzip
import math
import pickle
import zlib
from pathlib import Path
from typing import NoReturn

import numpy as np

from cnn_lab.cifar_pickle import read_pickle

__all__ = ["DataError", "read_folder"]

PLACES = ("", "raw", "MNIST/raw", "FashionMNIST/raw", "cifar-10-batches-py", "cifar-10-batches-bin")
"""Where the files are, seen from the folder that somebody names."""

ARCHIVES = (".tar.gz", ".tgz", ".tar", ".zip")

CIFAR_BATCHES = (*(f"data_batch_{number}" for number in range(1, 6)), "test_batch")
CIFAR_IMAGE = 3, 32, 32

LUMA = np.array([0.299, 0.587, 0.114], np.float32)
"""How much of the brightness is red, green and blue (ITU-R BT.601)."""


class DataError(ValueError):
    """The data cannot be read; the message says why, and what to do."""

    def _render_traceback_(self) -> list[str]:
        """What Jupyter shows: the sentence, without a traceback."""
        return [str(self)]


def read_folder(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Read the pictures of MNIST, Fashion-MNIST or CIFAR-10.

    Training and test files make one collection; one of the two is enough. MNIST's files may be
    gzipped. CIFAR-10 may be the binary or the Python version; its pictures become grey.

    Args:
        folder: holds the files, or the folder that they are unpacked to.

    Returns:
        images, uint8, shape (N, h, w), and labels 0 to 9, uint8, shape (N,).

    Raises:
        DataError: there is no such folder, it holds no such files, or they are damaged.

    """
    try:
        return _read(folder.expanduser())
    except OSError as error:
        raise DataError(f"{error.filename or folder} cannot be read: {error.strerror}.") from None


def _read(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """`read_folder`, where the operating system lets it."""
    if not folder.is_dir():
        _refuse_place(folder)
    found = [
        (files, read)
        for place in PLACES
        for find, read in FORMATS
        if (files := find(folder / place))
    ]
    if not found:
        _refuse_contents(folder)
    if len(found) > 1:
        raise DataError(f"{folder} holds more than one data set: name the folder of one of them.")
    [(files, read)] = found
    parts = [_check(*read(file), file) for file in files]
    if len({images.shape[1:] for images, _ in parts}) > 1:
        raise DataError(f"The images in {folder} differ in size: name a folder of one data set.")
    images, labels = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    return images, labels.astype(np.uint8)


def _refuse_place(path: Path) -> NoReturn:
    """Say why ``path`` is no folder to read from."""
    if not path.exists():
        raise DataError(f"There is no folder {path}: check the path, here is {Path.cwd()}.")
    if path.name.endswith(ARCHIVES):
        raise DataError(f"{path} is an archive: unpack it, and name the folder that this makes.")
    raise DataError(f"{path} is a file: name the folder that it is in.")


def _refuse_contents(folder: Path) -> NoReturn:
    """Say why there is nothing to read in ``folder``."""
    names = sorted(path.name for path in folder.iterdir())
    for name in names:
        if name.endswith(ARCHIVES):
            raise DataError(f"{folder} holds the archive {name}: unpack it there first.")
    held = f"holds none of them, but {names[0]} and the like" if names else "is empty"
    raise DataError(
        f"MNIST is read from train-images-idx3-ubyte and train-labels-idx1-ubyte, CIFAR-10 from "
        f"data_batch_1 to 5 or data_batch_1.bin to 5.bin; {folder} {held}."
    )


def _check(images: np.ndarray, labels: np.ndarray, file: Path) -> tuple[np.ndarray, np.ndarray]:
    """The same images and labels, if they can be right."""
    count = len(images)
    if count != len(labels):
        raise DataError(f"{file} has {count} images but {len(labels)} labels: download both again.")
    if not images.size or images.shape[1] != images.shape[2]:
        raise DataError(f"{file} holds no square images, but an array of shape {images.shape}.")
    if labels.min() < 0 or labels.max() > 9:
        worst = labels.max() if labels.max() > 9 else labels.min()
        raise DataError(f"{file} has the label {worst}: only labels 0 to 9 are known here.")
    return images, labels


def _contents(file: Path) -> bytes:
    """The bytes of a file, unpacked if it is gzipped."""
    data = file.read_bytes()
    if file.suffix != ".gz":
        return data
    try:
        return gzip.decompress(data)
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise DataError(f"{file} is damaged and cannot be unpacked: download it again.") from None


def _find_mnist(folder: Path) -> list[Path]:
    """The files of images, each of which has a file of labels beside it."""
    images = [_first(folder, f"{part}-images", "idx3-ubyte") for part in ("train", "t10k")]
    return [file for file in images if file]


def _first(folder: Path, name: str, kind: str) -> Path | None:
    """The file of this name in whichever of its spellings is there."""
    spellings = (f"{name}{mark}{kind}{end}" for end in ("", ".gz") for mark in "-.")
    return next((folder / spelled for spelled in spellings if (folder / spelled).is_file()), None)


def _read_mnist(file: Path) -> tuple[np.ndarray, np.ndarray]:
    """The images in a file, and their labels from the file beside it."""
    name = file.name.split("-")[0] + "-labels"
    labels = _first(file.parent, name, "idx1-ubyte")
    if labels is None:
        raise DataError(f"{file} is there, but not {name}-idx1-ubyte: put it into the same folder.")
    return _read_idx(file, 3), _read_idx(labels, 1)


def _read_idx(file: Path, dimensions: int) -> np.ndarray:
    """An array of bytes: a magic number, the lengths of the axes as 32-bit numbers, the data."""
    data = _contents(file)
    start = 4 + 4 * dimensions
    if data[:4] != bytes([0, 0, 8, dimensions]):
        raise DataError(
            f"{file} starts with {data[:4].hex() or 'nothing'}, not 0000080{dimensions}: "
            f"this is no idx file of {'images' if dimensions == 3 else 'labels'}."
        )
    if len(data) < start:
        raise DataError(f"{file} ends within its header: download it again.")
    shape = [int(length) for length in np.frombuffer(data[4:start], ">u4")]
    if len(data) - start != math.prod(shape):
        raise DataError(
            f"{file} should have {math.prod(shape)} bytes of data by its header, "
            f"but has {len(data) - start}: download it again."
        )
    return np.frombuffer(data, np.uint8, offset=start).reshape(shape)


def _find_cifar_binary(folder: Path) -> list[Path]:
    """The batches of the binary version."""
    files = (folder / f"{name}.bin" for name in CIFAR_BATCHES)
    return [file for file in files if file.is_file()]


def _read_cifar_binary(file: Path) -> tuple[np.ndarray, np.ndarray]:
    """A record for each image: its label, then its red, green and blue bytes."""
    data = np.frombuffer(_contents(file), np.uint8)
    record = 1 + math.prod(CIFAR_IMAGE)
    if not data.size or data.size % record:
        raise DataError(
            f"{file} has {data.size} bytes, which is no multiple of {record}: download it again."
        )
    records = data.reshape(-1, record)
    return _grey(records[:, 1:]), records[:, 0]


def _grey(colours: np.ndarray) -> np.ndarray:
    """The brightness, shape (N, 32, 32), of colour images, shape (N, 3 x 32 x 32)."""
    planes = colours.reshape(-1, *CIFAR_IMAGE)
    return np.round(np.einsum("nchw,c->nhw", planes, LUMA)).astype(np.uint8)


def _find_cifar_python(folder: Path) -> list[Path]:
    """The batches of the Python version."""
    return [folder / name for name in CIFAR_BATCHES if (folder / name).is_file()]


def _read_cifar_python(file: Path) -> tuple[np.ndarray, np.ndarray]:
    """A pickled dictionary: the images, shape (N, 3 x 32 x 32), and a list of labels."""
    try:
        batch = read_pickle(_contents(file))
    except pickle.UnpicklingError as error:
        raise DataError(f"{file} is no batch of CIFAR-10: {error}. Download it again.") from None
    images, labels = batch.get(b"data"), batch.get(b"labels")
    if not isinstance(images, np.ndarray) or images.shape[1:] != (math.prod(CIFAR_IMAGE),):
        raise DataError(f"{file} is no batch of CIFAR-10: it holds no images. Download it again.")
    if not isinstance(labels, list) or not all(isinstance(label, int) for label in labels):
        raise DataError(f"{file} is no batch of CIFAR-10: it holds no labels. Download it again.")
    return _grey(images), np.array(labels)


FORMATS = (
    (_find_mnist, _read_mnist),
    (_find_cifar_binary, _read_cifar_binary),
    (_find_cifar_python, _read_cifar_python),
)
"""For each format, how to find its files in a folder, and how to read one of them."""
