"""grades.csv: one row a submission, in name order; the columns are the project's contract."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from autograder.config import Assignment
from autograder.outlets.marks import Marks
from autograder.outlets.spreadsheet import csv_text
from autograder.results import GradingResult

__all__ = ["People", "Person", "grades_csv", "score_columns", "score_values", "together"]


class Person(NamedTuple):
    """A student, as the roster on Gradescope has them; every part may be empty."""

    name: str = ""
    email: str = ""
    sid: str = ""


People = Mapping[str, Sequence[Person]]
"""Whose each submission is: one student, a group, or nobody who is known."""


def together(group: Sequence[Person]) -> Person:
    """All of a group in one row, divided by semicolons."""
    return Person(*("; ".join(part) for part in zip(*group, strict=True)))


def grades_csv(
    assignment: Assignment,
    results: Iterable[GradingResult],
    people: People = MappingProxyType({}),
    marks: Marks | None = None,
) -> str:
    """The table as CSV text. An empty score means that there is none, which is not 0.

    Where ``people`` are known, of any submission, there are columns for them; ``marks`` are those
    of the written answers, if there are any yet.
    """
    marks, are_known = marks or Marks(assignment), any(people.values())
    columns = ["submission", *score_columns(assignment), "message", *marks.columns]
    rows = []
    for result in results:
        whose = together(people.get(result.submission, ())) if are_known else ()
        scores = score_values(assignment, result)
        written = marks.values(result)
        rows.append([result.submission, *scores, result.remark, *written, *whose])
    return csv_text(columns + (list(Person._fields) if are_known else []), sorted(rows, key=_name))


def score_columns(assignment: Assignment) -> list[str]:
    """What is said of a submission in numbers, also where nobody is named."""
    return ["status", "score", "max_score", *(q.id for q in assignment.questions)]


def score_values(assignment: Assignment, result: GradingResult) -> list[object]:
    """A result in these columns."""
    scores = [result.question_score(question) for question in assignment.questions]
    return [result.status, result.score, assignment.max_score, *scores]


def _name(row: Sequence[object]) -> str:
    return str(row[0])
