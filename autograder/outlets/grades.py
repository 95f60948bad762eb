"""grades.csv: one row a submission, in name order; the columns are the project's contract."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from autograder.config import Assignment
from autograder.outlets.marks import Marks
from autograder.outlets.spreadsheet import csv_text
from autograder.results import GradingResult

__all__ = ["GradesTable", "People", "Person", "joined", "score_columns", "score_values"]


class Person(NamedTuple):
    """A student, as the roster on Gradescope has them; every part may be empty."""

    name: str = ""
    email: str = ""
    sid: str = ""


People = Mapping[str, Sequence[Person]]
"""Whose each submission is: one student, a group, or nobody who is known."""


def joined(group: Sequence[Person]) -> Person:
    """All of a group in one row, divided by semicolons."""
    return Person(*("; ".join(part) for part in zip(*group, strict=True)))


class GradesTable:
    """Takes results one at a time, and makes the table of them.

    Where ``people`` are known, of any submission, it has columns for them; ``marks`` are those of
    the written answers, if there are any yet.
    """

    def __init__(
        self,
        assignment: Assignment,
        people: People = MappingProxyType({}),
        marks: Marks | None = None,
    ) -> None:
        self._assignment = assignment
        self._people = people
        self._marks = marks or Marks(assignment)
        self._are_known = any(people.values())
        self._rows: list[list[object]] = []

    def add(self, result: GradingResult) -> None:
        """One more row."""
        name = result.submission
        whose = joined(self._people.get(name, ())) if self._are_known else ()
        scores = score_values(self._assignment, result)
        self._rows.append([name, *scores, result.remark, *self._marks.values(result), *whose])

    def csv(self) -> str:
        """The table as CSV text. An empty score means that there is none, which is not 0."""
        columns = ["submission", *score_columns(self._assignment), "message", *self._marks.columns]
        columns += Person._fields if self._are_known else ()
        return csv_text(columns, sorted(self._rows, key=lambda row: str(row[0])))


def score_columns(assignment: Assignment) -> list[str]:
    """What is said of a submission in numbers, also where nobody is named."""
    return ["status", "score", "max_score", *(q.id for q in assignment.questions)]


def score_values(assignment: Assignment, result: GradingResult) -> list[object]:
    """A result in these columns."""
    scores = [result.question_score(question) for question in assignment.questions]
    return [result.status, result.score, assignment.max_score, *scores]
