"""answers.csv: filled in by people, with whatever spreadsheet they have; nothing of it is lost."""

import csv
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

import pytest
from support.written_class import lay_out_written

from autograder.config import Assignment, load_assignment
from autograder.errors import UsageError
from autograder.written.answers import Answer, State
from autograder.written.codes import CODES, draw_codes, read_codes, submissions_called
from autograder.written.sheet import NAME, fill_in, forget, read_points, version

GIVEN = Answer(state=State.ANSWERED, text="Because.")
EMPTY, MISSING = Answer(state=State.EMPTY), Answer(state=State.NOT_FOUND)
ANSWERS = {
    "anna": {"qa_written": GIVEN, "qb_written": GIVEN},
    "bob": {"qa_written": GIVEN, "qb_written": EMPTY},
    "=cleo": {"qa_written": MISSING, "qb_written": MISSING},
}


@pytest.fixture(scope="module")
def assignment(tmp_path_factory: pytest.TempPathFactory) -> Assignment:
    return load_assignment(lay_out_written(tmp_path_factory.mktemp("written")).assignment)


def fill(
    path: Path,
    assignment: Assignment,
    answers: Mapping[str, Mapping[str, Answer]],
    codes: Mapping[str, str],
    *,
    anonymous: bool,
) -> list[str]:
    """With a version for each student that changes with the answers."""
    versions = {name: version(sha256(repr(some).encode()).hexdigest())
                for name, some in answers.items()}  # fmt: skip
    return fill_in(path, assignment, answers, codes, versions, anonymous=anonymous)


def rows(folder: Path, name: str = NAME) -> dict[str, dict[str, str]]:
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return {next(iter(row.values())): row for row in csv.DictReader(file)}


def write(folder: Path, *lines: str) -> Path:
    path = folder / NAME
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def points_in(
    path: Path,
    assignment: Assignment,
    codes: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, dict[str, float | None]]:
    found, strangers = read_points([path], assignment, submissions_called(ANSWERS, codes))
    assert strangers == []
    return {name: given.points for name, given in found.items()}


def test_a_new_sheet_asks_for_points_where_something_was_answered(
    assignment: Assignment, tmp_path: Path
) -> None:
    assert fill(tmp_path / NAME, assignment, ANSWERS, {}, anonymous=False) == []
    found = {name: (row["qa_written"], row["qb_written"]) for name, row in rows(tmp_path).items()}
    assert found == {"'=cleo": ("", ""), "anna": ("", ""), "bob": ("", "none")}
    assert points_in(tmp_path / NAME, assignment) == {
        "bob": {"qb_written": 0}
    }  # fmt: skip


def test_a_sheet_keeps_what_people_wrote(assignment: Assignment, tmp_path: Path) -> None:
    path = tmp_path / NAME
    fill(path, assignment, {"bob": ANSWERS["bob"]}, {}, anonymous=False)
    text = path.read_text().replace("seen", "seen,Remark").replace("bob,,none", "bob,4.5,none")
    path.write_text(text.replace("\nbob", "\ngone,1,2,v0,left the course\nbob").rstrip() + ",ok\n")
    assert fill(path, assignment, ANSWERS, {}, anonymous=False) == []
    found = rows(tmp_path)
    assert list(found) == ["'=cleo", "anna", "bob", "gone"]
    assert found["bob"] | {"seen": ""} == {
        "submission": "bob", "qa_written": "4.5", "qb_written": "none", "Remark": "ok", "seen": ""
    }  # fmt: skip
    assert (found["gone"]["qa_written"], found["gone"]["Remark"]) == ("1", "left the course")


def test_an_answer_that_came_later_is_asked_for(assignment: Assignment, tmp_path: Path) -> None:
    path = tmp_path / NAME
    fill(path, assignment, ANSWERS, {}, anonymous=False)
    later = {"bob": {"qa_written": GIVEN, "qb_written": GIVEN}}
    assert fill(path, assignment, ANSWERS | later, {}, anonymous=False) == []
    assert rows(tmp_path)["bob"]["qb_written"] == ""


def test_who_changes_an_answer_that_has_points_is_named(
    assignment: Assignment, tmp_path: Path
) -> None:
    path = tmp_path / NAME
    fill(path, assignment, ANSWERS, {}, anonymous=False)
    path.write_text(path.read_text().replace("anna,,", "anna,3,"))
    other = {"anna": {"qa_written": replace(GIVEN, text="No."), "qb_written": GIVEN}}
    assert fill(path, assignment, ANSWERS | other, {}, anonymous=False) == ["anna"]
    assert rows(tmp_path)["anna"]["qa_written"] == "3"
    assert fill(path, assignment, ANSWERS | other, {}, anonymous=False) == ["anna"]
    path.write_text(path.read_text().replace(rows(tmp_path)["anna"]["seen"], "", 1))
    assert fill(path, assignment, ANSWERS | other, {}, anonymous=False) == []
    assert fill(path, assignment, ANSWERS | other, {}, anonymous=False) == []


def test_none_for_a_bad_answer_stays_as_long_as_the_answer_does(
    assignment: Assignment, tmp_path: Path
) -> None:
    path = tmp_path / NAME
    fill(path, assignment, ANSWERS, {}, anonymous=False)
    path.write_text(path.read_text().replace("anna,,", "anna,none,"))
    fill(path, assignment, ANSWERS, {}, anonymous=False)
    assert rows(tmp_path)["anna"]["qa_written"] == "none"
    other = {"anna": {"qa_written": replace(GIVEN, text="Yes."), "qb_written": GIVEN}}
    fill(path, assignment, ANSWERS | other, {}, anonymous=False)
    assert rows(tmp_path)["anna"]["qa_written"] == ""


def test_two_lines_for_one_submission_are_not_made_one(
    assignment: Assignment, tmp_path: Path
) -> None:
    path = write(tmp_path, "submission,qa_written,qb_written", "anna,3,", "Axx,,2")
    with pytest.raises(UsageError, match="line 3: a second line for 'anna'"):
        fill(path, assignment, ANSWERS, {"anna": "Axx"}, anonymous=False)


@pytest.mark.parametrize(
    ("line", "points"),
    [
        ("anna,5,3", {"qa_written": 5, "qb_written": 3}),
        ("anna,0,None", {"qa_written": 0, "qb_written": 0}),
        ("anna,2.25,", {"qa_written": 2.25}),
        ('anna,"2,5",', {"qa_written": 2.5}),
        ("anna,-,2", {"qa_written": None, "qb_written": 2}),
    ],
)
def test_points_are_read(
    assignment: Assignment, tmp_path: Path, line: str, points: dict[str, float | None]
) -> None:
    path = write(tmp_path, "Submission,QA_written,qb_written", line, ",,", "'=cleo,1,")
    found = points_in(path, assignment)
    assert (found["anna"], found["=cleo"]) == (points, {"qa_written": 1})


def test_a_sheet_from_another_country(assignment: Assignment, tmp_path: Path) -> None:
    path = tmp_path / NAME
    text = "\ufeffsubmission;qa_written;qb_written\r\nanna;2,5;none\r\n"
    path.write_text(text, encoding="utf-8")
    assert points_in(path, assignment)["anna"] == {"qa_written": 2.5, "qb_written": 0}


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        (["submission,qa_written", "anna,6"], r"line 2: qa_written takes a number from 0 to 5"),
        (["submission,qa_written", "anna,-1"], r"not '-1'"),
        (["submission,qa_written", "anna,nan"], r"not 'nan'"),
        (["submission,qa_written", "anna,good"], r"not 'good'"),
        (["submission,points", "anna,3"], r"no column for a written answer; these are qa_written"),
        (["who,qa_written", "anna,3"], r"'submission' is missing"),
        (
            ["submission,qa_written", "anna,3", "anna,4"],
            r"line 3: qa_written of 'anna' is 4 here",
        ),
        (["submission,qa_written", "anna,3,4"], r"line 2: 3 columns, not 2"),
        ([], r"must name the columns submission"),
        (["submission,qa_written,QA_written", "anna,3,"], r"two columns are called 'qa_written'"),
    ],
)
def test_what_cannot_be_meant_is_named(
    assignment: Assignment, tmp_path: Path, lines: list[str], sentence: str
) -> None:
    with pytest.raises(UsageError, match=sentence):
        points_in(write(tmp_path, *lines), assignment)


def test_sheets_of_several_people_are_put_together(assignment: Assignment, tmp_path: Path) -> None:
    paths = [tmp_path / "tom.csv", tmp_path / "ann.csv"]
    paths[0].write_text("submission,qa_written,qb_written\nanna,3,\nbob,2,\nzoe,1,1\n")
    paths[1].write_text("submission,qb_written\nanna,1\nbob,2\n")
    points, strangers = read_points(paths, assignment, submissions_called(ANSWERS, {}))
    assert {name: given.points for name, given in points.items()} == {
        "anna": {"qa_written": 3, "qb_written": 1}, "bob": {"qa_written": 2, "qb_written": 2}
    }  # fmt: skip
    assert strangers == ["zoe"]


def test_codes_stay_and_stand_for_names(assignment: Assignment, tmp_path: Path) -> None:
    first = draw_codes(tmp_path, ["anna", "=cleo", "=zoe"])
    codes = draw_codes(tmp_path, ANSWERS)
    assert {first["anna"], first["=cleo"]} < set(codes.values())
    assert read_codes(tmp_path, ["=zoe"]) == {"=zoe": first["=zoe"]}
    assert len(set(codes.values())) == 3
    assert read_codes(tmp_path, ANSWERS) == codes
    fill(tmp_path / NAME, assignment, ANSWERS, codes, anonymous=True)
    text = (tmp_path / NAME).read_text()
    assert not any(name in text for name in ("anna", "bob", "cleo"))
    (tmp_path / NAME).write_text(text.replace(f"{codes['anna']},,", f"{codes['anna']},3,"))
    assert points_in(tmp_path / NAME, assignment, codes)["anna"] == {"qa_written": 3}
    fill(tmp_path / NAME, assignment, ANSWERS, codes, anonymous=False)
    assert rows(tmp_path)["anna"]["qa_written"] == "3"


def test_a_student_is_forgotten(assignment: Assignment, tmp_path: Path) -> None:
    codes = draw_codes(tmp_path, ANSWERS)
    fill(tmp_path / NAME, assignment, ANSWERS, codes, anonymous=True)
    assert forget(tmp_path, "=cleo")
    assert not forget(tmp_path, "=cleo")
    left = (tmp_path / NAME).read_text() + (tmp_path / CODES).read_text()
    assert codes["=cleo"] not in left
    assert "cleo" not in left
    assert codes["anna"] in left
