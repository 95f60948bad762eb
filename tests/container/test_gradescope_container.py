"""As on Gradescope: the zip, setup.sh in a clean Debian, submissions in the smallest container."""

import json
import subprocess
from pathlib import Path

import pytest
from conftest import CPUS, MEMORY_MB, SAMPLES, Gradescope, Run, handed_in

from autograder.config import load_assignment
from autograder.gradescope.results_format import faults

NAMES = sorted(path.name for path in SAMPLES.iterdir() if path.suffix in {".ipynb", ".py", ".zip"})
MAX_INSTALLED = 1500  # MB
RIGHT = {"cnn_principles.ipynb": (SAMPLES / "right.ipynb").read_bytes()}


def test_setup_leaves_a_lean_environment_that_students_may_read(gradescope: Gradescope) -> None:
    environment = gradescope.container.root / "opt" / "autograder"
    size = subprocess.run(["du", "-sm", environment], capture_output=True, text=True, check=True)
    megabytes = int(size.stdout.split()[0])
    print(f"{megabytes} MB installed, in {gradescope.installed.wall_s:.0f} s")
    assert megabytes < MAX_INSTALLED
    assert "Submissions can be graded here." in gradescope.installed.output
    for path in (environment, *environment.rglob("*.so")):
        assert path.stat().st_mode & 0o004, path
    heavy = ("conda", "chromium", "texlive", "playwright/driver", "nvidia")
    found = [str(path) for path in gradescope.container.root.glob("*/*")]
    assert not [path for path in found if any(name in path for name in heavy)]
    assert not (environment / "lib" / "python3.11" / "site-packages" / "nvidia").exists()


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_has_the_score_of_the_command(
    name: str, runs: dict[str, Run], grades: dict[str, dict[str, str]]
) -> None:
    document, row = runs[name].document, grades[name]
    assert faults(document) == []
    assert document["score"] == int(row["score"])
    questions = document["extra_data"]["questions"]
    assert {q: "" if s is None else str(s) for q, s in questions.items()} == {
        q: row[q] for q in questions
    }
    assert document["extra_data"]["status"] == row["status"]


def test_otter_has_run_beside_every_grade(runs: dict[str, Run]) -> None:
    for name, run in runs.items():
        assert "Total Score:" in run.usage.output, name
        assert "Otter: " not in run.usage.output, name


def test_the_smallest_container_is_enough(gradescope: Gradescope) -> None:
    """Half a processor and 768 MB, for a submission that trains as much as is asked for."""
    run = gradescope.submit(RIGHT, memory_mb=MEMORY_MB, cpus=CPUS)
    print(f"{run.usage.wall_s:.0f} s, {run.usage.peak >> 20} MiB with the page cache")
    assert run.document["score"] == load_assignment().max_score
    deadline = load_assignment().gradescope.deadline_s
    assert run.usage.wall_s < deadline / 4, "the reference needs a small part of the time"
    assert 0 < run.usage.peak <= MEMORY_MB << 20


def test_a_submission_that_eats_memory_takes_nobody_along(runs: dict[str, Run]) -> None:
    document = runs["memory_hog.py"].document
    said = [test["output"] for test in document["tests"] if "q1a" in test["tags"]]
    assert "memory" in said[0]
    assert document["extra_data"]["questions"]["q1e"] > 0


METADATA = {
    "a group": {"id": 7, "users": [{"email": "a@b.c", "id": 1}, {"email": "d@e.f", "id": 2}]},
    "late": {"created_at": "2026-11-22T23:00:00", "assignment": {"due_date": "2026-11-01"}},
    "once more": {"previous_submissions": [{"score": 3.0, "results": {"tests": []}}]},
}


@pytest.mark.parametrize("metadata", METADATA.values(), ids=METADATA)
def test_who_hands_in_and_when_changes_no_score(metadata: object, gradescope: Gradescope) -> None:
    files = {"cnn_principles.ipynb": (SAMPLES / "stubs.ipynb").read_bytes()}
    run = gradescope.submit(files, metadata=json.dumps(metadata))
    assert run.document["score"] == 0
    assert "Total Score: 0.000" in run.usage.output


def test_a_folder_of_a_zip_and_what_lies_around_it_are_taken_in(gradescope: Gradescope) -> None:
    files = {
        "hw4/cnn_principles.ipynb": (SAMPLES / "partly_right.ipynb").read_bytes(),
        "hw4/figure.png": b"\x89PNG",
        "__MACOSX/hw4/._cnn_principles.ipynb": b"\0",
        "hw4/.OTTER_LOG": b"cos\nsystem\n",
        "hw4/torch.py": b"raise SystemExit",
    }
    plain = gradescope.submit(handed_in(SAMPLES / "partly_right.ipynb"))
    assert gradescope.submit(files).document["score"] == plain.document["score"] > 0


def test_links_in_a_submission_lead_nowhere(gradescope: Gradescope) -> None:
    def link(folder: Path) -> None:
        target = "/autograder/source/solutions/cnn_principles.py"
        (folder / "submission" / "cnn_principles.py").symlink_to(target)

    run = gradescope.submit({}, change=link)
    assert run.document["score"] == 0
    assert "a link" in run.document["output"]
