"""The plugin's hooks, one by one, with Otter's own results but without Otter's kernel."""

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from otter.plugins import PluginCollection
from otter.run import AutograderConfig
from otter.test_files import GradingResults

from autograder.config import load_assignment
from autograder.errors import InternalError
from autograder.finding import Finding
from autograder.gradescope import otter
from autograder.launch import RESULT
from autograder.otter_plugin import SandboxPlugin, plugin
from autograder.package.otter_zip import PLUGIN
from autograder.results import (
    APOLOGY,
    CheckResult,
    GradingResult,
    Status,
    Verdict,
    internal_error,
    rejected,
)

SETTINGS = AutograderConfig({"show_all_public": True})


FINDING = Finding(problem="The result is wrong.", hint="look again.")


def check(question: str, points: int, *, passed: bool, **other: Any) -> CheckResult:
    return CheckResult(
        id=f"{question}.{points}",
        question=question,
        title="what must hold",
        points=points,
        visibility=other.get("visibility", "visible"),
        verdict=Verdict.PASSED if passed else Verdict.FAILED,
        finding=None if passed else other.get("finding", FINDING),
        detail="a line of the check",
    )


def graded(*checks: CheckResult, **other: Any) -> GradingResult:
    return GradingResult(submission="mine.py", status=Status.GRADED, checks=checks, **other)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What Otter has laid out before it loads plugins."""
    for name in ("source", "submission/tests", "results"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "source" / "assignment.toml").write_text(
        'title = "T"\nmodule = "m"\n[[questions]]\nid = "a"\ntitle = "First"\npoints = 3\n'
        '[[questions]]\nid = "b"\ntitle = "Second"\npoints = 4\n',
        encoding="utf-8",
    )
    (tmp_path / "submission" / "tests" / "stub.py").touch()
    (tmp_path / "submission" / "mine.py").write_text("x = 1", encoding="utf-8")
    return tmp_path


@pytest.fixture
def hooks(folder: Path) -> SandboxPlugin:
    """A plugin that has seen `before_grading`."""
    made = SandboxPlugin(str(folder / "submission" / "mine.py"), {}, {})
    made.before_grading(SimpleNamespace(autograder_dir=str(folder)))
    return made


def run(hooks: SandboxPlugin, monkeypatch: pytest.MonkeyPatch, result: Any) -> dict[str, Any]:
    """Otter's results.json after all hooks, when grading gives ``result`` or raises it."""

    def grade(*_: Any) -> GradingResult:
        if isinstance(result, Exception):
            raise result
        return result

    monkeypatch.setattr(plugin, "grade_apart", grade)
    notebook = hooks.before_execution("print('student code')")
    assert notebook.cells == []
    results = GradingResults.without_results(RuntimeError("a trace for the staff"))
    hooks.after_grading(results)
    hooks.generate_report()
    made = results.to_gradescope_dict(SETTINGS)
    json.dumps(made)
    return made


def test_torch_and_pytest_stay_out_of_otters_process() -> None:
    script = (
        "import sys, autograder.otter_plugin\n"
        "print(sorted({'torch', 'pytest', 'hypothesis'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("path", [None, ""])
def test_otter_generate_and_assign_make_plugins_without_a_submission(path: str | None) -> None:
    collection = PluginCollection([PLUGIN], path, {})
    collection.run("during_generate", {}, None)
    results = GradingResults([])
    collection.run("after_grading", results)
    assert results.output == APOLOGY


def test_a_log_is_removed_before_otter_unpickles_it(folder: Path, hooks: SandboxPlugin) -> None:
    log = folder / "submission" / ".OTTER_LOG"
    for make in (lambda: log.write_bytes(b"cos\nsystem\n"), lambda: log.symlink_to(folder)):
        make()
        hooks.before_grading(SimpleNamespace(autograder_dir=str(folder)))
        assert not log.exists()
        assert not log.is_symlink()
    assert folder.is_dir()


def test_nothing_of_the_students_is_left_for_otters_kernel_to_import(
    folder: Path, hooks: SandboxPlugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    submission, outside = folder / "submission", folder / "outside"
    (submission / "otter" / "deep").mkdir(parents=True)
    (submission / "otter" / "__init__.py").touch()
    outside.mkdir()
    (outside / "kept").touch()
    (submission / "link").symlink_to(outside)
    run(hooks, monkeypatch, internal_error("", "no matter"))
    assert [path.name for path in submission.iterdir()] == ["tests"]
    assert (outside / "kept").exists()


def test_checks_become_cases_of_their_question(
    hooks: SandboxPlugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = graded(
        check("a", 1, passed=True), check("a", 2, passed=False), check("b", 4, passed=True),
        notes=("Cell 2 raised NameError.",),
    )  # fmt: skip
    made = run(hooks, monkeypatch, found)
    summary, first, second = made["tests"]
    assert (first["name"], first["score"], first["max_score"]) == ("a", 1, 3)
    assert (second["name"], second["score"], second["max_score"]) == ("b", 4, 4)
    assert "The result is wrong.\n        Hint: look again." in first["output"]
    assert {test["visibility"] for test in made["tests"]} == {"visible"}
    assert summary["status"] == "failed"
    assert made["output"] == "Cell 2 raised NameError."
    assert "a line of the check" not in json.dumps(made)
    assert "Score: 5 of 7" in hooks.generate_report()


def test_a_result_that_is_there_is_not_made_again(
    folder: Path, hooks: SandboxPlugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = graded(check("a", 3, passed=True), check("b", 4, passed=False))
    path = folder / "result.json"
    path.write_text(json.dumps(found.to_json(load_assignment(folder / "source"))), encoding="utf-8")
    monkeypatch.setenv(RESULT, str(path))
    made = run(hooks, monkeypatch, AssertionError("graded again"))
    assert [test["score"] for test in made["tests"][1:]] == [3, 0]
    assert RESULT == otter.RESULT, "who sets it and who reads it mean the same"


def test_hidden_checks_stay_hidden(hooks: SandboxPlugin, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = Finding(problem="a secret")
    found = graded(
        check("a", 1, passed=True),
        check("a", 2, passed=False, visibility="after_published", finding=secret),
    )
    made = run(hooks, monkeypatch, found)
    seen = [test for test in made["tests"] if test["visibility"] == "visible"]
    assert "a secret" not in json.dumps(seen)
    assert sum(test.get("score", 0) for test in made["tests"]) == 1


def test_a_rejected_file_has_every_question_with_no_points_and_the_sentence(
    hooks: SandboxPlugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = run(hooks, monkeypatch, rejected("mine.py", "Hand in the notebook."))
    scores = {test["name"]: (test["score"], test["max_score"]) for test in made["tests"][1:]}
    assert scores == {"a": (0, 3), "b": (0, 4)}
    assert made["output"] == "Hand in the notebook."


BROKEN = [
    internal_error("", "a disk was full"),
    InternalError("a zygote ended"),
    OSError(28, "No space left on device"),
    UnicodeDecodeError("utf-8", b"x", 0, 1, "bad"),
    graded(None),  # `fill` itself fails
]


@pytest.mark.parametrize("failure", BROKEN, ids=lambda f: type(f).__name__)
def test_our_own_failure_is_a_sentence_and_never_a_zero(
    failure: Any, hooks: SandboxPlugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = run(hooks, monkeypatch, failure)
    assert made["output"] == APOLOGY
    assert "score" not in made
    assert all("score" not in test for test in made["tests"])
    assert all(test["visibility"] == "hidden" for test in made["tests"])
    assert "internal_error" in hooks.generate_report()


def test_a_zip_without_an_assignment_says_how_to_make_one(
    folder: Path, hooks: SandboxPlugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AUTOGRADER_ROOT", raising=False)
    (folder / "source" / "assignment.toml").unlink()
    run(hooks, monkeypatch, graded(check("a", 3, passed=True)))
    assert "make the zip with `autograder build`" in hooks.generate_report()


def test_the_report_can_be_printed_anywhere(
    hooks: SandboxPlugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otter prints it before it writes results.json: an encoding error would lose everything."""
    run(hooks, monkeypatch, graded(check("a", 3, passed=True), output="Jürgen 数"))
    monkeypatch.setattr(sys, "stdout", SimpleNamespace(encoding="ascii"))
    assert "J\\xfcrgen \\u6570" in hooks.generate_report()
