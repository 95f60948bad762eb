"""grades.csv, results.json and feedback: what each says, and what it must not say."""

import csv
import io
import json
from collections.abc import Iterable
from pathlib import Path

import pytest
from rich.console import Console

from autograder.config import Assignment, Layout, Question
from autograder.finding import Block, Comparison, Finding
from autograder.outlets.files import result_path, write_whole
from autograder.outlets.grades import GradesTable
from autograder.outlets.spreadsheet import aliases, read_table
from autograder.outlets.table import ClassRow, changes_table, class_table, submission_table
from autograder.results import (
    CheckResult,
    GradingResult,
    Override,
    Status,
    Verdict,
    internal_error,
    rejected,
)

FINDING = Finding(
    problem="The result is wrong.",
    call="f(3)",
    comparison=Comparison(blocks=(Block(label="Expected:", text="4"),)),
)


def _assignment() -> Assignment:
    return Assignment(
        layout=Layout.of(Path("nowhere")),
        title="A title",
        module="answers",
        questions=(
            Question(id="q1", title="One", points=3),
            Question(id="q2", title="Later", points=5, graded=False),
        ),
    )


def _check(name: str, verdict: Verdict, *, points: int, visibility: str = "visible") -> CheckResult:
    return CheckResult(
        id=f"q1.{name}",
        question="q1",
        title="It must hold.",
        points=points,
        visibility=visibility,
        verdict=verdict,
        finding=None if verdict is Verdict.PASSED else FINDING,
        detail="line 7 of the secret check",
    )


def _result(name: str = "a.py") -> GradingResult:
    checks = (
        _check("right", Verdict.PASSED, points=1),
        _check("wrong", Verdict.FAILED, points=2, visibility="after_published"),
    )
    return GradingResult(submission=name, status=Status.GRADED, checks=checks, digest="d")


def _rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def _csv(results: Iterable[GradingResult]) -> str:
    table = GradesTable(_assignment())
    for result in results:
        table.add(result)
    return table.csv()


def test_the_columns_are_the_contract() -> None:
    header = _csv([]).strip()
    assert header == "submission,status,score,max_score,q1,q2,message"


def test_rows_are_in_name_order_and_tell_no_score_from_zero() -> None:
    results = [_result("b.py"), rejected("c.py", "Hand in a notebook."), internal_error("a.py", "")]
    rows = _rows(_csv(results))
    assert [row["submission"] for row in rows] == ["a.py", "b.py", "c.py"]
    assert [row["status"] for row in rows] == ["internal_error", "graded", "rejected"]
    assert [row["score"] for row in rows] == ["", "1", "0"]
    assert [row["q1"] for row in rows] == ["", "1", "0"]
    assert {row["q2"] for row in rows} == {""}, "a question that does not count yet"
    assert rows[2]["message"] == "Hand in a notebook."


def test_a_leading_dash_alone_is_a_name() -> None:
    (row,) = _rows(_csv([_result("-leading-dash.ipynb")]))
    assert row["submission"] == "-leading-dash.ipynb"


def test_a_result_has_a_path_whatever_its_name(tmp_path: Path) -> None:
    names = ["a.py", "group/a.py", "ü" * 126 + "1", "ü" * 126 + "2"]
    paths = [result_path(tmp_path, name) for name in names]
    assert paths[:2] == [tmp_path / "a.py.json", tmp_path / "group" / "a.py.json"]
    assert len(set(paths)) == len(paths)
    for path in paths:
        write_whole(path, "{}")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t"])
def test_a_name_is_no_formula(start: str) -> None:
    (row,) = _rows(_csv([_result(f"{start}HYPERLINK(1)")]))
    assert row["submission"] == f"'{start}HYPERLINK(1)"


def test_results_survive_the_way_between_processes() -> None:
    result = _result()
    text = json.dumps(result.to_json(_assignment()))
    assert GradingResult.from_json(json.loads(text)) == result
    assert json.loads(text)["version"] == 1


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "file.txt"
    write_whole(path, "one")
    with pytest.raises(UnicodeEncodeError):
        write_whole(path, "\ud800")
    with pytest.raises(UnicodeEncodeError):
        write_whole(path, iter(["two", "\ud800"]))
    assert path.read_text(encoding="utf-8") == "one"
    write_whole(path, iter(["two", "\u00fc\n"]))
    assert path.read_bytes() == b"two\xc3\xbc\n"
    assert [p.name for p in path.parent.iterdir()] == ["file.txt"]


def test_no_control_character_of_a_student_reaches_a_terminal() -> None:
    assignment, escape = _assignment(), "\x1b[2J"
    override = Override(question="q1", score=1, reason=f"so {escape}", by="Tom")
    result = _result(f"a{escape}.py").with_overrides([override], assignment)
    changes = [(result.submission, "score", 1, 2, override.sentence())]
    text = io.StringIO()
    for shown in (
        submission_table(assignment, result),
        class_table(assignment, [ClassRow.of(result, assignment)]),
        changes_table(changes),
    ):
        Console(file=text).print(shown)
    assert text.getvalue().count("\N{REPLACEMENT CHARACTER}") >= 5
    assert "\x1b" not in text.getvalue()


def test_no_name_makes_a_row_or_a_column(tmp_path: Path) -> None:
    names = ["z\rada.py", "x;=1+cmd|y.py", "a,b.py", "t\tb.py", 'q".py', "n\nl.py", "\n=1+1.py"]
    path = tmp_path / "grades.csv"
    write_whole(path, _csv(map(_result, names)))
    for newline in ("", None):
        with path.open(encoding="utf-8", newline=newline) as file:
            assert len(list(csv.DictReader(file))) == len(names)
    table = read_table(path, ["submission"])
    assert {aliases(n)[1].strip() for n in names} == {row["submission"] for _, row in table.rows}
    divided = csv.reader(io.StringIO(path.read_text(encoding="utf-8")), delimiter=";")
    assert not any(cell.strip().startswith("=") for row in divided for cell in row)


@pytest.mark.parametrize("part", ["\\xff" * 90, "\N{SNOWMAN}" * 90])
def test_every_part_of_a_name_fits_a_file_system(tmp_path: Path, part: str) -> None:
    path = result_path(tmp_path, f"{part}/{part}/{part}")
    write_whole(path, "x")
    assert path.is_relative_to(tmp_path)
    assert result_path(tmp_path, f"{part}1/a") != result_path(tmp_path, f"{part}2/a")
