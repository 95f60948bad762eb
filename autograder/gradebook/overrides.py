"""overrides.csv: scores that a person has set, which every run applies and no regrade touches.

The file is the staff's own: it is read, and only what is asked to be forgotten is taken out of it.
"""

import math
from collections.abc import Mapping
from pathlib import Path

from autograder.config import Assignment
from autograder.errors import UsageError
from autograder.outlets.spreadsheet import aliases, forget_rows, read_table
from autograder.results import Override

__all__ = ["NAME", "forget", "of_submission", "read_overrides"]

NAME = "overrides.csv"
_COLUMNS = ("submission", "question", "score", "reason", "by")


def read_overrides(folder: Path, assignment: Assignment) -> dict[str, tuple[Override, ...]]:
    """The overrides by submission; none where there is no file.

    Raises UsageError, naming the line, for what cannot be meant.
    """
    path = folder / NAME
    found: dict[str, dict[str, Override]] = {}
    for number, row in read_table(path, _COLUMNS).rows:
        where = f"{path}, line {number}"
        override = _override(row, where, assignment)
        submission = row["submission"]
        if not submission:
            raise UsageError(f"{where}: no submission is named.")
        if override.question in found.setdefault(submission, {}):
            raise UsageError(
                f"{where}: {override.question} of {submission!r} is set a second time; keep one."
            )
        found[submission][override.question] = override
    return {submission: tuple(some.values()) for submission, some in found.items()}


def of_submission(
    overrides: Mapping[str, tuple[Override, ...]], submission: str
) -> tuple[Override, ...]:
    """Those of one submission."""
    return next((overrides[key] for key in aliases(submission) if key in overrides), ())


def forget(folder: Path, submission: str) -> bool:
    """Take a submission's lines out of the file; whether there were any."""
    return forget_rows(folder / NAME, aliases(submission))


def _override(row: Mapping[str, str], where: str, assignment: Assignment) -> Override:
    points = {question.id: question.points for question in assignment.graded}
    question = row["question"]
    if question not in points:
        raise UsageError(f"{where}: there is no question {question!r}, only {', '.join(points)}.")
    try:
        score = float(row["score"].replace(",", "."))
    except ValueError:
        score = math.nan
    if not 0 <= score <= points[question]:
        raise UsageError(
            f"{where}: the score of {question} is a number from 0 to {points[question]}, "
            f"not {row['score']!r}."
        )
    for column in ("reason", "by"):
        if not row[column]:
            raise UsageError(f"{where}: {column!r} is empty: a score is set for a reason, by one.")
    return Override(question=question, score=score, reason=row["reason"], by=row["by"])
