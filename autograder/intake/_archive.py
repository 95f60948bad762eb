"""The files of a zip, read from memory: nothing is unpacked, so no name can lead anywhere.

Only the chosen file is ever decompressed, and no further than `MAX_FILE_BYTES`, whatever sizes
the archive declares. That bounds a bomb of any ratio and any overlap, so neither is judged by
itself: a flooded notebook compresses as well as a bomb does.
"""

import io
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath

from autograder.errors import RejectedError
from autograder.intake._bytes import MAX_FILE_BYTES, reject_too_large
from autograder.intake._candidates import FOLDER, Entry, collect
from autograder.intake._words import hand_in, quoted

__all__ = ["list_archive"]

_MAX_DIRECTORY = 50_000
"""Entries that `zipfile` may be given to parse, hidden ones and all: about 50 MB."""
_ENTRY_SIGNATURE = b"PK\x01\x02"
_ENCRYPTED = 0x1
# zipfile decompresses bzip2 and LZMA without a bound: 4 KB of input can become gigabytes.
_BOUNDED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def list_archive(data: bytes, *, name: str, module: str) -> list[Entry]:
    """List the visible entries of the zip in ``data``."""
    where = quoted(name)
    if data.count(_ENTRY_SIGNATURE) > _MAX_DIRECTORY:  # counted before any is parsed
        raise RejectedError(f"{where} holds too many files. {hand_in(module)}")
    with _as_sentences(name, module):
        archive = zipfile.ZipFile(io.BytesIO(data))
    return collect(
        (_entry(archive, info, name, module) for info in archive.infolist()),
        where=where,
        module=module,
    )


@contextmanager
def _as_sentences(name: str, module: str) -> Iterator[None]:
    """Whatever `zipfile` makes of a hostile archive, as the student's sentence."""
    try:
        yield
    except (
        zipfile.BadZipFile,
        zlib.error,
        struct.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
        OSError,  # a seek to nowhere: the archive is in memory, so no fault of this machine
        OverflowError,
        ValueError,
    ) as error:
        raise RejectedError(
            f"{quoted(name)} is damaged or not a zip that can be read: make it anew with your "
            f"system's own 'Compress', or upload the notebook itself. {hand_in(module)}"
        ) from error


def _entry(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, module: str) -> Entry:
    path = info.filename.replace("\\", "/")  # old Windows tools write these
    return Entry(
        path=str(PurePosixPath(path)),
        size=info.file_size,
        read=lambda: _read(archive, info, name, module),
        problem=_problem(path, info),
    )


def _problem(path: str, info: zipfile.ZipInfo) -> str:
    mode = info.external_attr >> 16  # zero where the archive was made without Unix modes
    if path.startswith("/") or re.match("[A-Za-z]:", path) or ".." in path.split("/"):
        return "outside of the archive, by its path"
    if path.endswith("/") or stat.S_ISDIR(mode):
        return FOLDER
    if stat.S_ISLNK(mode):
        return "a link"
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return "not a regular file"
    return ""


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, module: str) -> bytes:
    shown = quoted(info.filename)
    if info.flag_bits & _ENCRYPTED:
        raise RejectedError(
            f"{shown} in {quoted(name)} is locked with a password: make the zip without one. "
            f"{hand_in(module)}"
        )
    if info.compress_type not in _BOUNDED:
        raise RejectedError(
            f"{shown} in {quoted(name)} is compressed in an unusual way: make the zip anew with "
            f"your system's own 'Compress', or upload the notebook itself. {hand_in(module)}"
        )
    with _as_sentences(name, module), archive.open(info) as file:
        data = file.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        raise reject_too_large(info.filename)
    return data
