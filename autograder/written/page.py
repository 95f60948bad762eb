"""answers.html: all answers to one question after the other, with the rubric beside them."""

import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from autograder.config import Assignment
from autograder.outlets.page import html_page
from autograder.written.answers import Answer, Found, State
from autograder.written.prompts import HandedOut
from autograder.written.rubric import as_html, read_rubric

__all__ = ["answers_html"]

_OVERRIDES = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}  # of the direction


def answers_html(
    assignment: Assignment, handed_out: HandedOut, found: Mapping[str, Found]
) -> Iterator[str]:
    """The page, piece by piece; ``found`` is by what a submission is called there."""
    rubric, students = read_rubric(assignment), sorted(found.items())
    questions: list[dict[str, Any]] = []
    for prompt in handed_out.prompts:
        question = prompt.question
        answers = [(label, one.answers[question.id]) for label, one in students]
        questions.append(
            {
                "id": question.id,
                "title": question.title,
                "points": question.points,
                "prompt": as_html(prompt.text),
                "rubric": rubric.get(question.id, ""),
                "answers": [_shown(x, a) for x, a in answers if a.state is State.ANSWERED],
                "empty": [_shown(x, a) for x, a in answers if a.state is State.EMPTY],
                "missing": [_shown(x, a) for x, a in answers if a.state is State.NOT_FOUND],
            }
        )
    elsewhere = [
        _shown(label, one.elsewhere)
        for label, one in students
        if one.elsewhere.state is State.ANSWERED
        and any(answer.state is State.NOT_FOUND for answer in one.answers.values())
    ]
    sections = [(q["id"], f"{q['id']}: {len(q['answers'])}") for q in questions]
    return html_page(
        "autograder.written",
        "answers",
        title=f"{assignment.title}: written answers",
        summary=f"{len(found)} submissions, {len(questions)} questions. The points go into "
        "answers.csv: a line for each submission, a column for each question.",
        sections=[*sections, *([("elsewhere", "Text elsewhere")] if elsewhere else [])],
        questions=questions,
        elsewhere=elsewhere,
    )


def _shown(label: str, answer: Answer) -> dict[str, Any]:
    return {"label": label, "text": _readable(answer.text), "images": answer.images,
            "note": answer.note}  # fmt: skip


def _readable(text: str) -> str:
    """Without characters that fool a reader; joiners and odd blanks belong to many a script."""
    return "".join("\N{REPLACEMENT CHARACTER}" if _fools(c) else c for c in text)


def _fools(character: str) -> bool:
    if character in "\n\t":
        return False
    is_odd = unicodedata.category(character) in {"Cc", "Cs", "Co"}
    return is_odd or unicodedata.bidirectional(character) in _OVERRIDES
