"""results.json in Gradescope's format: one entry a check, and what the student may see of it.

A question of which nothing is shown has one entry in all: names of checks would tell of them.

Source: Gradescope's documentation, "Autograder Specifications", output format.
"""

from collections.abc import Sequence
from typing import Any

from autograder.config import Assignment, Question, Show
from autograder.outlets.feedback import student_feedback
from autograder.results import VERSION, CheckResult, GradingResult, Status, Verdict

__all__ = ["results_json"]


def results_json(assignment: Assignment, result: GradingResult) -> dict[str, Any]:
    """The content of results.json.

    An internal error carries no score: Gradescope then shows the sentence and counts nothing.
    """
    tests = [entry for q in assignment.questions for entry in _entries(q, result.of_question(q.id))]
    document: dict[str, Any] = {
        "output": _output(result),
        "output_format": "text",
        "test_output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [test | {"number": str(number)} for number, test in enumerate(tests, 1)],
        "extra_data": {
            "version": VERSION,
            "status": result.status,
            "submission": result.submission,
            "max_score": assignment.max_score,
            "questions": {q.id: result.question_score(q) for q in assignment.questions},
            "digest": result.digest,
        },
    }
    if result.status is not Status.INTERNAL_ERROR:
        document["score"] = result.score
    if result.wall_s:
        document["execution_time"] = max(1, round(result.wall_s))
    return document


def _entries(question: Question, checks: Sequence[CheckResult]) -> list[dict[str, Any]]:
    if question.show is not Show.NOTHING:
        return [
            _entry(f"{question.id}: {check.title}", check.id, [check], question.show)
            for check in checks
        ]
    alike: dict[str, list[CheckResult]] = {}
    for check in checks:
        alike.setdefault(check.visibility, []).append(check)
    name = f"{question.id}: {question.title}"
    return [_entry(name, question.id, some, question.show) for some in alike.values()]


def _entry(name: str, known_as: str, checks: Sequence[CheckResult], show: Show) -> dict[str, Any]:
    """One entry for checks of one question and visibility; it passes if they all do."""
    check = next((c for c in checks if c.verdict is not Verdict.PASSED), checks[0])
    return {
        "name": name,
        "score": sum(check.score for check in checks),
        "max_score": sum(check.points for check in checks),
        "status": "passed" if check.verdict is Verdict.PASSED else "failed",
        "output": student_feedback(check, show),
        "tags": [check.question],
        "visibility": check.visibility,
        "extra_data": {"id": known_as, "verdict": check.verdict},
    }


def _output(result: GradingResult) -> str:
    parts = [result.message, *result.notes]
    if result.status is Status.GRADED and result.output.strip():
        parts.append(f"Your submission printed:\n{result.output.strip()[:4000]}")
    return "\n".join(part for part in parts if part)
