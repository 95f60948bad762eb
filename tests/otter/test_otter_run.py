"""`otter run` for real: a valid results.json, exit code 0, and the score of `autograder grade`.

Every sample that reaches the plugin is run, but for trainings that take a minute or more and differ
in what the sandbox does only. (Otter itself turns away what it cannot read, before it loads
plugins.)
"""

import json
import os
import pickle
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from autograder.config import load_assignment
from autograder.gradescope.results_format import faults
from autograder.results import APOLOGY

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "tests" / "submissions"
# No JSON at all, or no gradable file or several at the top of a zip.
NOT_FOR_OTTER = {"not_a_notebook.ipynb", "truncated.ipynb", "two_notebooks.zip", "right_zipped.zip"}
LONG = {"training_never_ends.py", "training_takes_memory.py", "training_with_workers.py",
        "training_explodes.py", "mlp_in_disguise.py"}  # fmt: skip
CHOSEN = sorted(
    path.name
    for path in SAMPLES.iterdir()
    if path.suffix in {".ipynb", ".py", ".zip"} and path.name not in NOT_FOR_OTTER | LONG
)


def otter_run(submission: Path, package: Path, folder: Path) -> tuple[dict[str, Any], str]:
    """What `otter run` writes and prints; it must exit with 0."""
    command = [
        sys.executable,
        "-P",
        "-m",
        "otter",
        "run",
        "-a",
        str(package),
        "--",
        str(submission),
    ]
    environment = {k: v for k, v in os.environ.items() if k != "AUTOGRADER_ROOT"}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    document = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    assert_valid(document)
    return document, done.stdout


def assert_valid(document: Any) -> None:
    """Every field is one that Gradescope knows, with a value that it takes."""
    assert faults(document) == []
    for test in document["tests"]:
        assert test.get("score", 0) <= test.get("max_score", 0)


def score(document: Mapping[str, Any]) -> tuple[float, float]:
    """The score as Gradescope adds it up, and the most there was to get."""
    assert "score" not in document
    scored = [test for test in document["tests"] if "score" in test]
    return sum(test["score"] for test in scored), sum(test["max_score"] for test in scored)


@pytest.fixture(scope="session")
def grades(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What `autograder grade` makes of the same files, in one run."""
    output = tmp_path_factory.mktemp("grades")
    command = [sys.executable, "-m", "autograder", "grade", "--output", str(output), "--format",
               "json", *(str(SAMPLES / name) for name in CHOSEN)]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return {result["submission"]: result for result in json.loads(done.stdout)}


@pytest.mark.parametrize("name", CHOSEN)
def test_otter_gives_the_score_and_the_feedback_of_the_command(
    name: str, package: Path, grades: dict[str, Any], tmp_path: Path
) -> None:
    document, _ = otter_run(SAMPLES / name, package, tmp_path)
    grade = grades[name]
    assert score(document) == (grade["score"], load_assignment(ROOT).max_score)
    questions = {test["name"]: test["score"] for test in document["tests"] if "score" in test}
    assert questions == {q: s for q, s in grade["questions"].items() if s is not None}
    text = json.dumps(document)
    for check in grade["checks"]:
        finding = check["finding"]
        assert finding is None or json.dumps(finding["problem"].split("\n")[0])[1:-1] in text
    if not name.endswith(".zip"):  # Otter has unpacked it, so nothing is said of what lay beside
        for note in [grade["message"], *grade["notes"]]:
            assert json.dumps(note)[1:-1] in text


class _Marks:
    """Unpickled, it leaves a mark."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> Any:
        return (Path.touch, (self.mark,))


def test_what_lies_beside_the_submission_is_neither_unpickled_nor_imported(
    package: Path, tmp_path: Path
) -> None:
    marks = {name: tmp_path / f"{name}-was-here" for name in ("log", "import")}
    submission = tmp_path / "submission.zip"
    code = f"open({str(marks['import'])!r}, 'w')\n"
    with zipfile.ZipFile(submission, "w") as archive:
        archive.write(SAMPLES / "right.ipynb", "cnn_principles.ipynb")
        archive.writestr(".OTTER_LOG", pickle.dumps(_Marks(marks["log"])))
        for module in ("numexpr.py", "bottleneck.py", "torch.py", "otter/__init__.py"):
            archive.writestr(module, code)  # pandas tries to import the first two
        archive.writestr("autograder/__init__.py", code)
    document, _ = otter_run(submission, package, tmp_path)
    assert score(document)[0] == load_assignment(ROOT).max_score
    assert not [name for name, mark in marks.items() if mark.exists()]


def test_a_broken_check_is_an_internal_error_and_never_a_zero(
    package: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.zip"
    shutil.copy(package, broken)
    with zipfile.ZipFile(broken, "a") as archive:
        archive.writestr("hidden/test_broken.py", "raise RuntimeError('a fault of the staff')\n")
    document, printed = otter_run(SAMPLES / "right.ipynb", broken, tmp_path)
    assert document["output"] == APOLOGY
    assert score(document) == (0, 0)
    assert all("score" not in test for test in document["tests"])
    assert "a fault of the staff" not in json.dumps(document)
    assert "a fault of the staff" in printed, "standard output is for the staff"
