"""gradebook.sqlite: what still holds, who may write, and what is said when it cannot be."""

import contextlib
import itertools
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.config import load_assignment
from autograder.errors import UsageError
from autograder.gradebook import database
from autograder.gradebook.store import NAME, Gradebook, Graded, Row, open_gradebook
from autograder.outlets.grades import Person
from autograder.results import GradingResult, Status, internal_error
from autograder.written.merge import WrittenPoints
from autograder.written.sheet import version

ASSIGNMENT = load_assignment()


def graded(name: str, status: Status = Status.REJECTED, digest: str = "s") -> Graded:
    result = GradingResult(submission=name, status=status, message="why")
    return Graded(result=result, submission_digest=digest, assignment_digest="a")


@pytest.fixture
def gradebook(tmp_path: Path) -> Iterator[Gradebook]:
    with open_gradebook(tmp_path, ASSIGNMENT) as opened:
        yield opened


def test_a_result_holds_for_its_submission_and_its_checks_only(gradebook: Gradebook) -> None:
    gradebook.add(graded("a"))
    assert gradebook.finished({"a": "s", "b": "s"}, "a") == {"a"}
    assert gradebook.finished({"a": "another"}, "a") == set()
    assert gradebook.finished({"a": "s"}, "another") == set()
    assert gradebook.finished({}, "a") == set()


def test_what_could_not_be_read_or_graded_is_tried_again(gradebook: Gradebook) -> None:
    gradebook.add(graded("unreadable", digest=""))
    failed = internal_error("failed", "why")
    gradebook.add(Graded(result=failed, submission_digest="s", assignment_digest="a"))
    assert gradebook.finished({"unreadable": "", "failed": "s"}, "a") == set()


def test_a_result_comes_back_as_it_was(gradebook: Gradebook) -> None:
    gradebook.add(graded("b"))
    gradebook.add(graded("a"))
    assert list(gradebook.results(["b", "a", "nobody"])) == [graded("a"), graded("b")]


def test_what_is_outdated_stays_and_no_longer_holds(gradebook: Gradebook) -> None:
    gradebook.add(graded("a"))
    gradebook.outdate(["a"])
    assert gradebook.finished({"a": "s"}, "a") == set()
    assert [one.result for one in gradebook.results(["a"])] == [graded("a").result]


def test_the_class_and_what_was_published_are_replaced_as_a_whole(gradebook: Gradebook) -> None:
    gradebook.set_class({"a": (), "b": (Person("Ada"),)})
    gradebook.set_class({"b": (Person("Ada"),)})
    assert gradebook.class_list() == {"b": (Person("Ada"),)}
    row = Row(values={"score": 1.5}, overrides={}, submission_digest="s", assignment_digest="a")
    gradebook.publish({"a": row})
    assert gradebook.published() == {"a": row}


def test_only_its_owner_may_read_it(gradebook: Gradebook, tmp_path: Path) -> None:
    gradebook.add(graded("a"))
    assert {path.name: path.stat().st_mode & 0o077 for path in tmp_path.glob("*sqlite*")} == {
        NAME: 0, f"{NAME}-wal": 0, f"{NAME}-shm": 0
    }  # fmt: skip


def test_nobody_else_writes_at_the_same_time(gradebook: Gradebook, tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from autograder.config import load_assignment\n"
        "from autograder.gradebook.store import open_gradebook\n"
        "with open_gradebook(Path(sys.argv[1]), load_assignment()): pass"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert f"UsageError: Another run is writing to {tmp_path}" in done.stderr


@pytest.mark.parametrize("damage", ["text", "head", "middle"])
def test_a_damaged_file_is_named_and_left_alone(tmp_path: Path, damage: str) -> None:
    path = tmp_path / NAME
    with open_gradebook(tmp_path, ASSIGNMENT) as gradebook:
        for number in range(200):
            gradebook.add(graded(f"student {number}"))
    whole = path.read_bytes()
    broken = {
        "text": b"this is no database, " * 1000,
        "head": b"\xff" * 100 + whole[100:],
        "middle": whole[:8192] + b"\xff" * 20_000 + whole[28_192:],
    }[damage]
    path.write_bytes(broken)
    with (
        pytest.raises(UsageError, match=r"is damaged .*Move it away"),
        open_gradebook(tmp_path, ASSIGNMENT) as gradebook,
    ):
        list(gradebook.results(["student 1"]))
    assert path.read_bytes() == broken


def test_a_file_of_another_version_is_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / NAME) as connection:
        connection.execute("PRAGMA user_version = 99")
    with (
        pytest.raises(UsageError, match=r"newer version of this program \(99, not 3\)"),
        open_gradebook(tmp_path, ASSIGNMENT),
    ):
        pass


def test_where_there_must_be_one_and_is_none_it_is_said(tmp_path: Path) -> None:
    with (
        pytest.raises(UsageError, match="`autograder grade` makes it"),
        open_gradebook(tmp_path, ASSIGNMENT, must_exist=True),
    ):
        pass
    assert list(tmp_path.iterdir()) == []


def test_what_is_forgotten_is_gone_from_the_bytes_as_well(tmp_path: Path) -> None:
    with open_gradebook(tmp_path, ASSIGNMENT) as gradebook:
        for name in ("Ada Lovelace", "Bob"):
            gradebook.add(graded(name))
        gradebook.set_class({"Ada Lovelace": (), "Bob": ()})
        assert gradebook.forget(["Ada Lovelace", "nobody"], {}) == {"Ada Lovelace"}
        assert gradebook.forget(["Ada Lovelace"], {}) == set()
        gradebook.compact()
    everything = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"Bob" in everything
    assert b"Lovelace" not in everything


def test_what_a_reader_keeps_in_the_file_is_not_called_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_BUSY_S", 0.1)
    with open_gradebook(tmp_path, ASSIGNMENT) as gradebook:
        gradebook.add(graded("Ada Lovelace"))
        gradebook.forget(["Ada Lovelace"], {})
        with contextlib.closing(sqlite3.connect(tmp_path / NAME, isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT * FROM results").fetchall()
            with pytest.raises(
                UsageError, match="another program has it open, so what was deleted"
            ):
                gradebook.compact()
        gradebook.compact()


def test_who_is_forgotten_brings_nobody_back_who_has_left(gradebook: Gradebook) -> None:
    ada, bob = Person("Ada"), Person("Bob")
    gradebook.set_class({"left": (), "both": (ada, bob)})
    gradebook.set_class({"both": (ada, bob)})
    gradebook.forget([], {"both": (bob,)})
    assert gradebook.class_list() == {"both": (bob,)}
    assert gradebook.everybody() == {"both": (bob,), "left": ()}


def test_a_file_of_an_earlier_version_is_brought_up_to_date(tmp_path: Path) -> None:
    digest = "0123456789abcdef" * 4
    with contextlib.closing(sqlite3.connect(tmp_path / NAME, isolation_level=None)) as connection:
        for statement in itertools.chain(*database._SCHEMA[:2]):
            connection.execute(statement)
        connection.executemany(
            "INSERT INTO marks VALUES (?, ?, ?)",
            [("a", '{"1c": 2.5}', digest), ("b", "{}", "v89abcdef"), ("c", "{}", "")],
        )
        connection.execute("PRAGMA user_version = 2")
    with open_gradebook(tmp_path, ASSIGNMENT) as gradebook:
        assert gradebook.written_points() == {
            "a": WrittenPoints({"1c": 2.5}, version(digest)),
            "b": WrittenPoints({}, "v89abcdef"),
            "c": WrittenPoints({}, ""),
        }
