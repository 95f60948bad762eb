"""Puts a graded submission into Otter's own results, from which Otter writes its results.json.

Otter makes one entry of each question and a summary of the public checks, and adds up the points.
Only Otter's own classes are used, so that its ``results.pkl`` loads where this package is absent.

An internal error must not look like a student's zero. Otter would give ``score: 0`` to results with
an error of its own, and to every question that is listed. So nothing is listed: results.json then
has the sentence as ``output``, no ``score``, and one hidden entry without points, and Gradescope
records that the autograder failed instead of a score.
"""

from collections.abc import Sequence
from typing import Any

from otter.test_files import GradingResults, TestCase
from otter.test_files.abstract_test import TestCaseResult
from otter.test_files.exception_test import ExceptionTestFile

from autograder.config import Assignment, Question
from autograder.outlets.entries import Entry, entries
from autograder.results import GradingResult, Status

__all__ = ["fill"]


def fill(results: GradingResults, graded: GradingResult, assignment: Assignment | None) -> None:
    """Replace what Otter found; without an ``assignment`` there can only be an internal error."""
    results.clear_results()
    results._catastrophic_error = None  # Otter's kernel graded nothing, so it cannot have failed
    sentences = [graded.message, *graded.notes]
    results.set_output("\n".join(sentence for sentence in sentences if sentence) or None)
    results.set_plugin_data("autograder", {"status": str(graded.status), "digest": graded.digest})
    if assignment is None or graded.status is Status.INTERNAL_ERROR:
        results.hide_everything()
        return
    shown = list(entries(assignment, graded))
    for question in assignment.graded:
        if graded.status is Status.REJECTED:
            cases = [_missing(question)]
        else:
            cases = [
                _case(entry)
                for entry in shown
                if entry.question == question.id and entry.max_score is not None
            ]
        if cases:
            results.results[question.id] = _test_file(question, cases)


def _case(entry: Entry) -> Any:
    case = _test_case(entry.name, entry.max_score or 0, hidden=entry.visibility != "visible")
    return TestCaseResult(test_case=case, message=entry.text(), passed=entry.passed)


def _missing(question: Question) -> Any:
    """A question of a rejected submission, with all its points; the reason is said once, above."""
    case = _test_case(f"{question.id}: {question.title}", question.points, hidden=False)
    return TestCaseResult(test_case=case, message="Not graded.", passed=False)


def _test_case(name: str, points: int, *, hidden: bool) -> Any:
    return TestCase(
        name=name, body="", hidden=hidden, points=points, success_message=None, failure_message=None
    )


def _test_file(question: Question, found: Sequence[Any]) -> Any:
    file = ExceptionTestFile(
        question.id,
        f"{question.id}.py",
        [result.test_case for result in found],
        all_or_nothing=False,
    )
    file.test_case_results = list(found)
    return file
