"""What a result depends on, as hashes: what was handed in, and all that has a say in its grade.

Two results with the same hashes are the same, so a submission is graded anew when one of them has
changed, and not otherwise.
"""

import hashlib
import os
import stat
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from pathlib import Path

import autograder
from autograder.config import Assignment

__all__ = ["assignment_digest", "digest_of", "submission_digest", "versions"]

_ENGINE = Path(autograder.__file__).parent
# What has a say in a verdict; how results are kept and shown changes none.
_DECIDING = ("checking", "config", "examine", "host", "intake", "sandbox", "wire", "worker",
             "finding.py", "results.py")  # fmt: skip
_LIBRARIES = ("hypothesis", "numpy", "pytest", "torch")


def submission_digest(path: Path) -> str:
    """Of a file's bytes; of a folder's files, and what else lies in it, by name.

    Raises OSError when it cannot be read.
    """
    if path.is_dir():
        return _digest(_below(path, everything=True))
    return _digest([("", path)], follow=True)


def digest_of(path: Path) -> str:
    """The same, but empty for what cannot be read, which is then tried each time."""
    try:
        return submission_digest(path)
    except OSError:
        return ""


def assignment_digest(assignment: Assignment, *, unsafe: bool = False) -> str:
    """Of the hidden checks, the reference, the given module, the settings, and the engine.

    ``unsafe`` results are no others, but they could be forged, so they are not relied on later.
    """
    layout, helper = assignment.layout, assignment.helper
    entries = [("config", layout.config), ("reference", assignment.reference)]
    folders = [("hidden", layout.hidden), ("given", layout.given)]
    if helper is not None:
        folders.append(("helper", helper.folder / helper.package))
    folders += [(name, _ENGINE / name) for name in _DECIDING]
    for name, path in folders:
        if path.is_dir():
            entries += [(f"{name}/{below}", file) for below, file in _below(path)]
        elif path.exists():
            entries.append((name, path))
    return _digest(entries, *versions(), f"unsafe {unsafe}", follow=True)


def versions() -> list[str]:
    """Of all that can change a verdict, without what tells builds apart (torch's 2.13.0+cpu)."""
    found = [f"{name} {version(name).partition('+')[0]}" for name in _LIBRARIES]
    return [f"Python {sys.version_info.major}.{sys.version_info.minor}", *found]


def _below(folder: Path, *, everything: bool = False) -> Iterator[tuple[str, Path]]:
    """The files below a folder, in the order of their names; no link is followed.

    Without caches and what begins with a dot, which editors leave, unless ``everything``.
    """
    found, folders = [], [folder]
    while folders:  # no recursion: what students hand in may be deeper than that goes
        for entry in os.scandir(folders.pop()):
            if not everything and _is_left_behind(entry.name):
                continue
            path = Path(entry.path)
            if entry.is_dir(follow_symlinks=False):
                folders.append(path)
            else:
                found.append((path.relative_to(folder).as_posix(), path))
    yield from sorted(found)


def _is_left_behind(name: str) -> bool:
    """By Python or an editor."""
    return name.startswith(".") or name.endswith("~") or name == "__pycache__"


def _digest(entries: Iterable[tuple[str, Path]], *facts: str, follow: bool = False) -> str:
    """Links count as what they lead to with ``follow``; what students hand in must not lead."""
    digest = hashlib.sha256()
    for fact in facts:
        _add(digest, fact.encode())
    for name, path in entries:
        _add(digest, os.fsencode(name))
        mode = path.stat(follow_symlinks=follow and path.exists()).st_mode
        if stat.S_ISREG(mode):
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        else:  # a link, a pipe: never read, but there
            digest.update(stat.S_IFMT(mode).to_bytes(32, "big"))
    return digest.hexdigest()


def _add(digest: "hashlib._Hash", text: bytes) -> None:
    """With its length, so that no two lists of texts come to the same bytes."""
    digest.update(len(text).to_bytes(8, "big") + text)
