"""What leaves the folder of grades without names, and what is deleted from it for good."""

import csv
from pathlib import Path

import pytest
from support.small_class import SmallClass, lay_out

METADATA = """---
submission_1:
  :submitters:
  - :name: Ada Lovelace
    :email: ada@example.edu
    :sid: '007'
submission_2:
  :submitters:
  - :name: Bob Byte
    :email: bob@example.edu
    :sid: '008'
  - :name: Ada Lovelace
    :email: ada@example.edu
    :sid: '007'
submission_3:
  :submitters:
  - :name: Cleo Core
    :email: cleo@example.edu
    :sid: ''
"""


@pytest.fixture
def exported(tmp_path: Path) -> SmallClass:
    """Gradescope's export: one by Ada alone, one by a group, one by Cleo."""
    small = SmallClass(tmp_path)
    lay_out(tmp_path, copies=0)
    for number, text in ((1, "def one():\n    return 'Lovelace'\n"), (2, "x = 1\n"), (3, "")):
        small.submit(f"submission_{number}/answers.py", text)
    small.submit("submission_metadata.yml", METADATA)
    small.run()
    return small


def everything_in(small: SmallClass) -> bytes:
    paths = [path for path in small.grades.rglob("*") if path.is_file()]
    return b"\0".join(str(path).encode() + b"\0" + path.read_bytes() for path in paths)


def test_an_export_of_gradescope_names_its_students(exported: SmallClass) -> None:
    rows = exported.table()
    assert [(row["submission"], row["name"], row["email"], row["sid"]) for row in rows] == [
        ("submission_1", "Ada Lovelace", "ada@example.edu", "007"),
        ("submission_2", "Ada Lovelace; Bob Byte", "ada@example.edu; bob@example.edu", "007; 008"),
        ("submission_3", "Cleo Core", "cleo@example.edu", ""),
    ]
    assert list(rows[0])[-4:] == ["message", "name", "email", "sid"]


def test_an_export_without_names_has_the_scores_and_nothing_else(exported: SmallClass) -> None:
    file = exported.root / "scores.csv"
    assert "3 submissions" in exported.run(str(file), command="export").stdout
    text = file.read_text()
    with file.open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert list(rows[0]) == ["number", "status", "score", "max_score", "qa", "qb"]
    assert sorted((row["status"], row["score"]) for row in rows) == [
        ("graded", "0"), ("graded", "0"), ("rejected", "0")
    ]  # fmt: skip
    for secret in ("submission", "Ada", "Bob", "Cleo", "@", "00", "answers"):
        assert secret not in text.replace("max_score", "")


@pytest.mark.parametrize("who", ["cleo@example.edu", "CLEO@example.edu", "submission_3"])
def test_a_student_is_forgotten_to_the_last_byte(exported: SmallClass, who: str) -> None:
    (exported.grades / "overrides.csv").write_text(
        "submission,question,score,reason,by\nsubmission_3,qa,1,Cleo was ill,Tom\n"
        "submission_1,qa,2,why not,Tom\n"
    )
    exported.run()
    assert b"Cleo" in everything_in(exported)
    done = exported.run(who, command="forget")
    assert "submission_3" in done.stdout
    left = everything_in(exported)
    for trace in (b"Cleo", b"cleo", b"submission_3"):
        assert trace not in left
    assert [row["submission"] for row in exported.table()] == ["submission_1", "submission_2"]
    assert exported.scores()["submission_1"] == "2"
    assert exported.run(who, command="forget", code=2).stderr.startswith("autograder: ")


def test_who_has_left_the_class_is_found_all_the_same(exported: SmallClass) -> None:
    (exported.submissions / "submission_3" / "answers.py").unlink()
    (exported.submissions / "submission_3").rmdir()
    list_ = exported.submissions / "submission_metadata.yml"
    list_.write_text(METADATA.partition("submission_3")[0])
    exported.run()
    assert "submission_3" not in exported.scores()
    assert "submission_3" in exported.run("cleo@example.edu", command="forget").stdout
    left = everything_in(exported)
    for trace in (b"Cleo", b"cleo", b"submission_3"):
        assert trace not in left


def test_of_a_group_the_others_keep_the_submission(exported: SmallClass) -> None:
    done = exported.run("007", command="forget")
    assert "submission_1" in done.stdout
    assert "submission_2 is kept for the others" in done.stdout
    assert {row["submission"]: row["name"] for row in exported.table()} == {
        "submission_2": "Bob Byte", "submission_3": "Cleo Core"
    }  # fmt: skip
    left = everything_in(exported)
    for trace in (b"Ada", b"Lovelace", b"007"):
        assert trace not in left


@pytest.mark.parametrize("who", ["nobody@example.edu", "", ".", "../../kept", "results"])
def test_a_mistyped_name_deletes_nothing(exported: SmallClass, who: str) -> None:
    kept = exported.root / "kept.json"
    kept.write_text("{}")
    before = exported.table()
    done = exported.run(who, command="forget", code=2)
    assert f"nothing is known of {who!r}" in done.stderr
    assert exported.table() == before
    assert kept.exists()


@pytest.mark.parametrize("command", ["publish", "export", "forget"])
def test_without_grades_there_is_nothing_to_do(tmp_path: Path, command: str) -> None:
    small = lay_out(tmp_path)
    arguments = [] if command == "publish" else [str(tmp_path / "x")]
    done = small.run(*arguments, command=command, code=2)
    assert "no gradebook.sqlite in there; `autograder grade` makes it" in done.stderr
    assert not small.grades.exists()


def test_a_look_at_one_student_keeps_the_name(exported: SmallClass) -> None:
    before = exported.table()
    assert exported.run_on("submission_1", "submission_3").returncode == 0
    assert exported.table() == before
    exported.run("ada@example.edu", command="forget")
