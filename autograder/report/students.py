"""What the page has of each student: a row of the table, and a section with the feedback."""

from typing import Any

from autograder.config import Assignment
from autograder.finding import printable
from autograder.outlets.grades import People, joined
from autograder.outlets.marks import Marks
from autograder.results import GradingResult, Status

__all__ = ["cut", "student"]

_LONGEST = 4000  # characters of one text: the whole of it is in the student's results.json


def student(
    result: GradingResult, assignment: Assignment, people: People, marks: Marks
) -> dict[str, Any]:
    """One student, in the words of the page."""
    scores = [result.question_score(question) for question in assignment.graded]
    person = joined(people.get(result.submission, ()))
    return {
        "name": result.submission,
        "person": person.name,
        "reached": ", ".join(part for part in (person.email, person.sid) if part),
        "status": result.status.replace("_", " "),
        "graded": result.status is Status.GRADED,
        "score": _shown(result.score),
        "scores": [_shown(score) for score in [*scores, *marks.values(result)[:-1]]],
        "total": _shown(marks.total(result)),
        "message": result.remark,
        "why": _last_line(result.detail) or result.remark,
        "said": [*([result.message] if result.message else []), *result.notes,
                 *(f"{override.sentence()}." for override in result.overrides)],
        "detail": cut(result.detail),
        "failed_checks": " ".join(check.id for check in result.failed),
        # The checks' ids only: with all that they found, a class would not fit into memory.
        "failed": [{"text": cut(text), "checks": [check.id for check in checks]}
                   for text, checks in result.failures()],
        "output": cut(printable(result.output.strip())),
    }  # fmt: skip


def _last_line(detail: str) -> str:
    """Of an internal error what the staff wants to know first."""
    return cut(detail.strip().rpartition("\n")[2])


def cut(text: str) -> str:
    """As much of a text as a page can have."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}\n(and so on)"


def _shown(score: float | None) -> str:
    return "" if score is None else f"{score:g}"
