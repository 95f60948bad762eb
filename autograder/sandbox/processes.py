"""What the kernel says of a worker's processes: which there are, their CPU time, their memory.

A worker is a session of its own and cannot leave it (`autograder.sandbox.seccomp`), so the session
id, read from ``/proc``, names all of its processes. Nothing here believes a pid that a worker told.
"""

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Process", "kill_session", "of_session", "of_uid"]

_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Process:
    """One process at one moment."""

    pid: int
    state: str
    session: int
    cpu_s: float

    @property
    def is_running(self) -> bool:
        """On a processor, or waiting for one or for a disk."""
        return self.state in "RD"

    def memory_bytes(self) -> int:
        """Anonymous and shared memory: what is not a file's page. 0 when it has ended."""
        try:
            with open(f"/proc/{self.pid}/status", "rb") as file:  # noqa: PTH123 - hot path
                status = file.read()
        except OSError:
            return 0
        total = 0
        for line in status.splitlines():
            if line.startswith((b"RssAnon:", b"RssShmem:")):
                total += int(line.split()[1]) * 1024
        return total


def _read(pid: str) -> Process | None:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:  # noqa: PTH123 - hot path
            text = file.read()
    except OSError:
        return None
    # The name stands in parentheses and may hold any character, so split after the last one.
    fields = text[text.rindex(b")") + 2 :].split()
    ticks = int(fields[11]) + int(fields[12]) + int(fields[13]) + int(fields[14])
    return Process(int(pid), fields[0].decode(), int(fields[3]), ticks / _TICK)


def _all() -> Iterator[Process]:
    for name in os.listdir("/proc"):  # noqa: PTH208 - hot path
        if name.isdigit() and (process := _read(name)) is not None:
            yield process


def of_session(session: int) -> list[Process]:
    """The living processes of a session (zombies have ended)."""
    return [p for p in _all() if p.session == session and p.state not in "ZX"]


def of_uid(uid: int) -> list[Process]:
    """The living processes of a user. Not by the owner of /proc/PID: undumpable ones show root."""
    needle = f"\nUid:\t{uid}\t".encode()
    found = []
    for process in _all():
        try:
            with open(f"/proc/{process.pid}/status", "rb") as file:  # noqa: PTH123 - hot path
                if needle in file.read() and process.state not in "ZX":
                    found.append(process)
        except OSError:
            continue
    return found


def kill_session(session: int, *, spare: int = 0, within_s: float = 3.0) -> bool:
    """Kill all processes of a session but ``spare``, again and again until none is left.

    Returns whether none is left. New ones may be forked while the old ones are being killed, but no
    more than the limit on processes, and a killed one forks no more.
    """
    deadline = time.monotonic() + within_s
    while True:
        others = [p for p in of_session(session) if p.pid != spare]
        if not others:
            return True
        if time.monotonic() > deadline:
            return False
        for process in others:
            try:
                os.kill(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
            except PermissionError:
                return False
        time.sleep(0.001)
