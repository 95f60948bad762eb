"""Has one file graded by ``autograder grade``, in a process of its own, and reads what came of it.

What is read is the results.json that the command writes, so the score is that of ``autograder
grade`` by construction, and the text is no other than what a student may see. What the command
prints is for the staff.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.errors import InternalError

__all__ = ["Graded", "failed", "grade_file"]

# The statuses and the sentence of `autograder.results`, which would load torch here.
GRADED, REJECTED, INTERNAL_ERROR = "graded", "rejected", "internal_error"
APOLOGY = "The autograder failed; this is not your fault. Please submit again."

_DEADLINE_S = 4000.0  # behind every limit of the grading process; nothing of ours may hang for ever
_GRADED_CODES = (0, 3)  # 3: nothing could be graded, and the results say so
_MAX_REPORT = 200_000
_ENTRY = {"name": str, "output": str, "visibility": str, "status": str, "tags": list,
          "score": int, "max_score": int}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Graded:
    """A results.json in Gradescope's format, checked, and the staff's report."""

    document: dict[str, Any]
    report: str

    @property
    def status(self) -> str:
        """``graded``, ``rejected`` or ``internal_error``."""
        return str(self.document["extra_data"]["status"])


def failed(detail: str) -> Graded:
    """For a submission that our own failure kept from being graded: there is no score."""
    document = {"output": APOLOGY, "tests": [], "extra_data": {"status": INTERNAL_ERROR}}
    return Graded(document=document, report=f"{INTERNAL_ERROR}\n{detail}")


def grade_file(submission: Path, root: Path) -> Graded:
    """Grade ``submission`` with the assignment in the folder ``root``; raises `InternalError`."""
    with tempfile.TemporaryDirectory(prefix="autograder-", ignore_cleanup_errors=True) as folder:
        output, log = Path(folder, "grades"), Path(folder, "log")
        # -P and another working folder: Otter's is the submission's, and may hold a torch.py.
        command = [sys.executable, "-P", "-m", "autograder", "grade", str(submission),
                   "--output", str(output), "--jobs", "1"]  # fmt: skip
        code = _run(command, {**os.environ, "AUTOGRADER_ROOT": str(root)}, Path(folder), log)
        report = log.read_bytes()[-_MAX_REPORT:].decode(errors="replace")
        if code not in _GRADED_CODES:
            raise InternalError(f"autograder grade ended with status {code}:\n{report}")
        try:
            text = Path(output, "results", f"{submission.name}.json").read_text(encoding="utf-8")
            return Graded(document=_checked(json.loads(text)), report=report)
        except (OSError, ValueError) as error:
            raise InternalError(f"autograder grade left no results: {error}\n{report}") from None


def _run(command: Sequence[str], environment: dict[str, str], folder: Path, log: Path) -> int:
    """Run to the end or the deadline; whatever it started ends with it."""
    with log.open("wb") as file:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            return process.wait(_DEADLINE_S)
        except subprocess.TimeoutExpired:
            raise InternalError(f"autograder grade took more than {_DEADLINE_S:.0f} s") from None
        finally:
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _checked(document: Any) -> dict[str, Any]:
    """The document, if it is what `fill` expects; else a ValueError."""
    if not isinstance(document, dict) or not isinstance(document.get("output"), str):
        raise ValueError("results.json is no object with an output")  # noqa: TRY004
    extra, tests = document.get("extra_data"), document.get("tests")
    status = extra.get("status") if isinstance(extra, dict) else None
    if status not in (GRADED, REJECTED, INTERNAL_ERROR):
        raise ValueError(f"results.json has the status {status!r}")
    if not isinstance(tests, list) or (status == GRADED and not tests):
        raise ValueError("results.json has no tests")
    for entry in tests:
        for key, kind in _ENTRY.items():
            if not isinstance(entry, dict) or type(entry.get(key)) is not kind or entry[key] == []:
                raise ValueError(f"results.json has a test without a valid {key}")
    return document
