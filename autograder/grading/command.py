"""`autograder grade`: find, grade what is not graded yet, write, show."""

import json
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

from autograder.config import Assignment, load_assignment
from autograder.errors import UsageError
from autograder.gradebook.changes import Change
from autograder.gradebook.digests import assignment_digest
from autograder.gradebook.folder import open_class
from autograder.grading.class_run import ClassRun, Results
from autograder.grading.elsewhere import grade_elsewhere
from autograder.grading.here import grade_here
from autograder.grading.inputs import Submission, find_submissions
from autograder.grading.options import RunOptions
from autograder.grading.progress import say, say_passed_over, with_progress
from autograder.outlets.files import writable_folder
from autograder.outlets.table import (
    ClassRow,
    changes_table,
    class_table,
    console,
    submission_table,
)
from autograder.results import GradingResult, Status

__all__ = ["grade"]


def grade(
    paths: Sequence[Path],
    options: RunOptions,
    *,
    output: Path,
    single: bool,
    fresh: bool,
    answers: Sequence[Path],
    as_json: bool,
) -> int:
    """Grade what lies at ``paths``; the exit code. ``answers`` have the points of written answers.

    With a keyword only a part of the checks runs, so the grades would be wrong and are not written.
    """
    assignment = load_assignment()
    if options.keyword and answers:
        raise UsageError("-k grades a part and writes no grades, so --answers has no place there.")
    submissions, passed_over = find_submissions(
        paths, assignment.module, single=single, results=output
    )
    say_passed_over(passed_over)
    checks = assignment_digest(assignment, unsafe=options.unsafe)
    secret = [path for path in [*paths, output] if path.exists()]

    def graded(wanted: Sequence[Submission]) -> Results:
        if options.scheduler:
            results = grade_elsewhere(wanted, assignment, options, assignment_digest=checks)
        else:
            results = grade_here(wanted, assignment, options, secret=secret)
        with closing(results):
            yield from with_progress(results, len(wanted))

    if options.keyword:
        return _show(assignment, list(graded(submissions)), as_json=as_json)
    with open_class(writable_folder(output), assignment) as folder:
        run = ClassRun(folder, submissions, paths, checks)
        if run.is_of_others:
            say(
                f"{output} holds the grades of a class that these are not of, so nothing is "
                "written. Name their folders, or the class's, or another --output."
            )
            return _show(assignment, list(graded(submissions)), as_json=as_json)
        if answers:
            run.take_over(answers)
        changes = run.grade(graded, fresh=fresh)
        results = folder.results(submission.name for submission in submissions)
        return _show(assignment, results, changes, as_json=as_json)


def _show(
    assignment: Assignment,
    results: Iterable[GradingResult],
    changes: Sequence[Change] = (),
    *,
    as_json: bool,
) -> int:
    """Say what came out; the exit code."""
    rows, whole, last = [], [], None
    for last in results:  # one at a time: of a class no more is kept than its rows
        rows.append(ClassRow.of(last, assignment))
        if as_json:
            whole.append(last.to_json(assignment))
    if as_json:
        print(json.dumps(whole, indent=1))
    else:
        if last is not None and len(rows) == 1:
            console().print(submission_table(assignment, last))
        else:
            console().print(class_table(assignment, rows))
        if changes:
            console().print(changes_table(changes))
    if len(rows) > 1:
        for detail in sorted({row.detail for row in rows if row.detail}):
            say(f"internal error: {detail}")
    return exit_code([row.status for row in rows])


def exit_code(statuses: Sequence[Status]) -> int:
    """0: all graded; 1: some not, for our fault; 3: none."""
    failures = statuses.count(Status.INTERNAL_ERROR)
    if not failures:
        return 0
    return 3 if failures == len(statuses) else 1
