"""The file itself: opened, locked, brought up to today's schema, its errors said as sentences."""

import fcntl
import itertools
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from autograder.errors import UsageError

__all__ = ["connect", "explained", "locked", "transaction"]

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
    (
        # Who is not there any more is kept, so that a person can be found and forgotten.
        "ALTER TABLE class ADD COLUMN is_here INTEGER NOT NULL DEFAULT 1",
        # The points of the written answers, by question, as JSON.
        """CREATE TABLE marks (
            submission TEXT PRIMARY KEY,
            points TEXT NOT NULL,
            submission_digest TEXT NOT NULL
        )""",
    ),
    (
        # Which version of what was handed in they are for, as the sheet of points calls it.
        "ALTER TABLE marks RENAME COLUMN submission_digest TO version",
        "UPDATE marks SET version = 'v' || substr(version, 1, 8) WHERE version NOT LIKE 'v%' "
        "AND version != ''",
    ),
)
_BUSY_S = 30.0  # a reader, such as a database browser, may hold the file for a while


def connect(path: Path) -> sqlite3.Connection:
    """Open, or make, the file, and look whether it is whole; raises UsageError."""
    with explained(path):
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
        with transaction(connection):
            for statement in itertools.chain(*_SCHEMA[version:]):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {len(_SCHEMA)}")
    (said,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if said != "ok":
        raise sqlite3.DatabaseError(said)


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
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
def locked(folder: Path) -> Iterator[None]:
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
def explained(path: Path) -> Iterator[None]:
    """SQLite's errors as a sentence; nothing is repaired or removed here."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if "no such" in str(error):
            raise UsageError(
                f"{path} is another program's database ({error}): choose another --output, or move "
                "it away."
            ) from None
        raise UsageError(
            f"{path}: {error}. What was graded before is kept; make room or give write access, or "
            "choose another --output, and run this again."
        ) from None
    except sqlite3.DatabaseError as error:
        raise UsageError(
            f"{path} is damaged ({' '.join(str(error).split())}). Move it away and run this again: "
            "all is then graded anew, and points of written answers have to be merged again; "
            "overrides.csv stays as it is."
        ) from None
