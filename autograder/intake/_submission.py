"""The way from a path to the one source in it."""

import os
import stat
from pathlib import Path

from autograder.errors import RejectedError, UsageError
from autograder.intake._archive import list_archive
from autograder.intake._bytes import read_regular
from autograder.intake._candidates import Entry, choose
from autograder.intake._content import Source, holds_zip, read_content
from autograder.intake._folder import list_folder
from autograder.intake._words import hand_in, quoted

__all__ = ["read_submission"]


def read_submission(path: Path, *, module: str) -> Source:
    """Read the source that is graded of the file, zip or folder at ``path``.

    ``module`` is the name (without ending) that the assignment asks for. It decides among many
    files; a file handed in by itself may have any name.
    """
    try:
        real = Path(os.path.realpath(path, strict=True))  # Path.resolve raises anything on loops
        mode = real.stat().st_mode
        if stat.S_ISREG(mode):
            data = read_regular(str(real), name=path.name)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or "this is no path"
        raise UsageError(f"{quoted(str(path))} cannot be read: {reason}.") from error

    if stat.S_ISDIR(mode):
        entries = list_folder(real, module=module)
        return _read_chosen(entries, where=quoted(real.name), module=module)
    if not stat.S_ISREG(mode):
        raise RejectedError(f"{quoted(path.name)} is not a regular file. {hand_in(module)}")
    if holds_zip(data, name=path.name):
        entries = list_archive(data, name=path.name, module=module)
        return _read_chosen(entries, where=quoted(path.name), module=module)
    return read_content(data, name=path.name, module=module)


def _read_chosen(entries: list[Entry], *, where: str, module: str) -> Source:
    chosen, notes = choose(entries, where=where, module=module)
    return read_content(chosen.read(), name=chosen.path, module=module, notes=notes)
