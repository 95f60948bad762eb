"""`autograder check`: the suite of hidden checks is itself checked.

The reference and the solved notebook must pass every check, and the notebook that students get must
pass none; points must add up, and all three must be what the master makes. Otter's own check of an
assignment passes on 0 of 0 points, so this one counts.
"""

from collections.abc import Iterator

from autograder.config import Assignment, load_assignment
from autograder.errors import ConfigError
from autograder.examine.examiner import Examiner
from autograder.examine.modules import load_module
from autograder.generate.generated import differing, generate
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
        faults = list(_not_of_the_master(assignment))
        if not all(path.is_file() for path in paths):
            return faults
        submissions = [Submission(str(path.relative_to(root)), path) for path in paths]
        results = sorted(grade_all(examiner, submissions, jobs=2), key=lambda r: r.submission)
    return [*faults, *_faults(results)]


def _not_of_the_master(assignment: Assignment) -> Iterator[str]:
    """Files that the master makes otherwise, and what is wrong with the notebook."""
    made = generate(assignment)
    for folder, files in made.folders().items():
        for name in differing(assignment.layout.root / folder, files):
            yield f"{folder}/{name} is not what the master makes: run `autograder build`."
    yield from made.faults


def _faults(results: list[GradingResult]) -> Iterator[str]:
    for result in results:
        if result.status is not Status.GRADED:
            yield f"{result.submission} could not be graded: {result.detail or result.message}"
            return
    for result in results:
        is_right = result.submission.startswith(_RIGHT)
        for check in result.checks:
            if is_right and check.verdict is not Verdict.PASSED:
                said = check.finding.text() if check.finding else check.verdict
                yield f"{check.id}: {result.submission} does not pass:\n{said}"
            elif not is_right and check.verdict is Verdict.PASSED:
                yield f"{check.id}: {result.submission} passes with nothing written."
