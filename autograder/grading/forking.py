"""A fork of this warm process that writes text into a pipe, and ends."""

import os
import signal
import traceback
from collections.abc import Callable
from typing import IO

from autograder.sandbox.syscalls import PR_SET_PDEATHSIG, prctl

__all__ = ["fork_and_tell"]

_ENDING = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}


def fork_and_tell(tell: Callable[[IO[str]], None]) -> tuple[int, int]:
    """The child's pid, and the descriptor to read from what ``tell`` writes in the child.

    The child ends with ``tell``, with status 1 if it raises, and with this process. A signal that
    asks this process to end waits until the fork is made: Python ignores what its handler raises
    while the standard library's own callbacks for forks run.
    """
    read_end, write_end = os.pipe()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
    try:
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                for number in _ENDING:
                    signal.signal(number, signal.SIG_IGN)  # the parent ends us,
                prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # also by its own end
                signal.pthread_sigmask(signal.SIG_SETMASK, before)
                os.close(read_end)
                with os.fdopen(write_end, "w", encoding="utf-8") as pipe:
                    tell(pipe)
                status = 0
            except Exception:
                traceback.print_exc()  # the parent learns no more than the status
            finally:
                os._exit(status)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    os.close(write_end)
    return pid, read_end
