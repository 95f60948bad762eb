"""What a Dask worker runs: hands an order to the grader of its thread, and waits for the answer."""

import contextlib
import signal
import subprocess
import sys
import threading
from typing import IO

from autograder.errors import ConfigError, InternalError
from autograder.grading.cluster.server import REFUSED
from autograder.sandbox.syscalls import PR_SET_PDEATHSIG, prctl

__all__ = ["grade_order"]

_GRACE_S = 5.0


class _Grader:
    """A process that grades; see `autograder.grading.cluster.server`."""

    def __init__(self, *, unsafe: bool) -> None:
        self.unsafe = unsafe
        self._process = subprocess.Popen(
            [sys.executable, "-m", "autograder.grading.cluster.server",
             *(["--unsafe"] if unsafe else [])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            start_new_session=True,
            preexec_fn=lambda: prctl(PR_SET_PDEATHSIG, signal.SIGTERM),  # noqa: PLW1509 - no lock in it
        )  # fmt: skip

    def ask(self, line: str) -> str:
        """The answer; empty when the process ended instead."""
        orders, answers = self._pipes()
        with contextlib.suppress(BrokenPipeError):
            orders.write(line + "\n")
            orders.flush()
        return answers.readline().rstrip("\n")

    def end(self) -> int:
        """Let it end by itself, then make sure; its status."""
        orders, answers = self._pipes()
        with contextlib.suppress(BrokenPipeError):
            orders.close()
        try:
            self._process.wait(_GRACE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
        answers.close()
        return self._process.wait()

    def _pipes(self) -> tuple[IO[str], IO[str]]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        return self._process.stdin, self._process.stdout


class _Own(threading.local):
    """Each thread of a worker has a grader of its own, which stays warm from task to task."""

    grader: _Grader | None = None


_OWN = _Own()


def grade_order(line: str, *, unsafe: bool) -> str:
    """The answer to an order: the JSON of a `GradingResult`.

    Raises `ConfigError` where this machine has another assignment, and `InternalError` when the
    grader ends without an answer; it starts anew for the next order.
    """
    grader = _OWN.grader
    if grader is not None and grader.unsafe != unsafe:
        grader.end()
        grader = None
    _OWN.grader = grader = grader or _Grader(unsafe=unsafe)
    answer = ""
    try:
        answer = grader.ask(line)
    finally:
        if not answer or answer.startswith(REFUSED):
            _OWN.grader = None
            status = grader.end()
    if answer.startswith(REFUSED):
        raise ConfigError(answer.removeprefix(REFUSED))
    if not answer:
        raise InternalError(f"the grader ended with status {status}")
    return answer
