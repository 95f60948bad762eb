"""Which submissions a path on the command line stands for, and what each is called.

A path is a file, a folder that holds one submission, a folder of submissions, each a file or a
folder, or what Gradescope exports.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.errors import UsageError
from autograder.grading.gradescope_export import METADATA, submitters
from autograder.intake import Source, read_submission
from autograder.outlets.grades import Person

__all__ = ["Submission", "find_submissions"]

_GRADABLE = {".ipynb", ".py", ".zip"}
# What students hand in by mistake gets a row and a sentence; anything else is the staff's.
_MISTAKEN = {".pdf", ".html", ".htm", ".docx", ".doc", ".txt", ".json", ".rar", ".7z", ".tar",
             ".gz", ".tgz", ".rtf", ".odt"}  # fmt: skip
_IGNORED = {"__MACOSX", "__pycache__"}
_DEEPEST = 50  # of folders in folders; what lies deeper is one submission


@dataclass(frozen=True, order=True)
class Submission:
    """One thing to grade."""

    name: str
    path: Path
    submitters: tuple[Person, ...] = ()  # as far as Gradescope's export names them

    def read(self, module: str) -> Source:
        """What is graded of it; see `autograder.intake.read_submission`."""
        return read_submission(self.path, module=module)


def find_submissions(
    paths: Sequence[Path], module: str, *, single: bool = False, results: Path | None = None
) -> tuple[list[Submission], list[Path]]:
    """The submissions in name order, and the files that were passed over.

    With ``single`` each path is one submission, also a folder of many files. The folder ``results``
    is where grades are written: no submission, wherever it lies.

    Raises UsageError for a path that does not exist, an empty folder, and two submissions of one
    name.
    """
    search = _Search(module, single=single, results=results)
    found: dict[str, Submission] = {}
    for path in paths:
        submissions = [replace(s, name=_as_text(s.name)) for s in search.below(path)]
        if not submissions:
            raise UsageError(f"{path}: no submission in this folder.")
        for submission in submissions:
            other = found.setdefault(submission.name, submission)
            if os.path.realpath(other.path) != os.path.realpath(submission.path):
                raise UsageError(
                    f"Two submissions would both be called {submission.name!r}: {other.path} and "
                    f"{submission.path}. Grade them one after the other, with another --output."
                )
    return sorted(found.values()), search.passed_over


def _as_text(name: str) -> str:
    """The name without the stand-ins that Python uses for bytes that are no UTF-8."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _holds_grades(folder: Path) -> bool:
    """Whether an earlier run, with this as its --output, wrote there."""
    return all((folder / name).is_file() for name in ("gradebook.sqlite", "grades.csv"))


class _Search:
    """Goes through folders; ``passed_over`` is what can be no submission."""

    def __init__(self, module: str, *, single: bool, results: Path | None) -> None:
        self.passed_over: list[Path] = []
        self._module = module
        self._single = single
        self._results = results and Path(os.path.realpath(results))  # resolve() raises on a loop

    def below(self, path: Path) -> Iterator[Submission]:
        """What a path on the command line stands for."""
        try:
            if not path.is_dir():
                if not path.exists():
                    raise UsageError(f"{path}: no such file or folder.")
                yield Submission(path.name, path)
            elif self._results is not None and os.path.realpath(path) == str(self._results):
                raise UsageError(f"{path}: grades are written there; choose another --output.")
            elif not self._single and (people := self._exported_by(path)):
                yield from self._exported(path, people)
            elif self._single or self._is_one_student(path):
                yield Submission(Path(os.path.realpath(path)).name, path)
            else:
                yield from self._entries(path, path)
        except OSError as error:
            raise UsageError(f"{path}: cannot be read: {error.strerror}.") from None

    def _exported(
        self, folder: Path, people: Mapping[str, tuple[Person, ...]]
    ) -> Iterator[Submission]:
        """Gradescope's export: a folder is one submission, whatever is in it, and has submitters.

        One that is on the list, and whose folder is missing, is a submission that cannot be read.
        Only a path that the staff names is taken for an export: a student may hand in a list, too.
        """
        for entry in sorted({folder / name for name in people} | set(self._visible(folder))):
            if entry.name in people or (entry.is_dir() and not entry.is_symlink()):
                yield Submission(entry.name, entry, people.get(entry.name, ()))
            elif entry.name != METADATA:
                self.passed_over.append(entry)

    def _exported_by(self, folder: Path) -> dict[str, tuple[Person, ...]]:
        """Gradescope's list there: it names folders in it, and no such list lies around it.

        A student may hand in one, in the hope to be taken for another one.
        """
        if not (folder / METADATA).is_file() or (folder.resolve().parent / METADATA).exists():
            return {}
        if any(self._is_expected(entry) for entry in self._visible(folder)):
            return {}
        people = submitters(folder)
        return people if any((folder / name).is_dir() for name in people) else {}

    def _entries(self, folder: Path, top: Path) -> Iterator[Submission]:
        for entry in self._visible(folder):
            name = entry.relative_to(top).as_posix()
            if entry.is_symlink() or _holds_grades(entry):
                self.passed_over.append(entry)
            elif entry.is_dir():
                if self._is_class(entry) and len(entry.relative_to(top).parts) < _DEEPEST:
                    yield from self._entries(entry, top)
                else:
                    yield Submission(name, entry)
            elif entry.suffix.lower() in _GRADABLE | _MISTAKEN:
                yield Submission(name, entry)
            else:
                self.passed_over.append(entry)

    def _is_class(self, folder: Path) -> bool:
        """Whether a folder below a class holds submissions; one that cannot be read is one."""
        try:
            return self._holds_submissions(folder) and not self._is_one_submission(folder)
        except OSError:
            return False

    def _holds_submissions(self, folder: Path) -> bool:
        """Whether it is a folder of submissions, rather than one odd submission in a folder."""
        return any(e.is_dir() or e.suffix.lower() in _GRADABLE for e in self._visible(folder))

    def _is_one_submission(self, folder: Path) -> bool:
        """Below a class: the expected file lies in it, or one gradable file and no folder."""
        entries = self._visible(folder)
        if any(self._is_expected(entry) for entry in entries):
            return True
        gradable = [e for e in entries if e.suffix.lower() in _GRADABLE and not e.is_dir()]
        notebooks = [e for e in gradable if e.suffix.lower() == ".ipynb"]
        modules = [e for e in gradable if e.suffix.lower() == ".py"]
        is_one = len(gradable) == 1 or (len(notebooks) == 1 and len(gradable) == 1 + len(modules))
        return is_one and not any(e.is_dir() and self._holds_submissions(e) for e in entries)

    def _is_one_student(self, folder: Path) -> bool:
        """For a path on the command line, where a class is as likely: in doubt, nobody is lost.

        The only thing handed in, or the expected notebook or zip with but modules beside it.
        """
        entries = self._visible(folder)
        handed_in = [e for e in entries if e.suffix.lower() in _GRADABLE | _MISTAKEN or e.is_dir()]
        if len(handed_in) == 1:
            return not handed_in[0].is_dir()
        expected = [e for e in handed_in if self._is_expected(e) and e.suffix != ".py"]
        others = [e for e in handed_in if e not in expected]
        return len(expected) == 1 and all(e.suffix == ".py" for e in others)

    def _is_expected(self, entry: Path) -> bool:
        is_named_so = entry.stem == self._module and entry.suffix in _GRADABLE
        return is_named_so and not entry.is_dir()

    def _visible(self, folder: Path) -> list[Path]:
        """What a person would see in it, by name."""
        return sorted(
            entry
            for entry in folder.iterdir()
            if not entry.name.startswith(".")
            and entry.name not in _IGNORED
            and (self._results is None or os.path.realpath(entry) != str(self._results))
        )
