"""What the kernel says of a worker's processes: which there are, their CPU time, their memory.

A worker is a session of its own and cannot leave it (`autograder.sandbox.seccomp`), so the session
id, read from ``/proc``, names all of its processes. Nothing here believes a pid that a worker told.
"""

import os
import signal
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

__all__ = ["Process", "kill_session", "kill_uid", "of_session", "of_uid", "read"]

_TICK = os.sysconf("SC_CLK_TCK")
_ANONYMOUS = b" /dev/zero (deleted)"
_MEMORY = (b"RssAnon:", b"RssShmem:", b"HugetlbPages:")
_SHARE = (b"Pss_Anon:", b"Pss_Shmem:", b"Shared_Hugetlb:", b"Private_Hugetlb:")


@dataclass(frozen=True)
class Process:
    """One process at one moment."""

    pid: int
    state: str
    session: int
    threads: int
    started: int
    cpu_s: float
    reaped_cpu_s: float  # of children that ended and were waited for

    @property
    def key(self) -> tuple[int, int]:
        """Names this process for ever; a pid is given out again."""
        return self.pid, self.started

    @property
    def is_alive(self) -> bool:
        """A process whose first thread has ended shows as a zombie while the others run on."""
        return self.state not in "ZX" or self.threads > 1

    @property
    def is_running(self) -> bool:
        """On a processor, or waiting for one or for a disk."""
        return self.state in "RD"

    def memory_bytes(self) -> int:
        """Anonymous and shared memory: what is not a file's page. 0 when it has ended."""
        if self.state not in "ZX":
            return _sum(f"/proc/{self.pid}/status", _MEMORY)
        # The first thread is gone, and with it its view of the memory; any other still has it.
        tasks = _entries(f"/proc/{self.pid}/task")
        return max((_sum(f"{task}/status", _MEMORY) for task in tasks), default=0)

    def share_of_memory_bytes(self) -> int:
        """The same, where a page that n processes share counts 1/n for each; slow.

        `memory_bytes` where this process may not look: as root without CAP_SYS_PTRACE.
        """
        return _sum(f"/proc/{self.pid}/smaps_rollup", _SHARE) or self.memory_bytes()

    def unlinked(self) -> dict[tuple[int, int], int]:
        """Bytes on disk, by inode, of files that have no name any more but are held open or mapped.

        Empty where this process may not look: as root without CAP_SYS_PTRACE.
        """
        found = dict(self._mapped(anonymous=False))
        for path in _entries(f"/proc/{self.pid}/fd"):
            try:
                file = os.stat(path)  # noqa: PTH116 - hot path
            except OSError:  # closed meanwhile
                continue
            if stat.S_ISREG(file.st_mode) and file.st_nlink == 0:
                found[file.st_dev, file.st_ino] = file.st_blocks * 512
        return found

    def shared_memory(self) -> dict[tuple[int, int], int]:
        """Bytes, by inode, of anonymous memory that forks share: also what is not resident now."""
        return dict(self._mapped(anonymous=True))

    def _mapped(self, *, anonymous: bool) -> Iterator[tuple[tuple[int, int], int]]:
        """What has no name and is mapped, by what it holds; where only root may look, by length."""
        try:
            with open(f"/proc/{self.pid}/maps", "rb") as file:  # noqa: PTH123 - hot path
                lines = file.read().splitlines()
        except OSError:
            return
        for line in lines:
            if not line.endswith(b"(deleted)") or line.endswith(_ANONYMOUS) is not anonymous:
                continue
            addresses, _, _, device, inode, _ = line.split(maxsplit=5)
            start, end = (int(address, 16) for address in addresses.split(b"-"))
            try:
                held = os.stat(f"/proc/{self.pid}/map_files/{start:x}-{end:x}")  # noqa: PTH116
            except OSError:
                major, minor = (int(part, 16) for part in device.split(b":"))
                yield (os.makedev(major, minor), int(inode)), end - start
            else:
                yield (held.st_dev, held.st_ino), held.st_blocks * 512


def _entries(folder: str) -> list[str]:
    try:
        return [f"{folder}/{name}" for name in os.listdir(folder)]  # noqa: PTH208 - hot path
    except OSError:
        return []


def _sum(path: str, names: tuple[bytes, ...]) -> int:
    """The sum of these lines of a file of kilobytes; 0 when it cannot be read."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - hot path
            lines = file.read().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(names))


def read(pid: int | str) -> Process | None:
    """One process; ``None`` when there is no such process."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:  # noqa: PTH123 - hot path
            text = file.read()
    except OSError:
        return None
    # The name stands in parentheses and may hold any character, so split after the last one.
    fields = text[text.rindex(b")") + 2 :].split()
    return Process(
        pid=int(pid),
        state=fields[0].decode(),
        session=int(fields[3]),
        threads=int(fields[17]),
        started=int(fields[19]),
        cpu_s=(int(fields[11]) + int(fields[12])) / _TICK,
        reaped_cpu_s=(int(fields[13]) + int(fields[14])) / _TICK,
    )


def _all() -> Iterator[Process]:
    for name in os.listdir("/proc"):  # noqa: PTH208 - hot path
        if name.isdigit() and (process := read(name)) is not None and process.is_alive:
            yield process


def of_session(session: int) -> list[Process]:
    """The living processes of a session (zombies have ended)."""
    return [process for process in _all() if process.session == session]


def of_uid(uid: int) -> list[Process]:
    """The living processes of a user. Not by the owner of /proc/PID: undumpable ones show root."""
    needle = f"\nUid:\t{uid}\t".encode()
    found = []
    for process in _all():
        try:
            with open(f"/proc/{process.pid}/status", "rb") as file:  # noqa: PTH123 - hot path
                if needle in file.read():
                    found.append(process)
        except OSError:
            continue
    return found


def kill_session(session: int, *, spare: int = 0, within_s: float = 3.0) -> bool:
    """Kill all processes of a session but ``spare``; whether none is left."""
    return _kill_all(lambda: [p for p in of_session(session) if p.pid != spare], within_s)


def kill_uid(uid: int, *, within_s: float = 3.0) -> bool:
    """Kill all processes of a user, who must be a worker's own; whether none is left."""
    return _kill_all(lambda: of_uid(uid), within_s)


def _kill_all(find: Callable[[], list[Process]], within_s: float) -> bool:
    """Kill again and again until none is left.

    New ones may be forked while the old ones are being killed, but no more than the limit on
    processes, and a killed one forks no more.
    """
    deadline = time.monotonic() + within_s
    while others := find():
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
    return True
