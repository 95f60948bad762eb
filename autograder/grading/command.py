"""`autograder grade`: find, grade, write, show.

Modules that load torch are imported where they are used, after the zygote was started.
"""

import importlib
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from autograder.config import Assignment, load_assignment
from autograder.grading.inputs import Submission, find_submissions
from autograder.host.sandbox import open_sandbox
from autograder.outlets.files import result_path, writable_folder, write_whole
from autograder.outlets.grades import grades_csv
from autograder.outlets.gradescope import results_json
from autograder.outlets.table import class_table, console, submission_table
from autograder.results import GradingResult, Status

__all__ = ["grade"]


def grade(
    paths: Sequence[Path],
    *,
    output: Path,
    jobs: int,
    as_json: bool,
    keyword: str,
    single: bool,
    deadline_s: float,
    unsafe: bool,
) -> int:
    """Grade what lies at ``paths``; the exit code.

    With a keyword only a part of the checks runs, so the grades would be wrong and are not written.
    """
    assignment = load_assignment()
    submissions, passed_over = find_submissions(paths, assignment.module, single=single)
    for path in passed_over:
        print(f"autograder: passed over {str(path)!a}", file=sys.stderr)
    results: list[GradingResult] = []
    folder = None if keyword else writable_folder(output)
    secret = [path for path in [*paths, output] if path.exists()]
    with open_sandbox(
        assignment, also_secret=secret, unsafe=unsafe, meanwhile=_load_torch
    ) as sandbox:
        from autograder.examine.examiner import Examiner
        from autograder.grading.plan import check_plan
        from autograder.grading.pool import grade_all

        examiner = Examiner.load(assignment, sandbox)
        check_plan(examiner, keyword)
        graded = grade_all(examiner, submissions, jobs=jobs, keyword=keyword, deadline_s=deadline_s)
        try:
            for result in _with_progress(graded, submissions):
                results.append(result)
                if folder is not None:
                    _write_result(assignment, result, folder)
        finally:
            if folder is not None:
                write_whole(folder / "grades.csv", grades_csv(assignment, results))
    results.sort(key=lambda result: result.submission)
    if as_json:
        print(json.dumps([result.to_json(assignment) for result in results], indent=1))
    elif len(submissions) == 1:
        console().print(submission_table(assignment, results[0]))
    else:
        console().print(class_table(assignment, results))
        for detail in sorted({result.detail for result in results if result.detail}):
            print(f"autograder: internal error: {detail}", file=sys.stderr)
    return exit_code(results)


def _load_torch() -> None:
    """And pytest, and hypothesis: a second or two, in which the zygote loads its own."""
    importlib.import_module("autograder.examine.examiner")


def exit_code(results: Sequence[GradingResult]) -> int:
    """0: all graded; 1: some not, for our fault; 3: none."""
    failures = sum(result.status is Status.INTERNAL_ERROR for result in results)
    if not failures:
        return 0
    return 3 if failures == len(results) else 1


def _write_result(assignment: Assignment, result: GradingResult, folder: Path) -> None:
    path = result_path(folder / "results", result.submission)
    write_whole(path, json.dumps(results_json(assignment, result), indent=1) + "\n")


def _with_progress(
    results: Iterable[GradingResult], submissions: Sequence[Submission]
) -> Iterator[GradingResult]:
    """A bar on standard error for a class, where that is a terminal."""
    if len(submissions) == 1 or not sys.stderr.isatty():
        yield from results
        return
    columns = (TextColumn("grading"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, transient=True) as progress:
        task = progress.add_task("", total=len(submissions))
        for result in results:
            progress.advance(task)
            yield result
