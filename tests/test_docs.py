"""What the documentation shows is so: its example of a check, its tables of mistakes."""

from pathlib import Path
from typing import Any

from programs.wrong_q2a_features import WRONG_FEATURES
from programs.wrong_q2a_loops import WRONG_LOOPS
from programs.wrong_q2a_networks import WRONG_NETWORKS
from programs.wrong_q2a_training import WRONG_TRAINING
from support.forked import in_fork
from support.local import ASSIGNMENT, REFERENCE, LocalTransport, namespace_of

from autograder.examine.examiner import run_checks
from autograder.examine.modules import load_module
from autograder.examine.plugin import HiddenChecks

PAGE = Path(__file__).resolve().parents[1] / "docs" / "writing-checks.md"


def _run(folder: Path, source: str) -> dict[str, Any]:
    checks = HiddenChecks(
        ASSIGNMENT,
        reference=load_module("reference", ASSIGNMENT.reference),
        given=None,
        transport=lambda: LocalTransport(namespace_of(source)),
    )
    run_checks(checks, folder)
    assert not checks.errors
    return {check.id: [check.verdict, check.title] for check in checks.results}


def test_the_example_passes_the_reference_and_fails_a_mistake(tmp_path: Path) -> None:
    example = PAGE.read_text(encoding="utf-8").split("```python\n")[1].split("```")[0]
    (tmp_path / "test_example.py").write_text(example, encoding="utf-8")
    title = "The output has as many places as the kernel fits in."
    assert in_fork(lambda: _run(tmp_path, REFERENCE)) == {"q1e.agrees": ["passed", title]}
    wrong = REFERENCE + "\ndef output_size(size, k):\n    return size - k\n"
    assert in_fork(lambda: _run(tmp_path, wrong)) == {"q1e.agrees": ["failed", title]}


def test_the_tables_of_mistakes_are_those_of_the_programs() -> None:
    text = PAGE.with_name("training-runs.md").read_text(encoding="utf-8")
    for program in (*WRONG_TRAINING, *WRONG_LOOPS, *WRONG_NETWORKS, *WRONG_FEATURES):
        checks = ", ".join(f"`{check}`" for check in sorted(program.fails))
        assert f"| {program.name} | {checks} |" in text
