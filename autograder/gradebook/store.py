"""gradebook.sqlite: each result committed as it is made, and what students were told last.

Plain `sqlite3`: four tables and a dozen statements need no object mapper. A run that is killed at
any moment loses nothing that was committed. A second run beside it is refused: both would write the
same grades.csv.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from autograder.config import Assignment
from autograder.errors import UsageError
from autograder.gradebook.database import connect, explained, locked, transaction
from autograder.outlets.grades import People, Person
from autograder.results import GradingResult, Status

__all__ = ["NAME", "Gradebook", "Graded", "Row", "open_gradebook"]

NAME = "gradebook.sqlite"


@dataclass(frozen=True, kw_only=True)
class Graded:
    """A result, and the hashes of what it came from."""

    result: GradingResult
    submission_digest: str
    assignment_digest: str


@dataclass(frozen=True, kw_only=True)
class Row:
    """What was published of a submission."""

    values: Mapping[str, Any]  # by column of grades.csv
    overrides: Mapping[str, str]  # sentences by question
    submission_digest: str
    assignment_digest: str
    marks: Mapping[str, float | None] = field(default_factory=dict)  # by column, too


class Gradebook:
    """The open file; see `open_gradebook`."""

    def __init__(self, path: Path, connection: sqlite3.Connection, assignment: Assignment) -> None:
        self._path = path
        self._connection = connection
        self._assignment = assignment

    def finished(self, digests: Mapping[str, str], assignment_digest: str) -> set[str]:
        """The submissions with a result that still holds: of these contents, and these checks.

        An internal error never does: it is tried again.
        """
        rows = self._query(
            "SELECT submission, submission_digest FROM results "
            "WHERE assignment_digest = ? AND status != ?",
            (assignment_digest, Status.INTERNAL_ERROR),
        )
        return {name for name, digest in rows if digest and digests.get(name) == digest}

    def add(self, graded: Graded) -> None:
        """Commit a result, in the place of an earlier one of the same submission."""
        result = graded.result
        text = json.dumps(result.to_json(self._assignment))
        self._change(
            "INSERT OR REPLACE INTO results "
            "(submission, submission_digest, assignment_digest, status, result) "
            "VALUES (?, ?, ?, ?, ?)",
            [(result.submission, graded.submission_digest, graded.assignment_digest,
              result.status, text)],
        )  # fmt: skip

    def outdate(self, submissions: Iterable[str]) -> None:
        """Have these graded anew; until then the results stay, but no longer hold."""
        rows = [(submission,) for submission in submissions]
        self._change("UPDATE results SET assignment_digest = '' WHERE submission = ?", rows)

    def results(self, submissions: Iterable[str]) -> Iterator[Graded]:
        """What was graded of these submissions, in name order and one at a time."""
        for name in sorted(submissions):
            for text, submission_digest, assignment_digest in self._query(
                "SELECT result, submission_digest, assignment_digest FROM results "
                "WHERE submission = ?",
                (name,),
            ):
                yield Graded(
                    result=self._read(name, text),
                    submission_digest=submission_digest,
                    assignment_digest=assignment_digest,
                )

    def _read(self, name: str, text: str) -> GradingResult:
        try:
            return GradingResult.from_json(json.loads(text))
        except (ValueError, TypeError, KeyError):
            raise UsageError(
                f"{self._path}: what it has of {name!r} is damaged; grade that anew with --fresh."
            ) from None

    def class_list(self, *, everybody: bool = False) -> dict[str, tuple[Person, ...]]:
        """The submissions that grades.csv has, or ever had, and whose they are, if known."""
        rows = self._query(
            "SELECT submission, submitters FROM class WHERE is_here OR ?", (everybody,)
        )
        return {name: tuple(Person(**one) for one in json.loads(text)) for name, text in rows}

    def set_class(self, people: People) -> None:
        """Replaces what grades.csv has."""
        rows = [(name, json.dumps([one._asdict() for one in group]))
                for name, group in people.items()]  # fmt: skip
        with explained(self._path), transaction(self._connection):
            self._connection.execute("UPDATE class SET is_here = 0")
            self._connection.executemany("INSERT OR REPLACE INTO class VALUES (?, ?, 1)", rows)

    def published(self) -> dict[str, Row]:
        """The rows that changes are counted from."""
        rows = self._query("SELECT * FROM published")
        return {name: Row(**json.loads(text)) for name, text in rows}

    def publish(self, rows: Mapping[str, Row]) -> None:
        """Count changes from these rows from now on."""
        values = [(name, json.dumps(asdict(row))) for name, row in rows.items()]
        with explained(self._path), transaction(self._connection):
            self._connection.execute("DELETE FROM published")
            self._connection.executemany("INSERT INTO published VALUES (?, ?)", values)

    def marks(self) -> dict[str, dict[str, float]]:
        """The points of the written answers, by submission and question."""
        rows = self._query("SELECT submission, points FROM marks")
        return {name: json.loads(text) for name, text in rows}

    def mark(self, points: Mapping[str, Mapping[str, float]], digests: Mapping[str, str]) -> None:
        """Keep the points of these submissions, and which contents of theirs they are for."""
        self._change(
            "INSERT OR REPLACE INTO marks VALUES (?, ?, ?)",
            [(name, json.dumps(dict(some)), digests.get(name, ""))
             for name, some in points.items()],
        )  # fmt: skip

    def marked(self) -> dict[str, str]:
        """Which contents of each submission its written answers were given points for."""
        return dict(self._query("SELECT submission, submission_digest FROM marks"))

    def digests(self) -> dict[str, str]:
        """Of the contents that each submission was graded with last."""
        return dict(self._query("SELECT submission, submission_digest FROM results"))

    def marked_before(self) -> list[str]:
        """Who has handed in something else since the written answers were given points."""
        rows = self._query(
            "SELECT submission FROM marks JOIN results USING (submission) "
            "WHERE marks.submission_digest NOT IN ('', results.submission_digest) "
            "ORDER BY submission"
        )
        return [name for (name,) in rows]

    def forget(self, submission: str) -> bool:
        """Delete all that is known of a submission; whether there was anything."""
        known = 0
        with explained(self._path), transaction(self._connection):
            for table in ("results", "class", "published", "marks"):
                known += self._connection.execute(
                    f"DELETE FROM {table} WHERE submission = ?", (submission,)
                ).rowcount
        return known > 0

    def compact(self) -> None:
        """Write the file anew, so that nothing is left in it of what was deleted."""
        with explained(self._path):
            self._connection.execute("VACUUM")
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _query(self, statement: str, values: tuple[Any, ...] = ()) -> list[Any]:
        with explained(self._path):
            return self._connection.execute(statement, values).fetchall()

    def _change(self, statement: str, rows: list[tuple[Any, ...]]) -> None:
        with explained(self._path), transaction(self._connection):
            self._connection.executemany(statement, rows)


@contextmanager
def open_gradebook(
    folder: Path, assignment: Assignment, *, must_exist: bool = False
) -> Iterator[Gradebook]:
    """Open, or make, the gradebook in ``folder``; raises UsageError where that cannot be."""
    path = folder / NAME
    if must_exist and not (path.is_file() and path.stat().st_size):
        raise UsageError(f"{folder}: no {NAME} in there; `autograder grade` makes it.")
    with locked(folder):
        connection = connect(path)
        try:
            yield Gradebook(path, connection, assignment)
        finally:
            connection.close()
