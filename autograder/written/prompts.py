"""The written questions as students were asked them, found in the notebook that they were given."""

import re
from dataclasses import dataclass
from pathlib import Path

from autograder.config import Assignment, Written
from autograder.errors import AutograderError, ConfigError
from autograder.intake import Cell, read_cells

__all__ = ["BEGIN", "END", "Prompt", "Prompts", "read_prompts", "squeezed"]

BEGIN, END = "<!-- BEGIN QUESTION -->", "<!-- END QUESTION -->"  # Otter's, around each of them


@dataclass(frozen=True, kw_only=True)
class Prompt:
    """One written question."""

    question: Written
    text: str
    """What is asked, as Markdown."""
    cell_id: str
    """Of the cell that asks."""
    answer_id: str
    """Of the cell for the answer."""
    placeholder: str
    """What stands there before anybody answers."""


@dataclass(frozen=True, kw_only=True)
class Prompts:
    """All of them, in the notebook's order."""

    all: tuple[Prompt, ...]
    handed_out: frozenset[str]
    """The cells of the notebook, squeezed; without those for answers."""


def read_prompts(assignment: Assignment) -> Prompts:
    """The written questions of the notebook in student_template/; raises ConfigError."""
    name = f"{assignment.module}.ipynb"
    path = assignment.layout.root / "student_template" / name
    cells = _handed_out(path, assignment.module)
    asked = [place for place, cell in enumerate(cells) if BEGIN in cell.text]
    if len(asked) != len(assignment.written) or asked[-1:] == [len(cells) - 1]:
        raise ConfigError(
            f"{path}: asks {len(asked)} written questions, but assignment.toml lists "
            f"{len(assignment.written)} under [[written]]; correct one, and run `autograder build`."
        )
    prompts = [
        Prompt(
            question=question,
            text=cells[place].text.replace(BEGIN, "").strip(),
            cell_id=cells[place].id,
            answer_id=cells[place + 1].id,
            placeholder=cells[place + 1].text,
        )
        for question, place in zip(assignment.written, asked, strict=True)
    ]
    for_answers = {squeezed(prompt.placeholder) for prompt in prompts}
    texts = {squeezed(cell.text) for cell in cells}
    return Prompts(all=tuple(prompts), handed_out=frozenset(texts - for_answers - {""}))


def squeezed(text: str) -> str:
    """The text in one line, without the marks around questions: editors break lines anew."""
    return " ".join(re.sub(f"{BEGIN}|{END}", " ", text).split())


def _handed_out(path: Path, module: str) -> list[Cell]:
    try:
        return read_cells(path, module=module)
    except AutograderError as error:
        raise ConfigError(
            f"{error} It is the notebook that students were given; `autograder build` makes it."
        ) from None
