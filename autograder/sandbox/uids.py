"""A user id of its own for each worker, when grading as root.

Ids are leased by locking a file, so that runs at the same time, also of different checkouts, never
share one; a lease ends with the process that holds it, however it ends.
"""

import fcntl
import functools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from autograder.errors import IsolationError
from autograder.sandbox import processes

__all__ = ["FIRST_UID", "LAST_UID", "lease_uid", "root_can_set_uids"]

# systemd's documentation (UIDS-GIDS) lists this range as unused; no ordinary account lies in it.
FIRST_UID, LAST_UID = 60706, 61183

_LOCKS = Path("/run/autograder-uids")


@functools.cache
def root_can_set_uids() -> bool:
    """Whether root here may give files and processes to other users.

    It may not in some user namespaces and containers, or without its capabilities.
    """
    pid = os.fork()  # what is tried cannot be taken back
    if pid == 0:
        status = 1
        try:
            os.fchown(os.memfd_create("probe"), FIRST_UID, FIRST_UID)
            os.setgroups([])
            os.setresgid(FIRST_UID, FIRST_UID, FIRST_UID)
            os.setresuid(FIRST_UID, FIRST_UID, FIRST_UID)
            status = 0
        finally:
            os._exit(status)
    return os.waitpid(pid, 0)[1] == 0


@contextmanager
def lease_uid() -> Iterator[int | None]:
    """A user id that no account, process or other lease has; ``None`` when not root."""
    if os.geteuid() != 0:
        yield None
        return
    try:
        _LOCKS.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise IsolationError(f"{_LOCKS}: user ids cannot be leased: {error.strerror}.") from None
    # Start at another id each time: what a killed run may have left has its own old id.
    count = LAST_UID - FIRST_UID + 1
    start = int.from_bytes(os.urandom(4)) % count
    for step in range(count):
        uid = FIRST_UID + (start + step) % count
        lock = os.open(_LOCKS / str(uid), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            continue
        try:
            if not processes.of_uid(uid):
                yield uid
                return
        finally:
            os.close(lock)
    raise IsolationError(
        f"All user ids from {FIRST_UID} to {LAST_UID} are in use by other runs; wait for one."
    )
