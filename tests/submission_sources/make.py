"""Writes the notebooks and zips of `tests/submissions` from the readable texts beside this file.

    python tests/submission_sources/make.py

A text is Markdown: each block fenced as ``python`` becomes a code cell, what stands between becomes
a Markdown cell. The texts are here and not among the submissions, where they would be graded.
The same texts give the same bytes: cell ids are counted, zips hold no time and are not compressed.
"""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SUBMISSIONS = HERE.parent / "submissions"
PYTHON = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python", "version": "3.11.9"},
}
R = {
    "kernelspec": {"display_name": "R", "language": "R", "name": "ir"},
    "language_info": {"name": "R", "version": "4.4.1"},
}


def blocks(name: str) -> Iterator[tuple[str, str]]:
    """The cells in ``name``.md: their type and their text."""
    text = (HERE / f"{name}.md").read_text(encoding="utf-8")
    for number, block in enumerate(re.split(r"^```(?:python)?\n", text, flags=re.MULTILINE)):
        if block.strip():
            yield ("code" if number % 2 else "markdown"), block.strip("\n")


def as_json(notebook: dict[str, Any]) -> str:
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def notebook(name: str, metadata: dict[str, Any] = PYTHON) -> str:
    """A present-day notebook, as Jupyter saves it."""
    cells = []
    for number, (kind, text) in enumerate(blocks(name), start=1):
        cell = {"cell_type": kind, "id": f"cell-{number}", "metadata": {}}
        if kind == "code":
            cell |= {"execution_count": None, "outputs": []}
        cells.append(cell | {"source": text.splitlines(keepends=True)})
    return as_json({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


def notebook_of_2013(name: str) -> str:
    """Format 3: worksheets, ``input`` instead of ``source``, a language for each cell."""
    cells = []
    for kind, text in blocks(name):
        lines = text.splitlines(keepends=True)
        if kind == "code":
            cells.append(
                {
                    "cell_type": "code",
                    "collapsed": False,
                    "input": lines,
                    "language": "python",
                    "metadata": {},
                    "outputs": [],
                }
            )
        else:
            cells.append({"cell_type": "markdown", "metadata": {}, "source": lines})
    return as_json(
        {
            "metadata": {"name": ""},
            "nbformat": 3,
            "nbformat_minor": 0,
            "worksheets": [{"cells": cells, "metadata": {}}],
        }
    )


def zipped(files: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in files.items():
            info = zipfile.ZipInfo(name)  # dated 1980
            info.create_system = 3  # the same on every system
            info.external_attr = 0o100644 << 16
            archive.writestr(info, text)
    return buffer.getvalue()


def submissions() -> dict[str, str | bytes]:
    """All generated submissions, by file name."""
    named = "cnn_principles.ipynb"
    small = notebook("output_size")
    shadow = "raise SystemExit('the grader must not import this')\n"
    web_page = f"<!DOCTYPE html>\n<html><head><title>{named} - GitHub</title></head></html>\n"
    as_written = (
        "right partly_right stubs raising_cell endless_cell hostile_exits top_level_await "
        "input_call"
    )
    return {
        **{f"{name}.ipynb": notebook(name) for name in as_written.split()},
        "-leading-dash.ipynb": small,
        "Jürgen's final (1).ipynb": small,
        "empty.ipynb": as_json(
            {"cells": [], "metadata": PYTHON, "nbformat": 4, "nbformat_minor": 5}
        ),
        "nbformat3.ipynb": notebook_of_2013("right"),
        "not_a_notebook.ipynb": web_page,
        "r_notebook.ipynb": notebook("output_size", R),
        "truncated.ipynb": small[: len(small) // 2],
        "right_zipped.zip": zipped({f"hw4/{named}": notebook("right"), "hw4/notes.txt": "done\n"}),
        "shadowing_modules.zip": zipped(
            {
                named: small,
                "numpy.py": shadow,
                "torch.py": shadow,
                "otter/__init__.py": shadow,
            }
        ),
        "two_notebooks.zip": zipped({"final.ipynb": small, "final_v2.ipynb": small}),
    }


def main() -> None:
    for name, content in submissions().items():
        data = content if isinstance(content, bytes) else content.encode()
        (SUBMISSIONS / name).write_bytes(data)


if __name__ == "__main__":
    main()
