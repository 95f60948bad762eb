"""The closest to Gradescope's container that works without Docker, for root on Linux.

A Debian system that ``debootstrap`` makes, in namespaces of its own for mounts and processes, and
in control groups that limit memory and processor. Not as there: the kernel's default capabilities
and filters of Docker, the network, and Ubuntu.
"""

import contextlib
import os
import shlex
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["LENT", "Container", "Usage", "make_container", "missing"]

SUITE = "bookworm"
CGROUPS = Path("/sys/fs/cgroup")
LENT = "lent"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True)
class Usage:
    """What a run took; ``peak`` in bytes with the page cache, 0 without control groups."""

    code: int
    output: str
    wall_s: float
    cpu_s: float = 0.0
    peak: int = 0


def missing() -> str:
    """What keeps a container from being made here, in words; empty if nothing does."""
    if os.geteuid() != 0:
        return "needs root"
    for program in ("debootstrap", "unshare", "chroot"):
        if shutil.which(program) is None:
            return f"needs {program}"
    return ""


def make_container(root: Path) -> "Container":
    """A minimal Debian system in the folder ``root``."""
    done = subprocess.run(
        ["debootstrap", "--variant=minbase", SUITE, str(root)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"debootstrap failed:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    (root / "etc" / "hosts").write_text("127.0.0.1 localhost\n", encoding="utf-8")
    shutil.copy("/etc/resolv.conf", root / "etc")
    (root / "etc" / "apt" / "apt.conf.d" / "99machine").write_text(_apt(), encoding="utf-8")
    return Container(root)


def _apt() -> str:
    """How this machine reaches the archive: proxies and the like, no hooks of its own."""
    folder = Path("/etc/apt/apt.conf.d")
    paths = sorted(folder.iterdir()) if folder.is_dir() else []
    lines = [line for path in paths for line in path.read_text(encoding="utf-8").splitlines()]
    whole = [line for line in lines if line.startswith("Acquire::") and line.endswith('";')]
    return "".join(f"{line}\n" for line in whole)


class Container:
    """Runs commands in a system; what is mounted for them is gone with them."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def run(
        self,
        command: Sequence[str],
        *,
        autograder: Path,
        environment: Mapping[str, str] | None = None,
        lent: Sequence[Path] = (),
        memory_mb: int | None = None,
        cpus: float | None = None,
        timeout_s: float = 900.0,
    ) -> Usage:
        """Run ``command`` with the folder ``autograder`` as /autograder.

        ``lent`` are files and folders of this machine that can be read there, below /lent.
        """
        variables = {"PATH": PATH, "HOME": "/root", **(environment or {})}
        with _limited(memory_mb, cpus) as group:
            start = time.monotonic()
            done = subprocess.run(
                ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation",
                 "private", "sh", "-ec", self._script(command, autograder, lent, group)],
                env=variables,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                timeout=timeout_s,
                check=False,
            )  # fmt: skip
            wall = time.monotonic() - start
            return Usage(done.returncode, done.stdout, wall, group.cpu_s(), group.peak())

    def _script(
        self, command: Sequence[str], autograder: Path, lent: Sequence[Path], group: "_Group"
    ) -> str:
        root = self.root
        (root / "autograder").mkdir(exist_ok=True)
        lines = [f"echo 0 > {shlex.quote(str(path))}" for path in group.members()]
        lines += [
            f"mount -t proc proc {root}/proc",
            f"mount -t sysfs -o ro sysfs {root}/sys",
            f"mount --rbind {CGROUPS} {root}{CGROUPS}",
            f"mkdir -p {root}/dev/shm && mount -t tmpfs -o size=64m tmpfs {root}/dev/shm",
            f"mount --bind {shlex.quote(str(autograder))} {root}/autograder",
        ]
        for path in lent:
            target = root / LENT / path.relative_to("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            if path.is_dir():
                target.mkdir(exist_ok=True)
            else:
                target.touch()
            lines.append(f"mount --bind -o ro {path} {target}")
        lines.append(f"cd {root} && exec chroot {root} {shlex.join(command)}")
        return "\n".join(lines)


class _Group:
    """No limits, and nothing measured."""

    def members(self) -> Sequence[Path]:
        return ()

    def cpu_s(self) -> float:
        return 0.0

    def peak(self) -> int:
        return 0


class _Version1(_Group):
    def __init__(self, name: str, memory_mb: int | None, cpus: float | None) -> None:
        self._memory, self._cpu, self._account = (
            CGROUPS / kind / name for kind in ("memory", "cpu", "cpuacct")
        )
        for folder in self.folders():
            folder.mkdir(exist_ok=True)
        if memory_mb:
            (self._memory / "memory.limit_in_bytes").write_text(str(memory_mb << 20))
        if cpus:
            (self._cpu / "cpu.cfs_period_us").write_text("100000")
            (self._cpu / "cpu.cfs_quota_us").write_text(str(int(cpus * 100_000)))

    def folders(self) -> Sequence[Path]:
        return (self._memory, self._cpu, self._account)

    def members(self) -> Sequence[Path]:
        return [folder / "cgroup.procs" for folder in self.folders()]

    def cpu_s(self) -> float:
        return int((self._account / "cpuacct.usage").read_text()) / 1e9

    def peak(self) -> int:
        return int((self._memory / "memory.max_usage_in_bytes").read_text())


class _Version2(_Group):
    def __init__(self, name: str, memory_mb: int | None, cpus: float | None) -> None:
        self._folder = CGROUPS / name
        (CGROUPS / "cgroup.subtree_control").write_text("+memory +cpu")
        self._folder.mkdir()
        if memory_mb:
            (self._folder / "memory.max").write_text(str(memory_mb << 20))
            with contextlib.suppress(OSError):  # no swap here
                (self._folder / "memory.swap.max").write_text("0")
        if cpus:
            (self._folder / "cpu.max").write_text(f"{int(cpus * 100_000)} 100000")

    def folders(self) -> Sequence[Path]:
        return (self._folder,)

    def members(self) -> Sequence[Path]:
        return [self._folder / "cgroup.procs"]

    def cpu_s(self) -> float:
        fields = (self._folder / "cpu.stat").read_text().split()
        return int(fields[fields.index("usage_usec") + 1]) / 1e6

    def peak(self) -> int:
        return int((self._folder / "memory.peak").read_text())


@contextlib.contextmanager
def _limited(memory_mb: int | None, cpus: float | None) -> Iterator[_Group]:
    """A control group, of whichever version this system has; without limits, none."""
    if memory_mb is None and cpus is None:
        yield _Group()
        return
    kind = _Version1 if (CGROUPS / "memory").is_dir() else _Version2
    group = kind(f"autograder-{uuid.uuid4().hex[:12]}", memory_mb, cpus)
    try:
        yield group
    finally:
        for folder in group.folders():
            _remove(folder)


def _remove(folder: Path) -> None:
    """Once its last process is gone, which may take a moment."""
    for _ in range(100):
        try:
            folder.rmdir()
        except FileNotFoundError:  # one folder may have two names
            return
        except OSError:
            time.sleep(0.1)
        else:
            return
    print(f"{folder} is still in use", file=sys.stderr)
