"""Judges a running worker by what the kernel says: CPU time, sleep, memory, disk.

CPU time decides. Wall time is a backstop: a worker that waits for a processor on a loaded machine
is in state R and loses nothing; one that sleeps is not, and does.
"""

import os
import time

from autograder.checking.reply import StopReason, WorkerStopped
from autograder.config import Limits
from autograder.sandbox import processes

__all__ = ["Watch"]

_FIRST_LOOK_S = 0.05
_LAST_LOOK_S = 0.25
_IDLE_CPU_S = 0.02


class Watch:
    """Watches one request to the processes of a session, but ``spare``.

    A look costs milliseconds, a call often less than one: so the first look comes late, and what a
    call used before it is not counted.
    """

    def __init__(
        self,
        limits: Limits,
        *,
        session: int,
        spare: int = 0,
        private: str,
        cpu_s: float,
        what: str,
        total_cpu_s: float = float("inf"),
    ) -> None:
        self._limits = limits
        self._session, self._spare, self._private = session, spare, private
        self._cpu_s, self._total_cpu_s, self._what = cpu_s, total_cpu_s, what
        self._start = self._busy_at = time.monotonic()
        self._cpu_before: float | None = None
        self._busy_cpu = 0.0
        self._pause = _FIRST_LOOK_S
        self._next_look = self._start + self._pause
        self.cpu_s = 0.0

    @property
    def pause_s(self) -> float:
        """Seconds until the next look is due."""
        return max(0.0, self._next_look - time.monotonic())

    def is_due(self) -> bool:
        """Whether it is time to look: not by every event, of which a flood of output makes many."""
        return time.monotonic() >= self._next_look

    def look(self) -> None:
        """Raise `WorkerStopped` when a limit is exceeded."""
        limits, now = self._limits, time.monotonic()
        self._pause = min(2 * self._pause, _LAST_LOOK_S)
        self._next_look = now + self._pause
        members = [p for p in processes.of_session(self._session) if p.pid != self._spare]
        self.cpu_s = sum(p.cpu_s for p in members)
        if self._cpu_before is None:
            self._cpu_before = self._busy_cpu = self.cpu_s
        if self.cpu_s - self._busy_cpu > _IDLE_CPU_S or any(p.is_running for p in members):
            self._busy_cpu, self._busy_at = self.cpu_s, now
        if self.cpu_s - self._cpu_before > self._cpu_s:
            self._stop(StopReason.CPU_TIME, f"took more than {self._cpu_s:g} s of CPU time")
        if self.cpu_s > self._total_cpu_s:
            self._stop(StopReason.CPU_TIME, "used up the CPU time of its question")
        if now - self._busy_at > limits.sleep_s:
            self._stop(StopReason.SLEEPING, f"did nothing for {limits.sleep_s:g} s")
        if now - self._start > self._cpu_s * limits.wall_factor + limits.sleep_s:
            self._stop(StopReason.WALL_TIME, "did not finish in time")
        if sum(p.memory_bytes() for p in members) > limits.memory_mb << 20:
            self._stop(StopReason.MEMORY, f"used more than {limits.memory_mb} MB of memory")
        size, files = _folder_size(self._private, limits.files)
        if size > limits.disk_mb << 20 or files > limits.files:
            wrote = f"wrote more than {limits.disk_mb} MB or {limits.files} files"
            self._stop(StopReason.DISK, wrote)

    def _stop(self, reason: StopReason, what_it_did: str) -> None:
        raise WorkerStopped(reason, f"{self._what} {what_it_did} and was stopped.")


def _folder_size(folder: str, most: int) -> tuple[int, int]:
    """Bytes on disk and number of entries below ``folder``; stops counting past ``most``."""
    size = files = 0
    pending = [folder]
    while pending and files <= most:
        try:
            with os.scandir(pending.pop()) as entries:
                for entry in entries:
                    files += 1
                    if files > most:
                        break
                    if entry.is_dir(follow_symlinks=False):
                        pending.append(entry.path)
                    else:
                        size += entry.stat(follow_symlinks=False).st_blocks * 512
        except OSError:  # it is being changed under our eyes
            continue
    return size, files
