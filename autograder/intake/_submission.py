"""The way from a path to the one file in it that counts."""

import os
import stat
from pathlib import Path

from autograder.errors import RejectedError, UsageError
from autograder.intake._archive import list_archive
from autograder.intake._bytes import read_regular
from autograder.intake._candidates import Entry, choose
from autograder.intake._cells import Handed, parse_cells
from autograder.intake._content import Source, holds_zip, read_content
from autograder.intake._folder import list_folder
from autograder.intake._words import hand_in, quoted

__all__ = ["read_cells", "read_submission"]

_READABLE = frozenset({".ipynb", ".md", ".txt", ".pdf", ".html", ".htm", ".rtf", ".doc", ".docx",
                       ".odt", ".pages", ".png", ".jpg", ".jpeg", ".heic"})  # fmt: skip


def read_submission(path: Path, *, module: str) -> Source:
    """Read the source that is graded of the file, zip or folder at ``path``.

    ``module`` is the name (without ending) that the assignment asks for. It decides among many
    files; a file handed in by itself may have any name.
    """
    data, name, notes, _ = _find(path, module)
    return read_content(data, name=name, module=module, notes=notes)


def read_cells(path: Path, *, module: str) -> Handed:
    """All cells of the same file, also those that hold text; see `read_submission`."""
    data, name, _, others = _find(path, module)
    return Handed(
        cells=tuple(parse_cells(data, name=name)),
        beside=sum(entry.suffix in _READABLE for entry in others),
    )


def _find(path: Path, module: str) -> tuple[bytes, str, tuple[str, ...], list[Entry]]:
    """The bytes of the file that counts, its name, notes on the choice, and the other files."""
    try:
        real = Path(os.path.realpath(path, strict=True))  # Path.resolve raises anything on loops
        mode = real.stat().st_mode
        if stat.S_ISREG(mode):
            data = read_regular(str(real), name=path.name)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or "this is no path"
        raise UsageError(f"{quoted(str(path))} cannot be read: {reason}.") from error

    if stat.S_ISDIR(mode):
        where, entries = real.name, list_folder(real, module=module)
        if packed := _only_zip(entries):
            data, name = packed
            entries = list_archive(data, name=name, module=module)
    elif not stat.S_ISREG(mode):
        raise RejectedError(f"{quoted(path.name)} is not a regular file. {hand_in(module)}")
    elif holds_zip(data, name=path.name):
        where, entries = path.name, list_archive(data, name=path.name, module=module)
    else:
        return data, path.name, (), []
    chosen, notes = choose(entries, where=quoted(where), module=module)
    others = [entry for entry in entries if entry is not chosen]
    return chosen.read(), chosen.path, notes, others


def _only_zip(entries: list[Entry]) -> tuple[bytes, str] | None:
    """The zip of a folder that holds one and nothing else that can be graded, and its name."""
    zips = [entry for entry in entries if entry.suffix == ".zip" and not entry.problem]
    if len(zips) != 1 or any(entry.suffix in {".ipynb", ".py"} for entry in entries):
        return None
    data, name = zips[0].read(), zips[0].path
    return (data, name) if holds_zip(data, name=name) else None
