"""The pytest plugin of the hidden checks: every check gets a verdict, and the right one."""

import textwrap
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from support.forked import in_fork

from autograder.checking.reply import Reply, StopReason, WorkerStopped
from autograder.config import load_assignment
from autograder.examine.examiner import run_checks
from autograder.examine.plugin import HiddenChecks


class _Fake:
    """A student whose functions are named after what they do."""

    def __init__(self, calls: list[str]) -> None:
        self._calls = calls

    def close(self) -> None:
        pass

    def call(self, name: str, args: Any, kwargs: Any, **_: bool) -> Reply:
        self._calls.append(name)
        if name == "stops":
            raise WorkerStopped(StopReason.CPU_TIME, "stops took more than 1 s of CPU time.")
        if name == "random":
            return Reply(value=len(self._calls))
        return Reply(value=args[0])


CONFIG = """
title = "T"
module = "answers"
[[questions]]
id = "q1"
title = "One"
points = 2
[[questions]]
id = "q2"
title = "Two"
points = 1
"""


def _run(folder: Path, keyword: str = "", **modules: str) -> dict[str, Any]:
    (folder / "assignment.toml").write_text(CONFIG, encoding="utf-8")
    (folder / "hidden").mkdir()
    for name, text in modules.items():
        path = folder / "hidden" / f"{name}.py"
        path.write_text(textwrap.dedent(text), encoding="utf-8")
    return in_fork(lambda: _examine(folder, keyword))


def _examine(root: Path, keyword: str) -> dict[str, Any]:
    """Run the checks; in a fork, since pytest inside pytest leaves traces behind."""
    calls: list[str] = []
    checks = HiddenChecks(
        load_assignment(root),
        reference=ModuleType("reference"),
        given=None,
        transport=lambda: _Fake(calls),
    )
    run_checks(checks, root / "hidden", keyword)
    return {
        "verdicts": {c.id: c.verdict for c in checks.results},
        "problems": {c.id: c.finding.problem for c in checks.results if c.finding},
        "titles": {c.id: c.title for c in checks.results},
        "details": {c.id: c.detail for c in checks.results},
        "errors": checks.errors,
        "points_mismatches": checks.points_mismatches,
        "calls": calls,
    }


HEAD = """
    import pytest
    from hypothesis import given, strategies as st
    from autograder.checking import Failure
    pytestmark = [pytest.mark.question("q1"), pytest.mark.points(1)]
"""


@pytest.mark.parametrize(
    ("body", "verdict", "problem"),
    [
        ("student.same(3).returns_number(3)", "passed", None),
        ("student.same(3).returns_number(4)", "failed", "The result is wrong."),
        ("assert student.same(3).number() == 4, 'not 4'", "failed", "not 4"),
        ("pytest.fail('a reason')", "failed", "a reason"),
        ("student.stops()", "stopped", "stops took more than 1 s of CPU time."),
        ("1 / 0", "error", None),
        ("raise KeyboardInterrupt", "error", None),
        ("raise SystemExit", "error", None),
        ("pytest.skip('no time')", "error", None),
        ("pytest.exit('no more')", "error", None),
    ],
)
def test_what_a_check_raises_decides_its_verdict(
    tmp_path: Path, body: str, verdict: str, problem: str | None
) -> None:
    text = f'{HEAD}\n    def test_it(student):\n        """It must hold."""\n        {body}\n'
    outcome = _run(tmp_path, test_q1=text)
    assert outcome["verdicts"] == {"q1.it": verdict}
    assert outcome["problems"].get("q1.it") == problem
    assert outcome["titles"] == {"q1.it": "It must hold."}


def test_a_stopped_worker_is_not_asked_again(tmp_path: Path) -> None:
    text = f'''{HEAD}
    @given(n=st.integers())
    def test_it(student, n):
        """It must hold."""
        student.stops(n)
    '''
    outcome = _run(tmp_path, test_q1=text)
    assert outcome["verdicts"] == {"q1.it": "stopped"}
    assert len(outcome["calls"]) == 1, "hypothesis must not shrink against a time limit"


def test_answers_that_change_are_the_students_fault(tmp_path: Path) -> None:
    text = f'''{HEAD}
    @given(n=st.integers())
    def test_it(student, n):
        """It must hold."""
        if student.random().number() == 3:
            raise Failure("the third answer")
    '''
    outcome = _run(tmp_path, test_q1=text)
    assert outcome["verdicts"] == {"q1.it": "failed"}
    assert "different answers" in outcome["problems"]["q1.it"]


def test_a_counterexample_is_shrunken(tmp_path: Path) -> None:
    text = f'''{HEAD}
    @given(n=st.integers())
    def test_it(student, n):
        """It must hold."""
        student.same(n).require(n < 10, f"n is {{n}}")
    '''
    assert _run(tmp_path, test_q1=text)["problems"] == {"q1.it": "n is 10"}


@pytest.mark.parametrize(
    ("modules", "error"),
    [
        ({"test_q1": "import nowhere"}, "No module named 'nowhere'"),
        ({"test_q1": "def test_it(): 'Doc.'"}, "the marker 'question' or 'points' is missing"),
        ({"test_q1": HEAD + "\n    def test_it(): pass"}, "docstring"),
        ({"test_q1": HEAD.replace("q1", "q9") + "\n    def test_it(): 'Doc.'"}, "no question 'q9'"),
        ({"test_q1": HEAD.replace("(1)", "(1.5)") + "\n    def test_it(): 'Doc.'"}, "whole number"),
        (
            {
                "test_q1": HEAD
                + "\n    @pytest.mark.visibility('secret')\n    def test_it(): 'Doc.'"
            },
            "visibility 'secret'",
        ),
    ],
)
def test_a_faulty_module_of_checks_is_reported(
    tmp_path: Path, modules: dict[str, str], error: str
) -> None:
    outcome = _run(tmp_path, **modules)
    assert error in " ".join(outcome["errors"])


def test_points_that_do_not_add_up_are_reported_also_for_a_part(tmp_path: Path) -> None:
    text = HEAD + "\n    def test_a(): 'Doc.'\n    def test_b(): 'Doc.'\n    def test_c(): 'Doc.'"
    outcome = _run(tmp_path, "test_a", test_q1=text)
    assert list(outcome["verdicts"]) == ["q1.a"]
    assert outcome["points_mismatches"] == [
        "the checks of q1 add up to 3 points, but in assignment.toml it counts 2",
        "the checks of q2 add up to 0 points, but in assignment.toml it counts 1",
    ]


def test_a_broken_fixture_is_an_error_not_a_failure(tmp_path: Path) -> None:
    text = HEAD + "\n    def test_it(nowhere): 'Doc.'"
    outcome = _run(tmp_path, test_q1=text)
    assert outcome["verdicts"] == {"q1.it": "error"}
    assert "fixture 'nowhere' not found" in outcome["details"]["q1.it"]
