"""The code cells of notebook JSON, whatever version and whatever state it is in.

The shape is read, not the version number: Jupyter opens a notebook whose number is wrong, so
intake grades it. Every version since 2011 keeps its cells in ``cells`` or in ``worksheets`` and
their code in ``source`` or in ``input``; that is read here in one way, and the tests hold it to
what nbformat's own upgrade gives for valid notebooks. nbformat itself raises or logs on invalid
ones, and would keep the outputs in memory.
"""

import json
import re
import sys
from collections.abc import Callable, Iterator
from typing import Any

from autograder.errors import RejectedError
from autograder.intake._words import listed, quoted

__all__ = ["MAX_CODE_CELLS", "MAX_TEXT_MEMORY", "MAX_VALUES", "cell_list", "parse_json",
           "parse_notebook", "slim", "text_of", "too_much", "whole_characters"]  # fmt: skip

MAX_VALUES = 4_000_000
"""JSON values; each costs up to 64 bytes of memory, however short its text is."""
MAX_TEXT_MEMORY = 80 * 2**20
"""Of the decoded text: one emoji makes every character take four bytes, and parsing copies."""
MAX_CODE_CELLS = 10_000

# All that intake reads. The rest (outputs above all) is dropped while parsing, object by object.
_KEPT = frozenset(
    {
        *("cells", "worksheets", "cell_type", "source", "input"),
        *("nbformat", "metadata", "kernelspec", "language_info", "language", "name"),
    }
)
_SURROGATES = re.compile("[\ud800-\udfff]")


def slim(parsed: dict[str, Any]) -> dict[str, Any]:
    """An object of the JSON, without what is not needed."""
    return {key: parsed[key] for key in _KEPT & parsed.keys()}


def too_much(name: str) -> RejectedError:
    """For a file whose text would take more memory than there is."""
    return RejectedError(
        f"{quoted(name)} holds too much: clear the outputs of the notebook (Clear All "
        "Outputs), save it, and hand it in again.",
    )


def parse_json(text: str, name: str, hook: Callable[[dict[str, Any]], Any] = slim) -> Any:
    """The JSON of a notebook; a RejectedError says what is wrong with it."""
    if sys.getsizeof(text) > MAX_TEXT_MEMORY or sum(map(text.count, ",[{")) > MAX_VALUES:
        raise too_much(name)
    try:
        # float, because int() refuses a number of some thousand digits, and takes long before that
        return json.loads(text, object_hook=hook, parse_int=float)
    except json.JSONDecodeError as error:
        at_end = not text[error.pos :].strip() or error.msg.startswith("Unterminated string")
        what = "breaks off" if at_end else "is damaged"
        why = f"its JSON {what} at line {error.lineno}"
        if re.search(r"^<{7} ", text, re.MULTILINE):
            why += ", and Git's conflict markers (<<<<<<<) are left in it"
        raise RejectedError(
            f"{quoted(name)} is not a complete notebook: {why}. Open it in Jupyter, save it, "
            "check that it opens again, and hand that in.",
        ) from error
    except RecursionError as error:
        raise RejectedError(
            f"{quoted(name)} is not a notebook: its JSON is nested too deeply. Save it again in "
            "Jupyter and hand that in.",
        ) from error


def cell_list(notebook: Any) -> list[Any] | None:
    """Find the cells of any version of the format; None if this is no notebook."""
    if not isinstance(notebook, dict):
        return None
    if isinstance(cells := notebook.get("cells"), list):
        return cells
    if not isinstance(worksheets := notebook.get("worksheets"), list):
        return None
    found: list[Any] = []
    for worksheet in worksheets:
        if isinstance(worksheet, dict) and isinstance(cells := worksheet.get("cells"), list):
            found += cells
    return found


def text_of(cell: dict[str, Any]) -> str | None:
    """Join a cell's text; None where it has none."""
    source = cell.get("source", cell.get("input"))
    if isinstance(source, str):
        return source
    if not isinstance(source, list) or not all(isinstance(line, str) for line in source):
        return None
    # Format 3 was also written without line ends; nbformat tells the two by the first line.
    without_ends = "source" not in cell and source and not source[0].endswith(("\n", "\r"))
    return ("\n" if without_ends else "").join(source)


def whole_characters(text: str) -> str:
    """The text without halves of characters, which no encoding can write."""
    return _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", text)


def _foreign_language(notebook: dict[str, Any]) -> str | None:
    """Name the notebook's language where it is not Python.

    The kernel's name does not matter: every machine names its own.
    """
    metadata = notebook.get("metadata")
    if not isinstance(metadata, dict):
        return None
    stated = [
        metadata[place].get(key)
        for place, key in (("kernelspec", "language"), ("language_info", "name"))
        if isinstance(metadata.get(place), dict)
    ] + [metadata.get("language")]
    languages = [text for text in stated if isinstance(text, str) and text]
    # Where the two disagree a kernel was switched; the code may well be Python.
    if any(re.match("i?python", text, re.IGNORECASE) for text in languages):
        return None
    return languages[0] if languages else None


def _note(what: str, numbers: list[int]) -> Iterator[str]:
    if numbers:
        cells = "code cell" if len(numbers) == 1 else "code cells"
        yield f"{what} {cells} {listed([str(number) for number in numbers])}."


def parse_notebook(text: str, *, name: str) -> tuple[list[str], list[str]]:
    """Read the code cells in order, blank ones too, and notes for the student."""
    notebook = parse_json(text, name)
    cells = cell_list(notebook)
    if cells is None:
        raise RejectedError(
            f"{quoted(name)} is JSON but not a notebook: it has no cells. Save the notebook in "
            "Jupyter and hand that in.",
        )
    if language := _foreign_language(notebook):
        raise RejectedError(
            f"{quoted(name)} is a notebook in {quoted(language)}, not in Python: choose a Python "
            "kernel, run it, save it, and hand that in."
        )

    sources: list[str] = []
    unreadable: list[int] = []
    mended: list[int] = []
    with_nul: list[int] = []
    for cell in cells:
        kind = cell.get("cell_type") if isinstance(cell, dict) else None
        if isinstance(kind, str) and kind != "code":
            continue
        source = text_of(cell) if kind == "code" else None
        number = len(sources) + 1  # of the code cells, the way students and worker count them
        if source is None:
            unreadable.append(number)
        elif (whole := whole_characters(source)) != source:
            mended.append(number)
            source = whole
        if source and "\0" in source:
            with_nul.append(number)
        sources.append(source or "")
    if len(sources) > MAX_CODE_CELLS:
        raise RejectedError(
            f"{quoted(name)} has {len(sources)} code cells, more than {MAX_CODE_CELLS}: hand in "
            "only the assignment's cells and your answers."
        )

    notes = []
    version = notebook.get("nbformat", 4.0)
    if version not in (2.0, 3.0, 4.0):
        notes.append("The notebook's format is not one known here; its cells were read as usual.")
    notes += _note("Not readable (no text, or no type), so left empty:", unreadable)
    notes += _note("Half a character was replaced in", mended)
    notes += _note("A NUL character, which Python refuses to run, stands in", with_nul)
    return sources, notes
