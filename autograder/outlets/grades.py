"""grades.csv: one row a submission, in name order; the columns are the project's contract."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from autograder.config import Assignment
from autograder.results import GradingResult

__all__ = ["Person", "cell", "csv_text", "grades_csv", "score_columns", "score_values"]


class Person(NamedTuple):
    """Whose a submission is; of a group all, divided by semicolons."""

    name: str = ""
    email: str = ""
    sid: str = ""


_FORMULA = ("=", "+", "@", "\t", "\r")
_CALLS = frozenset("(|!")  # what a formula needs to do anything but arithmetic


def grades_csv(
    assignment: Assignment,
    results: Iterable[GradingResult],
    people: Mapping[str, Person] | None = None,
) -> str:
    """The table as CSV text. An empty score means that there is none, which is not 0.

    ``people`` says, by submission, whose it is, where Gradescope's export names them.
    """
    columns = ["submission", *score_columns(assignment), "message"]
    rows = []
    for result in results:
        whose = people.get(result.submission, Person()) if people else ()
        rows.append([result.submission, *score_values(assignment, result), result.remark, *whose])
    return csv_text(columns + (list(Person._fields) if people else []), sorted(rows, key=_name))


def score_columns(assignment: Assignment) -> list[str]:
    """What is said of a submission in numbers, also where nobody is named."""
    return ["status", "score", "max_score", *(q.id for q in assignment.questions)]


def score_values(assignment: Assignment, result: GradingResult) -> list[object]:
    """A result in these columns."""
    scores = [result.question_score(question) for question in assignment.questions]
    return [result.status, result.score, assignment.max_score, *scores]


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table that is safe to open in a spreadsheet."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([cell(value) for value in row] for row in rows)
    return text.getvalue()


def cell(value: object) -> object:
    """A spreadsheet would run text that starts like a formula; an apostrophe makes it text.

    A file name may start with a dash; it stays as it is unless it could be more than a name.
    """
    if isinstance(value, str) and (
        value.startswith(_FORMULA) or (value.startswith("-") and _CALLS & set(value))
    ):
        return f"'{value}"
    return "" if value is None else value


def _name(row: Sequence[object]) -> str:
    return str(row[0])
