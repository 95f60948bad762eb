"""Images in an answer: pasted into the notebook, or into the text as data."""

import re
from collections.abc import Iterable
from dataclasses import replace

from autograder.intake import Cell

__all__ = ["Image", "lifted", "shown"]

_MOST = 4  # of one answer
_LONGEST = 2**20  # characters in base64
_KINDS = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")
_IN_TEXT = re.compile(r"data:(image/[a-z+]+);base64,([A-Za-z0-9+/=\s]{16,}?)(?=[)\"'>])")

Image = tuple[str, str]
"""Type, and content in base64."""


def lifted(cell: Cell) -> Cell:
    """The cell with its images beside its text, and a word where they stood in it."""
    found = tuple((image[1], image[2]) for image in _IN_TEXT.finditer(cell.text))
    return replace(cell, text=_IN_TEXT.sub("image", cell.text), images=(*cell.images, *found))


def shown(images: Iterable[Image]) -> tuple[tuple[Image, ...], int]:
    """The images that a page can show, and how many are left out."""
    every = [(kind, "".join(content.split())) for kind, content in images]
    good = [image for image in every if _can_be_shown(*image)][:_MOST]
    return tuple(good), len(every) - len(good)


def _can_be_shown(kind: str, content: str) -> bool:
    return kind in _KINDS and len(content) <= _LONGEST and bool(_BASE64.fullmatch(content))
