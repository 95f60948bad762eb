"""Which submissions a path on the command line stands for, and what each is called.

A path is a file, a folder that holds one submission, or a folder of submissions, each a file or a
folder. Nothing is opened here; `autograder.intake` does that.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import UsageError

__all__ = ["Submission", "find_submissions"]

_GRADABLE = {".ipynb", ".py", ".zip"}
# What students hand in by mistake gets a row and a sentence; anything else is the staff's.
_MISTAKEN = {".pdf", ".html", ".htm", ".docx", ".doc", ".txt", ".json", ".rar", ".7z", ".tar",
             ".gz", ".tgz", ".rtf", ".odt"}  # fmt: skip
_IGNORED = {"__MACOSX", "__pycache__"}


@dataclass(frozen=True, order=True)
class Submission:
    """One thing to grade."""

    name: str
    path: Path


def find_submissions(
    paths: Sequence[Path], module: str, *, single: bool = False
) -> tuple[list[Submission], list[Path]]:
    """The submissions in name order, and the files that were passed over.

    With ``single`` each path is one submission, also a folder of many files.

    Raises UsageError for a path that does not exist, an empty folder, and two submissions of one
    name.
    """
    found: dict[str, Submission] = {}
    passed_over: list[Path] = []
    for path in paths:
        submissions = [
            Submission(_as_text(s.name), s.path)
            for s in _below(path, module, passed_over, single=single)
        ]
        if not submissions:
            raise UsageError(f"{path}: no submission in this folder.")
        for submission in submissions:
            other = found.setdefault(submission.name, submission)
            if other.path.resolve() != submission.path.resolve():
                raise UsageError(
                    f"Two submissions would both be called {submission.name!r}: {other.path} and "
                    f"{submission.path}. Grade them one after the other, with another --output."
                )
    return sorted(found.values()), passed_over


def _as_text(name: str) -> str:
    """The name without the stand-ins that Python uses for bytes that are no UTF-8."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _below(
    path: Path, module: str, passed_over: list[Path], *, single: bool
) -> Iterator[Submission]:
    try:
        if not path.is_dir():
            if not path.exists():
                raise UsageError(f"{path}: no such file or folder.")
            yield Submission(path.name, path)
        elif single or _is_one_student(path, module):
            yield Submission(path.resolve().name, path)
        else:
            yield from _entries(path, path, module, passed_over)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}.") from None


def _entries(folder: Path, top: Path, module: str, passed_over: list[Path]) -> Iterator[Submission]:
    for entry in sorted(folder.iterdir()):
        name = entry.relative_to(top).as_posix()
        if entry.name.startswith(".") or entry.name in _IGNORED:
            continue
        if entry.is_symlink():
            passed_over.append(entry)
        elif entry.is_dir():
            if _is_one_submission(entry, module) or not _holds_submissions(entry):
                yield Submission(name, entry)
            else:
                yield from _entries(entry, top, module, passed_over)
        elif entry.suffix.lower() in _GRADABLE | _MISTAKEN:
            yield Submission(name, entry)
        else:
            passed_over.append(entry)


def _is_one_submission(folder: Path, module: str) -> bool:
    """Below a class: the expected file lies in it, or one gradable file and no folder."""
    entries = _visible(folder)
    if any(_is_expected(entry, module) for entry in entries):
        return True
    gradable = [e for e in entries if e.suffix.lower() in _GRADABLE and not e.is_dir()]
    return len(gradable) == 1 and not any(e.is_dir() for e in entries)


def _is_one_student(folder: Path, module: str) -> bool:
    """For a path on the command line, where a class is as likely: when in doubt, nobody is lost.

    The only thing handed in, or the expected notebook or zip with nothing but modules beside it.
    """
    entries = _visible(folder)
    handed_in = [e for e in entries if e.suffix.lower() in _GRADABLE | _MISTAKEN or e.is_dir()]
    if len(handed_in) == 1:
        return not handed_in[0].is_dir()
    expected = [e for e in handed_in if _is_expected(e, module) and e.suffix != ".py"]
    others = [e for e in handed_in if e not in expected]
    return len(expected) == 1 and all(e.suffix == ".py" for e in others)


def _is_expected(entry: Path, module: str) -> bool:
    return entry.stem == module and entry.suffix in _GRADABLE and not entry.is_dir()


def _visible(folder: Path) -> list[Path]:
    return [e for e in folder.iterdir() if not e.name.startswith(".") and e.name not in _IGNORED]


def _holds_submissions(folder: Path) -> bool:
    """Whether it is a folder of submissions, rather than one odd submission in a folder."""
    return any(e.is_dir() or e.suffix.lower() in _GRADABLE for e in _visible(folder))
