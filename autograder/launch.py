"""Has one submission graded by ``autograder grade``, in a process of its own, and reads the result.

For the roads through Otter: torch and pytest live and end in that process, so their memory is free
again before Otter starts its kernel, and the score is that of ``autograder grade`` by construction.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO

from autograder.config import DEADLINE_S
from autograder.errors import InternalError
from autograder.results import GradingResult
from autograder.sandbox.syscalls import PR_SET_PDEATHSIG, prctl

__all__ = ["RESULT", "grade_apart"]

RESULT = "AUTOGRADER_RESULT"
"""The environment variable that tells Otter's plugin where a finished `GradingResult` will be."""

_HARD_S = 4000.0  # behind every limit of the grading process; nothing of ours may hang for ever
_GRACE_S = 5.0  # after a polite request to end
_GRADED_CODES = (0, 3)  # 3: nothing could be graded, and the result says so
_MAX_LOG = 20_000


def grade_apart(
    submission: Path, root: Path, *, deadline_s: float = DEADLINE_S, hard_s: float = _HARD_S
) -> GradingResult:
    """Grade the file or folder ``submission`` with the assignment in the folder ``root``.

    Past ``deadline_s`` of grading the result is an internal error with what was graded so far.
    Raises `InternalError` when there is no result, or when all takes more than ``hard_s``.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="autograder-", ignore_cleanup_errors=True) as name:
            return _grade(submission, root, Path(name), deadline_s, hard_s)
    except OSError as error:
        raise InternalError(f"autograder grade could not be run: {error}") from error


def _grade(
    submission: Path, root: Path, folder: Path, deadline_s: float, hard_s: float
) -> GradingResult:
    # -P and another working folder: Otter's is the submission's, and may hold a torch.py.
    command = [sys.executable, "-P", "-m", "autograder", "grade", str(submission.absolute()),
               "--single", "--jobs", "1", "--deadline", str(deadline_s), "--format", "json",
               "--output", str(folder / "grades")]  # fmt: skip
    with (folder / "answer").open("w+b") as answer, (folder / "log").open("w+b") as log:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, "AUTOGRADER_ROOT": str(root)},
            stdin=subprocess.DEVNULL,
            stdout=answer,
            stderr=log,
            start_new_session=True,
            preexec_fn=lambda: prctl(PR_SET_PDEATHSIG, signal.SIGTERM),  # noqa: PLW1509 - no lock in it
        )
        try:
            code = process.wait(hard_s)
        except subprocess.TimeoutExpired:
            raise InternalError(
                f"autograder grade took more than {hard_s:.0f} s:\n{_tail(log)}"
            ) from None
        finally:  # whatever it started ends with it
            if process.returncode is None:
                _end(process)
        if code not in _GRADED_CODES:
            raise InternalError(f"autograder grade ended with status {code}:\n{_tail(log)}")
        answer.seek(0)
        try:
            (result,) = json.load(answer)
            return GradingResult.from_json(result)
        except (ValueError, KeyError, TypeError) as error:
            said = f"{error!r}\n{_tail(log)}"
            raise InternalError(f"autograder grade gave no result: {said}") from None


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask it to end, which it does with its workers and folders; then make sure."""
    process.terminate()
    try:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_GRACE_S)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _tail(log: IO[bytes]) -> str:
    log.seek(max(0, log.seek(0, os.SEEK_END) - _MAX_LOG))
    return log.read().decode(errors="replace").strip()
