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
from autograder.written.merge import WrittenPoints

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
                f"{self._path}: what it has of {name!r} is damaged, or of another version of this "
                "program; grade that anew with --fresh."
            ) from None

    def class_list(self) -> dict[str, tuple[Person, ...]]:
        """The submissions that grades.csv has, and whose they are, if known."""
        rows = self._query("SELECT submission, submitters FROM class WHERE is_here")
        return {name: self._people(text) for name, text in rows}

    def everybody(self) -> dict[str, tuple[Person, ...]]:
        """The same, with those that grades.csv ever had."""
        rows = self._query("SELECT submission, submitters FROM class")
        return {name: self._people(text) for name, text in rows}

    def set_class(self, people: People) -> None:
        """Replaces what grades.csv has."""
        rows = [(name, _submitters(group)) for name, group in people.items()]
        with explained(self._path), transaction(self._connection):
            self._connection.execute("UPDATE class SET is_here = 0")
            self._connection.executemany("INSERT OR REPLACE INTO class VALUES (?, ?, 1)", rows)

    def published(self) -> dict[str, Row]:
        """The rows that changes are counted from."""
        rows = self._query("SELECT submission, grades FROM published")
        with self._undamaged():
            return {name: Row(**json.loads(text)) for name, text in rows}

    def publish(self, rows: Mapping[str, Row]) -> None:
        """Count changes from these rows from now on."""
        values = [(name, json.dumps(asdict(row))) for name, row in rows.items()]
        with explained(self._path), transaction(self._connection):
            self._connection.execute("DELETE FROM published")
            self._connection.executemany("INSERT INTO published VALUES (?, ?)", values)

    def written_points(self) -> dict[str, WrittenPoints]:
        """The points of the written answers, by submission."""
        rows = self._query("SELECT submission, points, version FROM marks")
        with self._undamaged():
            return {name: WrittenPoints(json.loads(text), version) for name, text, version in rows}

    def set_written_points(self, points: Mapping[str, WrittenPoints]) -> None:
        """Keep these in the place of what there was of the same submissions."""
        self._change(
            "INSERT OR REPLACE INTO marks (submission, points, version) VALUES (?, ?, ?)",
            [(name, json.dumps(dict(one.points)), one.version) for name, one in points.items()],
        )

    def graded_digests(self) -> dict[str, str]:
        """Of the contents that each submission was graded with last."""
        return dict(self._query("SELECT submission, submission_digest FROM results"))

    def forget(self, submissions: Iterable[str], left: People) -> set[str]:
        """Delete all that is known of submissions; of which of them there was anything.

        Those in ``left`` stay, for the others who handed them in.
        """
        known = set()
        with explained(self._path), transaction(self._connection):
            for name in submissions:
                for table in ("results", "class", "published", "marks"):
                    if self._connection.execute(
                        f"DELETE FROM {table} WHERE submission = ?", (name,)
                    ).rowcount:
                        known.add(name)
            self._connection.executemany(
                "UPDATE class SET submitters = ? WHERE submission = ?",
                [(_submitters(group), name) for name, group in left.items()],
            )
        return known

    def compact(self) -> None:
        """Write the file anew, so that nothing is left in it of what was deleted.

        Raises UsageError where another program reads the file, and so keeps its old bytes.
        """
        with explained(self._path):
            self._connection.execute("VACUUM")
            busy, *_ = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise UsageError(
                f"{self._path}: another program has it open, so what was deleted is still in the "
                "file. Close that program, and run the same again."
            )

    def _people(self, text: str) -> tuple[Person, ...]:
        with self._undamaged():
            return tuple(Person(**one) for one in json.loads(text))

    @contextmanager
    def _undamaged(self) -> Iterator[None]:
        """Text that is read from a table, and is not what was written there."""
        with explained(self._path):
            try:
                yield
            except (ValueError, TypeError, KeyError) as error:
                raise sqlite3.DatabaseError(str(error)) from None

    def _query(self, statement: str, values: tuple[Any, ...] = ()) -> list[Any]:
        with explained(self._path):
            return self._connection.execute(statement, values).fetchall()

    def _change(self, statement: str, rows: list[tuple[Any, ...]]) -> None:
        with explained(self._path), transaction(self._connection):
            self._connection.executemany(statement, rows)


def _submitters(group: Iterable[Person]) -> str:
    return json.dumps([one._asdict() for one in group])


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
