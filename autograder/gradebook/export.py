"""`autograder export`: the grades as others take them, for a study, for Canvas, as from Gradescope.

Sources: Canvas imports what `gradebook_importer.rb` of canvas-lms reads, which finds a student by
ID, SIS User ID, SIS Login ID or name, in this order. Gradescope's columns are those of the table
that its *Download Grades* gives.
"""

import os
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from autograder.config import Question, Written, load_assignment
from autograder.errors import UsageError
from autograder.gradebook import overrides
from autograder.gradebook.folder import ClassFolder, open_class
from autograder.outlets.files import write_whole
from autograder.outlets.grades import Person, score_columns, score_values
from autograder.outlets.marks import Marks
from autograder.outlets.spreadsheet import csv_text
from autograder.results import GradingResult, Status
from autograder.written import sheet

__all__ = ["export"]

# Canvas names what it downloads name_USER_FILE_original, or name_LATE_USER_FILE_original.
_FROM_CANVAS = re.compile(r"[^_/]+_(?:LATE_)?(?P<id>\d+)_\d+_[^/]*")


_FOR_PEOPLE = {overrides.NAME, sheet.NAME}


class _Student(NamedTuple):
    """One student, of a group each, and the grade."""

    person: Person
    canvas_id: str
    result: GradingResult
    points: float | None


def export(path: Path, file: Path, audience: str) -> str:
    """Write the grades in ``path`` to ``file``; what to say of it."""
    if os.path.realpath(file.parent) == os.path.realpath(path):
        if file.exists():
            raise UsageError(f"{file}: is there already, among the grades; choose another name.")
        if file.name in _FOR_PEOPLE:
            raise UsageError(f"{file}: is what people write to; choose another name.")
    if file.exists() and file.suffix.lower() != ".csv":
        raise UsageError(f"{file}: is there already, and no table; choose another name.")
    with open_class(path, load_assignment(), must_exist=True) as folder:
        folder.finish(folder.gradebook.class_list())  # nothing goes out that grades.csv has not
        write = {"study": _for_study, "canvas": _for_canvas, "gradescope": _for_gradescope}
        text, said = write[audience](folder)
    write_whole(file, text)
    return f"{file}: {said}"


def _for_study(folder: ClassFolder) -> tuple[str, str]:
    """Without anything that names a student, in an order drawn by lot.

    The numbers are drawn anew each time, so that two exports cannot be put side by side.
    """
    marks = folder.marks()
    rows = [
        [*score_values(folder.assignment, result), *marks.values(result)]
        for result in folder.results(folder.gradebook.class_list())
    ]
    random.SystemRandom().shuffle(rows)
    columns = ["number", *score_columns(folder.assignment), *marks.columns]
    text = csv_text(columns, [[number, *row] for number, row in enumerate(rows, 1)])
    return text, f"the scores of {len(rows)} submissions, without names or messages."


def _for_canvas(folder: ClassFolder) -> tuple[str, str]:
    """A column of points. Who has none is left out: an empty cell would clear the points there."""
    marks = folder.marks()
    students, most = list(_students(folder, marks)), marks.max_grade
    known = [s for s in students if s.canvas_id or any(s.person)]
    if students and not known:
        raise UsageError(
            f"{folder.path}: nothing tells whose the submissions are. Grade what Canvas downloads, "
            "with its files' names as they are, or what Gradescope exports."
        )
    graded = _one_each([s for s in known if s.points is not None])
    # Canvas takes a line for that of the points possible by what its first cell has in it.
    rows = [["    Points Possible", "", "", "", "", most]]
    rows += [[s.person.name, s.canvas_id, s.person.sid, s.person.email, "", s.points]
             for s in graded]  # fmt: skip
    columns = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", folder.assignment.title]
    said = f"students: {len(graded)}, of {most} points; import it in Canvas' Gradebook."
    if left_out := sorted({s.result.submission for s in students if s not in graded}):
        said += (
            f" Left out: {len(left_out)}, with no points yet, of nobody known, or handed in twice: "
            f"{', '.join(left_out)}."
        )
    return csv_text(columns, rows), said


def _one_each(students: list[_Student]) -> list[_Student]:
    """One line for each student, of what they handed in the one that could be graded.

    Raises UsageError where there are two: the second line would take the place of the first.
    """
    found: dict[object, _Student] = {}
    for student in students:
        key = student.canvas_id or student.person
        other = found.setdefault(key, student)
        if other is student or student.result.status is Status.REJECTED:
            continue
        if other.result.status is not Status.REJECTED:
            raise UsageError(
                f"{other.result.submission!r} and {student.result.submission!r} are of one "
                "student: take the one that does not count out of the class, and grade it again."
            )
        found[key] = student
    return list(found.values())


def _for_gradescope(folder: ClassFolder) -> tuple[str, str]:
    """As Gradescope's own table of an assignment."""
    assignment, marks = folder.assignment, folder.marks()
    asked: list[Question | Written] = [*assignment.graded]
    asked += assignment.written if marks.points else ()
    questions = [f"{place}: {q.title} ({q.points:.1f} pts)" for place, q in enumerate(asked, 1)]
    rows = []
    for student in _students(folder, marks):
        first, _, last = student.person.name.rpartition(" ")
        result = student.result
        scores = [result.question_score(question) for question in assignment.graded]
        rows.append(
            [first or last, last if first else "", student.person.sid, student.person.email,
             student.points, marks.max_grade, "Ungraded" if student.points is None else "Graded",
             result.submission, *scores, *marks.values(result)[:-1]]
        )  # fmt: skip
    columns = ["First Name", "Last Name", "SID", "Email", "Total Score", "Max Points", "Status",
               "Submission ID", *questions]  # fmt: skip
    return csv_text(columns, rows), f"{len(rows)} students, as in Gradescope's table of grades."


def _students(folder: ClassFolder, marks: Marks) -> Iterator[_Student]:
    people = folder.gradebook.class_list()
    for result in folder.results(people):
        found = _FROM_CANVAS.fullmatch(result.submission)
        for person in people[result.submission] or [Person()]:
            yield _Student(person, found["id"] if found else "", result, marks.grade(result))
