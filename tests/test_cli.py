"""The command's own manners: exit codes, one sentence for a mistake, no traceback."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.local import POINTS, UNTRAINED, UNTRAINED_SCORE

from autograder.cli import main
from autograder.config import load_assignment

REFERENCE = load_assignment().reference
TOTAL = sum(POINTS.values())


def _run(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "autograder", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


@pytest.fixture
def submission(tmp_path: Path) -> Path:
    """The reference, handed in without the questions that train, which take their time."""
    path = tmp_path / "my answers.py"
    path.write_text(UNTRAINED, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["grade"], "required: PATH"),
        (["grade", "x.py", "--jobs", "0"], "'0' is no number of jobs"),
        (["grade", "x.py", "--jobs", "many"], "'many' is no number of jobs"),
        (["grade", "x.py", "--format", "xml"], "invalid choice: 'xml'"),
        (["mark", "x.py"], "invalid choice: 'mark'"),
    ],
)
def test_a_wrong_command_line_is_explained(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert sentence in capsys.readouterr().err


def test_a_path_that_does_not_exist_is_a_usage_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["grade", str(tmp_path / "nobody.ipynb")]) == 2
    error = capsys.readouterr().err
    assert error.startswith("autograder: ")
    assert "no such file or folder" in error


def test_a_folder_that_cannot_be_written_is_a_usage_error(
    submission: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    occupied = submission.parent / "grades"
    occupied.write_text("a file", encoding="utf-8")
    assert main(["grade", str(submission), "--output", str(occupied)]) == 2
    assert "results cannot be written there" in capsys.readouterr().err


def test_one_submission_gives_a_table_and_files(submission: Path) -> None:
    done = _run("grade", submission.name, cwd=submission.parent)
    assert done.returncode == 0, done.stderr
    assert f"Score: {UNTRAINED_SCORE} of {TOTAL}" in done.stdout
    assert "q1a.toeplitz" in done.stdout
    grades = (submission.parent / "grades" / "grades.csv").read_text(encoding="utf-8")
    assert f"my answers.py,graded,{UNTRAINED_SCORE},{TOTAL},{POINTS['q1a']}," in grades
    assert (submission.parent / "grades" / "results" / "my answers.py.json").is_file()


def test_json_is_for_machines(submission: Path) -> None:
    done = _run("grade", submission.name, "--format", "json", cwd=submission.parent)
    (result,) = json.loads(done.stdout)
    assert (result["score"], result["max_score"]) == (UNTRAINED_SCORE, TOTAL)
    assert result["version"] == 1
    assert result["questions"]["q1a"] == POINTS["q1a"]


def test_a_part_of_the_checks_writes_no_grades(submission: Path) -> None:
    done = _run("grade", submission.name, "-k", "q1c", cwd=submission.parent)
    assert done.returncode == 0
    assert "q1c" in done.stdout
    assert "q1a" not in done.stdout
    assert not (submission.parent / "grades").exists()
    assert f"Score: {POINTS['q1c']} of {POINTS['q1c']}, for a part of the checks" in done.stdout


@pytest.mark.parametrize("keyword", ["zzz", "and("])
def test_a_keyword_that_selects_nothing_is_a_usage_error(submission: Path, keyword: str) -> None:
    done = _run("grade", submission.name, "-k", keyword, cwd=submission.parent)
    assert done.returncode == 2
    assert f"No check matches -k '{keyword}'" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", [["grade", "my answers.py"], ["check"]])
def test_faulty_checks_are_reported_before_anything_is_graded(
    submission: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    root = submission.parent / "assignment"
    shutil.copytree(REFERENCE.parent, root / "solutions")
    (root / "hidden").mkdir()
    (root / "assignment.toml").write_text(
        'title = "T"\nmodule = "cnn_principles"\n'
        '[[questions]]\nid = "q1"\ntitle = "One"\npoints = 1\n',
        encoding="utf-8",
    )
    (root / "hidden" / "test_q1.py").write_text("import nowhere\n", encoding="utf-8")
    monkeypatch.setenv("AUTOGRADER_ROOT", str(root))
    done = _run(*command, cwd=submission.parent)
    assert done.returncode == (2 if command[0] == "grade" else 1)
    assert "No module named 'nowhere'" in done.stderr
    assert "the checks of q1 add up to 0 points, but in assignment.toml it counts 1" in done.stderr
    assert not (submission.parent / "grades" / "grades.csv").exists()


def test_the_self_check_passes() -> None:
    assert main(["check"]) == 0


def test_a_failure_of_ours_is_no_zero(submission: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = submission.parent / "assignment"
    shutil.copytree(REFERENCE.parent, root / "solutions")
    (root / "hidden").mkdir()
    (root / "assignment.toml").write_text(
        'title = "T"\nmodule = "cnn_principles"\n'
        '[[questions]]\nid = "q1"\ntitle = "One"\npoints = 1\n',
        encoding="utf-8",
    )
    (root / "hidden" / "test_q1.py").write_text(
        "import pytest\n\n\n@pytest.mark.question('q1')\n@pytest.mark.points(1)\n"
        "def test_broken(student):\n    '''It must hold.'''\n    1 / 0\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("AUTOGRADER_ROOT", str(root))
    done = _run("grade", submission.name, cwd=submission.parent)
    assert done.returncode == 3, "nothing could be graded"
    assert "ZeroDivisionError" in done.stdout, "the staff sees why"
    grades = (submission.parent / "grades" / "grades.csv").read_text(encoding="utf-8")
    assert 'my answers.py,internal_error,,1,,"The autograder failed' in grades
