"""All cells of a notebook, text and code, with the images that were pasted into them.

For people who read written answers: nothing of this is graded or run.
"""

import re
from dataclasses import dataclass
from typing import Any

from autograder.intake._bytes import decode
from autograder.intake._notebook import (
    cell_list,
    parse_json,
    slim,
    text_of,
    whole_characters,
)

__all__ = ["Cell", "Handed", "parse_cells"]

_IMAGES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml"})
_KEPT = frozenset({"id", "attachments"})
_PERCENT = re.compile(r"^# ?%%(.*)$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One cell as it stands in the file."""

    kind: str
    """``markdown`` or ``code``; or whatever else the file says."""
    text: str
    id: str = ""
    """Notebooks have had one for each cell since 2021; some programs leave them out."""
    images: tuple[tuple[str, str], ...] = ()
    """Type and content of pasted images, in base64 as far as they are what they claim."""


@dataclass(frozen=True, kw_only=True)
class Handed:
    """What people can read of a submission."""

    cells: tuple[Cell, ...]
    beside: int = 0
    """How many other files were handed in that may hold text or pictures."""


def parse_cells(data: bytes, *, name: str) -> list[Cell]:
    """The cells in the bytes of a file, also of one that cannot be graded; else RejectedError."""
    text = decode(data, name=name)
    if not text.lstrip().startswith("{"):
        return _percent_cells(text)
    return [_cell(cell) for cell in cell_list(parse_json(text, name, _with_images)) or ()
            if isinstance(cell, dict)]  # fmt: skip


def _with_images(parsed: dict[str, Any]) -> dict[str, Any]:
    """An object of the notebook; images lie in ``{"attachments": {name: {type: content}}}``."""
    images = {
        key: value
        for key, value in parsed.items()
        if key in _IMAGES | _KEPT or (isinstance(value, dict) and _IMAGES & value.keys())
    }
    return slim(parsed) | images


def _cell(cell: dict[str, Any]) -> Cell:
    kind, id_, attached = (cell.get(key) for key in ("cell_type", "id", "attachments"))
    files = attached.values() if isinstance(attached, dict) else ()
    images = [
        (type_, content)
        for file in files
        if isinstance(file, dict)
        for type_, source in sorted(file.items())
        if type_ in _IMAGES and (content := text_of({"source": source}))
    ]
    return Cell(
        kind=kind if isinstance(kind, str) else "",
        text=whole_characters(text_of(cell) or ""),
        id=id_ if isinstance(id_, str) else "",
        images=tuple(images),
    )


def _percent_cells(text: str) -> list[Cell]:
    """The cells of a module in the percent format, which Jupytext, VS Code and Spyder write."""
    before, *parts = _PERCENT.split(text.replace("\r\n", "\n"))
    cells = [Cell(kind="code", text=before)]
    for title, content in zip(parts[::2], parts[1::2], strict=True):
        if "[markdown]" in title or "[md]" in title:
            plain = re.sub(r"^# ?", "", content, flags=re.MULTILINE)
            cells.append(Cell(kind="markdown", text=plain.strip('"\n')))  # some put it in quotes
        else:
            cells.append(Cell(kind="code", text=content.strip("\n")))
    return cells
