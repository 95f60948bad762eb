"""gradebook.sqlite: each result committed as it is made, and what students were told last.

Plain `sqlite3`: four tables and a dozen statements need no object mapper. A run that is killed at
any moment loses nothing that was committed. A second run beside it is refused: both would write the
same grades.csv.
"""

import fcntl
import itertools
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from autograder.config import Assignment
from autograder.errors import UsageError
from autograder.outlets.grades import People, Person
from autograder.results import GradingResult, Status

__all__ = ["NAME", "Gradebook", "Graded", "Row", "open_gradebook"]

NAME = "gradebook.sqlite"
_LOCK = ".lock"
# One step for each version of the schema; a file of an earlier version is brought up to date.
_SCHEMA = (
    (
        # What was graded, of all submissions that ever were.
        """CREATE TABLE results (
            submission TEXT PRIMARY KEY,
            submission_digest TEXT NOT NULL,
            assignment_digest TEXT NOT NULL,
            status TEXT NOT NULL,
            graded_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
            result TEXT NOT NULL
        )""",
        # The submissions that grades.csv has, and whose they are, as JSON.
        "CREATE TABLE class (submission TEXT PRIMARY KEY, submitters TEXT NOT NULL)",
        # The grades that changes are counted from, as JSON.
        "CREATE TABLE published (submission TEXT PRIMARY KEY, grades TEXT NOT NULL)",
    ),
    # The points of the written answers, by question, as JSON.
    (
        """CREATE TABLE marks (
            submission TEXT PRIMARY KEY,
            points TEXT NOT NULL,
            submission_digest TEXT NOT NULL
        )""",
    ),
)
_BUSY_S = 30.0  # a reader, such as a database browser, may hold the file for a while


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
                    result=GradingResult.from_json(json.loads(text)),
                    submission_digest=submission_digest,
                    assignment_digest=assignment_digest,
                )

    def class_list(self) -> dict[str, tuple[Person, ...]]:
        """The submissions that grades.csv has, and whose they are, if known."""
        rows = self._query("SELECT * FROM class")
        return {name: tuple(Person(**one) for one in json.loads(text)) for name, text in rows}

    def set_class(self, people: People) -> None:
        """Replaces what was there."""
        rows = {name: [one._asdict() for one in group] for name, group in people.items()}
        self._replace("class", {name: json.dumps(group) for name, group in rows.items()})

    def published(self) -> dict[str, Row]:
        """The rows that changes are counted from."""
        rows = self._query("SELECT * FROM published")
        return {name: Row(**json.loads(text)) for name, text in rows}

    def publish(self, rows: Mapping[str, Row]) -> None:
        """Count changes from these rows from now on."""
        self._replace("published", {name: json.dumps(asdict(row)) for name, row in rows.items()})

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
        with _explained(self._path), _transaction(self._connection):
            for table in ("results", "class", "published", "marks"):
                known += self._connection.execute(
                    f"DELETE FROM {table} WHERE submission = ?", (submission,)
                ).rowcount
        return known > 0

    def compact(self) -> None:
        """Write the file anew, so that nothing is left in it of what was deleted."""
        with _explained(self._path):
            self._connection.execute("VACUUM")
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _query(self, statement: str, values: tuple[Any, ...] = ()) -> list[Any]:
        with _explained(self._path):
            return self._connection.execute(statement, values).fetchall()

    def _change(self, statement: str, rows: list[tuple[Any, ...]]) -> None:
        with _explained(self._path), _transaction(self._connection):
            self._connection.executemany(statement, rows)

    def _replace(self, table: str, rows: Mapping[str, str]) -> None:
        with _explained(self._path), _transaction(self._connection):
            self._connection.execute(f"DELETE FROM {table}")
            self._connection.executemany(f"INSERT INTO {table} VALUES (?, ?)", list(rows.items()))


@contextmanager
def open_gradebook(
    folder: Path, assignment: Assignment, *, must_exist: bool = False
) -> Iterator[Gradebook]:
    """Open, or make, the gradebook in ``folder``; raises UsageError where that cannot be."""
    path = folder / NAME
    if must_exist and not path.is_file():
        raise UsageError(f"{folder}: no {NAME} in there; `autograder grade` makes it.")
    with _locked(folder):
        connection = _connect(path)
        try:
            yield Gradebook(path, connection, assignment)
        finally:
            connection.close()


def _connect(path: Path) -> sqlite3.Connection:
    with _explained(path):
        with suppress(OSError):  # what cannot be made is SQLite's to explain
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        connection = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None)
        try:
            _prepare(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Make the tables of a new file; look whether an old one is whole."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(_SCHEMA):
        raise UsageError(
            f"{path} is of a newer version of this program ({version}, not {len(_SCHEMA)}): "
            "choose another --output."
        )
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    if version < len(_SCHEMA):
        with _transaction(connection):
            for statement in itertools.chain(*_SCHEMA[version:]):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {len(_SCHEMA)}")
    (said,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if said != "ok":
        raise sqlite3.DatabaseError(said)


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All or nothing, tables included, which Python's own transactions leave out.

    An interruption may come between any two instructions, also of the statements around this one.
    """
    try:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One run at a time; the lock ends with the process that took it, and no fork inherits it."""
    path = folder / _LOCK
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise UsageError(f"{path}: cannot be opened: {error.strerror}.") from None
    try:
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            raise UsageError(
                f"Another run is writing to {folder}: wait until it has ended, or choose another "
                "--output."
            ) from None
        except OSError as error:
            raise UsageError(f"{path}: cannot be locked: {error.strerror}.") from None
        yield
    finally:
        os.close(descriptor)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """SQLite's errors as a sentence; nothing is repaired or removed here."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise UsageError(
            f"{path}: {error}. What was graded before is kept; make room or give write access, or "
            "choose another --output, and run this again."
        ) from None
    except sqlite3.DatabaseError as error:
        raise UsageError(
            f"{path} is damaged ({' '.join(str(error).split())}). Move it away and run this again: "
            "all is then graded anew; overrides.csv stays as it is."
        ) from None
