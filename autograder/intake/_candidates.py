"""Which of many files is the submission: one rule for zips and folders.

Gradescope unpacks a zip before it grades; a TA grades the zip itself. Both must come to the same
answer, so both make `Entry` objects and leave the choice to `choose`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from autograder.errors import RejectedError
from autograder.intake._words import hand_in, listed, quoted

__all__ = ["FOLDER", "MAX_ENTRIES", "MAX_TOTAL_BYTES", "Entry", "choose", "collect", "is_hidden"]

MAX_ENTRIES = 2_000
MAX_TOTAL_BYTES = 200 * 2**20
"""Of all files as declared; what is read is bounded by itself."""

FOLDER = "a folder"

# Files of these names would be imported instead of the library if student code ran beside them.
# It never does; but on the student's own machine they explain many a strange error.
_LIBRARIES = frozenset(
    """
    IPython PIL autograder collections conftest copy functools hypothesis ipywidgets itertools jax
    json keras math matplotlib nbformat numpy otter pandas pathlib pytest random scipy seaborn
    sitecustomize sklearn statistics tensorflow time torch torchvision tqdm types typing
    usercustomize
    """.split()  # noqa: SIM905 - a list of 36 quoted words reads worse
)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One file of a zip or a folder."""

    path: str
    """Relative, with slashes."""
    size: int
    read: Callable[[], bytes]
    """Its content, within bounds; raises RejectedError where it cannot be had."""
    problem: str = ""
    """What it is instead of an ordinary file ("a link"); such an entry is never read."""

    @property
    def suffix(self) -> str:
        """``.ipynb``, ``.py``, ... in small letters."""
        return PurePosixPath(self.path).suffix.casefold()

    @property
    def library(self) -> str:
        """The outermost file or folder on the way to this one that has a library's name, or ''."""
        parts = PurePosixPath(self.path).parts
        for depth, part in enumerate(parts, start=1):
            is_file = depth == len(parts)
            if (PurePosixPath(part).stem if is_file else part) in _LIBRARIES:
                return "/".join(parts[:depth]) + ("" if is_file else "/")
        return ""


def is_hidden(path: str) -> bool:
    """Whether a part of ``path`` is a hidden name or macOS's folder of file attributes."""
    parts = PurePosixPath(path).parts
    return any(part == "__MACOSX" or (part[0] == "." and part != "..") for part in parts)


def collect(found: Iterable[Entry], *, where: str, module: str) -> list[Entry]:
    """Gather all entries that are not hidden, by name; RejectedError where they are too many."""
    entries: list[Entry] = []
    total = 0
    for entry in found:
        if is_hidden(entry.path):
            continue
        entries.append(entry)
        total += entry.size
        if len(entries) > MAX_ENTRIES:
            raise RejectedError(f"{where} holds more than {MAX_ENTRIES} files. {hand_in(module)}")
        if total > MAX_TOTAL_BYTES:
            raise RejectedError(
                f"{where} holds more than {MAX_TOTAL_BYTES // 2**20} MB of files. {hand_in(module)}"
            )
    return sorted(entries, key=lambda entry: entry.path)


def choose(entries: list[Entry], *, where: str, module: str) -> tuple[Entry, tuple[str, ...]]:
    """Find the one entry that is the submission, with notes for the student."""
    code = [entry for entry in entries if entry.suffix in {".ipynb", ".py"}]
    usable = [entry for entry in code if not entry.problem]
    wanted = {f"{module}.ipynb".casefold(), f"{module}.py".casefold()}
    named = [entry for entry in usable if _basename(entry) in wanted]
    notebooks = [entry for entry in usable if entry.suffix == ".ipynb"]
    modules = [entry for entry in usable if entry.suffix == ".py" and entry not in named]
    shadows = [entry for entry in modules if entry.library]
    scripts = [entry for entry in modules if not entry.library]

    candidates = named or notebooks or scripts
    if not candidates:
        raise _nothing_found(entries, where=where, module=module)
    if len(candidates) > 1:
        raise RejectedError(
            f"{where} holds {_names(candidates)}, and only one can be graded: hand in only the one "
            f"that counts, as {module}.ipynb or {module}.py."
        )
    chosen = candidates[0]
    notes = []
    if not named:
        notes.append(
            f"{quoted(chosen.path)} was graded, as the only file of its kind; "
            f"its name should be {module}{chosen.suffix}."
        )
    notes += [
        f"{quoted(entry.path)} was ignored: it is {entry.problem}."
        for entry in [entry for entry in code if entry.problem][:5]
    ]
    if others := [entry for entry in notebooks if entry is not chosen]:
        notes.append(f"{quoted(chosen.path)} was graded, and not {_names(others)}.")
    libraries = sorted({entry.library for entry in shadows})
    if libraries:
        notes.append(
            f"Ignored beside {quoted(chosen.path)}, as it has a library's name: "
            f"{listed([quoted(name) for name in libraries])}. The library itself was used."
        )
    return chosen, tuple(notes)


def _basename(entry: Entry) -> str:
    return PurePosixPath(entry.path).name.casefold()


def _names(entries: list[Entry]) -> str:
    return listed([quoted(e.path) + (f" ({e.problem})" if e.problem else "") for e in entries])


def _nothing_found(entries: list[Entry], *, where: str, module: str) -> RejectedError:
    # A folder is worth naming only where it was named like a notebook.
    found = [e for e in entries if e.problem != FOLDER or e.suffix in {".ipynb", ".py"}]
    if not found:
        return RejectedError(f"{where} holds no file. {hand_in(module)}")
    inner = " A zip inside it is not opened." if any(e.suffix == ".zip" for e in found) else ""
    return RejectedError(
        f"{where} holds neither {module}.ipynb nor {module}.py, but {_names(found)}."
        f"{inner} {hand_in(module)}"
    )
