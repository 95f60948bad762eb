"""The written questions as students were asked them, found in the notebook that they were given."""

import re
from dataclasses import dataclass

from autograder.config import Assignment, Written
from autograder.errors import AutograderError, ConfigError
from autograder.intake import read_cells
from autograder.written.comments import remarks

__all__ = ["END_WORDS", "HandedOut", "Prompt", "read_prompts", "squeezed"]

BEGIN, END = "<!-- BEGIN QUESTION -->", "<!-- END QUESTION -->"  # Otter's, around each of them
END_WORDS = "END QUESTION"


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
class HandedOut:
    """The notebook that students were given, as far as it tells their words from ours."""

    prompts: tuple[Prompt, ...]
    """In the notebook's order."""
    cells: frozenset[str]
    """All of them, squeezed; without those for answers."""
    remarks: frozenset[str]
    """Comments and the like in the code."""
    words: re.Pattern[str]
    """What was handed out, wherever it stands in a text: marks, questions, any other text."""


def read_prompts(assignment: Assignment) -> HandedOut:
    """The notebook in student_template/; raises ConfigError where it asks other questions."""
    path = assignment.layout.root / "student_template" / f"{assignment.module}.ipynb"
    try:
        cells = read_cells(path, module=assignment.module).cells
    except AutograderError as error:
        raise ConfigError(
            f"{error} It is the notebook that students were given; `autograder build` makes it."
        ) from None
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
    texts = {squeezed(cell.text) for cell in cells if cell.kind != "code"} - for_answers
    code = {squeezed(cell.text) for cell in cells if cell.kind == "code"}
    return HandedOut(
        prompts=tuple(prompts),
        cells=frozenset((texts | code) - {""}),
        remarks=frozenset(r for cell in cells if cell.kind == "code" for r in remarks(cell.text)),
        words=_anywhere({BEGIN, END, *for_answers, *texts} - {""}),
    )


def squeezed(text: str) -> str:
    """The text in one line: editors break lines anew, and a quotation has a mark before each."""
    for mark in (BEGIN, END):
        text = text.replace(mark, " ")
    return " ".join(text.replace(">", " ").split())


def _anywhere(texts: set[str]) -> re.Pattern[str]:
    """Any of the texts, however its lines are broken; the longest first."""
    patterns = [r"[\s>]+".join(map(re.escape, text.split()))
                for text in sorted(texts, key=len, reverse=True)]  # fmt: skip
    return re.compile("|".join(patterns))
