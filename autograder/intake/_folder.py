"""The files of a folder, such as one that Gradescope unpacked or exported.

No link is followed on any level, neither when listing nor when reading. A file that cannot be
read *here* is our fault until shown otherwise, hence an `InternalError`.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import NoReturn

from autograder.errors import InternalError
from autograder.intake._bytes import read_regular
from autograder.intake._candidates import FOLDER, Entry, collect, is_hidden
from autograder.intake._words import quoted

__all__ = ["list_folder"]

_MAX_DEPTH = 30
"""Of folders in folders; each level of the walk holds a descriptor."""


def list_folder(root: Path, *, module: str) -> list[Entry]:
    """List the visible entries of the folder ``root``."""
    with _our_fault(root.name):
        return collect(_walk(root), where=quoted(root.name), module=module)


@contextmanager
def _our_fault(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InternalError(
            f"{quoted(name)} could not be read here: {error.strerror}. "
            "Check its permissions and grade it again."
        ) from error


def _walk(root: Path) -> Iterator[Entry]:
    for folder, folders, files, descriptor in os.fwalk(root, onerror=_raise):
        inside = Path(folder).relative_to(root)
        folders[:] = [name for name in folders if not is_hidden(name)]
        for name in [*folders, *files]:
            status = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
            path = (inside / name).as_posix()
            yield Entry(
                path=path,
                size=status.st_size if stat.S_ISREG(status.st_mode) else 0,
                read=lambda path=path: _read(root, path),  # type: ignore[misc]
                problem=_problem(status.st_mode),
            )
        if len(inside.parts) >= _MAX_DEPTH:
            folders.clear()


def _raise(error: OSError) -> NoReturn:
    raise error


def _problem(mode: int) -> str:
    if stat.S_ISREG(mode):
        return ""
    if stat.S_ISDIR(mode):
        return FOLDER
    return "a link" if stat.S_ISLNK(mode) else "not a regular file"


def _read(root: Path, path: str) -> bytes:
    *folders, name = PurePosixPath(path).parts
    with _our_fault(path):
        here = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
        try:
            for folder in folders:
                flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
                inner = os.open(folder, flags, dir_fd=here)
                os.close(here)
                here = inner
            return read_regular(name, name=path, dir_fd=here)
        finally:
            os.close(here)
