"""From a folder of submissions to grades with written answers, as a TA goes there."""

import csv
import re
import sqlite3
from pathlib import Path

import pytest
from support.small_class import SmallClass
from support.written_class import answered, lay_out_written

COLUMNS = ["submission", "status", "score", "max_score", "qa", "qb", "message",
           "qa_written", "qb_written", "total"]  # fmt: skip


@pytest.fixture
def small(tmp_path: Path) -> SmallClass:
    return lay_out_written(tmp_path)


def collect(small: SmallClass, *options: str) -> str:
    return small.run(str(small.submissions), *options, command="answers").stdout


def merge(small: SmallClass, *paths: Path, code: int = 0) -> str:
    """Grade with these sheets; what is said on standard error."""
    options = [option for path in paths for option in ("--answers", str(path))]
    return small.run(*options, code=code).stderr


def fill_in(path: Path, points: dict[str, tuple[str, str]]) -> None:
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        if row["submission"] in points:
            row["qa_written"], row["qb_written"] = points[row["submission"]]
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def written(small: SmallClass) -> dict[str, tuple[str, str, str]]:
    return {row["submission"]: (row["qa_written"], row["qb_written"], row["total"])
            for row in small.table()}  # fmt: skip


def test_points_of_written_answers_come_behind_the_message(small: SmallClass) -> None:
    said = collect(small)
    assert "5 submissions: 3 answers, 3 empty, 4 not found." in said
    sheet = small.grades / "answers.csv"
    assert f"--answers {sheet}" in said
    fill_in(sheet, {"anna": ("5", "3"), "bob": ("2.5", "none"), "eve": ("", "1")})
    merge(small, sheet)
    assert list(small.table()[0]) == COLUMNS
    assert small.scores() == {"anna": "7", "bob": "7", "cleo": "7", "dan": "0", "eve": "7"}
    assert written(small) == {
        "anna": ("5", "3", "15"),
        "bob": ("2.5", "0", "9.5"),
        "cleo": ("0", "0", "7"),
        "dan": ("", "", ""),
        "eve": ("", "1", ""),
    }


def test_the_page_has_questions_rubric_and_answers(small: SmallClass) -> None:
    collect(small)
    page = (small.grades / "answers.html").read_text()
    for text in ("Why is the answer 2,\nand not 3?", "that it was measured", "With a ruler.",
                 "Because I measured it.", "It feels right.", "<em>anything</em>"):  # fmt: skip
        assert page.count(text) == 1, text
    assert page.index("that it was measured") < page.index("With a ruler.")
    assert (
        page.count("<bdi>dan</bdi>: no notebook that can be read: look at what was handed in") == 2
    )


def test_later_runs_keep_the_points_until_another_sheet_comes(small: SmallClass) -> None:
    collect(small)
    sheet = small.grades / "answers.csv"
    fill_in(sheet, {"anna": ("5", "3")})
    merge(small, sheet)
    small.change_a_check()
    small.run()
    assert written(small)["anna"] == ("5", "3", "11")  # the check costs four
    fill_in(sheet, {"anna": ("4", "3")})
    merge(small, sheet)
    assert written(small)["anna"] == ("4", "3", "10")


def test_changed_points_stand_in_the_list_of_changes(small: SmallClass) -> None:
    small.run()
    collect(small)
    sheet = small.grades / "answers.csv"
    fill_in(sheet, {"anna": ("5", "3")})
    merge(small, sheet)
    changes = [(row["submission"], row["column"], row["from"], row["to"], row["why"])
               for row in small.table("changes.csv")]  # fmt: skip
    assert ("anna", "total", "", "15", "points of written answers") in changes
    small.run(command="publish")
    fill_in(sheet, {"anna": ("4", "3")})
    merge(small, sheet)
    assert [(row["column"], row["from"], row["to"]) for row in small.table("changes.csv")] == [
        ("qa_written", "5", "4"), ("total", "15", "14")
    ]  # fmt: skip


def test_the_total_changes_for_the_reason_that_the_score_does(small: SmallClass) -> None:
    collect(small)
    sheet = small.grades / "answers.csv"
    fill_in(sheet, {"anna": ("5", "3")})
    merge(small, sheet)
    small.run(command="publish")
    small.change_a_check()
    small.run()
    changed = {(row["column"], row["why"]) for row in small.table("changes.csv")
               if row["submission"] == "anna"}  # fmt: skip
    why = "checks or settings changed"
    assert changed == {("score", why), ("qb", why), ("total", why)}


def test_names_can_be_kept_from_those_who_read(small: SmallClass) -> None:
    collect(small, "--anonymous")
    sheet, page = small.grades / "answers.csv", small.grades / "answers.html"
    for name in ("anna", "bob", "cleo", "dan", "eve"):
        assert name not in sheet.read_text() + page.read_text()
    codes = {row["submission"]: row["code"] for row in small.table("answers-codes.csv")}
    fill_in(sheet, {codes["anna"]: ("5", "3")})
    merge(small, sheet)
    assert written(small)["anna"] == ("5", "3", "15")


def test_who_is_no_longer_there_is_not_named_either(small: SmallClass) -> None:
    collect(small)
    fill_in(small.grades / "answers.csv", {"bob": ("4", "")})
    (small.submissions / "bob" / "answers.ipynb").unlink()
    (small.submissions / "bob").rmdir()
    for _ in range(2):
        collect(small, "--anonymous")
        assert "bob" not in (small.grades / "answers.csv").read_text()
    codes = {row["submission"]: row["code"] for row in small.table("answers-codes.csv")}
    assert len(codes) == 5
    points = {row["submission"]: row["qa_written"] for row in small.table("answers.csv")}
    assert points[codes["bob"]] == "4"


def test_other_files_that_were_handed_in_are_said(small: SmallClass) -> None:
    small.submit("cleo/answers.md", "My answers")
    collect(small)
    page = (small.grades / "answers.html").read_text()
    assert page.count("<bdi>cleo</bdi>: 1 other files were handed in: look there") == 2


def test_a_new_answer_of_somebody_who_has_points_is_said(small: SmallClass) -> None:
    collect(small)
    fill_in(small.grades / "answers.csv", {"anna": ("5", "3")})
    small.submit("anna/answers.ipynb", answered("I take it back."))
    done = small.run(str(small.submissions), command="answers")
    assert "anna has handed in something else since its answers were given points" in done.stderr


def test_points_for_what_was_handed_in_before_are_said_on_every_run(small: SmallClass) -> None:
    collect(small)
    sheet = small.grades / "answers.csv"
    fill_in(sheet, {"anna": ("5", "3"), "bob": ("1", "none")})
    assert "other files came" not in merge(small, sheet)
    small.submit("anna/answers.ipynb", answered("I take it back."))
    for _ in range(2):
        assert "other files came of anna: run autograder answers" in small.run().stderr
    for _ in range(2):
        assert "other files came of anna" in merge(small, sheet), "nobody has read the new ones"
    collect(small)
    sheet.write_text(re.sub("(?m)^(anna,.*,)v[0-9a-f]+", r"\1", sheet.read_text()))
    collect(small)
    assert "other files came" not in merge(small, sheet)
    assert "other files came" not in small.run().stderr


def test_points_are_for_what_was_read_and_not_for_what_came_since(small: SmallClass) -> None:
    collect(small)
    sheet = small.grades / "answers.csv"
    fill_in(sheet, {"anna": ("5", "3")})
    small.submit("anna/answers.ipynb", answered("I take it back."))
    assert "other files came of anna" in merge(small, sheet)
    assert "other files came of anna" in small.run().stderr


def test_a_sheet_of_some_leaves_the_points_of_all_others(small: SmallClass) -> None:
    collect(small)
    sheet, late = small.grades / "answers.csv", small.root / "late.csv"
    fill_in(sheet, {"anna": ("5", "3"), "bob": ("1", "none")})
    merge(small, sheet)
    late.write_text("submission,qa_written,qb_written\nbob,4,\n")
    said = merge(small, late)
    assert "the sheets have 1 points of 1 submissions" in said
    assert "any more" not in said
    assert written(small)["anna"] == ("5", "3", "15")
    assert written(small)["bob"] == ("4", "0", "11")
    late.write_text("submission,qb_written\nbob,2\nanna,\n")
    merge(small, late)
    assert (written(small)["anna"][0], written(small)["bob"]) == ("5", ("4", "2", "13"))


def test_points_are_taken_back_by_a_word(small: SmallClass) -> None:
    collect(small)
    sheet = small.grades / "answers.csv"
    fill_in(sheet, {"anna": ("5", "3")})
    merge(small, sheet)
    fill_in(sheet, {"anna": ("-", "3")})
    assert "anna has no points any more for qa_written" in merge(small, sheet)
    assert written(small)["anna"] == ("", "3", "")


def test_a_wrong_sheet_stops_before_anything_is_graded(small: SmallClass) -> None:
    sheet = small.root / "points.csv"
    sheet.write_text("submission,qa_written\nanna,17\n")
    assert "line 2: qa_written takes a number from 0 to 5" in merge(small, sheet, code=2)
    assert not (small.grades / "grades.csv").exists()
    assert "no such file" in merge(small, small.root / "missing.csv", code=2)


def test_points_for_a_stranger_are_said(small: SmallClass) -> None:
    sheet = small.root / "points.csv"
    sheet.write_text("submission,qa_written,qb_written\nzoe,1,1\nanna,1,1\n")
    assert "points for the answers of 'zoe', which is no submission here" in merge(small, sheet)
    assert written(small)["anna"] == ("1", "1", "9")


def test_a_part_of_the_checks_takes_no_sheet(small: SmallClass) -> None:
    done = small.run("-k", "qa", "--answers", "x.csv", code=2)
    assert "--answers has no place there" in done.stderr


def test_an_assignment_that_asks_nothing_in_words(small: SmallClass) -> None:
    config = small.assignment / "assignment.toml"
    config.write_text(config.read_text().partition("[[written]]")[0])
    done = small.run(str(small.submissions), command="answers", code=2)
    assert "no written questions" in done.stderr


def test_a_student_is_forgotten_with_all_answers(small: SmallClass) -> None:
    collect(small, "--anonymous")
    merge(small, small.grades / "answers.csv")
    codes = {row["submission"]: row["code"] for row in small.table("answers-codes.csv")}
    small.run("anna", command="forget")
    left = b"".join(p.read_bytes() for p in small.grades.rglob("*") if p.is_file())
    for trace in (b"anna", codes["anna"].encode(), b"With a ruler"):
        assert trace not in left
    assert codes["bob"].encode() in left


def test_a_gradebook_of_the_version_before_is_brought_up_to_date(small: SmallClass) -> None:
    small.run()
    with sqlite3.connect(small.grades / "gradebook.sqlite") as database:
        database.execute("DROP TABLE marks")
        database.execute("ALTER TABLE class DROP COLUMN is_here")
        database.execute("PRAGMA user_version = 1")
    done = small.run()
    assert "5 of 5 are graded already" in done.stderr
    sheet = small.root / "points.csv"
    sheet.write_text("submission,qa_written,qb_written\nanna,1,1\n")
    merge(small, sheet)
    assert written(small)["anna"][2] == "9"
