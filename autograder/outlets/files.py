"""Writing files whole or not at all."""

import hashlib
import os
import stat
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from autograder.errors import UsageError

__all__ = ["result_path", "writable_folder", "write_whole"]

_LONGEST_NAME = 200  # bytes; file systems take 255, and a suffix or a prefix is added


def result_path(folder: Path, submission: str) -> Path:
    """Where a submission's results.json goes: its name, made fit for any file system."""
    *parents, name = map(_shortened, submission.split("/"))
    return folder.joinpath(*parents, f"{name}.json")


def _shortened(name: str) -> str:
    """What is not UTF-8 in a name is written as escapes, which are longer than a name may be."""
    if len(name.encode()) <= _LONGEST_NAME:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:16]
    return name.encode()[:_LONGEST_NAME].decode(errors="ignore") + f"-{digest}"


def write_whole(path: Path, content: str | bytes | Iterable[str]) -> None:
    """Write by way of a temporary file beside it, so that a reader never sees half of it.

    ``content`` may also come piece by piece.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=".draft-")
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}.") from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.writelines(_encoded(content))
            with suppress(FileNotFoundError):  # who may read it stays as it was
                os.fchmod(descriptor, stat.S_IMODE(path.stat().st_mode))
        Path(draft).replace(path)
    except OSError as error:
        Path(draft).unlink(missing_ok=True)
        raise UsageError(f"{path}: cannot be written: {error.strerror}.") from None
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise


def _encoded(content: str | bytes | Iterable[str]) -> Iterable[bytes]:
    if isinstance(content, bytes):
        return [content]
    if isinstance(content, str):
        return [content.encode()]
    return (piece.encode() for piece in content)


def writable_folder(path: Path) -> Path:
    """Make the folder for results; a new one is closed to other users. Raises UsageError."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        raise UsageError(f"{path}: results cannot be written there: {error.strerror}.") from None
    return path
