"""Which submissions a path stands for, and their names."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.errors import UsageError
from autograder.grading.gradescope_export import METADATA
from autograder.grading.inputs import Submission, find_submissions
from autograder.grading.take_in import take_in
from autograder.results import GradingResult, Status

MODULE = "answers"


def _make(root: Path, *names: str) -> Path:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x = 1\n", encoding="utf-8")
    return root


def _names(*paths: Path) -> list[str]:
    return [s.name for s in find_submissions(paths, MODULE)[0]]


def test_a_file_is_called_by_its_name(tmp_path: Path) -> None:
    _make(tmp_path, "Jürgen's final (1).py")
    assert _names(tmp_path / "Jürgen's final (1).py") == ["Jürgen's final (1).py"]


def test_a_name_that_is_no_text_is_escaped(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"bad\xff.py")).write_text("x = 1\n", encoding="utf-8")
    (tmp_path / "good.py").write_text("x = 1\n", encoding="utf-8")
    assert _names(tmp_path) == ["bad\\xff.py", "good.py"]


def test_a_folder_of_files_in_name_order(tmp_path: Path) -> None:
    _make(tmp_path, "b.ipynb", "a.py", "-c.zip", "d.pdf")
    assert _names(tmp_path) == ["-c.zip", "a.py", "b.ipynb", "d.pdf"]


def test_a_folder_of_folders_is_called_by_the_folders(tmp_path: Path) -> None:
    _make(tmp_path, "alice/answers.py", "bob/answers.ipynb", "bob/numpy.py", "carol/my.ipynb")
    assert _names(tmp_path) == ["alice", "bob", "carol"]


def test_folders_of_files_keep_their_extension(tmp_path: Path) -> None:
    _make(tmp_path, "group 1/alice.py", "group 1/bob.py", "group 2/alice.py", "group 2/bob.py")
    names = ["group 1/alice.py", "group 1/bob.py", "group 2/alice.py", "group 2/bob.py"]
    assert _names(tmp_path) == names


def test_a_folder_that_holds_one_submission_is_that_submission(tmp_path: Path) -> None:
    _make(tmp_path / "alice", "answers.ipynb", "picture.png")
    assert _names(tmp_path / "alice") == ["alice"]


def test_one_expected_name_in_a_class_loses_nobody(tmp_path: Path) -> None:
    _make(tmp_path, "alice.ipynb", "answers.ipynb", "bob.ipynb", "essay.pdf")
    assert _names(tmp_path) == ["alice.ipynb", "answers.ipynb", "bob.ipynb", "essay.pdf"]


def test_a_mistaken_file_beside_one_submission_has_a_row(tmp_path: Path) -> None:
    _make(tmp_path, "alice.py", "bob.pdf")
    assert _names(tmp_path) == ["alice.py", "bob.pdf"]


def test_a_students_own_modules_do_not_make_a_class(tmp_path: Path) -> None:
    _make(tmp_path / "alice", "answers.ipynb", "helpers.py", "numpy.py")
    assert _names(tmp_path / "alice") == ["alice"]


def test_an_odd_folder_of_a_student_is_not_lost(tmp_path: Path) -> None:
    _make(tmp_path, "alice/answers.py", "bob/essay.pdf", "carol/.hidden")
    assert _names(tmp_path) == ["alice", "bob", "carol"]


def test_the_staffs_files_are_passed_over_and_named(tmp_path: Path) -> None:
    _make(tmp_path, "a.py", "b.py", "README.md", "roster.csv", ".git/config", "__MACOSX/a.py")
    submissions, passed_over = find_submissions([tmp_path], MODULE)
    assert [s.name for s in submissions] == ["a.py", "b.py"]
    assert [path.name for path in passed_over] == ["README.md", "roster.csv"]


def test_links_are_passed_over(tmp_path: Path) -> None:
    _make(tmp_path, "a.py", "b.py")
    (tmp_path / "c.py").symlink_to("a.py")
    submissions, passed_over = find_submissions([tmp_path], MODULE)
    assert [s.name for s in submissions] == ["a.py", "b.py"]
    assert [path.name for path in passed_over] == ["c.py"]


def test_two_paths_of_one_name_are_an_error(tmp_path: Path) -> None:
    _make(tmp_path, "x/a.py", "y/a.py")
    with pytest.raises(UsageError, match=r"'a\.py'.*one after the other"):
        find_submissions([tmp_path / "x" / "a.py", tmp_path / "y" / "a.py"], MODULE)


def test_the_same_path_twice_is_one_submission(tmp_path: Path) -> None:
    _make(tmp_path, "a.py")
    assert _names(tmp_path / "a.py", tmp_path / "a.py") == ["a.py"]


@pytest.mark.parametrize(
    ("name", "sentence"), [("", "no submission"), ("nowhere", "no such file or folder")]
)
def test_nothing_to_grade_is_an_error(tmp_path: Path, name: str, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        find_submissions([tmp_path / name], MODULE)


def test_what_cannot_be_read_here_is_our_fault_and_says_so(tmp_path: Path) -> None:
    result = take_in(Submission("gone.py", tmp_path / "gone.py"), MODULE)
    assert isinstance(result, GradingResult)
    assert (result.status, result.score) == (Status.INTERNAL_ERROR, None)
    assert "gone.py' cannot be read: No such file or directory" in result.message


def test_a_folder_that_cannot_be_listed_costs_nobody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _make(tmp_path, "alice/answers.py", "locked/answers.py")
    real = Path.iterdir

    def iterdir(path: Path) -> Iterator[Path]:
        if path.name == "locked":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(Path, "iterdir", iterdir)
    assert _names(tmp_path) == ["alice", "locked"]


def test_a_notebook_with_modules_and_data_is_one_submission(tmp_path: Path) -> None:
    root = _make(tmp_path, "anna/hw.ipynb", "anna/data/x.txt", "bob/hw.ipynb", "bob/utils.py",
                 "cleo/a.py", "cleo/b.py")  # fmt: skip
    assert _names(root) == ["anna", "bob", "cleo/a.py", "cleo/b.py"]


@pytest.mark.parametrize("around", [True, False])
def test_a_students_own_list_makes_nobody_else_of_them(tmp_path: Path, around: bool) -> None:
    root = _make(tmp_path, "anna/answers.ipynb", "bob/answers.ipynb", "anna/bob/answers.ipynb")
    (root / "anna" / METADATA).write_text("bob:\n  :submitters:\n  - :name: Bob\n")
    if around:
        (root / METADATA).write_text("anna: {}\nbob: {}\n")
        (root / "anna" / "answers.ipynb").unlink()
    found, _ = find_submissions([root / "anna"], MODULE)
    assert {submission.submitters for submission in found} == {()}


def test_a_list_that_names_nothing_there_is_none(tmp_path: Path) -> None:
    root = _make(tmp_path, "a.ipynb", "b.ipynb")
    (root / METADATA).write_text("notes: x\n")
    assert _names(root) == ["a.ipynb", "b.ipynb"]


def test_grades_are_not_written_among_the_submissions(tmp_path: Path) -> None:
    root = _make(tmp_path, "a.ipynb", "b.ipynb")
    with pytest.raises(UsageError, match="choose another --output"):
        find_submissions([root], MODULE, results=root)


def test_the_folder_of_grades_is_no_submission(tmp_path: Path) -> None:
    _make(tmp_path, "answers.ipynb", "grades/results/answers.ipynb.json", "grades/x.py")
    found, _ = find_submissions([tmp_path], MODULE, results=tmp_path / "grades")
    assert [one.name for one in found] == [tmp_path.name]
    _make(tmp_path, "other.ipynb")
    found, passed_over = find_submissions([tmp_path], MODULE, results=tmp_path / "grades")
    assert [one.name for one in found] == ["answers.ipynb", "other.ipynb"]
    assert passed_over == []


def test_folders_without_end_are_one_submission(tmp_path: Path) -> None:
    _make(
        tmp_path, "alice.py", "/".join(["deep"] * 60) + "/x.py", "/".join(["deep"] * 60) + "/y.py"
    )
    names = _names(tmp_path)
    assert names[0] == "alice.py"
    assert names[1].count("deep") <= 50


def test_links_without_end_are_passed_over(tmp_path: Path) -> None:
    _make(tmp_path, "a.py", "b/answers.py")
    for folder in (tmp_path, tmp_path / "b"):
        (folder / "loop").symlink_to("loop")
    found, passed_over = find_submissions([tmp_path], MODULE, results=tmp_path / "grades")
    assert ([s.name for s in found], passed_over) == (["a.py", "b"], [tmp_path / "loop"])
    with pytest.raises(UsageError, match="loop"):
        find_submissions([tmp_path / "loop"], MODULE, results=tmp_path / "grades")


def test_the_grades_of_an_earlier_run_are_no_submission(tmp_path: Path) -> None:
    _make(tmp_path, "a.py", "b.py", "grades/gradebook.sqlite", "grades/grades.csv",
          "grades/results/a.py.json", "grades/report.html")  # fmt: skip
    found, passed_over = find_submissions([tmp_path], MODULE, results=tmp_path / "other")
    assert ([s.name for s in found], passed_over) == (["a.py", "b.py"], [tmp_path / "grades"])
