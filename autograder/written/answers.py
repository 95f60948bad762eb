"""Where in a submission the written answers are.

An answer is what stands between its question and the next text that was handed out: in new cells,
in the question's own, below a copy of the question. Text anywhere else is kept, too, and comments
in code with it, and as long as there is any, no answer counts as missing: somebody has to look.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from autograder.intake import Cell
from autograder.written.comments import said_in
from autograder.written.images import Image, lifted, shown
from autograder.written.prompts import END_WORDS, HandedOut, squeezed

__all__ = ["Answer", "Found", "State", "find_answers"]

_MAX_TEXT = 20_000  # characters: a novel is not read on this page
_MAX_CELL = 200_000  # of one cell, in which questions are looked for
_MAX_CODE = 1_000_000  # of all cells, in which words are looked for
_LOOK = "what stands elsewhere in the notebook is shown at the end of the page"
_GONE = "the question is not there any more: the answer may stand below another one"

Part = tuple[str, str | None]


class State(StrEnum):
    """What is known of an answer."""

    ANSWERED = "answered"
    EMPTY = "empty"  # its place is as it was handed out, and there is no text elsewhere
    NOT_FOUND = "not found"  # somebody has to look


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One answer as it was typed: Markdown, and what was typed into code cells."""

    state: State
    text: str = ""
    images: tuple[Image, ...] = ()
    note: str = ""
    """For the reader: what is left out here, or where to look. It names nobody."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """All that a student wrote."""

    answers: dict[str, Answer]
    """By question, of each question one."""
    elsewhere: Answer
    """What stands in no answer's place."""


def find_answers(cells: Sequence[Cell], handed_out: HandedOut) -> Found:
    """Every text of the student's own, in the place of a question or in none.

    A question may be quoted below another one ("As in 2b: **Why ...?**"). What follows that
    is its answer only where nothing stands in the question's own place.
    """
    search = _Search(handed_out)
    read = [(cell, search.parts(cell)) for cell in map(lifted, cells)]
    first = search.run(read, quoted=set())
    missing = {q for q, answer in first.answers.items() if answer.state is not State.ANSWERED}
    return search.run(read, quoted=missing)


class _Search:
    """Goes through the cells from top to bottom."""

    def __init__(self, handed_out: HandedOut) -> None:
        self._handed_out = handed_out
        self._asked = {squeezed(prompt.text): prompt for prompt in handed_out.prompts}
        self._of_cell = {p.cell_id: p for p in handed_out.prompts if p.cell_id}
        self._of_cell |= {p.answer_id: p for p in handed_out.prompts if p.answer_id}

    def run(self, read: Iterable[tuple[Cell, list[Part]]], quoted: set[str]) -> Found:
        """All answers; questions that are ``quoted`` begin wherever their text stands."""
        places: dict[str, list[Cell]] = {}
        here, left = "", _MAX_CODE  # whose place this is; characters of code
        for cell, parts in read:
            if cell.kind == "code" and squeezed(cell.text) in self._handed_out.cells:
                continue  # it may stand before the answer
            if cell.kind == "code" and not here:  # a solution, or an experiment
                code = cell.text[: min(_MAX_CELL, left)]
                left -= len(code)
                said = said_in(code, self._handed_out.remarks)
                places.setdefault("", []).append(replace(cell, text=said))
                continue
            owner = self._owner(cell, parts, here)
            here = start = owner or here
            places.setdefault(here, []).append(Cell(kind=cell.kind, text="", images=cell.images))
            for words, question in parts:
                if question is not None and question in {"", start, here, *quoted}:
                    here = question
                    places.setdefault(here, [])
                else:  # the student's own, or a question that is quoted in another one's place
                    places.setdefault(here, []).append(replace(cell, text=words, images=()))
        elsewhere = _joined(places.pop("", []))
        answers = {}
        for prompt in self._handed_out.prompts:
            place = places.get(prompt.question.id)
            answers[prompt.question.id] = _answer(place, elsewhere)
        return Found(answers=answers, elsewhere=elsewhere)

    def _owner(self, cell: Cell, parts: Iterable[Part], here: str) -> str:
        """The question whose own cell this is: by its id, or because it asks that and no other."""
        asked = {question for _, question in parts if question}
        by_id = self._of_cell.get(cell.id)
        if by_id is not None and (not asked or by_id.question.id in asked):
            return by_id.question.id
        is_whole = squeezed(cell.text) in self._asked
        return asked.pop() if len(asked) == 1 and (is_whole or not here) else ""

    def parts(self, cell: Cell) -> list[Part]:
        """The text in parts: the student's own (``None``), a question, or ("") the end of one."""
        parts: list[Part] = []
        text, end = cell.text[:_MAX_CELL], 0
        for found in self._handed_out.words.finditer(text):
            if own := text[end : found.start()].strip().rstrip("> \t\r\n"):
                parts.append((own, None))
            end = found.end()
            words = squeezed(found[0])
            if prompt := self._asked.get(words):
                parts.append((found[0], prompt.question.id))
            elif words in self._handed_out.cells or END_WORDS in found[0]:
                parts.append((found[0], ""))
        if own := text[end:].strip():
            parts.append((own, None))
        return parts


def _answer(place: list[Cell] | None, elsewhere: Answer) -> Answer:
    answer = _joined(place or ())
    if answer.state is State.ANSWERED:
        return answer
    if elsewhere.state is State.ANSWERED:
        return Answer(state=State.NOT_FOUND, note=_LOOK)
    return answer if place is not None else Answer(state=State.NOT_FOUND, note=_GONE)


def _joined(cells: Iterable[Cell]) -> Answer:
    cells = list(cells)
    texts = ["\n".join(cell.text.splitlines()).strip() for cell in cells]
    text = "\n\n".join(part for part in texts if part)
    images, missing = shown(image for cell in cells for image in cell.images)
    left_out = []
    if len(text) > _MAX_TEXT:
        left_out.append(f"{len(text) - _MAX_TEXT} characters")
    if missing:
        left_out.append(f"{missing} images")
    return Answer(
        state=State.ANSWERED if text or images or missing else State.EMPTY,
        text=text[:_MAX_TEXT],
        images=images,
        note=f"{' and '.join(left_out)} left out: open the notebook" if left_out else "",
    )
