"""`autograder check`: the suite of hidden checks is itself checked.

The reference and the solved notebook must pass every check, and the notebook that students get must
pass none; every question that counts must have checks whose points add up to its own. Otter's own
check of an assignment passes on 0 of 0 points, so this one counts.
"""

from collections.abc import Iterator

from autograder.config import Assignment, load_assignment
from autograder.errors import ConfigError
from autograder.examine.examiner import Examiner
from autograder.examine.modules import load_module
from autograder.grading.inputs import Submission
from autograder.grading.plan import check_plan
from autograder.grading.pool import grade_all
from autograder.host.sandbox import open_sandbox
from autograder.results import GradingResult, Status, Verdict

__all__ = ["selfcheck"]


_RIGHT, _EMPTY = "solutions", "student_template"


def selfcheck(*, unsafe: bool = False) -> list[str]:
    """The faults that were found, a sentence each; none when all is well."""
    assignment = load_assignment()
    load_module("reference", assignment.reference)  # a ConfigError says what is wrong with it
    root, notebook = assignment.layout.root, f"{assignment.module}.ipynb"
    paths = [assignment.reference, root / _RIGHT / notebook, root / _EMPTY / notebook]
    with open_sandbox(assignment, unsafe=unsafe) as sandbox:
        examiner = Examiner.load(assignment, sandbox)
        try:
            check_plan(examiner)
        except ConfigError as error:
            return [str(error)]
        if missing := [path for path in paths if not path.is_file()]:
            return [f"{path} is missing: run `autograder build`." for path in missing]
        submissions = [Submission(str(path.relative_to(root)), path) for path in paths]
        results = sorted(grade_all(examiner, submissions, jobs=2), key=lambda r: r.submission)
    return list(_faults(assignment, results))


def _faults(assignment: Assignment, results: list[GradingResult]) -> Iterator[str]:
    for result in results:
        if result.status is not Status.GRADED:
            yield f"{result.submission} could not be graded: {result.message}\n{result.detail}"
            return
    for question in assignment.questions:
        checks = results[0].of_question(question.id)
        points = sum(check.points for check in checks)
        if question.graded and not checks:
            yield f"{question.id}: no hidden check."
        elif question.graded and points != question.points:
            yield f"{question.id}: its checks add up to {points} points, not {question.points}."
        elif checks and not question.graded:
            yield f"{question.id}: has hidden checks, but does not count in assignment.toml."
    for result in results:
        is_right = result.submission.startswith(_RIGHT)
        for check in result.checks:
            if is_right and check.verdict is not Verdict.PASSED:
                yield f"{check.id}: {result.submission} does not pass: {check.finding}"
            elif not is_right and check.verdict is Verdict.PASSED:
                yield f"{check.id}: {result.submission} passes with nothing written."
