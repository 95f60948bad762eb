"""One Python module, and single files that are neither a module nor a notebook."""

import os
import sys
from pathlib import Path

import pytest
from crafting import zipped

from autograder.errors import RejectedError, UsageError
from autograder.intake import _content, read_submission

MODULE = "import numpy as np\n\nx = 1\n"


def test_a_module_is_one_cell(take):
    source = take(MODULE, "cnn_principles.py")
    assert source.language == "module"
    assert source.cells == (MODULE,)
    assert source.notes == ()


def test_any_name_is_right_for_a_single_module(take):
    assert take(MODULE, "cnn_principles (1).PY").cells == (MODULE,)


def test_line_ends_do_not_matter(take):
    plain = take("x = '''\n'''\n", "a.py")
    assert take("x = '''\r\n'''\r\n", "a.py") == plain
    assert take("x = '''\r'''\r", "a.py") == plain


@pytest.mark.parametrize("text", ["{}\n", "{'a': 1}\n", "[1]\n", '{"a": 1}\n', "x = (\n"])
def test_what_begins_like_json_may_be_python(take, text):
    assert take(text, "a.py").cells == (text,)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_unicode_with_a_mark_is_read(take, encoding):
    assert take("x = 'é'\n".encode(encoding), "a.py").cells == ("x = 'é'\n",)


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "iso-8859-15", "gbk", "mac-roman"])
def test_a_coding_line_is_obeyed(take, encoding):
    text = f"# -*- coding: {encoding} -*-\nx = 'ü'\n"
    assert take(text.encode(encoding), "a.py").cells == (text,)


def test_latin_1_without_a_coding_line(rejected):
    assert "save it as UTF-8" in rejected("x = 'é'\n".encode("latin-1"), "a.py")


@pytest.mark.parametrize("encoding", ["rot13", "zip", "punycode", "idna", "undefined", "nope"])
def test_a_coding_line_that_names_no_text_encoding(rejected, encoding):
    assert "UTF-8" in rejected(f"# coding: {encoding}\nx = 1\n", "a.py")


def test_nul_characters(rejected):
    assert "NUL" in rejected("x = 1\0\n", "a.py")


def test_too_much_code(rejected, monkeypatch):
    monkeypatch.setattr(_content, "MAX_CODE_BYTES", 100)
    assert "MB of code" in rejected("x = 1\n" * 100, "a.py")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("report.pdf", b"%PDF-1.7\n\x80"),
        ("cnn_principles.ipynb", b"%PDF-1.7\n"),
        ("hw.tar.gz", b"\x1f\x8b\x08\x00"),
        ("hw.rar", b"Rar!\x1a\x07"),
        ("hw.7z", b"7z\xbc\xaf\x27\x1c"),
        ("answers.docx", zipped({"word/document.xml": "<w/>"})),
        ("answers.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        ("plot.png", b"\x89PNG\r\n"),
        ("notes.txt", "my answers are fine\n"),
        ("model.pt", b"\x80\x02}q\x00."),
        ("readme", "x = 1\n"),
        ("answers.zip", "not a zip"),
        ("data.json", '{"cells": '),
    ],
)
def test_other_files_are_told_what_to_hand_in(rejected, name, content):
    sentence = rejected(content, name)
    assert name in sentence
    assert "Hand in cnn_principles.ipynb" in sentence or "hand that in" in sentence


# --- the path itself --------------------------------------------------------------------------


def test_names_cannot_reach_the_terminal(rejected, take):
    sentence = rejected("", "\x1b[31m\u202eynpi.\udc80" + "a" * 150 + ".ipynb")
    assert "\\x1b[31m\\u202eynpi.\\udc80" in sentence
    assert "aaa...aaa" in sentence
    assert "\x1b" not in take(MODULE, "\x1b[31m.py").name


@pytest.mark.parametrize("name", ["missing.ipynb", "a/b.ipynb", "a\0b.ipynb", "x" * 300])
def test_a_path_that_leads_nowhere_is_the_callers_fault(tmp_path, name):
    with pytest.raises(UsageError, match="cannot be read"):
        read_submission(tmp_path / name, module="cnn_principles")


def test_a_link_given_by_hand_is_followed(tmp_path):
    (tmp_path / "target").write_text(MODULE)
    (tmp_path / "link.py").symlink_to("target")
    assert read_submission(tmp_path / "link.py", module="cnn_principles").name == "link.py"


@pytest.mark.parametrize("target", ["loop.py", "nowhere"])
def test_a_dangling_link_given_by_hand_is_the_callers_fault(tmp_path, target):
    (tmp_path / "loop.py").symlink_to(target)
    with pytest.raises(UsageError, match="cannot be read"):
        read_submission(tmp_path / "loop.py", module="cnn_principles")


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "a.py")
    with pytest.raises(RejectedError, match="not a regular file"):
        read_submission(tmp_path / "a.py", module="cnn_principles")


@pytest.mark.skipif(sys.platform != "linux", reason="needs this device")
def test_a_device_is_not_read():
    with pytest.raises(RejectedError, match="not a regular file"):
        read_submission(Path("/dev/zero"), module="cnn_principles")
