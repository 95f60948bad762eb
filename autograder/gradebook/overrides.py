"""overrides.csv: scores that a person has set, which every run applies and no regrade touches.

The file is the staff's own: it is read, and only what is asked to be forgotten is taken out of it.
"""

import csv
import io
import math
from collections.abc import Iterator, Mapping
from pathlib import Path

from autograder.config import Assignment
from autograder.errors import UsageError
from autograder.outlets.files import write_whole
from autograder.outlets.grades import cell
from autograder.results import Override

__all__ = ["NAME", "forget", "keys_of", "of_submission", "read_overrides"]

NAME = "overrides.csv"
_COLUMNS = ("submission", "question", "score", "reason", "by")


def read_overrides(folder: Path, assignment: Assignment) -> dict[str, tuple[Override, ...]]:
    """The overrides by submission; none where there is no file.

    Raises UsageError, naming the line, for what cannot be meant.
    """
    path = folder / NAME
    found: dict[str, dict[str, Override]] = {}
    for number, row in _rows(path):
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
    return next((overrides[key] for key in keys_of(submission) if key in overrides), ())


def keys_of(submission: str) -> tuple[str, ...]:
    """What the submission may be called in the file: by its name, or as grades.csv writes it."""
    return submission, str(cell(submission))


def forget(folder: Path, submission: str) -> bool:
    """Take a submission's lines out of the file; whether there were any."""
    path = folder / NAME
    if not path.exists():
        return False
    text, names = _text(path), keys_of(submission)
    rows = list(csv.reader(io.StringIO(text), _dialect(text)))
    place = _header(rows[0]).index("submission") if rows else 0
    kept = [row for row in rows if len(row) <= place or row[place].strip() not in names]
    if len(kept) == len(rows):
        return False
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows(kept)
    write_whole(path, written.getvalue())
    return True


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows with anything in them, with the numbers of their lines."""
    if not path.exists():
        return
    text = _text(path)
    lines = csv.reader(io.StringIO(text), _dialect(text))
    header = _header(next(lines, []))
    if missing := [name for name in _COLUMNS if name not in header]:
        raise UsageError(
            f"{path}: its first line must name the columns {','.join(_COLUMNS)}; "
            f"{missing[0]!r} is missing."
        )
    for row in lines:
        values = [value.strip() for value in row]
        if any(values):
            if len(values) < len(header) or any(values[len(header) :]):
                raise UsageError(
                    f"{path}, line {lines.line_num}: {len(values)} columns, not {len(header)}; "
                    "text that holds a comma stands in quotes."
                )
            yield lines.line_num, dict(zip(header, values, strict=False))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")  # spreadsheets put a mark before UTF-8
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path}: is not UTF-8; save it as 'CSV UTF-8'.") from None


def _dialect(text: str) -> type[csv.Dialect]:
    """Spreadsheets divide columns by what the language has: a semicolon where 0,5 is a half."""

    class Dialect(csv.excel):
        delimiter = max(",;\t", key=text.partition("\n")[0].count)

    return Dialect


def _header(row: list[str]) -> list[str]:
    return [name.strip().lower() for name in row]


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
