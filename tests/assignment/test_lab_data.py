"""The course data: the split and the placements, and MNIST and CIFAR-10 from their own files."""

import gzip
import io
import os
import pickle
import struct
import subprocess
import sys
from pathlib import Path

import cnn_lab
import cnn_lab.experiments
import numpy as np
import pytest
import torch
from cnn_lab import settings
from cnn_lab.data import Pictures, load_data, load_pictures, place
from cnn_lab.datafiles import DataError, read_folder
from sklearn.datasets import load_digits

LABELS = np.repeat(np.arange(10, dtype=np.uint8), 5)
MNIST = np.random.default_rng(0).integers(0, 256, (50, 28, 28), dtype=np.uint8)
COLOURS = np.random.default_rng(1).integers(0, 256, (50, 3072), dtype=np.uint8)


def idx(array):
    header = bytes([0, 0, 8, array.ndim]) + b"".join(struct.pack(">I", n) for n in array.shape)
    return header + array.tobytes()


def write_mnist(folder, part="train", *, mark="-", images=MNIST, labels=LABELS, packed=False):
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in ((f"images{mark}idx3", images), (f"labels{mark}idx1", labels)):
        data = gzip.compress(idx(array)) if packed else idx(array)
        (folder / f"{part}-{name}-ubyte{'.gz' if packed else ''}").write_bytes(data)
    return folder


class Python2Pickler(pickle._Pickler):
    """Writes bytes as Python 2 wrote its strings, which is what the authors' files hold."""

    dispatch = pickle._Pickler.dispatch.copy()

    def save_bytes(self, data):
        short = len(data) < 256
        length = bytes([len(data)]) if short else struct.pack("<i", len(data))
        self.write((pickle.SHORT_BINSTRING if short else pickle.BINSTRING) + length + data)
        self.memoize(data)

    dispatch[bytes] = save_bytes


def python2_pickle(thing):
    file = io.BytesIO()
    Python2Pickler(file, 2).dump(thing)
    return file.getvalue().replace(b"cnumpy._core.multiarray\n", b"cnumpy.core.multiarray\n")


def cifar_batch(images=COLOURS, labels=LABELS):
    held = {b"batch_label": b"training batch 1 of 5", b"labels": labels.tolist(), b"data": images}
    return python2_pickle(held | {b"filenames": [b"camion_s_000148.png"]})


def write_cifar_python(folder, name="data_batch_1", data=None):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(cifar_batch() if data is None else data)
    return folder


def write_cifar_binary(folder, name="data_batch_1.bin", *, labels=LABELS, cut=0):
    folder.mkdir(parents=True, exist_ok=True)
    data = np.column_stack([labels, COLOURS]).tobytes()
    (folder / name).write_bytes(data[: len(data) - cut])
    return folder


def refusal(folder):
    """The sentence that reading ends with: one line that ends as sentences end."""
    with pytest.raises(DataError) as caught:
        read_folder(folder)
    text = str(caught.value)
    assert text.endswith(".")
    assert "\n" not in text
    return text.replace(str(folder), "FOLDER")


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("mark", ["-", "."])
def test_mnist_in_each_spelling(tmp_path, mark, packed):
    images, labels = read_folder(write_mnist(tmp_path, mark=mark, packed=packed))
    assert np.array_equal(images, MNIST)
    assert np.array_equal(labels, LABELS)
    assert images.dtype == labels.dtype == np.uint8


def test_mnist_test_files_are_added_or_used_alone(tmp_path):
    alone = write_mnist(tmp_path / "alone", "t10k")
    assert np.array_equal(read_folder(alone)[0], MNIST)
    both = write_mnist(write_mnist(tmp_path / "both"), "t10k", images=255 - MNIST)
    images, labels = read_folder(both)
    assert np.array_equal(images, np.concatenate([MNIST, 255 - MNIST]))
    assert np.array_equal(labels, np.concatenate([LABELS, LABELS]))


def test_mnist_unpacked_beside_its_archive_is_read_once(tmp_path):
    write_mnist(write_mnist(tmp_path), packed=True, images=255 - MNIST)
    assert np.array_equal(read_folder(tmp_path)[0], MNIST)


@pytest.mark.parametrize("inside", ["raw", "MNIST/raw", "FashionMNIST/raw"])
def test_mnist_below_the_named_folder(tmp_path, inside):
    write_mnist(tmp_path / inside)
    assert len(read_folder(tmp_path)[0]) == 50


def luma(colours):
    red, green, blue = colours.reshape(-1, 3, 32, 32).astype(float).swapaxes(0, 1)
    return 0.299 * red + 0.587 * green + 0.114 * blue


@pytest.mark.parametrize("write", [write_cifar_python, write_cifar_binary])
@pytest.mark.parametrize("below", [False, True])
def test_cifar_in_both_versions(tmp_path, write, below):
    version = "py" if write is write_cifar_python else "bin"
    write(tmp_path / f"cifar-10-batches-{version}" if below else tmp_path)
    images, labels = read_folder(tmp_path)
    assert images.shape == (50, 32, 32)
    assert np.abs(images - luma(COLOURS)).max() <= 0.51
    assert np.array_equal(labels, LABELS)
    assert images.dtype == labels.dtype == np.uint8


def test_cifar_batches_are_joined_in_order(tmp_path):
    write_cifar_python(tmp_path, "data_batch_2", cifar_batch(labels=LABELS[::-1]))
    write_cifar_python(tmp_path)
    write_cifar_python(tmp_path, "test_batch")
    assert np.array_equal(read_folder(tmp_path)[1], [*LABELS, *LABELS[::-1], *LABELS])


def test_white_stays_white(tmp_path):
    write_cifar_python(tmp_path, data=cifar_batch(images=np.full((50, 3072), 255, np.uint8)))
    assert read_folder(tmp_path)[0].min() == 255


def test_places_that_are_no_folder(tmp_path):
    assert refusal(tmp_path / "none").startswith("There is no folder FOLDER: check the path")
    archive, file = tmp_path / "cifar-10-python.tar.gz", tmp_path / "train-images-idx3-ubyte"
    archive.touch()
    file.touch()
    assert "is an archive: unpack it" in refusal(archive)
    assert refusal(file) == "FOLDER is a file: name the folder that it is in."


def test_folders_without_data(tmp_path):
    assert refusal(tmp_path).endswith("FOLDER is empty.")
    (tmp_path / "holiday.png").touch()
    assert refusal(tmp_path).endswith("FOLDER holds none of them, but holiday.png and the like.")
    (tmp_path / "mnist.zip").touch()
    assert refusal(tmp_path) == "FOLDER holds the archive mnist.zip: unpack it there first."


def test_two_data_sets_in_one_folder(tmp_path):
    write_mnist(tmp_path / "MNIST" / "raw")
    write_cifar_python(tmp_path / "cifar-10-batches-py")
    assert refusal(tmp_path).startswith("FOLDER holds more than one data set")


def test_images_that_differ_in_size(tmp_path):
    write_mnist(write_mnist(tmp_path), "t10k", images=MNIST[:, :20, :20])
    assert refusal(tmp_path).startswith("The images in FOLDER differ in size")


def damage(file, change):
    file.write_bytes(change(file.read_bytes()))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda data: data[:-1], "should have 39200 bytes of data by its header, but has 39199"),
        (lambda data: data + b"\0", "but has 39201"),
        (lambda data: data[:10], "ends within its header"),
        (lambda data: b"", "starts with nothing, not 00000803"),
        (lambda data: idx(LABELS), "starts with 00000801, not 00000803: this is no idx file"),
        (lambda data: idx(MNIST[:7]), "has 7 images but 50 labels"),
        (lambda data: idx(MNIST[:0]), "has 0 images but 50 labels"),
        (lambda data: idx(MNIST[:, :20]), "no square images, but an array of shape (50, 20, 28)"),
        (lambda data: data[:4] + b"\xff" * 12 + data[16:], "but has 39200"),
    ],
)
def test_damaged_mnist(tmp_path, change, said):
    write_mnist(tmp_path)
    damage(tmp_path / "train-images-idx3-ubyte", change)
    assert said in refusal(tmp_path)


def test_mnist_without_labels_or_without_images(tmp_path):
    write_mnist(tmp_path)
    (tmp_path / "train-labels-idx1-ubyte").unlink()
    assert "but not train-labels-idx1-ubyte: put it into the same folder" in refusal(tmp_path)
    write_mnist(tmp_path)
    (tmp_path / "train-images-idx3-ubyte").unlink()
    assert "FOLDER holds none of them" in refusal(tmp_path)


def test_no_images_at_all(tmp_path):
    write_mnist(tmp_path, images=MNIST[:0], labels=LABELS[:0])
    assert "holds no square images" in refusal(tmp_path)


def test_labels_beyond_nine(tmp_path):
    write_mnist(tmp_path / "mnist", labels=LABELS + 1)
    assert "has the label 10: only labels 0 to 9" in refusal(tmp_path / "mnist")
    write_cifar_binary(tmp_path / "binary", labels=LABELS + 1)
    assert "has the label 10" in refusal(tmp_path / "binary")
    batch = cifar_batch(labels=LABELS.astype(int) - 1)
    write_cifar_python(tmp_path / "python", data=batch)
    assert "has the label -1" in refusal(tmp_path / "python")


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data[:-20],
        lambda data: data[:100] + bytes(20) + data[120:],
        lambda data: idx(MNIST),
    ],
)
def test_damaged_gzip(tmp_path, change):
    write_mnist(tmp_path, packed=True)
    damage(tmp_path / "train-images-idx3-ubyte.gz", change)
    assert "is damaged and cannot be unpacked: download it again" in refusal(tmp_path)


def test_damaged_binary_cifar(tmp_path):
    write_cifar_binary(tmp_path, cut=1)
    assert "has 153649 bytes, which is no multiple of 3073" in refusal(tmp_path)
    (tmp_path / "data_batch_1.bin").write_bytes(b"")
    assert "has 0 bytes" in refusal(tmp_path)


class Evil:
    """Makes a folder when it is unpickled as usual."""

    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return os.mkdir, (str(self.marker),)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (cifar_batch()[:-500], "pickle data was truncated"),
        (b"", "it is damaged"),
        (b"no pickle at all", "Download it again"),
        (python2_pickle([1, 2]), "it holds no dictionary"),
        (python2_pickle({b"labels": [1]}), "it holds no images"),
        (python2_pickle({b"data": COLOURS[:, :100], b"labels": [1]}), "it holds no images"),
        (python2_pickle({b"data": COLOURS}), "it holds no labels"),
        (python2_pickle({b"data": COLOURS, b"labels": ["cat"] * 50}), "it holds no labels"),
        (cifar_batch(images=COLOURS.astype(np.int64)), "not of unsigned bytes"),
        (cifar_batch(images=np.asfortranarray(COLOURS)), "not of unsigned bytes"),
        (cifar_batch(images=COLOURS[:7]), "has 7 images but 50 labels"),
        (python2_pickle({b"data": print}), "it asks for __builtin__.print"),
        (python2_pickle({b"data": np.float64(1)}), "it asks for numpy"),
    ],
)
def test_pickles_that_are_no_batch(tmp_path, data, said):
    write_cifar_python(tmp_path, data=data)
    assert said in refusal(tmp_path)


@pytest.mark.parametrize("dump", [python2_pickle, pickle.dumps])
def test_a_pickle_runs_nothing(tmp_path, dump):
    marker = tmp_path / "ran"
    data = dump({b"data": COLOURS, b"labels": Evil(marker)})
    assert f"it asks for {os.mkdir.__module__}.mkdir" in refusal(
        write_cifar_python(tmp_path, data=data)
    )
    assert not marker.exists()
    pickle.loads(data, encoding="latin-1")
    assert marker.exists()


def test_every_cut_of_a_batch_is_refused_with_a_sentence(tmp_path):
    whole = cifar_batch(images=COLOURS[:1], labels=LABELS[:1])
    for length in range(0, len(whole), 37):
        write_cifar_python(tmp_path, data=whole[:length])
        refusal(tmp_path)


def test_files_that_the_system_does_not_give(tmp_path, monkeypatch):
    write_mnist(tmp_path)

    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    expected = f"FOLDER{Path('/')}train-images-idx3-ubyte cannot be read: Permission denied."
    assert refusal(tmp_path) == expected


def test_jupyter_shows_the_sentence_without_a_traceback(tmp_path, capsys):
    from IPython.core.interactiveshell import InteractiveShell  # noqa: PLC0415 - slow to load

    shell = InteractiveShell()
    shell.run_cell("from cnn_lab.data import load_data")
    result = shell.run_cell(f"load_data({str(tmp_path / 'none')!r})")
    assert isinstance(result.error_in_exec, DataError)
    shown = capsys.readouterr().out
    assert shown.strip() == str(result.error_in_exec)


@pytest.mark.parametrize("write", [write_mnist, write_cifar_python, write_cifar_binary])
def test_data_from_files_is_made_smaller_and_placed(tmp_path, write):
    pictures = load_pictures(write(tmp_path))
    assert pictures.images.shape[1:] == ((14, 14) if write is write_mnist else (16, 16))
    if write is write_mnist:
        expected = MNIST[7].reshape(14, 2, 14, 2).mean((1, 3)) / 255
        assert np.allclose(pictures.images[7], expected)
    data = load_data(tmp_path)
    assert data.train_images.shape == (80, 1, 24, 24)
    assert data.test_images.shape == (40, 1, 24, 24)
    assert data.train_images.dtype == torch.float32
    assert 0 <= data.train_images.min() < data.train_images.max() <= 1


def test_no_more_of_each_class_than_needed(tmp_path):
    labels = np.repeat(LABELS, 50)
    write_mnist(tmp_path, images=np.repeat(MNIST, 50, 0), labels=labels)
    counts = torch.bincount(load_pictures(tmp_path).labels)
    assert counts.tolist() == [settings.PER_CLASS] * 10


@pytest.mark.parametrize("count", [0, 2])
def test_a_class_without_enough_images(tmp_path, count):
    kept = (LABELS != 7) | (np.cumsum(LABELS == 7) <= count)
    write_mnist(tmp_path, images=MNIST[kept], labels=LABELS[kept])
    with pytest.raises(DataError, match=rf"has {count} images of class 7, too few .*\.$"):
        load_data(tmp_path)


def test_the_digits_are_those_of_scikit_learn():
    digits, pictures = load_digits(), load_pictures()
    order = np.argsort(digits.target, kind="stable")
    kept = np.concatenate(
        [order[digits.target[order] == label][: settings.PER_CLASS] for label in range(10)]
    )
    assert np.array_equal(pictures.labels, digits.target[kept])
    assert np.array_equal(pictures.images * 16, digits.images[kept])
    assert len(kept) == 1797
    with np.load(Path(load_data.__code__.co_filename).with_name("digits.npz")) as shipped:
        assert np.array_equal(shipped["images"], digits.images)
        assert np.array_equal(shipped["labels"], digits.target)


@pytest.fixture(scope="module")
def data():
    return load_data()


def windows(images):
    """Each canvas cut down to the box around what is not black, as bytes."""
    boxes = set()
    for image in images[:, 0].numpy():
        rows, columns = (np.flatnonzero(image.any(axis)) for axis in (1, 0))
        box = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        boxes.add((box.shape, box.tobytes()))
    return boxes


def test_sizes(data):
    assert data.train_images.shape == (2876, 1, 24, 24)
    assert data.test_images.shape == (1436, 1, 24, 24)
    assert data.train_labels.shape == (2876,)
    assert data.test_labels.shape == (1436,)
    assert data.train_images.dtype == data.test_images.dtype == torch.float32
    assert data.train_labels.dtype == data.test_labels.dtype == torch.int64


def test_values_lie_between_black_and_white(data):
    for images in (data.train_images, data.test_images):
        assert images.min() == 0
        assert images.max() == 1


def test_training_images_are_sorted_by_class_and_each_half_has_all(data):
    assert torch.equal(data.train_labels, data.train_labels.sort().values)
    assert data.train_labels.unique().tolist() == list(range(10))
    shares = torch.bincount(data.test_labels) / 4 / torch.bincount(load_pictures().labels)
    assert ((shares - settings.TEST_SHARE).abs() < 0.005).all()


def test_no_picture_is_in_both_halves(data):
    train, test = windows(data.train_images), windows(data.test_images)
    assert not train & test
    every = windows(torch.stack([picture[None] for picture in load_pictures().images]))
    assert train | test == every


def test_places_are_anywhere_inside_of_the_canvas():
    white = Pictures(torch.ones(500, 8, 8), torch.zeros(500, dtype=torch.int64))
    images, _ = place(white, np.ones(500, bool), 2, np.random.default_rng(0))
    assert images.shape == (1000, 1, 24, 24)
    assert (images.sum((1, 2, 3)) == 64).all()
    for axis in (2, 3):
        starts = images.amax(axis)[:, 0].argmax(1)
        assert starts.unique().tolist() == list(range(17))


def test_the_seed_decides(data):
    again, other = load_data(), load_data(seed=1)
    for name in ("train_images", "train_labels", "test_images", "test_labels"):
        assert torch.equal(getattr(again, name), getattr(data, name))
    assert not torch.equal(other.train_images, data.train_images)
    assert windows(other.test_images) != windows(data.test_images)
    assert torch.equal(other.train_labels, data.train_labels)


def test_loading_leaves_the_random_state_alone():
    before, numpy_before = torch.get_rng_state(), np.random.get_state()[1].copy()
    load_data()
    assert torch.equal(torch.get_rng_state(), before)
    assert np.array_equal(np.random.get_state()[1], numpy_before)


def test_all_that_the_package_offers_is_there():
    assert set(cnn_lab.__all__) <= set(dir(cnn_lab))
    assert all(getattr(cnn_lab, name) is not None for name in cnn_lab.__all__)
    assert set(cnn_lab.experiments.__all__) < set(cnn_lab.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'show_nothing'"):
        _ = cnn_lab.show_nothing


def test_to_import_it_loads_no_figures():
    code = "import sys, cnn_lab; sys.exit('matplotlib' in sys.modules)"
    folder = Path(cnn_lab.__file__).parents[1]
    assert subprocess.run([sys.executable, "-c", code], cwd=folder, check=False).returncode == 0
