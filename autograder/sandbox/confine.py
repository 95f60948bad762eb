"""What a freshly forked worker does to itself before the first line of student code.

The order matters: limits and the uid first, since they need privileges; then no_new_privs, which
seccomp needs; Landlock before seccomp, so that the filter may grow to deny Landlock's own calls.
"""

import os
import resource
import signal
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.sandbox import landlock, seccomp
from autograder.sandbox.processes import of_uid
from autograder.sandbox.syscalls import (
    PR_SET_DUMPABLE,
    PR_SET_NO_NEW_PRIVS,
    PR_SET_PDEATHSIG,
    prctl,
)

__all__ = ["Confinement", "confine"]

_WORKERS_OF_ONE_UID = 32
_DEVICES = tuple(map(Path, ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random")))


@dataclass(frozen=True, kw_only=True)
class Confinement:
    """How one worker is confined; crosses to the zygote as plain JSON."""

    private: str
    readable: tuple[str, ...]
    uid: int | None
    landlock: bool
    seccomp: bool
    cpu_s: int
    address_space_mb: int
    disk_mb: int
    processes: int
    open_files: int

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> "Confinement":
        """The inverse of ``dataclasses.asdict`` and JSON."""
        return cls(**{**raw, "readable": tuple(raw["readable"])})


def confine(rules: Confinement, *, parent: int, keep: Iterable[int]) -> None:
    """Confine this process for good. Raises OSError where a layer that was asked for fails.

    ``parent`` is the pid that must still be the parent at the end (else it died in between, and
    nobody would end this process); ``keep`` are the file descriptors that stay open.
    """
    os.setsid()
    _close_all_but(keep)
    _limit(rules)
    if rules.uid is None:
        # Else neither could this process do the next line, nor the grader look at its open files.
        # Nobody else gains by it: seccomp denies ptrace and its like, and Landlock denies /proc.
        prctl(PR_SET_DUMPABLE, 1)
    Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    if rules.uid is not None:
        os.setgroups([])
        os.setresgid(rules.uid, rules.uid, rules.uid)
        os.setresuid(rules.uid, rules.uid, rules.uid)
        prctl(PR_SET_DUMPABLE, 0)
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # after the uid, whose change clears it
    if os.getppid() != parent:
        raise ProcessLookupError("the zygote died")
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    if rules.landlock:
        readable = [(Path(path), landlock.Access.READ) for path in rules.readable]
        devices = [(path, landlock.Access.DEVICE) for path in _DEVICES]
        private = [(Path(rules.private), landlock.Access.PRIVATE)]
        landlock.restrict([*readable, *devices, *private])
    if rules.seccomp:
        seccomp.install()


def _close_all_but(keep: Iterable[int]) -> None:
    low = 0
    for descriptor in sorted(set(keep)):
        if low < descriptor:  # an empty range would be taken for "to the end"
            os.closerange(low, descriptor)
        low = descriptor + 1
    os.closerange(low, 1 << 20)


def _limit(rules: Confinement) -> None:
    mebibyte = 1 << 20
    processes = rules.processes
    if rules.uid is None:
        # The user's other processes count, too, also those of other workers: with no more room than
        # one may take, another's fork bomb would leave this one without. The watch counts exactly.
        running = sum(process.threads for process in of_uid(os.getuid()))
        processes = running + _WORKERS_OF_ONE_UID * processes
    for limit, value in (
        (resource.RLIMIT_CORE, 1),  # no file, and unlike 0 also nothing to a system's crash handler
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_CPU, rules.cpu_s),
        (resource.RLIMIT_FSIZE, rules.disk_mb * mebibyte),
        (resource.RLIMIT_NOFILE, rules.open_files),
        (resource.RLIMIT_NPROC, processes),
        (resource.RLIMIT_AS, rules.address_space_mb * mebibyte),
    ):
        _, hard = resource.getrlimit(limit)
        allowed = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(limit, (allowed, allowed))
