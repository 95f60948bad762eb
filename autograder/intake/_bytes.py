"""One file as bytes and one text as characters, both within bounds."""

import codecs
import io
import os
import stat
import tokenize

from autograder.errors import RejectedError
from autograder.intake._words import quoted

__all__ = ["MAX_FILE_BYTES", "decode", "read_regular", "reject_too_large"]

MAX_FILE_BYTES = 100 * 2**20
"""Gradescope takes no larger upload either."""

_BOMS = (  # UTF-32 first: its little-endian mark begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# A coding line may name any codec, also one whose decoder takes quadratic time (punycode, idna) or
# is no text encoding at all (zip, rot13). These are the ones editors write.
_CODECS = (
    "ascii", "utf-8", "iso8859", "cp", "mac", "koi8", "gb", "big5", "euc", "shift_jis",
)  # fmt: skip


def reject_too_large(name: str) -> RejectedError:
    """Make the error for a file larger than `MAX_FILE_BYTES`."""
    return RejectedError(
        f"{quoted(name)} is larger than {MAX_FILE_BYTES // 2**20} MB: clear the outputs of the "
        "notebook (Clear All Outputs), save it, and hand it in alone."
    )


def read_regular(path: str, *, name: str, dir_fd: int | None = None) -> bytes:
    """Read all bytes of a regular file, called ``name`` in sentences.

    A link is not followed, and nothing (a pipe, say) is waited for. OSError is the caller's to
    judge.
    """
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    with open(os.open(path, flags, dir_fd=dir_fd), "rb") as file:  # noqa: PTH123 - from a descriptor
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):  # it was when it was listed
            raise RejectedError(f"{quoted(name)} is not a regular file.")
        if status.st_size > MAX_FILE_BYTES:
            raise reject_too_large(name)
        data = file.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        raise reject_too_large(name)
    return data


def decode(data: bytes, *, name: str) -> str:
    """Decode UTF-8, UTF-16 or UTF-32 with their marks, or what a coding line names."""
    encoding = next((codec for bom, codec in _BOMS if data.startswith(bom)), None)
    try:
        if encoding is None:
            encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
            if not codecs.lookup(encoding).name.startswith(_CODECS):
                raise RejectedError(
                    f"{quoted(name)} says it is encoded in {quoted(encoding)}: "
                    "remove that line and save the file as UTF-8."
                )
        return data.decode(encoding)
    except (SyntaxError, UnicodeError, LookupError) as error:
        raise RejectedError(
            f"{quoted(name)} is not text in UTF-8: open it in Jupyter or an editor, save it as "
            "UTF-8, and hand that in."
        ) from error
