"""The one folder that a submission may write to: made, measured while it runs, and removed.

What lies in it is the student's doing, so no name, depth, mode or link in it is taken for granted,
and it may change while it is looked at.
"""

import contextlib
import errno
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Set
from contextlib import contextmanager
from pathlib import Path

__all__ = ["contents", "empty", "measure", "private_folder", "remove", "remove_new"]

_CHANGED = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}


@contextmanager
def private_folder(parent: Path, uid: int | None) -> Iterator[Path]:
    """A folder that belongs to ``uid`` alone."""
    folder = Path(tempfile.mkdtemp(dir=parent))
    try:
        _give(folder, uid)
        yield folder
    finally:
        remove(folder)


def empty(folder: Path, uid: int | None) -> None:
    """Make it anew, as before a worker's first start; its processes must have ended."""
    remove(folder)
    folder.mkdir(mode=0o700)
    _give(folder, uid)


def _give(folder: Path, uid: int | None) -> None:
    if uid is not None:
        os.chown(folder, uid, uid)


def remove(folder: Path) -> None:
    """Remove a folder that student code wrote: any depth, any mode, never through a link."""
    with contextlib.suppress(RecursionError):  # it recurses, and folders may be nested deeper
        shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():  # closed folders (not as root), or very deep ones
        target = str(folder)
        subprocess.run(["chmod", "-R", "u+rwX", "--", target], check=False, capture_output=True)
        subprocess.run(["rm", "-rf", "--", target], check=False, capture_output=True)


def contents(folder: Path) -> frozenset[tuple[str, int]]:
    """What lies below ``folder`` now: names and inodes."""
    return frozenset((entry.path, entry.inode()) for entry in _walk(str(folder), _is_any))


def remove_new(folder: Path, known: Set[tuple[str, int]]) -> None:
    """Remove what was made since `contents` were ``known``; nothing may be running in the folder.

    So a question finds what the cells left, and nothing of the questions before it.
    """

    def is_known(entry: os.DirEntry[str]) -> bool:
        return (entry.path, entry.inode()) in known

    new = [entry for entry in _walk(str(folder), is_known) if not is_known(entry)]
    for entry in new:
        if entry.is_dir(follow_symlinks=False):
            remove(Path(entry.path))
        else:
            with contextlib.suppress(OSError):
                os.unlink(entry.path)  # noqa: PTH108 - there may be thousands


def _is_any(_: os.DirEntry[str]) -> bool:
    return True


def _walk(folder: str, descend: Callable[[os.DirEntry[str]], bool]) -> Iterator[os.DirEntry[str]]:
    """All entries below, in folders for which ``descend`` says so; never through a link."""
    pending = [folder]
    while pending:
        try:
            with os.scandir(pending.pop()) as entries:
                found = list(entries)
        except OSError:  # closed, or too deep; such as there are count as too many in `measure`
            continue
        pending += [e.path for e in found if e.is_dir(follow_symlinks=False) and descend(e)]
        yield from found


def measure(folder: str, most: int) -> tuple[int, int]:
    """Bytes on disk and number of entries below ``folder``; stops counting past ``most`` entries.

    A folder that cannot be looked into (closed, or too deep for a path) counts as more than
    ``most``: else it would be a place to hide in.
    """
    size = files = 0
    pending = [folder]
    while pending and files <= most:
        try:
            with os.scandir(pending.pop()) as entries:
                for entry in entries:
                    files += 1
                    if files > most:
                        break
                    size += _measure_entry(entry, pending)
        except OSError as error:
            if error.errno not in _CHANGED:
                return size, most + 1
    return size, files


def _measure_entry(entry: os.DirEntry[str], pending: list[str]) -> int:
    try:
        if entry.is_dir(follow_symlinks=False):
            pending.append(entry.path)
        return entry.stat(follow_symlinks=False).st_blocks * 512
    except OSError as error:
        if error.errno in _CHANGED:
            return 0
        raise
