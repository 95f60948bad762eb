"""Zips: what is picked from them, and what hostile ones come to."""

import contextlib
import io
import stat
import struct
import warnings
import zipfile

import pytest
from crafting import as_bytes, entry, notebook, zipped

from autograder.errors import RejectedError
from autograder.intake import _archive, _candidates

RIGHT = notebook("x = 1")


@pytest.fixture
def take_zip(take):
    return lambda files, **options: take(zipped(files, **options), "hw.zip")


@pytest.fixture
def reject_zip(rejected):
    return lambda files, **options: rejected(zipped(files, **options), "hw.zip")


# --- which file -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["cnn_principles.ipynb", "hw 4/code/cnn_principles.ipynb"])
def test_the_named_notebook_is_found_anywhere(take_zip, name):
    source = take_zip({name: RIGHT, "scratch.ipynb": notebook("no"), "plot.py": "no", "a.csv": "1"})
    assert source.name == name
    assert source.cells == ("x = 1",)
    assert source.notes == (f"'{name}' was graded, and not 'scratch.ipynb'.",)


def test_the_named_module_is_found(take_zip):
    assert take_zip({"cnn_principles.py": "x = 1", "b.ipynb": RIGHT}).language == "module"


def test_case_does_not_matter(take_zip):
    source = take_zip({"CNN_Principles.ipynb": RIGHT, "b.ipynb": notebook("no")})
    assert (source.name, source.cells) == ("CNN_Principles.ipynb", ("x = 1",))


def test_hidden_copies_do_not_count(take_zip):
    source = take_zip(
        {
            "cnn_principles.ipynb": RIGHT,
            ".ipynb_checkpoints/cnn_principles.ipynb": RIGHT,
            "hw/.git/cnn_principles.py": "x",
            "__MACOSX/cnn_principles.ipynb": RIGHT,
            "._cnn_principles.ipynb": "x",
            ".OTTER_LOG": b"\x80\x04.",
        }
    )
    assert source.name == "cnn_principles.ipynb"
    assert source.notes == ()


@pytest.mark.parametrize("second", ["cnn_principles.py", "old/cnn_principles.ipynb"])
def test_two_named_files(reject_zip, second):
    sentence = reject_zip({"cnn_principles.ipynb": RIGHT, second: "x = 1"})
    assert f"'cnn_principles.ipynb' and '{second}'" in sentence
    assert "hand in only the one that counts" in sentence


def test_one_name_twice(rejected):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # zipfile finds it odd, too
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("cnn_principles.ipynb", as_bytes(RIGHT))
            archive.writestr("cnn_principles.ipynb", as_bytes(notebook("y")))
    assert "hand in only the one that counts" in rejected(buffer.getvalue(), "hw.zip")


def test_the_only_notebook_counts_with_a_note(take_zip):
    source = take_zip({"hw4 (1).ipynb": RIGHT, "helpers.py": "x"})
    assert source.cells == ("x = 1",)
    assert "its name should be cnn_principles.ipynb" in source.notes[0]


def test_the_only_module_counts_with_a_note(take_zip):
    source = take_zip({"hw4.py": "x = 1", "numpy.py": "x = 2"})
    assert source.cells == ("x = 1",)
    assert "its name should be cnn_principles.py" in source.notes[0]
    assert "Ignored beside 'hw4.py', as it has a library's name: 'numpy.py'." in source.notes[1]


def test_two_other_notebooks(reject_zip):
    assert "'a.ipynb' and 'b.ipynb'" in reject_zip({"b.ipynb": RIGHT, "a.ipynb": RIGHT})


def test_a_library_is_no_submission(reject_zip):
    sentence = reject_zip({"numpy.py": "x = 1", "notes.txt": "x"})
    assert "but 'notes.txt' and 'numpy.py'." in sentence


def test_shadowing_modules_are_ignored_with_a_note(take_zip):
    source = take_zip(
        {
            "hw/cnn_principles.ipynb": RIGHT,
            "hw/numpy.py": "x",
            "hw/torch/__init__.py": "x",
            "hw/torch/nn.py": "x",
            "otter/__init__.py": "x",
        }
    )
    assert source.notes == (
        "Ignored beside 'hw/cnn_principles.ipynb', as it has a library's name: 'hw/numpy.py', "
        "'hw/torch/' and 'otter/'. The library itself was used.",
    )


def test_what_is_inside_decides_here_too(take_zip, reject_zip):
    assert take_zip({"cnn_principles.py": RIGHT}).language == "notebook"
    assert "web page" in reject_zip({"cnn_principles.ipynb": "<html></html>"})
    assert "is empty" in reject_zip({"cnn_principles.ipynb": ""})


def test_a_zip_may_have_another_name(take):
    assert take(zipped({"cnn_principles.ipynb": RIGHT}), "hw.ipynb").cells == ("x = 1",)


def test_nothing_to_grade(reject_zip):
    assert "holds no file" in reject_zip({})
    assert "holds no file" in reject_zip({"empty folder/": ""})
    sentence = reject_zip({f"{n}.csv": "1" for n in range(99)})
    assert "neither cnn_principles.ipynb nor cnn_principles.py, but '0.csv', '1.csv'" in sentence
    assert "94 more" in sentence


def test_a_zip_in_a_zip_is_not_opened(reject_zip):
    inner = zipped({"cnn_principles.ipynb": RIGHT})
    assert "A zip inside it is not opened" in reject_zip({"inner.zip": inner})
    assert "is a zip archive" in reject_zip({"cnn_principles.ipynb": inner})


# --- names and kinds --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "../cnn_principles.ipynb",
        "a/../../cnn_principles.ipynb",
        "/etc/cnn_principles.ipynb",
        "C:\\cnn_principles.ipynb",
        "..\\cnn_principles.ipynb",
        "\\\\host\\share\\cnn_principles.ipynb",
    ],
)
def test_a_path_out_of_the_archive_is_no_submission(reject_zip, take_zip, name):
    assert "outside of the archive" in reject_zip({name: RIGHT})
    source = take_zip({name: notebook("no"), "hw/cnn_principles.ipynb": RIGHT})
    assert source.cells == ("x = 1",)
    assert "outside of the archive" in source.notes[0]


def test_backslashes_of_old_windows_tools(take_zip):
    assert take_zip({"hw\\cnn_principles.ipynb": RIGHT}).name == "hw/cnn_principles.ipynb"


@pytest.mark.parametrize(
    ("mode", "problem"),
    [
        (stat.S_IFLNK | 0o777, "a link"),
        (stat.S_IFIFO, "not a regular file"),
        (stat.S_IFCHR, "not a regular file"),
        (stat.S_IFDIR, "a folder"),
    ],
)
def test_links_and_devices_are_not_read(reject_zip, take_zip, mode, problem):
    odd = entry("cnn_principles.ipynb", mode)
    assert f"'cnn_principles.ipynb' ({problem})" in reject_zip({odd: "/etc/passwd"})
    source = take_zip({odd: "/etc/passwd", "hw.ipynb": RIGHT})
    assert source.cells == ("x = 1",)
    assert f"'cnn_principles.ipynb' was ignored: it is {problem}." in source.notes


def test_names_cannot_reach_the_terminal(reject_zip):
    sentence = reject_zip({"\x1b[2J\n" + "a" * 200 + ".ipynb": RIGHT, "b.ipynb": RIGHT})
    assert "\\x1b[2J\\na" in sentence


# --- hostile archives -------------------------------------------------------------------------


def patched(data: bytes, change) -> bytes:
    """``data`` with ``change(header, is_central)`` applied to its local and central headers."""
    out = bytearray(data)
    for signature, central in ((b"PK\x03\x04", False), (b"PK\x01\x02", True)):
        at = out.find(signature)
        change(memoryview(out)[at:], central)
    return bytes(out)


def test_a_password(rejected):
    def lock(header, central):
        header[8 if central else 6] |= 1

    data = patched(zipped({"cnn_principles.ipynb": RIGHT}), lock)
    assert "make the zip without one" in rejected(data, "hw.zip")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_compression_without_a_bound_is_refused(reject_zip, method):
    assert "make the zip anew" in reject_zip({"cnn_principles.ipynb": RIGHT}, method=method)


def test_unknown_compression(rejected):
    def change(header, central):
        at = 10 if central else 8
        header[at : at + 2] = struct.pack("<H", 77)

    data = patched(zipped({"cnn_principles.ipynb": RIGHT}), change)
    assert "make the zip anew" in rejected(data, "hw.zip")


def test_a_bomb_is_stopped_at_the_limit(rejected):
    bomb = zipped({"cnn_principles.ipynb": bytes(_archive.MAX_FILE_BYTES + 1)})
    assert len(bomb) < 200_000
    assert "larger than 100 MB" in rejected(bomb, "hw.zip")


@pytest.mark.parametrize("size", [0, 10, 2**32 - 2])
def test_a_declared_size_is_not_believed(rejected, monkeypatch, size):
    monkeypatch.setattr(_archive, "MAX_FILE_BYTES", 10_000)
    monkeypatch.setattr(_candidates, "MAX_TOTAL_BYTES", 2**40)

    def lie(header, central):
        at = 24 if central else 22
        header[at : at + 4] = struct.pack("<I", size)

    rejected(patched(zipped({"cnn_principles.ipynb": bytes(100_000)}), lie), "hw.zip")


def test_too_much_in_total(rejected, monkeypatch):
    monkeypatch.setattr(_candidates, "MAX_TOTAL_BYTES", 2**20)
    files = {"cnn_principles.ipynb": RIGHT, "data.bin": bytes(2**20)}
    assert "Hand in cnn_principles.ipynb" in rejected(zipped(files), "hw.zip")


def test_too_many_files(reject_zip, take_zip):
    many = {f"data/{n}": "" for n in range(2_000)}
    assert "more than 2000 files" in reject_zip(many | {"cnn_principles.ipynb": RIGHT})
    hidden = {f".venv/{n}": "" for n in range(2_000)}
    assert take_zip(hidden | {"cnn_principles.ipynb": RIGHT}).cells == ("x = 1",)


def test_a_huge_directory_is_not_parsed(rejected, monkeypatch):
    monkeypatch.setattr(_archive, "_MAX_DIRECTORY", 100)
    files = {f".hidden/{n}": "" for n in range(100)} | {"cnn_principles.ipynb": RIGHT}
    assert "too many files" in rejected(zipped(files), "hw.zip")


def test_overlapping_entries_cost_no_more_than_one(take):
    data = zipped({"cnn_principles.ipynb": RIGHT, "b.csv": "1", "c.csv": "1"})
    at = data.rfind(b"PK\x01\x02") + 42
    overlapped = data[:at] + struct.pack("<I", 0) + data[at + 4 :]  # c.csv begins where ours does
    with contextlib.suppress(RejectedError):  # newer versions of zipfile refuse to open it
        assert take(overlapped, "hw.zip").cells == ("x = 1",)


def test_a_damaged_archive(rejected):
    data = zipped({"cnn_principles.ipynb": RIGHT}, method=zipfile.ZIP_STORED)
    flipped = data.replace(b"x = 1", b"y = 1")  # the checksum does not know
    for broken in (flipped, data[:-10], data[: len(data) // 2], data[:30], data[:4]):
        assert "Hand in cnn_principles.ipynb" in rejected(broken, "hw.zip")
