"""The bytes of one file as a `Source`: what they are decides, not what they are called."""

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from autograder.errors import RejectedError
from autograder.intake._bytes import decode
from autograder.intake._notebook import MAX_TEXT_MEMORY, parse_notebook, too_much
from autograder.intake._words import hand_in, printable, quoted

__all__ = ["MAX_CODE_BYTES", "Source", "holds_zip", "read_content"]

MAX_CODE_BYTES = 2 * 2**20
"""A thousand times a long solution, and small enough to compile under every limit."""

_MAGIC = (
    (b"%PDF", "a PDF"),
    (b"PK\x03\x04", "a zip archive"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
)
_OFFICE = frozenset({".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp"})
"""Documents that are zip archives inside."""
_FOUR_BYTES = re.compile(b"[\xf0-\xf4]")
_WEB_PAGE = re.compile(r"\s*<(!doctype html|html|head|\?xml)", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Source:
    """What is graded of a submission."""

    name: str
    """The file it came from: its path inside the submission, as it may be printed."""
    language: Literal["notebook", "module"]
    cells: tuple[str, ...]
    """The code cells in order, as written, magics and all; a module is one cell. Every cell can be
    encoded as UTF-8 and ends its lines with ``\\n``; not all are blank."""
    notes: tuple[str, ...]
    """Sentences worth telling the student."""
    digest: str
    """SHA-256 of language and cells: the same digest, the same grade."""


def holds_zip(data: bytes, *, name: str) -> bool:
    """Whether a file of this name and content is a zip that may hold a submission."""
    return data.startswith((b"PK\x03\x04", b"PK\x05\x06")) and _suffix(name) not in _OFFICE


def read_content(data: bytes, *, name: str, module: str, notes: tuple[str, ...] = ()) -> Source:
    """Find the source in the bytes of a file called ``name``; RejectedError where there is none."""
    _reject_foreign(data, name=name, module=module)
    text = _decode(data, name=name, module=module)
    if _WEB_PAGE.match(text[:2000]):
        raise RejectedError(
            f"{quoted(name)} is a web page, not the notebook itself: download the notebook (on "
            f"GitHub 'Download raw file', in Jupyter 'Download'). {hand_in(module)}"
        )
    if not text or text.isspace():
        raise RejectedError(f"{quoted(name)} holds nothing but blanks. {hand_in(module)}")

    cells = _notebook_cells(text, name=name)
    if cells is not None:
        sources, found = cells
        if not any(map(str.strip, sources)):
            raise RejectedError(
                f"{quoted(name)} is a notebook without any code: hand in the assignment's "
                "notebook with your answers in its code cells."
            )
        if _suffix(name) != ".ipynb":
            found = [f"{quoted(name)} holds a notebook and was graded as one.", *found]
        return _source(name, "notebook", sources, (*notes, *found))

    if _suffix(name) == ".py":
        if "\0" in text:
            raise RejectedError(
                f"{quoted(name)} holds NUL characters, so it is not Python source: save it as "
                "UTF-8 text and hand that in."
            )
        return _source(name, "module", [text], notes)
    if _suffix(name) == ".ipynb":
        raise RejectedError(
            f"{quoted(name)} does not hold a notebook but other text: hand in the file that "
            f"Jupyter saved, or give Python source a name that ends in .py. {hand_in(module)}"
        )
    raise _neither(name, module)


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix.casefold()


def _neither(name: str, module: str) -> RejectedError:
    return RejectedError(f"{quoted(name)} is neither a notebook nor Python. {hand_in(module)}")


def _decode(data: bytes, *, name: str, module: str) -> str:
    # Before there is a text: Python takes four bytes for each character once one is an emoji.
    if len(data) * (4 if _FOUR_BYTES.search(data) else 1) > MAX_TEXT_MEMORY:
        raise too_much(name)
    try:
        return decode(data, name=name)
    except RejectedError as error:
        # Advice on encodings helps only where the file was meant to be text.
        raise error if _suffix(name) in {".ipynb", ".py"} else _neither(name, module) from error


def _reject_foreign(data: bytes, *, name: str, module: str) -> None:
    """Reject what can be told from its first bytes or its name."""
    if not data:
        raise RejectedError(
            f"{quoted(name)} is empty: the upload may have been cut off. {hand_in(module)}"
        )
    if _suffix(name) in _OFFICE:
        raise RejectedError(f"{quoted(name)} is an office document. {hand_in(module)}")
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            raise RejectedError(f"{quoted(name)} is {kind}, not a notebook. {hand_in(module)}")
    if _suffix(name) == ".zip":
        raise RejectedError(
            f"{quoted(name)} is not a zip archive, whatever its name says. {hand_in(module)}"
        )


def _notebook_cells(text: str, *, name: str) -> tuple[list[str], list[str]] | None:
    """Read code cells and notes if ``text`` is a notebook; None if it is anything else."""
    start = text[:2000].lstrip()
    if not start.startswith("{"):
        if _suffix(name) == ".ipynb" and start.startswith(("[", '"')):
            parse_notebook(text, name=name)  # JSON, so let its sentence be about JSON
        return None
    try:
        return parse_notebook(text, name=name)
    except RejectedError:
        # A Python module may begin with a brace; only what once was a notebook has this word.
        if _suffix(name) == ".py" and '"cell_type"' not in text:
            return None
        raise


def _source(
    name: str,
    language: Literal["notebook", "module"],
    cells: list[str],
    notes: tuple[str, ...],
) -> Source:
    if sum(len(cell.encode()) for cell in cells) > MAX_CODE_BYTES:
        raise RejectedError(
            f"{quoted(name)} holds more than {MAX_CODE_BYTES // 2**20} MB of code: move data out "
            "of the code cells and hand in the answers alone."
        )
    # The line ends that Python itself would see, so that they do not change the digest.
    cells = [cell.replace("\r\n", "\n").replace("\r", "\n") for cell in cells]
    return Source(
        name=printable(name),
        language=language,
        cells=tuple(cells),
        notes=notes,
        digest=hashlib.sha256(json.dumps([language, *cells]).encode()).hexdigest(),
    )
