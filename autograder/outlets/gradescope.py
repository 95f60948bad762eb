"""results.json in Gradescope's format: a summary, and one entry for each check.

Source: Gradescope's documentation, "Autograder Specifications", output format.
"""

from collections.abc import Iterable
from typing import Any

from autograder.config import Assignment
from autograder.outlets.entries import Entry, entries
from autograder.outlets.html import entry_html, notes_html, printed_html, table_html
from autograder.results import VERSION, GradingResult, Status, Verdict

__all__ = ["results_json", "staff_entry"]


def results_json(assignment: Assignment, result: GradingResult) -> dict[str, Any]:
    """The content of results.json.

    An internal error carries no score, so that none can be taken for the student's; what had a
    verdict by then is for the staff.
    """
    shown: list[Entry] = []
    if result.status is not Status.INTERNAL_ERROR:
        shown = list(entries(assignment, result))
    document: dict[str, Any] = {
        "output": "\n".join(part for part in _summary(assignment, result, shown) if part),
        "output_format": "html",
        "test_output_format": "html",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [_test(entry) for entry in shown],
        "extra_data": {
            "version": VERSION,
            "status": result.status,
            "submission": result.submission,
            "max_score": assignment.max_score,
            "questions": {q.id: result.question_score(q) for q in assignment.questions},
            "figures": result.figures,
            "cpu_s": result.cpu_s,
            "digest": result.digest,
        },
    }
    if result.status is Status.INTERNAL_ERROR:
        document["tests"].append(staff_entry(result.detail, _so_far(assignment, result)))
    else:
        document["score"] = result.score
        document["leaderboard"] = _leaderboard(assignment, result)
    if result.wall_s:
        document["execution_time"] = max(1, round(result.wall_s))
    return document


def staff_entry(*sentences: str) -> dict[str, Any]:
    """An entry without points that no student ever sees."""
    return {
        "name": "For the course staff",
        "output": "\n".join(sentence for sentence in sentences if sentence),
        "output_format": "text",
        "visibility": "hidden",
    }


def _test(entry: Entry) -> dict[str, Any]:
    test: dict[str, Any] = {
        "name": entry.name,
        "number": entry.number,
        "status": "passed" if entry.passed else "failed",
        "output": entry_html(entry),
        "tags": [entry.question],
        "visibility": entry.visibility,
        "extra_data": {"id": entry.known_as, "verdict": entry.verdict},
    }
    if entry.score is not None:
        test |= {"score": entry.score, "max_score": entry.max_score}
    return test


def _summary(assignment: Assignment, result: GradingResult, shown: list[Entry]) -> Iterable[str]:
    """What is said above the entries; of points only those that the student sees anyway."""
    yield notes_html([result.message, *result.notes])
    if result.status is not Status.GRADED:
        yield notes_html([override.sentence() for override in result.overrides])
        return
    rows, everything = [], True
    for question in assignment.graded:
        scored = [e for e in shown if e.question == question.id and e.score is not None]
        if any(entry.visibility != "visible" for entry in scored):
            everything = False
            rows.append((question.id, question.title, "shown later", ""))
            continue
        if override := result.override_of(question):
            said, most = override.sentence(), question.points
        else:
            said, most = _what_failed(scored), sum(e.max_score or 0 for e in scored)
        score = f"{result.question_score(question) or 0} of {most}"
        rows.append((question.id, question.title, score, said))
    if everything:
        yield f"<p><strong>{result.score} of {result.max_score(assignment)} points.</strong></p>"
    yield table_html(("question", "", "points", ""), rows)
    if any(not entry.passed and entry.finding for entry in shown):
        yield notes_html(
            ["Each check that did not pass says below what was called, what came, and a hint."]
        )
    yield printed_html(result.output)


def _what_failed(scored: list[Entry]) -> str:
    """How many checks, and why, if it is one reason for all of several."""
    failed = [entry for entry in scored if not entry.passed]
    if not failed:
        return "all right"
    if len(scored) == 1:
        return "not passed"
    count = f"{len(failed)} of {len(scored)} checks did not pass"
    reasons = {e.finding.problem.partition("\n")[0] if e.finding else "" for e in failed}
    if len(failed) > 1 and len(reasons) == 1 and (reason := reasons.pop()):
        return f"{count}: {reason}"
    return count


def _so_far(assignment: Assignment, result: GradingResult) -> str:
    """The checks that had a verdict when grading failed."""
    if not result.checks:
        return ""
    lines = ["Graded until then:"]
    for question in assignment.graded:
        checks = result.of_question(question.id)
        failed = [check.id for check in checks if check.verdict is not Verdict.PASSED]
        if checks:
            lines.append(
                f"{question.id}: {result.points_so_far(question)} of "
                f"{sum(check.points for check in checks)} points in {len(checks)} checks"
                + (f"; not passed: {', '.join(failed)}" if failed else "")
            )
    return "\n".join(lines)


def _leaderboard(assignment: Assignment, result: GradingResult) -> list[dict[str, Any]]:
    """Only what was measured: a student without a figure is not on the board."""
    figures = result.figures
    return [
        {"name": name, "value": figures[figure], "order": "desc"}
        for name, figure in assignment.gradescope.leaderboard.items()
        if figure in figures
    ]
