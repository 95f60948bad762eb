"""Judges a running worker by what the kernel says: CPU time, sleep, memory, disk, processes.

CPU time decides. Wall time is a backstop: a worker that waits for a processor on a loaded machine
is in state R and loses nothing; one that sleeps is not, and does. It also bounds what no look can
see, such as the CPU time of processes that end, unwaited for, between two looks.
"""

import time

from autograder.checking.reply import StopReason, WorkerStopped
from autograder.config import Limits
from autograder.host import private
from autograder.sandbox import processes

__all__ = ["Watch"]

_FIRST_LOOK_S = 0.05
_LAST_LOOK_S = 0.25
_IDLE_CPU_S = 0.02


class Watch:
    """Watches the processes of a session over many requests, and their sums over all of them.

    A look costs milliseconds, a call often less than one. So the first look at a request comes
    late, unless the last one was long ago: short calls that leave something behind are seen, too.
    ``whole`` names what all requests together are, and ``total_cpu_s`` is its limit.
    """

    def __init__(self, limits: Limits, *, folder: str, whole: str, total_cpu_s: float) -> None:
        self._limits, self._folder = limits, folder
        self._whole, self._total_cpu_s = whole, total_cpu_s
        self._session = 0
        self._resident: processes.Process | None = None
        self._resident_memory = 0
        self._own: dict[tuple[int, int], float] = {}  # CPU time of each process ever seen
        self._cpu_s = 0.0
        self._before_s = 0.0  # of earlier sessions
        self._idle_s = self._wall_s = 0.0
        self._apart_s = 0.0  # CPU time of requests that do not count to the sum
        self._is_apart = False
        self._looked_at = time.monotonic()
        self.begin(whole, total_cpu_s)

    def attach(self, session: int, *, resident: bool = False) -> None:
        """Watch this session from now on; what was seen in others still counts.

        With ``resident`` its leader, which only waits, counts with nothing but what it uses more.
        """
        self._before_s, self._cpu_s = self.cpu_s, 0.0
        self._own.clear()
        self._session = session
        self._resident = processes.read(session) if resident else None
        self._resident_memory = self._resident.memory_bytes() if self._resident else 0
        self._looked_at = time.monotonic()

    @property
    def cpu_s(self) -> float:
        """CPU seconds seen so far."""
        return self._before_s + self._cpu_s

    @property
    def is_used_up(self) -> bool:
        """Whether all requests together took more than they may."""
        return (
            self.cpu_s - self._apart_s > self._total_cpu_s
            or self._idle_s > self._total_cpu_s
            or self._wall_s > self._wall(self._total_cpu_s)
        )

    def begin(self, what: str, cpu_s: float, *, apart: bool = False) -> None:
        """A request starts, to do ``what`` in ``cpu_s``; one ``apart`` counts to no sum."""
        now = time.monotonic()
        self._is_apart, self._sums = apart, (self._idle_s, self._wall_s)
        self._what, self._request_cpu_s = what, cpu_s
        self._start = self._tick = self._busy_at = self._idle_from = now
        self._cpu_at_start: float | None = None
        self._busy_cpu_s = 0.0
        self._pause = _FIRST_LOOK_S
        self._next_look = min(now + _FIRST_LOOK_S, self._looked_at + _LAST_LOOK_S)

    @property
    def spent_s(self) -> float:
        """What all requests but those apart count for: CPU seconds, or seconds of doing nothing."""
        wall = self._wall_s / self._limits.wall_factor
        return max(self.cpu_s - self._apart_s, self._idle_s, wall)

    def set_apart(self) -> float:
        """A request that was begun ``apart`` has ended: what it counts for, as `spent_s`."""
        self._count_cpu(processes.of_session(self._session))
        used = self.cpu_s - (self.cpu_s if self._cpu_at_start is None else self._cpu_at_start)
        self._apart_s += used
        idle, wall = self._idle_s - self._sums[0], self._wall_s - self._sums[1]
        self._idle_s, self._wall_s = self._sums
        self._is_apart = False
        return max(used, idle, wall / self._limits.wall_factor)

    @property
    def pause_s(self) -> float:
        """Seconds until the next look is due."""
        return max(0.0, self._next_look - time.monotonic())

    def is_due(self) -> bool:
        """Whether it is time to look: not by every event, of which a flood of output makes many."""
        now = time.monotonic()
        self._wall_s += now - self._tick
        self._tick = now
        return now >= self._next_look

    def look(self) -> None:
        """Raise `WorkerStopped` when a limit is exceeded."""
        now = self._looked_at = time.monotonic()
        members = processes.of_session(self._session)
        self._count_cpu(members)
        self._judge_time(members, now)
        self._judge_space(members)
        self._pause = min(2 * self._pause, _LAST_LOOK_S)
        self._next_look = time.monotonic() + self._pause

    def _count_cpu(self, members: list[processes.Process]) -> None:
        """Add up what is certain: the sum is never more than what the session used.

        A process's own time is kept after its end. Time that it has from children it waited for
        may have been seen as theirs already, so the larger of the two sums stands.
        """
        for process in members:
            self._own[process.key] = process.cpu_s
        with_reaped = sum(p.cpu_s + p.reaped_cpu_s for p in members)
        own = sum(self._own.values())
        if self._resident is not None:
            own -= min(self._resident.cpu_s, self._own.get(self._resident.key, 0.0))
            if any(p.key == self._resident.key for p in members):
                with_reaped -= self._resident.cpu_s + self._resident.reaped_cpu_s
        self._cpu_s = max(own, with_reaped, self._cpu_s)

    def _judge_time(self, members: list[processes.Process], now: float) -> None:
        limits, cpu = self._limits, self.cpu_s
        if self._cpu_at_start is None:
            self._cpu_at_start = self._busy_cpu_s = cpu
        if cpu - self._busy_cpu_s > _IDLE_CPU_S or any(p.is_running for p in members):
            self._busy_cpu_s, self._busy_at = cpu, now
        else:
            self._idle_s += now - self._idle_from
        self._idle_from = now
        if cpu - self._cpu_at_start > self._request_cpu_s:
            self._stop(StopReason.CPU_TIME, f"took more than {self._request_cpu_s:g} s of CPU time")
        if now - self._busy_at > limits.sleep_s:
            self._stop(StopReason.SLEEPING, f"did nothing for {limits.sleep_s:g} s")
        if now - self._start > self._wall(self._request_cpu_s):
            self._stop(StopReason.WALL_TIME, "did not finish in time")
        if self._is_apart:
            if self._idle_s - self._sums[0] > self._request_cpu_s:
                self._stop(StopReason.SLEEPING, "did nothing for most of its time")
            return
        if cpu - self._apart_s > self._total_cpu_s:
            self._stop(StopReason.CPU_TIME, f"used up the CPU time of {self._whole}")
        if self._idle_s > self._total_cpu_s:
            self._stop(StopReason.SLEEPING, f"did nothing for most of {self._whole}")
        if self._wall_s > self._wall(self._total_cpu_s):
            self._stop(StopReason.WALL_TIME, f"used up the time of {self._whole}")

    def _wall(self, cpu_s: float) -> float:
        return cpu_s * self._limits.wall_factor + self._limits.sleep_s

    def _judge_space(self, members: list[processes.Process]) -> None:
        limits = self._limits
        shared: dict[tuple[int, int], int] = {}
        for process in members:
            shared.update(process.shared_memory())
        if max(self._memory(members), sum(shared.values())) > limits.memory_mb << 20:
            self._stop(StopReason.MEMORY, f"used more than {limits.memory_mb} MB of memory")
        if sum(p.threads for p in members) > limits.processes:
            self._stop(StopReason.PROCESSES, f"started more than {limits.processes} processes")
        size, files = private.measure(self._folder, limits.files)
        unlinked: dict[tuple[int, int], int] = {}
        for process in members:
            unlinked.update(process.unlinked())
        if size + sum(unlinked.values()) > limits.disk_mb << 20 or files > limits.files:
            wrote = f"wrote more than {limits.disk_mb} MB or {limits.files} files"
            self._stop(StopReason.DISK, wrote)

    def _memory(self, members: list[processes.Process]) -> int:
        """Memory of all; exact, and slow, only once the sum of what they share, too, is over."""
        memory = {p.key: p.memory_bytes() for p in members}
        if self._resident is not None and self._resident.key in memory:
            # What it held before is shared with those it forks, and counts there.
            memory[self._resident.key] -= min(self._resident_memory, memory[self._resident.key])
        total = sum(memory.values())
        if total <= self._limits.memory_mb << 20:
            return total
        return sum(p.share_of_memory_bytes() for p in members)

    def _stop(self, reason: StopReason, what_it_did: str) -> None:
        raise WorkerStopped(reason, f"{self._what} {what_it_did} and was stopped.")
