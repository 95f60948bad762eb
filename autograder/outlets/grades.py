"""grades.csv: one row a submission, in name order; the columns are the project's contract."""

import csv
import io
from collections.abc import Iterable

from autograder.config import Assignment
from autograder.results import GradingResult

__all__ = ["grades_csv"]

_FORMULA = ("=", "+", "@", "\t", "\r")
_CALLS = frozenset("(|!")  # what a formula needs to do anything but arithmetic


def grades_csv(assignment: Assignment, results: Iterable[GradingResult]) -> str:
    """The table as CSV text. An empty score means that there is none, which is not 0."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    questions = assignment.questions
    writer.writerow(
        ["submission", "status", "score", "max_score", *(q.id for q in questions), "message"]
    )
    for result in sorted(results, key=lambda r: r.submission):
        scores = [result.question_score(question) for question in questions]
        row = [result.submission, result.status, result.score, assignment.max_score, *scores]
        writer.writerow([_cell(value) for value in [*row, result.remark]])
    return text.getvalue()


def _cell(value: object) -> object:
    """A spreadsheet would run text that starts like a formula; an apostrophe makes it text.

    A file name may start with a dash; it stays as it is unless it could be more than a name.
    """
    if isinstance(value, str) and (
        value.startswith(_FORMULA) or (value.startswith("-") and _CALLS & set(value))
    ):
        return f"'{value}"
    return "" if value is None else value
