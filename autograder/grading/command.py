"""`autograder grade`: find, grade what is not graded yet, write, show."""

import json
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from autograder.config import Assignment, load_assignment
from autograder.errors import UsageError
from autograder.gradebook.changes import Change
from autograder.gradebook.digests import assignment_digest, submission_digest
from autograder.gradebook.folder import ClassFolder, open_class
from autograder.gradebook.store import Graded
from autograder.grading.elsewhere import grade_elsewhere
from autograder.grading.here import grade_here
from autograder.grading.inputs import Submission, find_submissions
from autograder.grading.progress import say, with_progress
from autograder.outlets.files import writable_folder
from autograder.outlets.table import (
    Line,
    changes_table,
    class_table,
    console,
    submission_table,
)
from autograder.results import GradingResult, Status
from autograder.written.codes import read_codes, submissions_called
from autograder.written.sheet import read_points

__all__ = ["grade"]

Results = Generator[GradingResult, None, None]


def grade(
    paths: Sequence[Path],
    *,
    output: Path,
    jobs: int,
    scheduler: str,
    as_json: bool,
    keyword: str,
    single: bool,
    deadline_s: float,
    fresh: bool,
    answers: Sequence[Path],
    unsafe: bool,
) -> int:
    """Grade what lies at ``paths``; the exit code. ``answers`` have the points of written answers.

    With a keyword only a part of the checks runs, so the grades would be wrong and are not written.
    """
    assignment = load_assignment()
    if keyword and answers:
        raise UsageError("-k grades a part and writes no grades, so --answers has no place there.")
    submissions, passed_over = find_submissions(
        paths, assignment.module, single=single, results=output
    )
    for path in passed_over:
        say(f"passed over {str(path)!a}")
    checks = assignment_digest(assignment, unsafe=unsafe)
    secret = [path for path in [*paths, output] if path.exists()]

    def graded(wanted: Sequence[Submission]) -> Results:
        if scheduler:
            results = grade_elsewhere(
                scheduler,
                wanted,
                assignment,
                assignment_digest=checks,
                keyword=keyword,
                deadline_s=deadline_s,
                unsafe=unsafe,
            )
        else:
            results = grade_here(
                wanted,
                assignment,
                secret=secret,
                jobs=jobs,
                keyword=keyword,
                deadline_s=deadline_s,
                unsafe=unsafe,
            )
        with closing(results):
            yield from with_progress(results, len(wanted))

    if keyword:
        return _show(assignment, list(graded(submissions)), as_json=as_json)
    by_name = {submission.path for submission in submissions} == set(paths)
    with open_class(writable_folder(output), assignment) as folder:
        listed = folder.gradebook.class_list()
        if not by_name:
            _require_whole_classes(paths, listed)
        if by_name and len(listed) > len(submissions) and _strangers(submissions, listed):
            say(
                f"{output} holds the grades of a class that these are not of, so nothing is "
                "written. Name their folders, or the class's, or another --output."
            )
            return _show(assignment, list(graded(submissions)), as_json=as_json)
        digests = {submission.name: _digest_of(submission.path) for submission in submissions}
        if answers:
            _take_over(answers, folder, digests)
        changes = _grade_class(
            folder, submissions, digests, checks, graded, fresh=fresh, is_look=by_name
        )
        if again := folder.gradebook.marked_before():
            say(
                f"since their answers were given points, other files came of {', '.join(again)}: "
                "run autograder answers, and read them again."
            )
        results = folder.results(submission.name for submission in submissions)
        return _show(assignment, results, changes, as_json=as_json)


def _grade_class(
    folder: ClassFolder,
    submissions: Sequence[Submission],
    digests: Mapping[str, str],
    checks: str,
    grade_now: Callable[[Sequence[Submission]], Results],
    *,
    fresh: bool,
    is_look: bool,
) -> list[Change]:
    """Grade what has no result that holds, commit each, and write the files of all.

    A look at some of a class, each named for itself, takes nobody else out of its grades.
    """
    gradebook = folder.gradebook
    people = {submission.name: submission.submitters for submission in submissions}
    for name in folder.strangers(digests):
        say(f"overrides.csv sets a score for {name!r}, which is no submission here.")
    listed = gradebook.class_list()
    is_look = is_look and digests.keys() < listed.keys()
    if not is_look and (gone := listed.keys() - digests.keys()):
        say(f"{len(gone)} that grades.csv had are not among these; the gradebook keeps them.")
    if fresh:
        gradebook.outdate(digests)
    done = gradebook.finished(digests, checks)
    missing = [submission for submission in submissions if submission.name not in done]
    if done:
        say(f"{len(done)} of {len(submissions)} are graded already; --fresh grades them anew.")
    now = set()
    try:
        if missing:
            with closing(grade_now(missing)) as results:
                for result in results:
                    digest = digests[result.submission]
                    folder.add(
                        Graded(result=result, submission_digest=digest, assignment_digest=checks)
                    )
                    now.add(result.submission)
        if is_look:
            return folder.finish(listed, written=listed.keys() - digests.keys())
        return folder.finish(people, written=now)
    except KeyboardInterrupt:
        done = gradebook.finished(digests, checks)
        if done:
            folder.write_grades({name: group for name, group in people.items() if name in done})
        raise KeyboardInterrupt(
            f"{len(done)} of {len(submissions)} are graded and saved, and grades.csv has these "
            f"only. To go on, run the same again{' without --fresh' if fresh else ''}."
        ) from None


def _require_whole_classes(paths: Sequence[Path], listed: Mapping[str, object]) -> None:
    """Or a folder in a student's folder would be graded as the student who is called like it."""
    for path in paths:
        if path.resolve().name in listed:
            raise UsageError(
                f"{path}: is one submission of the class that was graded, though it looks like "
                "many; --single grades it as one."
            )


def _strangers(submissions: Sequence[Submission], listed: Mapping[str, object]) -> bool:
    return any(submission.name not in listed for submission in submissions)


def _take_over(answers: Sequence[Path], folder: ClassFolder, digests: Mapping[str, str]) -> None:
    """Keep the points of written answers; who has no line in a sheet keeps those from before."""
    names = {*digests, *folder.gradebook.class_list()}
    called = submissions_called(names, read_codes(folder.path, names))
    points, strangers = read_points(answers, folder.assignment, called)
    for name in strangers:
        say(f"there are points for the answers of {name!r}, which is no submission here.")
    kept = folder.gradebook.marks()
    for name, given in points.items():
        if gone := kept.get(name, {}).keys() - given.keys():
            say(f"{name} has no points any more for {', '.join(sorted(gone))}.")
    folder.gradebook.mark(points, digests)


def _show(
    assignment: Assignment,
    results: Iterable[GradingResult],
    changes: Sequence[Change] = (),
    *,
    as_json: bool,
) -> int:
    """Say what came out; the exit code."""
    lines, whole = [], []
    for result in results:
        lines.append(Line.of(result, assignment))
        if as_json:
            whole.append(result.to_json(assignment))
    if as_json:
        print(json.dumps(whole, indent=1))
    else:
        if len(lines) == 1:
            console().print(submission_table(assignment, result))
        else:
            console().print(class_table(assignment, lines))
        if changes:
            console().print(changes_table(changes))
    if len(lines) > 1:
        for detail in sorted({line.detail for line in lines if line.detail}):
            say(f"internal error: {detail}")
    return exit_code([line.status for line in lines])


def exit_code(statuses: Sequence[Status]) -> int:
    """0: all graded; 1: some not, for our fault; 3: none."""
    failures = statuses.count(Status.INTERNAL_ERROR)
    if not failures:
        return 0
    return 3 if failures == len(statuses) else 1


def _digest_of(path: Path) -> str:
    """Empty for what cannot be read, which is then tried each time."""
    try:
        return submission_digest(path)
    except OSError:
        return ""
