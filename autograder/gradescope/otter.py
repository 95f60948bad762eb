"""Runs Otter, with our plugin, on a clean notebook: nothing of the student's is in its folders.

The plugin waits for a result that is made elsewhere (`autograder.launch.RESULT`), so Otter
may be started before there is one. It gets a stage of its own, because it rewrites its
configuration, and leaves files beside it.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from autograder.config import Assignment
from autograder.errors import InternalError
from autograder.launch import RESULT
from autograder.outlets.files import write_whole
from autograder.results import GradingResult
from autograder.sandbox.syscalls import PR_SET_PDEATHSIG, prctl

__all__ = ["OtterRun"]

_CODE = "import sys; from otter.run.run_autograder import main; main(sys.argv[1])"
_NOTEBOOK: dict[str, Any] = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
_MAX_LOG = 20_000
_MAX_METADATA = 50 << 20  # bytes; earlier submissions and their results are in it


class OtterRun:
    """One run: starts at once, and ends after `finish`; what fails is an `InternalError`."""

    def __init__(self, assignment: Assignment, metadata: Path) -> None:
        self._assignment = assignment
        self._process: subprocess.Popen[bytes] | None = None
        try:
            self._stage = Path(tempfile.mkdtemp(prefix="otter-"))
        except OSError as error:
            raise InternalError(f"Otter could not be started: {error}") from None
        try:
            self._lay_out(metadata)
            self._process = self._start()
        except OSError as error:
            self.__exit__(None, None, None)
            raise InternalError(f"Otter could not be started: {error}") from None

    def finish(self, result: GradingResult, limit_s: float) -> str:
        """Hand the result over; what Otter printed. It must come to the same score."""
        assert self._process is not None
        try:
            write_whole(self._stage / "result.json", json.dumps(result.to_json(self._assignment)))
            code = self._process.wait(limit_s)
            printed = (self._stage / "log").read_bytes()[-_MAX_LOG:].decode(errors="replace")
            if code:
                raise InternalError(f"Otter ended with status {code}:\n{printed}")
            text = (self._stage / "results" / "results.json").read_text(encoding="utf-8")
            score = _score(json.loads(text))
        except subprocess.TimeoutExpired:
            raise InternalError(f"Otter did not end within {limit_s:.0f} s.") from None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InternalError(f"Otter's results cannot be read: {error!r}") from None
        if score != result.score:
            raise InternalError(f"Otter's score is {score}, and not {result.score}:\n{printed}")
        return printed

    def _lay_out(self, metadata: Path) -> None:
        """The folders that Otter expects, with nothing in them but what is ours."""
        for folder in ("source", "submission", "results"):
            (self._stage / folder).mkdir()
        source = self._assignment.layout.root
        shutil.copy(source / "otter_config.json", self._stage / "source")
        shutil.copytree(source / "tests", self._stage / "source" / "tests")
        for path, content in (
            (f"submission/{self._assignment.module}.ipynb", _NOTEBOOK),
            ("submission_metadata.json", _metadata(metadata)),
        ):
            (self._stage / path).write_text(json.dumps(content), encoding="utf-8")

    def _start(self) -> subprocess.Popen[bytes]:
        own = {
            "AUTOGRADER_ROOT": self._assignment.layout.root,
            RESULT: self._stage / "result.json",
            **dict.fromkeys(("IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "MPLCONFIGDIR"), self._stage),
        }
        with (self._stage / "log").open("wb") as log:
            return subprocess.Popen(
                [sys.executable, "-I", "-c", _CODE, str(self._stage)],
                cwd=self._stage,
                env={**os.environ, **{name: str(value) for name, value in own.items()}},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=_subordinate,  # noqa: PLW1509 - two system calls that take no lock
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        if self._process is not None:
            self._process.kill()  # its kernel ends when it finds its parent gone
            self._process.wait()
        shutil.rmtree(self._stage, ignore_errors=True)


def _subordinate() -> None:
    """Otter leaves the processors to the grading, and does not wait for a result for ever."""
    os.nice(10)
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _metadata(path: Path) -> Any:
    """What Gradescope says of the submission; Otter wants an object, whatever there is."""
    try:
        if not path.is_file() or path.stat().st_size > _MAX_METADATA:
            return {}
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _score(document: Any) -> float | None:
    """As Gradescope adds it up: the top score, else the sum; none if no entry has one."""
    if "score" in document:
        return float(document["score"])
    scores = [test["score"] for test in document["tests"] if "score" in test]
    return sum(scores) if scores else None
