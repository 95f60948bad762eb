"""Zip files whose bytes depend on nothing but names and contents."""

import io
import zipfile
from collections.abc import Mapping

__all__ = ["read_zip", "zip_bytes"]

_TIME = (1980, 1, 1, 0, 0, 0)  # the first moment that the format knows
_UNIX = 3
_FILE, _PROGRAM = 0o100644, 0o100755


def zip_bytes(files: Mapping[str, bytes]) -> bytes:
    """A zip of ``files`` by name, sorted, with one time, one owner, and two kinds of permissions.

    What starts with ``#!`` is a program.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in sorted(files):
            info = zipfile.ZipInfo(name, _TIME)
            info.create_system = _UNIX
            info.external_attr = (_PROGRAM if files[name].startswith(b"#!") else _FILE) << 16
            archive.writestr(info, files[name], zipfile.ZIP_DEFLATED, compresslevel=9)
    return buffer.getvalue()


def read_zip(data: bytes) -> dict[str, bytes]:
    """The files of a zip of our own making, by name."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}
