"""`autograder check`: the suite of hidden checks is itself checked.

The reference must pass every check and stubs must pass none; every question that counts must have
checks whose points add up to its own. Otter's own check of an assignment passes on 0 of 0 points,
so this one counts.
"""

import ast
import tempfile
from collections.abc import Iterator
from pathlib import Path

from autograder.config import Assignment, load_assignment
from autograder.errors import ConfigError
from autograder.examine.examiner import Examiner, load_module
from autograder.grading.inputs import Submission
from autograder.grading.plan import check_plan
from autograder.grading.pool import grade_all
from autograder.host.sandbox import open_sandbox
from autograder.results import GradingResult, Status, Verdict

__all__ = ["selfcheck", "stub_source"]


def selfcheck(*, unsafe: bool = False) -> list[str]:
    """The faults that were found, a sentence each; none when all is well."""
    assignment = load_assignment()
    load_module("reference", assignment.reference)  # a ConfigError says what is wrong with it
    reference = assignment.reference.read_text(encoding="utf-8")
    with (
        tempfile.TemporaryDirectory(prefix="autograder-check-") as folder,
        open_sandbox(assignment, unsafe=unsafe) as sandbox,
    ):
        submissions = []
        for name, source in (("reference", reference), ("stubs", stub_source(reference))):
            path = Path(folder) / name / f"{assignment.module}.py"
            path.parent.mkdir()
            path.write_text(source, encoding="utf-8")
            submissions.append(Submission(name, path))
        examiner = Examiner.load(assignment, sandbox)
        try:
            check_plan(examiner)
        except ConfigError as error:
            return [str(error)]
        results = {r.submission: r for r in grade_all(examiner, submissions, jobs=2)}
    return list(_faults(assignment, results["reference"], results["stubs"]))


def stub_source(reference: str) -> str:
    """The public functions of the reference, each raising NotImplementedError."""
    functions = [
        node.name
        for node in ast.parse(reference).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    ]
    return "".join(
        f"def {name}(*args, **kwargs):\n    raise NotImplementedError\n\n\n" for name in functions
    )


def _faults(
    assignment: Assignment, reference: GradingResult, stubs: GradingResult
) -> Iterator[str]:
    for result in (reference, stubs):
        if result.status is not Status.GRADED:
            yield f"The {result.submission} could not be graded: {result.message}\n{result.detail}"
            return
    for question in assignment.questions:
        checks = reference.of_question(question.id)
        points = sum(check.points for check in checks)
        if question.graded and not checks:
            yield f"{question.id}: no hidden check."
        elif question.graded and points != question.points:
            yield f"{question.id}: its checks add up to {points} points, not {question.points}."
        elif checks and not question.graded:
            yield f"{question.id}: has hidden checks, but does not count in assignment.toml."
    for check in reference.checks:
        if check.verdict is not Verdict.PASSED:
            yield f"{check.id}: the reference does not pass: {check.finding}"
    for check in stubs.checks:
        if check.verdict is Verdict.PASSED:
            yield f"{check.id}: a stub that is not implemented passes."
