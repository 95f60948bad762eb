"""Grades on their way to other programs."""

import csv
from pathlib import Path

import pytest
from support.gradescope_folders import HALF
from support.small_class import SmallClass, lay_out
from support.written_class import lay_out_written

METADATA = """---
submission_1:
  :submitters:
  - :name: Ada King Lovelace
    :email: ada@example.edu
    :sid: '007'
  - :name: =Bob
    :email: bob@example.edu
    :sid: ''
submission_2:
  :submitters:
  - :name: Cleo
    :email: cleo@example.edu
    :sid: '9'
"""


@pytest.fixture
def from_gradescope(tmp_path: Path) -> SmallClass:
    small = lay_out(tmp_path, copies=0)
    small.submit("submission_1/answers.py")
    small.submit("submission_2/answers.py", HALF)
    small.submit("submission_metadata.yml", METADATA)
    small.run()
    return small


def export(small: SmallClass, audience: str, code: int = 0) -> tuple[list[dict[str, str]], str]:
    """The rows, and what was said."""
    file = small.root / "out.csv"
    done = small.run(str(file), "--for", audience, command="export", code=code)
    if code:
        return [], done.stderr
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines)), done.stdout


def test_canvas_gets_a_row_for_each_student(from_gradescope: SmallClass) -> None:
    rows, said = export(from_gradescope, "canvas")
    title = list(rows[0])[-1]
    assert list(rows[0]) == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", title]
    assert [list(row.values()) for row in rows] == [
        ["    Points Possible", "", "", "", "", "7"],
        ["'=Bob", "", "", "bob@example.edu", "", "7"],
        ["Ada King Lovelace", "", "007", "ada@example.edu", "", "7"],
        ["Cleo", "", "9", "cleo@example.edu", "", "3"],
    ]
    assert "students: 3, of 7 points" in said
    assert "Left out" not in said


def test_what_canvas_downloads_has_its_ids(tmp_path: Path) -> None:
    small = lay_out(tmp_path, copies=0)
    small.submit("lovelaceada_4711_880_answers.py")
    small.submit("byte_bob_LATE_12_881_answers-1.py", HALF)
    small.submit("bytebob_LATE_12_881_answers-1.py", HALF)
    small.submit("notes.py")
    small.run()
    rows, said = export(small, "canvas")
    points = {row["ID"]: list(row.values())[-1] for row in rows[1:]}
    assert points == {"4711": "7", "12": "3"}
    assert "Left out: 2" in said


def test_two_files_of_one_student_are_one_line_or_none(tmp_path: Path) -> None:
    small = lay_out(tmp_path, copies=0)
    small.submit("boole_222_333_answers.py", HALF)
    small.submit("boole_222_334_plots.pdf", "%PDF-1.4")
    small.run()
    rows, said = export(small, "canvas")
    assert [(row["ID"], list(row.values())[-1]) for row in rows[1:]] == [("222", "3")]
    assert "Left out: 1" in said
    assert said.rstrip().endswith("handed in twice: boole_222_334_plots.pdf.")
    small.submit("boole_LATE_222_335_answers-1.py")
    small.run()
    _, said = export(small, "canvas", code=2)
    assert "'boole_222_333_answers.py' and 'boole_LATE_222_335_answers-1.py' are of one" in said


@pytest.mark.parametrize("name", ["gradebook.sqlite", "overrides.csv", "grades.csv"])
def test_an_export_takes_the_place_of_no_file_of_the_class(tmp_path: Path, name: str) -> None:
    small = lay_out(tmp_path)
    small.run()
    file = small.grades / name
    file.touch()
    before = file.read_bytes()
    done = small.run(str(file), command="export", code=2)
    assert "is there already, among the grades" in done.stderr
    assert file.read_bytes() == before


def test_an_export_is_never_taken_for_overrides(tmp_path: Path) -> None:
    small = lay_out(tmp_path)
    small.run()
    done = small.run(str(small.grades / "overrides.csv"), command="export", code=2)
    assert "is what people write to; choose another name" in done.stderr
    small.run()


def test_without_names_there_is_nothing_for_canvas(tmp_path: Path) -> None:
    small = lay_out(tmp_path)
    small.run()
    _, said = export(small, "canvas", code=2)
    assert "nothing tells whose the submissions are" in said


def test_with_written_answers_the_total_goes_out(tmp_path: Path) -> None:
    small = lay_out_written(tmp_path)
    people = "".join(
        f"{name}:\n  :submitters:\n  - :name: {name.title()}\n    :email: {name}@x.edu\n"
        for name in ("anna", "bob", "cleo", "dan", "eve")
    )
    small.submit("submission_metadata.yml", people)
    sheet = small.root / "points.csv"
    sheet.write_text("submission,qa_written,qb_written\nanna,4.5,3\nbob,1,\n")
    small.run("--answers", str(sheet))
    rows, said = export(small, "canvas")
    assert [list(row.values())[-1] for row in rows] == ["15", "14.5"]
    assert "students: 1, of 15 points" in said
    assert "Left out: 4" in said
    rows, _ = export(small, "gradescope")
    assert [
        (row["First Name"], row["Total Score"], row["Max Points"], row["Status"])
        for row in rows[:2]
    ] == [("Anna", "14.5", "15", "Graded"), ("Bob", "", "15", "Ungraded")]
    assert list(rows[0].values())[-2:] == ["4.5", "3"]
    rows, _ = export(small, "study")
    assert {row["total"] for row in rows} == {"14.5", ""}
    assert "submission" not in rows[0]


def test_gradescopes_table(from_gradescope: SmallClass) -> None:
    rows, said = export(from_gradescope, "gradescope")
    assert list(rows[0])[:8] == [
        "First Name", "Last Name", "SID", "Email", "Total Score", "Max Points", "Status",
        "Submission ID",
    ]  # fmt: skip
    assert [list(row.values()) for row in rows] == [
        ["'=Bob", "", "", "bob@example.edu", "7", "7", "Graded", "submission_1", "3", "4"],
        ["Ada King", "Lovelace", "007", "ada@example.edu", "7", "7", "Graded", "submission_1",
         "3", "4"],
        ["Cleo", "", "9", "cleo@example.edu", "3", "7", "Graded", "submission_2", "3", "0"],
    ]  # fmt: skip
    assert "3 students" in said
