"""A folder of one run: for the private folders of its workers, or for an unpacked assignment.

It is locked while the run lives, also by what the run has forked. So a later run knows what a
killed one has left, and removes it: what students' programs wrote, or the hidden checks.
"""

import contextlib
import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from autograder.errors import IsolationError
from autograder.host.private import remove

__all__ = ["run_folder"]

_PREFIX = "autograder-run-"
_TRIALS = 10


@contextmanager
def run_folder() -> Iterator[Path]:
    """A new folder among the temporary ones; removes those of runs that were killed."""
    parent = Path(tempfile.gettempdir())
    _remove_abandoned(parent)
    for _ in range(_TRIALS):  # before it is locked, another run may take it for abandoned
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
        with _locked(folder) as is_ours:
            if is_ours:
                try:
                    yield folder
                finally:
                    remove(folder)
                return
    raise IsolationError(f"No folder in {parent} can be locked; set TMPDIR to one on a local disk.")


def _remove_abandoned(parent: Path) -> None:
    for folder in parent.glob(f"{_PREFIX}*"):
        with _locked(folder) as is_ours:
            if is_ours:
                remove(folder)


@contextmanager
def _locked(folder: Path) -> Iterator[bool]:
    """Whether the folder is there, belongs to this user, and is locked from now on by us alone."""
    with contextlib.ExitStack() as stack:
        try:
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            stack.callback(os.close, descriptor)
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            is_ours = os.fstat(descriptor).st_uid == os.geteuid() and folder.exists()
        except OSError:
            is_ours = False
        yield is_ours
