"""Writing files whole or not at all."""

import os
import tempfile
from pathlib import Path

from autograder.errors import UsageError

__all__ = ["writable_folder", "write_whole"]


def write_whole(path: Path, text: str) -> None:
    """Write by way of a temporary file beside it, so that a reader never sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=".draft-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise


def writable_folder(path: Path) -> Path:
    """Make the folder for results; a new one is closed to other users. Raises UsageError."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        raise UsageError(f"{path}: results cannot be written there: {error.strerror}.") from None
    return path
