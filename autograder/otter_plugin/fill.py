"""Puts a graded submission into Otter's own results, from which Otter writes its results.json.

Otter makes one entry of each question and a summary of the public checks, and adds up the points.
Only Otter's own classes are used, so that its ``results.pkl`` loads where this package is absent.

An internal error must not look like a student's zero. Otter would give ``score: 0`` to results with
an error of its own, and to every question that is listed. So nothing is listed: results.json then
has the sentence as ``output``, no ``score``, and one hidden entry without points, and Gradescope
records that the autograder failed instead of a score.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from otter.test_files import GradingResults, TestCase
from otter.test_files.abstract_test import TestCaseResult
from otter.test_files.exception_test import ExceptionTestFile

from autograder.config import Question
from autograder.otter_plugin.grader import INTERNAL_ERROR, REJECTED, Graded

__all__ = ["fill"]


def fill(results: GradingResults, graded: Graded, questions: Iterable[Question]) -> None:
    """Replace what Otter found; ``questions`` are those that count, which a rejection lists."""
    results.clear_results()
    results._catastrophic_error = None  # Otter's kernel graded nothing, so it cannot have failed
    if graded.document["output"]:
        results.set_output(graded.document["output"])
    results.set_plugin_data("autograder", graded.document["extra_data"])
    if graded.status == INTERNAL_ERROR:
        results.hide_everything()
        return
    if graded.status == REJECTED:
        cases = {question.id: [_missing(question)] for question in questions}
    else:
        cases = _by_question(graded.document["tests"])
    for question, found in cases.items():
        results.results[question] = _test_file(question, found)


def _by_question(entries: Iterable[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Gradescope's entries as Otter's cases; an entry's first tag is its question."""
    cases: dict[str, list[Any]] = {}
    for entry in entries:
        case = TestCaseResult(
            test_case=_case(entry["name"], entry["max_score"], entry["visibility"] != "visible"),
            message=entry["output"],
            passed=entry["status"] == "passed",
        )
        cases.setdefault(str(entry["tags"][0]), []).append(case)
    return cases


def _missing(question: Question) -> Any:
    """A question of a rejected submission, with all its points; the reason is said once, above."""
    case = _case(f"{question.id}: {question.title}", question.points, hidden=False)
    return TestCaseResult(test_case=case, message="Not graded.", passed=False)


def _case(name: str, points: int, hidden: bool) -> Any:
    return TestCase(
        name=name, body="", hidden=hidden, points=points, success_message=None, failure_message=None
    )


def _test_file(question: str, found: Sequence[Any]) -> Any:
    file = ExceptionTestFile(
        question, f"{question}.py", [result.test_case for result in found], all_or_nothing=False
    )
    file.test_case_results = list(found)
    return file
