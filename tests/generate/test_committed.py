"""What is committed is what the master makes, and the solved notebook shows what it says."""

import json
from pathlib import Path
from typing import Any

import pytest

from autograder.config import load_assignment
from autograder.generate.generated import Generated, generate

ASSIGNMENT = load_assignment(Path(__file__).resolve().parents[2])
ROOT = ASSIGNMENT.layout.root
SOLVED: dict[str, Any] = json.loads(
    ASSIGNMENT.reference.with_suffix(".ipynb").read_text(encoding="utf-8")
)
CODE = [cell for cell in SOLVED["cells"] if cell["cell_type"] == "code"]


@pytest.fixture(scope="module")
def made() -> Generated:
    return generate(ASSIGNMENT)


@pytest.mark.parametrize("folder", ["student_template", "solutions"])
def test_generated_files_are_those_of_the_master(made: Generated, folder: str) -> None:
    """When this fails: `autograder build`, look at the difference, commit."""
    files = made.template if folder == "student_template" else made.solutions
    ignored = {"__pycache__", ".ipynb_checkpoints", ".OTTER_LOG"}
    there = {
        path.relative_to(ROOT / folder).as_posix(): path.read_bytes()
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and not ignored & set(path.parts)
    }
    assert sorted(there) == sorted(files)
    assert [name for name in files if there[name] != files[name]] == []


def test_a_second_time_makes_the_same_bytes(made: Generated) -> None:
    assert generate(ASSIGNMENT) == made


def test_the_outputs_are_of_this_code(made: Generated) -> None:
    """When this fails: `autograder build --execute`, look at the figures, commit."""
    assert not made.stale


def test_what_the_notebook_says_is_what_the_run_showed(made: Generated) -> None:
    assert not made.faults


def test_every_cell_ran_in_order_and_without_an_error() -> None:
    assert [cell["execution_count"] for cell in CODE] == list(range(1, len(CODE) + 1))
    kinds = {output["output_type"] for cell in CODE for output in cell["outputs"]}
    assert kinds <= {"display_data", "execute_result", "stream"}
    streams = {o["name"] for c in CODE for o in c["outputs"] if o["output_type"] == "stream"}
    assert streams <= {"stdout"}, "a warning, or a progress bar, was kept"


def test_every_public_test_passes_in_the_solved_notebook() -> None:
    checked = [cell for cell in CODE if "grader.check(" in "".join(cell["source"])]
    assert len(checked) == len(ASSIGNMENT.questions)
    for cell in checked:
        (output,) = cell["outputs"]
        assert "results: All test cases passed!" in "".join(output["data"]["text/plain"])


def test_every_experiment_shows_a_figure() -> None:
    for cell in CODE:
        source = "".join(cell["source"])
        if "lab.show" in source or "lab.run" in source or "lab.compare" in source:
            shown = {kind for output in cell["outputs"] for kind in output.get("data", {})}
            assert "image/png" in shown, source


def test_nothing_in_the_notebook_depends_on_this_machine() -> None:
    text = json.dumps(SOLVED)
    assert str(ROOT) not in text
    assert "site-packages" not in text
    assert "/tmp/" not in text
