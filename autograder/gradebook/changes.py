"""Whose grade is no longer what was published, and why."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from autograder.config import Assignment
from autograder.gradebook.store import Graded, Row
from autograder.outlets.marks import Marks
from autograder.outlets.spreadsheet import csv_text

__all__ = ["NAME", "Change", "changes", "changes_csv", "row_of"]

NAME = "changes.csv"


class Change(NamedTuple):
    """One value of one row of grades.csv; ``None`` for a value that there was not or is not."""

    submission: str
    column: str
    before: str | float | None
    after: str | float | None
    why: str


def changes_csv(found: Iterable[Change]) -> str:
    """The table that a person reads before grades are published anew."""
    return csv_text(("submission", "column", "from", "to", "why"), found)


def row_of(graded: Graded, assignment: Assignment, marks: Marks) -> Row:
    """What would be published of a result, overrides, written answers and all."""
    result = graded.result
    scores = {q.id: result.question_score(q) for q in assignment.graded}
    return Row(
        values={"status": str(result.status), "score": result.score, **scores},
        overrides={override.question: override.sentence() for override in result.overrides},
        submission_digest=graded.submission_digest,
        assignment_digest=graded.assignment_digest,
        marks=dict(zip(marks.columns, marks.values(result), strict=True)),
    )


def changes(before: Mapping[str, Row], after: Mapping[str, Row]) -> list[Change]:
    """Every value that differs, by submission and then in the order of the columns."""
    found = []
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        was, now = old.values if old else {}, new.values if new else {}
        # For a submission that came or went, its score says it all.
        for column in {**now, **was} if old and new else ("status", "score"):
            if was.get(column) != now.get(column):
                found.append(
                    Change(name, column, was.get(column), now.get(column), _why(old, new, column))
                )
        found += _of_marks(name, old, new)
    return found


def _of_marks(name: str, old: Row | None, new: Row | None) -> list[Change]:
    """Of written answers that were not published before, the total says all."""
    was, now = old.marks if old else {}, new.marks if new else {}
    differ = [column for column in {**now, **was} if was.get(column) != now.get(column)]
    is_of_answers = differ not in ([], ["total"])
    why = "points of written answers" if is_of_answers else _why(old, new, "total")
    shown = differ if was and now else [column for column in differ if column == "total"]
    return [Change(name, column, was.get(column), now.get(column), why) for column in shown]


def _why(old: Row | None, new: Row | None, column: str) -> str:
    if old is None or new is None:
        return "was not there before" if old is None else "is no longer there"
    reasons = []
    if old.submission_digest != new.submission_digest:
        reasons.append("the submission changed")
    if old.assignment_digest != new.assignment_digest:
        reasons.append("checks or settings changed")
    for question in {**new.overrides, **old.overrides}:
        if column in new.values.keys() - {"status", "score", question}:
            continue  # it is another question's
        if old.overrides.get(question) != new.overrides.get(question):
            reasons.append(new.overrides.get(question) or f"{question}: override withdrawn")
    return "; ".join(reasons) or "graded anew"
