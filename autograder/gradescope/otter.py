"""Runs Otter, with our plugin, on a clean notebook: nothing of the student's is in its folders.

Grading has ended by then, and the plugin finds the result (`autograder.otter_plugin.RESULT`). Otter
gets a stage of its own: it rewrites its configuration, and leaves files beside it.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import nbformat

from autograder.config import Assignment
from autograder.errors import InternalError
from autograder.results import GradingResult

__all__ = ["run_otter"]

_RESULT = "AUTOGRADER_RESULT"  # `autograder.otter_plugin.RESULT`, which would load Otter here
_CODE = "import sys; from otter.run.run_autograder import main; main(sys.argv[1])"
_MAX_LOG = 20_000


def run_otter(
    assignment: Assignment, result: GradingResult, metadata: Path, *, limit_s: float
) -> str:
    """Run Otter; what it printed. Raises `InternalError` if it fails, or comes to another score."""
    try:
        with tempfile.TemporaryDirectory(prefix="otter-", ignore_cleanup_errors=True) as name:
            stage = Path(name)
            _lay_out(stage, assignment, result, metadata)
            printed = _run(stage, assignment.layout.root, limit_s)
            score = _score(json.loads((stage / "results/results.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError) as error:
        raise InternalError(f"Otter could not be run: {error!r}") from None
    if score != result.score:
        raise InternalError(f"Otter's score is {score}, and not {result.score}:\n{printed}")
    return printed


def _lay_out(stage: Path, assignment: Assignment, result: GradingResult, metadata: Path) -> None:
    """The folders that Otter expects, with nothing in them but what is ours."""
    for folder in ("source", "submission", "results"):
        (stage / folder).mkdir()
    source = assignment.layout.root
    shutil.copy(source / "otter_config.json", stage / "source")
    shutil.copytree(source / "tests", stage / "source" / "tests")
    nbformat.write(nbformat.v4.new_notebook(), stage / "submission" / f"{assignment.module}.ipynb")
    _write_json(stage / "submission_metadata.json", _metadata(metadata))
    _write_json(stage / "result.json", result.to_json(assignment))


def _metadata(path: Path) -> Any:
    """What Gradescope says of the submission; Otter wants an object, whatever there is."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _write_json(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content), encoding="utf-8")


def _run(stage: Path, source: Path, limit_s: float) -> str:
    own = {"AUTOGRADER_ROOT": source, _RESULT: stage / "result.json", "IPYTHONDIR": stage,
           "JUPYTER_RUNTIME_DIR": stage, "MPLCONFIGDIR": stage}  # fmt: skip
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-c", _CODE, str(stage)],
            cwd=stage,
            env={**os.environ, **{name: str(value) for name, value in own.items()}},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=limit_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise InternalError(f"Otter did not end within {limit_s:.0f} s.") from None
    printed = done.stdout[-_MAX_LOG:].decode(errors="replace")
    if done.returncode:
        raise InternalError(f"Otter ended with status {done.returncode}:\n{printed}")
    return printed


def _score(document: Any) -> float | None:
    """As Gradescope adds it up: the top score, else the sum; none if no entry has one."""
    if "score" in document:
        return float(document["score"])
    scores = [test["score"] for test in document["tests"] if "score" in test]
    return sum(scores) if scores else None
