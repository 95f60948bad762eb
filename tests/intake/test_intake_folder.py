"""Folders: the same choice as from a zip, and files that are not what they seem."""

import os
import socket

import pytest
from crafting import as_bytes, notebook, zipped

from autograder.errors import InternalError, RejectedError
from autograder.intake import _candidates, _folder, read_submission

RIGHT = notebook("x = 1")


@pytest.fixture
def folder(tmp_path):
    """Make a folder of these files; its `read` takes it in."""
    root = tmp_path / "submission_1"
    root.mkdir()

    def fill(files):
        for name, content in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(as_bytes(content))
        return root

    return fill


def read(root):
    return read_submission(root, module="cnn_principles")


def reject(root):
    with pytest.raises(RejectedError) as caught:
        read(root)
    return str(caught.value)


def test_a_zip_in_a_folder_is_opened(folder):
    root = folder({"hw.zip": zipped({"cnn_principles.ipynb": RIGHT}), "readme.txt": "x"})
    assert read(root).cells == ("x = 1",)
    inner = zipped({"inner.zip": zipped({"cnn_principles.ipynb": RIGHT})})
    assert "A zip inside it is not opened" in reject(folder({"hw.zip": inner}))


def test_the_choice_is_that_of_a_zip(folder):
    root = folder(
        {
            "hw/cnn_principles.ipynb": RIGHT,
            "hw/.ipynb_checkpoints/cnn_principles.ipynb": RIGHT,
            "__MACOSX/cnn_principles.ipynb": RIGHT,
            ".OTTER_LOG": b"\x80\x04.",
            "numpy.py": "x",
            "metadata.yml": "x",
        }
    )
    source = read(root)
    assert source.name == "hw/cnn_principles.ipynb"
    assert source.notes[0].startswith("Ignored beside 'hw/cnn_principles.ipynb'")
    (root / "cnn_principles.py").write_text("x = 1")
    assert "hand in only the one that counts" in reject(root)


def test_nothing_to_grade(folder):
    assert "holds no file" in reject(folder({}))
    assert "but 'a.csv'" in reject(folder({"a.csv": "1"}))


def test_a_zip_inside_is_not_opened_as_in_a_zip(folder):
    assert "A zip inside it is not opened" in reject(folder({"a.zip": "PK"}))


def test_a_folder_named_like_a_notebook(folder):
    root = folder({"cnn_principles.ipynb/a.csv": "1"})
    assert "'cnn_principles.ipynb' (a folder)" in reject(root)
    assert read(folder({"cnn_principles.ipynb/hw.ipynb": RIGHT})).cells == ("x = 1",)
    assert read(root / "cnn_principles.ipynb").cells == ("x = 1",)


def test_links_are_not_followed(folder, tmp_path):
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "cnn_principles.ipynb").write_bytes(as_bytes(RIGHT))
    root = folder({})
    (root / "folder").symlink_to(secret)
    (root / "cnn_principles.ipynb").symlink_to(secret / "cnn_principles.ipynb")
    (root / "dangling.ipynb").symlink_to("nowhere")
    sentence = reject(root)
    assert "'cnn_principles.ipynb' (a link)" in sentence
    assert "'dangling.ipynb' (a link)" in sentence


def test_pipes_and_sockets_are_not_waited_for(folder, monkeypatch):
    root = folder({})
    os.mkfifo(root / "cnn_principles.ipynb")
    monkeypatch.chdir(root)  # a socket's path must be short
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("cnn_principles.py")
        assert "'cnn_principles.ipynb' (not a regular file)" in reject(root)


def test_what_is_swapped_after_listing_is_not_followed_either(folder, tmp_path):
    root = folder({"hw/cnn_principles.ipynb": RIGHT})
    target = root / "hw" / "cnn_principles.ipynb"
    chosen = next(e for e in _folder.list_folder(root, module="m") if not e.problem)
    assert chosen.read() == as_bytes(RIGHT)

    target.rename(tmp_path / "elsewhere")
    with pytest.raises(InternalError, match="grade it again"):  # it is gone: nobody's zero
        chosen.read()
    target.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InternalError):
        chosen.read()
    target.unlink()
    os.mkfifo(target)
    with pytest.raises(RejectedError, match="not a regular file"):
        chosen.read()
    target.unlink()
    (root / "hw").rmdir()
    (root / "hw").symlink_to(tmp_path)
    (tmp_path / "elsewhere").rename(tmp_path / "cnn_principles.ipynb")
    with pytest.raises(InternalError):
        chosen.read()


@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied"), OSError(5, "I/O")])
def test_what_cannot_be_read_here_is_nobodys_zero(folder, monkeypatch, error):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr(_folder, "read_regular", fail)
    with pytest.raises(InternalError, match=f"could not be read here: {error.strerror}"):
        read(folder({"cnn_principles.ipynb": RIGHT}))


def test_too_many_files(folder, monkeypatch):
    monkeypatch.setattr(_candidates, "MAX_ENTRIES", 10)
    root = folder({f".git/{n}": "" for n in range(20)} | {"cnn_principles.ipynb": RIGHT})
    assert read(root).cells == ("x = 1",)
    folder({f"data/{n}": "" for n in range(20)})
    assert "more than 10 files" in reject(root)


def test_too_much_in_total(folder):
    root = folder({"cnn_principles.ipynb": RIGHT, "data.bin": ""})
    with (root / "data.bin").open("wb") as file:
        file.truncate(_candidates.MAX_TOTAL_BYTES)  # sparse
    assert "more than 200 MB" in reject(root)


def test_deep_folders_end(folder):
    root = folder({"cnn_principles.ipynb": RIGHT})
    here = os.open(root, os.O_RDONLY)
    for _ in range(300):  # by descriptor: the path would be too long
        os.mkdir("d" * 60, dir_fd=here)
        inner = os.open("d" * 60, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)
    assert read(root).cells == ("x = 1",)
