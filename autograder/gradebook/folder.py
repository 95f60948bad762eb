"""The folder of a class: its gradebook, what people decided, and the files made of both.

Whatever changes the gradebook or the overrides writes the files anew through `ClassFolder`, so they
never tell different stories. Results are read one at a time, and no more is kept of each than what
the report shows.
"""

import json
from collections.abc import Container, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.config import Assignment
from autograder.gradebook import changes, overrides
from autograder.gradebook.changes import Change, row_of
from autograder.gradebook.store import Gradebook, Graded, Row, open_gradebook
from autograder.outlets.files import result_path, write_whole
from autograder.outlets.grades import GradesTable, People
from autograder.outlets.gradescope import results_json
from autograder.outlets.marks import Marks
from autograder.outlets.spreadsheet import aliases
from autograder.report import ClassReport
from autograder.results import GradingResult, Override

__all__ = ["ClassFolder", "open_class"]


@dataclass(frozen=True, kw_only=True)
class ClassFolder:
    """An open folder of grades; see `open_class`."""

    path: Path
    assignment: Assignment
    gradebook: Gradebook
    overrides: Mapping[str, tuple[Override, ...]]

    def add(self, graded: Graded) -> None:
        """Keep a result, and write what the student is shown of it."""
        self.gradebook.add(graded)
        self._write_result(self._decided(graded).result)

    def graded(self, submissions: Iterable[str]) -> Iterator[Graded]:
        """What was graded of these, in name order, with what the staff decided otherwise."""
        return map(self._decided, self.gradebook.results(submissions))

    def results(self, submissions: Iterable[str]) -> Iterator[GradingResult]:
        """The same without the hashes."""
        return (graded.result for graded in self.graded(submissions))

    def marks(self) -> Marks:
        """The points of the written answers, as `grade --answers` was given them last."""
        kept = self.gradebook.written_points()
        return Marks(self.assignment, {name: one.points for name, one in kept.items()})

    def write_grades(self, people: People) -> None:
        """grades.csv and report.html, of these submissions alone, which are the class from now on.

        For a run that was stopped; what students are shown, and changes.csv, are `finish`'s.
        """
        tables = _Tables.of(self.assignment, people, self.marks())
        for result in self.results(people):
            tables.add(result)
        self._write_class(people, tables)

    def finish(
        self, people: People, written: Container[str] = (), *, publish: bool = False
    ) -> list[Change]:
        """All files of a class that is graded, and what has changed since grades were published.

        The first time, and with ``publish``, these are what changes are counted from. The
        results.json of ``written`` are there already.
        """
        marks, rows = self.marks(), dict[str, Row]()
        tables = _Tables.of(self.assignment, people, marks)
        for graded in self.graded(people):
            name = graded.result.submission
            tables.add(graded.result)
            rows[name] = row_of(graded, self.assignment, marks)
            if name not in written:
                self._write_result(graded.result)
        self._write_class(people, tables)
        before = {} if publish else self.gradebook.published()
        found = changes.changes(before, rows) if before else []
        write_whole(self.path / changes.NAME, changes.changes_csv(found))
        if not before:
            self.gradebook.publish(rows)
        return found

    def strangers(self, submissions: Iterable[str]) -> list[str]:
        """Who has an override and is none of these submissions."""
        known = {key for name in submissions for key in aliases(name)}
        return sorted(self.overrides.keys() - known)

    def _decided(self, graded: Graded) -> Graded:
        result = graded.result
        found = overrides.of_submission(self.overrides, result.submission)
        return replace(graded, result=result.with_overrides(found, self.assignment))

    def _write_class(self, people: People, tables: "_Tables") -> None:
        write_whole(self.path / "grades.csv", tables.grades.csv())
        write_whole(self.path / "report.html", tables.report.html())
        self.gradebook.set_class(people)

    def _write_result(self, result: GradingResult) -> None:
        path = result_path(self.path / "results", result.submission)
        write_whole(path, json.dumps(results_json(self.assignment, result), indent=1) + "\n")


@dataclass(frozen=True)
class _Tables:
    """What is made of all results of a class, one at a time."""

    grades: GradesTable
    report: ClassReport

    @classmethod
    def of(cls, assignment: Assignment, people: People, marks: Marks) -> "_Tables":
        return cls(GradesTable(assignment, people, marks), ClassReport(assignment, people, marks))

    def add(self, result: GradingResult) -> None:
        self.grades.add(result)
        self.report.add(result)


@contextmanager
def open_class(
    path: Path, assignment: Assignment, *, must_exist: bool = False
) -> Iterator[ClassFolder]:
    """Open a folder of grades; raises UsageError where it, or what a person wrote there, is wrong.

    Nobody else has it open at the same time.
    """
    with open_gradebook(path, assignment, must_exist=must_exist) as gradebook:
        yield ClassFolder(
            path=path,
            assignment=assignment,
            gradebook=gradebook,
            overrides=overrides.read_overrides(path, assignment),
        )
