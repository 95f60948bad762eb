"""The way from a path to the one file in it that counts."""

import os
import stat
from pathlib import Path

from autograder.errors import RejectedError, UsageError
from autograder.intake._archive import list_archive
from autograder.intake._bytes import read_regular
from autograder.intake._candidates import choose
from autograder.intake._cells import Cell, parse_cells
from autograder.intake._content import Source, holds_zip, read_content
from autograder.intake._folder import list_folder
from autograder.intake._words import hand_in, quoted

__all__ = ["read_cells", "read_submission"]


def read_submission(path: Path, *, module: str) -> Source:
    """Read the source that is graded of the file, zip or folder at ``path``.

    ``module`` is the name (without ending) that the assignment asks for. It decides among many
    files; a file handed in by itself may have any name.
    """
    data, name, notes = _find(path, module)
    return read_content(data, name=name, module=module, notes=notes)


def read_cells(path: Path, *, module: str) -> list[Cell]:
    """All cells of the same file, also those that hold text; see `read_submission`."""
    data, name, _ = _find(path, module)
    return parse_cells(data, name=name, module=module)


def _find(path: Path, module: str) -> tuple[bytes, str, tuple[str, ...]]:
    """The bytes of the file that counts, its name, and notes on the choice."""
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
        chosen, notes = choose(entries, where=quoted(real.name), module=module)
        return chosen.read(), chosen.path, notes
    if not stat.S_ISREG(mode):
        raise RejectedError(f"{quoted(path.name)} is not a regular file. {hand_in(module)}")
    if holds_zip(data, name=path.name):
        entries = list_archive(data, name=path.name, module=module)
        chosen, notes = choose(entries, where=quoted(path.name), module=module)
        return chosen.read(), chosen.path, notes
    return data, path.name, ()
