"""One notebook, in every state that students hand notebooks in."""

import json
import logging
import sys

import nbformat
import pytest
from crafting import code, notebook

from autograder.errors import RejectedError
from autograder.intake import _bytes, _content, _notebook, read_submission


def test_code_cells_come_in_order_and_as_written(take):
    source = take(
        notebook("%matplotlib inline\nx = 1", {"cell_type": "markdown", "source": "#"}, "!ls")
    )
    assert source.name == "cnn_principles.ipynb"
    assert source.language == "notebook"
    assert source.cells == ("%matplotlib inline\nx = 1", "!ls")
    assert source.notes == ()


def test_a_source_may_be_a_list_of_lines(take):
    assert take(notebook(code(["x = 1\n", "y = 2"]))).cells == ("x = 1\ny = 2",)


def test_any_name_is_right_for_a_single_file(take):
    for name in ('Jürgen\'s "final" (1).ipynb', "-rf.ipynb", "two\nlines.IPYNB", "名前.ipynb"):
        source = take(notebook("x = 1"), name)
        assert source.cells == ("x = 1",)
        assert source.name.isprintable()


@pytest.mark.parametrize("name", ["a.py", "a.json", "a.txt", "a.ipynb.txt", "a"])
def test_a_notebook_under_another_name_is_graded_with_a_note(take, name):
    source = take(notebook("x = 1"), name)
    assert source.language == "notebook"
    assert source.notes == (f"'{name}' holds a notebook and was graded as one.",)


def test_blank_cells_are_kept_so_that_numbers_agree_with_the_notebook(take):
    assert take(notebook("", "x = 1")).cells == ("", "x = 1")


def test_the_digest_is_of_the_code_alone(take):
    plain = take(notebook("x = 1\ny = 2"))
    same = take(
        notebook(code("x = 1\r\ny = 2", outputs=[{"text": "3"}]), metadata={"a": 1}), "other.ipynb"
    )
    assert plain.digest == same.digest
    assert plain.digest != take(notebook("x = 1", "y = 2")).digest
    assert plain.digest != take("x = 1\ny = 2", "cnn_principles.py").digest


# --- not a notebook ---------------------------------------------------------------------------


@pytest.mark.parametrize("content", ["", " \n\t\n"])
def test_an_empty_file_is_named_so(rejected, content):
    assert "Hand in cnn_principles.ipynb or cnn_principles.py" in rejected(content)


def test_a_truncated_notebook_breaks_off(rejected):
    text = json.dumps(notebook("x = 1", "y = 'a long line of code'"), indent=1)
    for length in (len(text) // 3, len(text) // 2, len(text) - 1):
        sentence = rejected(text[:length])
        assert "its JSON breaks off at line" in sentence or "its JSON is damaged" in sentence
        assert "check that it opens again" in sentence


def test_a_damaged_notebook_names_the_line(rejected):
    text = json.dumps(notebook("x = 1"), indent=1).replace('"source":', '"source"', 1)
    assert "its JSON is damaged at line 7" in rejected(text)


def test_a_merge_conflict_is_recognised(rejected):
    text = json.dumps(notebook("x = 1"), indent=1)
    sentence = rejected(text.replace('\n "nbformat"', '\n<<<<<<< HEAD\n "nbformat"', 1))
    assert "conflict markers" in sentence


def test_a_truncated_notebook_named_py_is_not_taken_for_python(rejected):
    assert "breaks off" in rejected(json.dumps(notebook("x = 1"))[:-2], "cnn_principles.py")


@pytest.mark.parametrize("content", [[], "[1, 2]", '"text"', {"a": 1}, {"cells": 3}])
def test_other_json_has_no_cells(rejected, content):
    assert "is JSON but not a notebook" in rejected(content)


def test_python_source_named_ipynb(rejected):
    assert "a name that ends in .py" in rejected("import numpy as np\n")


@pytest.mark.parametrize("name", ["a.ipynb", "a.py", "a.html", "a.txt"])
def test_a_saved_web_page(rejected, name):
    assert "Download raw file" in rejected("\n<!DOCTYPE html>\n<html>{}</html>", name)


@pytest.mark.parametrize("cells", [[], [{"cell_type": "markdown", "source": "x"}], [code("  ")]])
def test_a_notebook_without_code(rejected, cells):
    assert "without any code" in rejected(notebook(*cells))


# --- languages --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "metadata",
    [
        {"kernelspec": {"language": "R", "name": "ir"}, "language_info": {"name": "R"}},
        {"kernelspec": {"name": "julia-1.9"}, "language_info": {"name": "julia"}},
        {"language": "Julia"},
    ],
)
def test_a_notebook_in_another_language(rejected, metadata):
    assert "choose a Python kernel" in rejected(notebook("x <- 1", metadata=metadata))


@pytest.mark.parametrize(
    "metadata",
    [
        {"kernelspec": {"language": "python", "name": "my-env"}},
        {"kernelspec": {"name": "no such kernel"}},
        {"kernelspec": {"language": "R"}, "language_info": {"name": "python"}},
        {"kernelspec": "python", "language_info": 3},
        {"language_info": {"name": "ipython"}},
        [],
        None,
    ],
)
def test_an_unknown_kernel_does_not_matter(take, metadata):
    assert take(notebook("x = 1", metadata=metadata)).cells == ("x = 1",)


# --- versions of the format -------------------------------------------------------------------


OLD_CELLS = [
    {"cell_type": "heading", "level": 1, "source": "T", "metadata": {}},
    {"cell_type": "markdown", "source": ["m"], "metadata": {}},
    *(
        {
            "cell_type": "code",
            "collapsed": False,
            "input": source,
            "language": "python",
            "metadata": {},
            "outputs": [{"output_type": "stream", "stream": "stdout", "text": ["1\n"]}],
            "prompt_number": 1,
        }
        for source in (["x = 1\n", "y = 2"], ["without", "line ends"], "a string", ["one"])
    ),
]


@pytest.mark.parametrize("version", [2, 3])
def test_old_notebooks_give_what_nbformat_makes_of_them(take, version):
    cells = OLD_CELLS if version == 3 else OLD_CELLS[3:]  # format 2 had no line ends in lists
    halves = [{"cells": cells[:2], "metadata": {}}, {"cells": cells[2:], "metadata": {}}]
    text = json.dumps(
        {"metadata": {"name": ""}, "nbformat": version, "nbformat_minor": 0, "worksheets": halves}
    )
    logging.getLogger("traitlets").setLevel(logging.CRITICAL)  # nbformat logs what it finds odd
    upgraded = nbformat.reads(text, as_version=4)
    expected = tuple(cell.source for cell in upgraded.cells if cell.cell_type == "code")
    assert take(text).cells == expected
    assert len(expected) >= 3


def test_a_missing_version_does_not_matter(take):
    assert take({"cells": [code("x = 1")]}).notes == ()


@pytest.mark.parametrize("version", [5, 99, -1, "4", None, [4]])
def test_an_unknown_version_is_read_as_usual_with_a_note(take, version):
    source = take(notebook("x = 1", nbformat=version))
    assert source.cells == ("x = 1",)
    assert "format is not one known here" in source.notes[0]


# --- odd fields -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "odd",
    [code(3), code(None), code({"a": 1}), code(["x", 3]), {"cell_type": "code"}, {}, 3, None, []],
)
def test_an_odd_cell_is_left_empty_with_a_note(take, odd):
    source = take(notebook("x = 1", {"cell_type": "markdown", "source": 3}, odd, "y = 2"))
    assert source.cells == ("x = 1", "", "y = 2")
    assert source.notes == ("Not readable (no text, or no type), so left empty: code cell 2.",)


def test_many_odd_cells_make_one_short_note(take):
    source = take(notebook(*[3] * 4_000, "x = 1"))
    assert source.notes == (
        "Not readable (no text, or no type), so left empty: "
        "code cells 1, 2, 3, 4, 5 and 3995 more.",
    )


def test_half_a_character_is_replaced(take):
    source = take(notebook("x = '\ud800'", "y = '\U0001f600'"))
    assert source.cells == ("x = '\N{REPLACEMENT CHARACTER}'", "y = '\U0001f600'")
    assert source.notes == ("Half a character was replaced in code cell 1.",)


def test_a_nul_is_left_to_python_with_a_note(take):
    assert take(notebook("x = '\0'")).notes == (
        "A NUL character, which Python refuses to run, stands in code cell 1.",
    )


def test_of_duplicate_keys_the_last_counts_as_in_jupyter(take):
    text = '{"cells": [], "cells": [{"cell_type": "code", "source": "a", "source": "b"}]}'
    assert take(text).cells == ("b",)


def test_numbers_that_json_does_not_know_are_no_obstacle(take):
    text = json.dumps(notebook(code("x = 1", execution_count=float("nan"))))
    assert take(text.replace('"nbformat": 4', '"nbformat": 4, "n": ' + "9" * 10_000)).cells


# --- encodings --------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_unicode_with_a_mark_is_read(take, encoding):
    text = json.dumps(notebook("x = 'é'"), ensure_ascii=False)
    assert take(text.encode(encoding)).cells == ("x = 'é'",)


def test_latin_1_in_a_notebook_is_asked_for_anew(rejected):
    text = json.dumps(notebook("x = 'é'"), ensure_ascii=False)
    assert "save it as UTF-8" in rejected(text.encode("latin-1"))


def test_utf_16_without_a_mark_is_a_sentence(rejected):
    assert rejected(json.dumps(notebook("x = 1")).encode("utf-16-le"))


# --- sizes ------------------------------------------------------------------------------------


def test_five_thousand_cells(take):
    assert len(take(notebook(*["x = 1"] * 5_000)).cells) == 5_000


def test_too_many_cells(rejected, monkeypatch):
    monkeypatch.setattr(_notebook, "MAX_CODE_CELLS", 10)
    assert "more than 10" in rejected(notebook(*["x = 1"] * 11))


def test_large_outputs_are_dropped(take):
    output = {"output_type": "stream", "text": "x" * 3_000_000}
    assert take(notebook(code("x = 1", outputs=[output]))).cells == ("x = 1",)


def test_a_file_over_the_limit_is_not_read(tmp_path):
    with (tmp_path / "cnn_principles.ipynb").open("wb") as file:
        file.truncate(50 * 2**30)  # sparse: 50 GB that take no room
    with pytest.raises(RejectedError, match="larger than 100 MB: clear the outputs"):
        read_submission(tmp_path / "cnn_principles.ipynb", module="cnn_principles")


def test_a_file_that_grows_while_it_is_read(rejected, monkeypatch):
    monkeypatch.setattr(_bytes, "MAX_FILE_BYTES", 100)
    assert "clear the outputs" in rejected(notebook("x = 1" * 100))


def test_many_values(rejected, monkeypatch):
    monkeypatch.setattr(_notebook, "MAX_VALUES", 1_000)
    assert "clear the outputs" in rejected(notebook(code("x = 1", outputs=[[]] * 1_000)))


def test_wide_text(rejected, monkeypatch):
    monkeypatch.setattr(_notebook, "MAX_TEXT_MEMORY", 1_000)
    assert "clear the outputs" in rejected(notebook("x = 1" * 1_000))


def test_too_much_code(rejected, monkeypatch):
    monkeypatch.setattr(_content, "MAX_CODE_BYTES", 100)
    assert "move data out of the code cells" in rejected(notebook("x" * 60, "y" * 60))


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_deep_nesting(rejected, opening):
    depth = 50 * sys.getrecursionlimit()
    assert "nested too deeply" in rejected('{"cells": ' + opening * depth)
