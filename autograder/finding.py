"""What a student reads of a check that did not pass: plain data, laid out where it is shown.

At the bottom of everything, so that a process that only shows results need not load torch.
"""

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

__all__ = ["Block", "Comparison", "Finding", "indent", "printable"]

_MAX_PART = 8000  # characters


@dataclass(frozen=True, kw_only=True)
class Block:
    """One side of a comparison: a matrix entry by entry, or a text where it is no small matrix."""

    label: str
    text: str = ""
    rows: tuple[tuple[str, ...], ...] = ()
    marked: tuple[tuple[bool, ...], ...] = ()  # of the shape of ``rows``: the entries that differ

    def shown(self) -> str:
        """The text, or rows of equal width where a marked entry stands in brackets."""
        if not self.rows:
            return self.text
        cells = [
            [f"[{entry}]" if mark else f" {entry} " for entry, mark in zip(*line, strict=True)]
            for line in zip(self.rows, self.marked, strict=True)
        ]
        width = max(len(cell) for row in cells for cell in row)
        return "\n".join("".join(cell.rjust(width) for cell in row) for row in cells)


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What was expected and what came, and a note on how they differ."""

    blocks: tuple[Block, ...] = ()
    note: str = ""

    def text(self) -> str:
        """For a terminal."""
        parts = [part for block in self.blocks for part in (block.label, indent(block.shown()))]
        return "\n".join([*parts, self.note] if self.note else parts)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A failure, in the parts a student reads; every part but the problem may be empty."""

    problem: str
    call: str = ""
    comparison: Comparison = Comparison()
    hint: str = ""

    def text(self) -> str:
        """All parts, for a terminal."""
        parts = [self.problem]
        if self.call:
            parts.append(f"Called:\n{indent(self.call)}")
        if self.comparison.blocks:
            parts.append(self.comparison.text())
        if self.hint:
            parts.append(f"Hint: {self.hint}")
        return "\n".join(parts)

    def cleaned(self) -> "Finding":
        """Without control characters, and no part longer than a page: words may be a student's."""
        compared = self.comparison
        blocks = tuple(replace(block, text=_clean(block.text)) for block in compared.blocks)
        return Finding(
            problem=_clean(self.problem),
            call=_clean(self.call),
            comparison=Comparison(blocks=blocks, note=_clean(compared.note)),
            hint=_clean(self.hint),
        )

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> "Finding":
        """The inverse of ``dataclasses.asdict`` and JSON."""
        compared = raw["comparison"]
        blocks = tuple(_block(block) for block in compared["blocks"])
        return cls(**{**raw, "comparison": Comparison(blocks=blocks, note=compared["note"])})


def _block(raw: Mapping[str, Any]) -> Block:
    grids = {key: tuple(tuple(row) for row in raw[key]) for key in ("rows", "marked")}
    return Block(**{**raw, **grids})


def _clean(text: str) -> str:
    return printable(text if len(text) <= _MAX_PART else f"{text[:_MAX_PART]}...")


def printable(text: str) -> str:
    """Student-controlled text without control characters, which could fool a terminal."""
    return "".join(c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}"
                   for c in text)  # fmt: skip


def indent(text: str) -> str:
    """Four spaces before every line."""
    return textwrap.indent(text, "    ")
