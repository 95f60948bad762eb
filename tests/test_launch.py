"""`autograder grade` in a process of its own: what it answers is read, and it always ends."""

import json
import time
from pathlib import Path

import pytest

from autograder import launch
from autograder.errors import InternalError
from autograder.launch import grade_apart
from autograder.results import GradingResult, Status, rejected

RESULT = rejected("mine.py", "Hand in the notebook.")
ANSWER = json.dumps(
    [{**json.loads(json.dumps(RESULT.__dict__)), "score": 0, "max_score": 0, "questions": {}}]
)


def grade_with(
    script: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hard_s: float = 60.0
) -> GradingResult:
    """Grade a file where ``python -P -m autograder grade FILE ...`` is a shell script."""
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nfile="$5"\n{script}\n', encoding="utf-8")
    python.chmod(0o755)
    monkeypatch.setattr(launch.sys, "executable", str(python))
    return grade_apart(tmp_path / "mine.py", tmp_path, hard_s=hard_s)


def test_what_the_command_answers_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = tmp_path / "seen"
    script = f"echo '{ANSWER}'; (pwd; echo $file; echo $AUTOGRADER_ROOT; echo $*) > {seen}"
    assert grade_with(script, tmp_path, monkeypatch) == RESULT
    where, file, root, arguments = seen.read_text(encoding="utf-8").splitlines()
    assert (file, root) == (str(tmp_path / "mine.py"), str(tmp_path))
    assert where not in {str(Path.cwd()), str(tmp_path)}, "never Otter's working folder"
    assert not Path(where).exists()
    assert "--single --jobs 1 --deadline 3600.0" in arguments


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "[1]", "[{}]", ANSWER.replace("rej", "x")])
def test_a_malformed_answer_is_our_own_failure(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InternalError, match="gave no result"):
        grade_with(f"echo '{text}'", tmp_path, monkeypatch)


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        ("echo 'autograder: no such file' >&2; exit 2", "status 2:\nautograder: no such file"),
        ("kill -9 $$", "status -9"),
    ],
)
def test_a_failing_command_is_our_own_failure(
    script: str, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InternalError, match=sentence):
        grade_with(script, tmp_path, monkeypatch)


def test_without_room_for_a_temporary_folder_it_is_our_own_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch.tempfile, "tempdir", str(tmp_path / "nowhere"))
    with pytest.raises(InternalError, match="could not be run"):
        grade_apart(tmp_path / "mine.py", tmp_path)


def test_past_the_deadline_the_command_ends_with_all_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pids = tmp_path / "pids"
    asked = tmp_path / "asked"
    script = f"trap 'touch {asked}' TERM\nsleep 60 & echo $! $$ > {pids}\nwait; wait"
    monkeypatch.setattr(launch, "_GRACE_S", 0.5)
    with pytest.raises(InternalError, match="took more than"):
        grade_with(script, tmp_path, monkeypatch, hard_s=0.5)
    assert asked.exists(), "it was asked first, so that it can clear up"
    for pid in map(int, pids.read_text(encoding="utf-8").split()):
        deadline = time.monotonic() + 20  # a killed process ends soon, not at once
        while is_running(pid) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert not is_running(pid)


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").split()[2] != "Z"
    except OSError:
        return False


def test_a_deadline_of_the_grading_itself_keeps_what_was_graded(tmp_path: Path) -> None:
    """For real, with an assignment whose second question never ends."""
    root = tmp_path / "root"
    (root / "hidden").mkdir(parents=True)
    (root / "solutions").mkdir()
    (root / "solutions" / "answers.py").write_text("def f():\n    return 1\n", encoding="utf-8")
    (root / "assignment.toml").write_text(
        'title = "T"\nmodule = "answers"\npreload = []\n'
        '[[questions]]\nid = "qa"\ntitle = "A"\npoints = 1\n'
        '[[questions]]\nid = "qb"\ntitle = "B"\npoints = 1\n',
        encoding="utf-8",
    )
    (root / "hidden" / "test_all.py").write_text(
        "import pytest, time\n"
        "@pytest.mark.question('qa')\n@pytest.mark.points(1)\n"
        "def test_one(student):\n    'One.'\n    student.f().returns_number(1)\n"
        "@pytest.mark.question('qb')\n@pytest.mark.points(1)\n"
        "def test_two(student):\n    'Two.'\n    time.sleep(600)\n",
        encoding="utf-8",
    )
    submission = tmp_path / "answers.py"
    submission.write_text("def f():\n    return 1\n", encoding="utf-8")
    result = grade_apart(submission, root, deadline_s=5)
    assert result.status is Status.INTERNAL_ERROR
    assert result.score is None
    assert "submit again" in result.message
    assert [(check.id, check.score) for check in result.checks] == [("qa.one", 1)]
