"""Where in a submission the written answers are.

An answer is whatever stands between the question and the next cell that was handed out, so it may
be spread over new cells, or be typed into the question's own. Where the question's text was
changed, the ids of its cells tell.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from autograder.intake import Cell
from autograder.written.prompts import BEGIN, END, Prompt, Prompts, squeezed

__all__ = ["Answer", "State", "answers_in"]

_MAX_TEXT = 20_000  # characters: a novel is not read on this page
_MAX_IMAGES = 4
_MAX_IMAGE = 3 * 2**20  # characters in base64
_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}\s*")


class State(StrEnum):
    """What is known of an answer."""

    ANSWERED = "answered"
    EMPTY = "empty"  # the cell is there, as it was handed out, or blank
    NOT_FOUND = "not found"  # neither question nor cell: somebody has to look


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One answer as it was typed: Markdown, and what was typed into code cells."""

    state: State
    text: str = ""
    images: tuple[tuple[str, str], ...] = ()
    """Type and content in base64."""
    note: str = ""
    """What is left out here, for the reader."""


def answers_in(cells: Sequence[Cell], prompts: Prompts) -> dict[str, Answer]:
    """The answers by question, of each question one."""
    return {prompt.question.id: _answer(cells, prompt, prompts) for prompt in prompts.all}


def _answer(cells: Sequence[Cell], prompt: Prompt, prompts: Prompts) -> Answer:
    asked = squeezed(prompt.text)
    for place, cell in enumerate(cells):
        if asked in squeezed(cell.text):
            below = _until_handed_out(cells[place + 1 :], prompts)
            return _joined([_rest(cell, asked), *below], prompt)
    by_id = {cell.id: place for place, cell in enumerate(cells) if cell.id}
    if (place := by_id.get(prompt.cell_id, -1)) >= 0:  # typed over the question, perhaps
        return _joined([cells[place], *_until_handed_out(cells[place + 1 :], prompts)], prompt)
    if (place := by_id.get(prompt.answer_id, -1)) >= 0:
        return _joined([cells[place]], prompt)
    return Answer(state=State.NOT_FOUND)


def _rest(cell: Cell, asked: str) -> Cell:
    """What was typed into the cell of the question itself, as far as it comes after it."""
    words = asked.split()
    question = re.compile(r"\s+".join(map(re.escape, words)))
    found = question.search(cell.text)
    return Cell(kind=cell.kind, text=cell.text[found.end() :] if found else "", images=cell.images)


def _until_handed_out(cells: Iterable[Cell], prompts: Prompts) -> list[Cell]:
    block: list[Cell] = []
    for cell in cells:
        if BEGIN in cell.text or squeezed(cell.text) in prompts.handed_out:
            break
        if END in cell.text:  # typed into the cell that ends the question, and before that
            before = cell.text.partition(END)[0]
            return [*block, Cell(kind=cell.kind, text=before, images=cell.images)]
        block.append(cell)
    return block


def _joined(cells: Iterable[Cell], prompt: Prompt) -> Answer:
    texts, images = [], []
    for cell in cells:
        text = "\n".join(cell.text.splitlines()).replace(prompt.placeholder, "")
        text = text.replace(BEGIN, "").strip()
        if text:
            texts.append(text)
        images += [(kind, content) for kind, content in cell.images if _BASE64.fullmatch(content)]
    text = "\n\n".join(texts)
    shown = [image for image in images if len(image[1]) <= _MAX_IMAGE][:_MAX_IMAGES]
    left_out = []
    if len(text) > _MAX_TEXT:
        left_out.append(f"{len(text) - _MAX_TEXT} characters")
    if len(shown) < len(images):
        left_out.append(f"{len(images) - len(shown)} images")
    return Answer(
        state=State.ANSWERED if text or images else State.EMPTY,
        text=text[:_MAX_TEXT],
        images=tuple(shown),
        note=f"{' and '.join(left_out)} left out: open the notebook" if left_out else "",
    )
