"""The plugin's hooks, one by one, with Otter's own results but without Otter's kernel."""

import json
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from otter.plugins import PluginCollection
from otter.run import AutograderConfig
from otter.test_files import GradingResults

from autograder import results as engine
from autograder.errors import InternalError
from autograder.otter_plugin import SandboxPlugin, grader, plugin
from autograder.otter_plugin.grader import Graded, failed, grade_file
from autograder.package.otter_zip import PLUGIN

SETTINGS = AutograderConfig({"show_all_public": True})


def entry(question: str, points: int, *, passed: bool, **other: Any) -> dict[str, Any]:
    return {
        "name": f"{question}: what must hold",
        "score": points if passed else 0,
        "max_score": points,
        "status": "passed" if passed else "failed",
        "output": "Passed." if passed else "The result is wrong.\nHint: look again.",
        "tags": [question],
        "visibility": "visible",
        **other,
    }


def document(*tests: dict[str, Any], status: str = "graded", output: str = "") -> dict[str, Any]:
    return {"output": output, "tests": list(tests), "extra_data": {"status": status}}


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


def run(hooks: SandboxPlugin, monkeypatch: pytest.MonkeyPatch, graded: Any) -> dict[str, Any]:
    """Otter's results.json after all hooks, when grading gives ``graded`` or raises it."""

    def grade(*_: Any) -> Graded:
        if isinstance(graded, Exception):
            raise graded
        return graded

    monkeypatch.setattr(plugin, "grade_file", grade)
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
    assert results.output == grader.APOLOGY


def test_words_shared_with_the_engine_are_the_same() -> None:
    """They are written twice, because the engine's module would load torch in Otter's process."""
    assert tuple(engine.Status) == (grader.GRADED, grader.REJECTED, grader.INTERNAL_ERROR)
    assert engine.internal_error("", "").message == grader.APOLOGY


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
    run(hooks, monkeypatch, failed("no matter"))
    assert [path.name for path in submission.iterdir()] == ["tests"]
    assert (outside / "kept").exists()


def test_checks_become_cases_of_their_question(
    hooks: SandboxPlugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    graded = document(entry("a", 1, passed=True), entry("a", 2, passed=False),
                      entry("b", 4, passed=True), output="Cell 2 raised NameError.")  # fmt: skip
    made = run(hooks, monkeypatch, Graded(document=graded, report="the staff's table"))
    summary, first, second = made["tests"]
    assert (first["name"], first["score"], first["max_score"]) == ("a", 1, 3)
    assert (second["name"], second["score"], second["max_score"]) == ("b", 4, 4)
    assert "The result is wrong.\n        Hint: look again." in first["output"]
    assert {test["visibility"] for test in made["tests"]} == {"visible"}
    assert summary["status"] == "failed"
    assert made["output"] == "Cell 2 raised NameError."
    assert "the staff's table" not in json.dumps(made)
    assert hooks.generate_report() == "the staff's table"


def test_hidden_checks_stay_hidden(hooks: SandboxPlugin, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = entry("a", 2, passed=False, visibility="after_published", output="a secret")
    graded = document(entry("a", 1, passed=True), secret)
    made = run(hooks, monkeypatch, Graded(document=graded, report=""))
    seen = [test for test in made["tests"] if test["visibility"] == "visible"]
    assert "a secret" not in json.dumps(seen)
    assert sum(test.get("score", 0) for test in made["tests"]) == 1


def test_a_rejected_file_has_every_question_with_no_points_and_the_sentence(
    hooks: SandboxPlugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    graded = document(status="rejected", output="Hand in the notebook.")
    made = run(hooks, monkeypatch, Graded(document=graded, report=""))
    scores = {test["name"]: (test["score"], test["max_score"]) for test in made["tests"][1:]}
    assert scores == {"a": (0, 3), "b": (0, 4)}
    assert made["output"] == "Hand in the notebook."


BROKEN = [
    failed("a disk was full"),
    InternalError("a zygote ended"),
    OSError(28, "No space left on device"),
    UnicodeDecodeError("utf-8", b"x", 0, 1, "bad"),
    Graded(document={**document(), "tests": [{}]}, report=""),  # `fill` itself fails
]


@pytest.mark.parametrize("failure", BROKEN, ids=lambda f: type(f).__name__)
def test_our_own_failure_is_a_sentence_and_never_a_zero(
    failure: Any, hooks: SandboxPlugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = run(hooks, monkeypatch, failure)
    assert made["output"] == grader.APOLOGY
    assert "score" not in made
    assert all("score" not in test for test in made["tests"])
    assert all(test["visibility"] == "hidden" for test in made["tests"])
    assert hooks.generate_report().startswith("internal_error")


def test_a_zip_without_an_assignment_says_how_to_make_one(
    folder: Path, hooks: SandboxPlugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AUTOGRADER_ROOT", raising=False)
    (folder / "source" / "assignment.toml").unlink()
    run(hooks, monkeypatch, Graded(document=document(entry("a", 3, passed=True)), report=""))
    assert "make the zip with `autograder build`" in hooks.generate_report()


def test_the_report_can_be_printed_anywhere(
    hooks: SandboxPlugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otter prints it before it writes results.json: an encoding error would lose everything."""
    graded = Graded(document=document(entry("a", 3, passed=True)), report="Jürgen ─ 数")
    run(hooks, monkeypatch, graded)
    monkeypatch.setattr(sys, "stdout", SimpleNamespace(encoding="ascii"))
    assert hooks.generate_report() == "J\\xfcrgen \\u2500 \\u6570"


def grade_with(script: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Graded:
    """Grade a file where ``python -P -m autograder grade FILE --output DIR`` is a shell script."""
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nfile="$5"; out="$7"\n{script}\n', encoding="utf-8")
    python.chmod(0o755)
    monkeypatch.setattr(grader.sys, "executable", str(python))
    return grade_file(tmp_path / "mine.py", tmp_path)


def test_what_the_command_writes_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    text = json.dumps(document(entry("a", 3, passed=True)))
    script = f"mkdir -p $out/results; echo '{text}' > $out/results/mine.py.json; pwd; echo $file"
    graded = grade_with(f"{script}; echo $AUTOGRADER_ROOT", tmp_path, monkeypatch)
    assert graded.status == "graded"
    where, file, root = graded.report.split()
    assert (file, root) == (str(tmp_path / "mine.py"), str(tmp_path))
    assert where not in {str(Path.cwd()), str(tmp_path)}, "never Otter's working folder"
    assert not Path(where).exists()


MALFORMED = [
    "",
    "{",
    "[]",
    "null",
    '{"tests": [], "output": ""}',
    json.dumps(document(status="excellent")),
    json.dumps(document()),
    json.dumps(document(entry("a", 3, passed=True, score="3"))),
    json.dumps(document(entry("a", 3, passed=True, score=True))),
    json.dumps(document(entry("a", 3, passed=True, tags=[]))),
    json.dumps({**document(), "tests": ["a"]}),
]


@pytest.mark.parametrize("text", MALFORMED)
def test_a_malformed_answer_of_the_command_is_our_own_failure(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = f"mkdir -p $out/results; echo '{text}' > $out/results/mine.py.json"
    with pytest.raises(InternalError, match="left no results"):
        grade_with(script, tmp_path, monkeypatch)


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        ("exit 0", "left no results"),
        ("echo 'autograder: no such file' >&2; exit 2", "status 2:\nautograder: no such file"),
        ("kill -9 $$", "status -9"),
    ],
)
def test_a_failing_command_is_our_own_failure(
    script: str, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InternalError, match=sentence):
        grade_with(script, tmp_path, monkeypatch)


def test_past_the_deadline_the_command_ends_with_all_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grader, "_DEADLINE_S", 0.5)
    pids = tmp_path / "pids"
    with pytest.raises(InternalError, match="took more than"):
        grade_with(f"sleep 60 & echo $! $$ > {pids}; wait", tmp_path, monkeypatch)
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
