"""overrides.csv: what a person may write there, and what is said of a slip."""

from pathlib import Path

import pytest

from autograder.config import load_assignment
from autograder.errors import UsageError
from autograder.gradebook.overrides import NAME, forget, of_submission, read_overrides

ASSIGNMENT = load_assignment()
FIRST = ASSIGNMENT.graded[0]
HEADER = "submission,question,score,reason,by\n"


def _write(folder: Path, text: str) -> Path:
    (folder / NAME).write_text(text, encoding="utf-8")
    return folder


def test_without_a_file_nothing_is_overridden(tmp_path: Path) -> None:
    assert read_overrides(tmp_path, ASSIGNMENT) == {}


@pytest.mark.parametrize(
    "text",
    [
        HEADER + f'a.py,{FIRST.id},2.5,"half, as agreed",Ada\n',
        "\ufeff" + HEADER + f'a.py,{FIRST.id},2.5,"half, as agreed",Ada\r\n\r\n,,,,\r\n',
        f"By;Reason;Score;Question;Submission\nAda;half, as agreed;2,5;{FIRST.id};a.py\n",
        f"submission\tquestion\tscore\treason\tby\na.py\t{FIRST.id}\t2.5\thalf, as agreed\tAda\t\n",
        f'{HEADER.strip()},,\na.py,{FIRST.id},2.5,"half, as agreed",Ada,,\n',
    ],
    ids=["plain", "windows", "semicolons", "tabs", "columns without names"],
)
def test_spreadsheets_write_csv_in_many_ways(tmp_path: Path, text: str) -> None:
    (override,) = read_overrides(_write(tmp_path, text), ASSIGNMENT)["a.py"]
    assert (override.question, override.score) == (FIRST.id, 2.5)
    assert (override.reason, override.by) == ("half, as agreed", "Ada")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (HEADER + f'a.py,{FIRST.id},1,"late,Ada\nb.py,{FIRST.id},1,"sick",Ada\n', "is not CSV"),
        ("", "its first line must name the columns submission,question,score,reason,by"),
        ("submission,question,score,by\n", "'reason' is missing"),
        (HEADER + "a.py,q9,1,why,Ada\n", "line 2: there is no question 'q9', only "),
        (HEADER + f"a.py,{FIRST.id},many,why,Ada\n", f"a number from 0 to {FIRST.points}"),
        (HEADER + f"a.py,{FIRST.id},nan,why,Ada\n", "not 'nan'"),
        (HEADER + f"a.py,{FIRST.id},-1,why,Ada\n", "not '-1'"),
        (HEADER + f"a.py,{FIRST.id},{FIRST.points + 1},why,Ada\n", f"not '{FIRST.points + 1}'"),
        (HEADER + f"a.py,{FIRST.id},1,,Ada\n", "'reason' is empty"),
        (HEADER + f"a.py,{FIRST.id},1,why,\n", "'by' is empty"),
        (HEADER + f",{FIRST.id},1,why,Ada\n", "no submission is named"),
        (HEADER + f"a.py,{FIRST.id},1,why, you ask,Ada\n", "6 columns, not 5"),
        (HEADER + f"a.py,{FIRST.id},1,why\n", "4 columns, not 5"),
        (HEADER + f"a.py,{FIRST.id},1,why,Ada\n" * 2, "set a second time"),
    ],
)
def test_a_slip_is_named_with_its_line(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_overrides(_write(tmp_path, text), ASSIGNMENT)
    assert sentence in str(caught.value)
    assert NAME in str(caught.value)


def test_a_file_in_another_encoding_is_explained(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes((HEADER + f"Jürgen.py,{FIRST.id},1,w,A\n").encode("latin-1"))
    with pytest.raises(UsageError, match="is not UTF-8"):
        read_overrides(tmp_path, ASSIGNMENT)


def test_a_submission_may_be_called_as_grades_csv_writes_it(tmp_path: Path) -> None:
    found = read_overrides(_write(tmp_path, HEADER + f"'=a.py,{FIRST.id},1,w,A\n"), ASSIGNMENT)
    assert of_submission(found, "=a.py")[0].score == 1
    assert of_submission(found, "a.py") == ()


def test_forgetting_takes_out_the_lines_of_one_and_leaves_the_others(tmp_path: Path) -> None:
    lines = f'a.py,{FIRST.id},1,"w, x",A\nb.py,{FIRST.id},2,w,A\n'
    _write(tmp_path, HEADER + lines)
    assert forget(tmp_path, "b.py")
    assert (tmp_path / NAME).read_text() == HEADER + f'a.py,{FIRST.id},1,"w, x",A\n'
    assert not forget(tmp_path, "b.py")
