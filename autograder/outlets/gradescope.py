"""results.json in Gradescope's format: one entry a check, and what the student may see of it.

Source: Gradescope's documentation, "Autograder Specifications", output format.
"""

from typing import Any

from autograder.config import Assignment, Question
from autograder.outlets.feedback import student_feedback
from autograder.results import VERSION, CheckResult, GradingResult, Status, Verdict

__all__ = ["results_json"]


def results_json(assignment: Assignment, result: GradingResult) -> dict[str, Any]:
    """The content of results.json.

    An internal error carries no score: Gradescope then shows the sentence and counts nothing.
    """
    questions = {question.id: question for question in assignment.questions}
    numbered = enumerate(result.checks, start=1)
    tests = [_entry(check, questions[check.question], number) for number, check in numbered]
    document: dict[str, Any] = {
        "output": _output(result),
        "output_format": "text",
        "test_output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": tests,
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


def _entry(check: CheckResult, question: Question, number: int) -> dict[str, Any]:
    return {
        "name": f"{check.question}: {check.title}",
        "number": str(number),
        "score": check.score,
        "max_score": check.points,
        "status": "passed" if check.verdict is Verdict.PASSED else "failed",
        "output": student_feedback(check, question.show),
        "tags": [check.question],
        "visibility": check.visibility,
        "extra_data": {"id": check.id, "verdict": check.verdict},
    }


def _output(result: GradingResult) -> str:
    parts = [result.message, *result.notes]
    if result.status is Status.GRADED and result.output.strip():
        parts.append(f"Your submission printed:\n{result.output.strip()[:4000]}")
    return "\n".join(part for part in parts if part)
