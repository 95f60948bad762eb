"""Tables for a person at a terminal: one submission in full, or a class at a glance."""

import io
import itertools
from collections.abc import Sequence

from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from autograder.config import Assignment
from autograder.finding import Finding
from autograder.results import CheckResult, GradingResult, Status, Verdict

__all__ = ["class_table", "console", "submission_report", "submission_table"]

_MIN_WIDTH = 110
_STYLES = {Verdict.PASSED: "green", Verdict.FAILED: "red", Verdict.STOPPED: "red",
           Verdict.ERROR: "magenta"}  # fmt: skip
_STATUS_STYLES = {Status.GRADED: "", Status.REJECTED: "yellow", Status.INTERNAL_ERROR: "magenta"}


def submission_table(assignment: Assignment, result: GradingResult) -> RenderableType:
    """Questions, checks and the staff's view of every failure."""
    parts: list[RenderableType] = [Text(result.submission, style="bold"), _status_line(result)]
    parts += [Text(f"- {note}") for note in result.notes]
    table = Table(box=box.SIMPLE_HEAD, show_edge=False)
    table.add_column("check", style="bold", no_wrap=True)
    table.add_column("points", justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    table.add_column("what must hold")
    for question in assignment.graded:
        checks = result.of_question(question.id)
        if not checks:
            continue
        most = sum(check.points for check in checks)
        score = f"{result.question_score(question)}/{most}"
        table.add_row(question.id, score, "", question.title, style="bold")
        for check in checks:
            table.add_row(
                check.id, f"{check.score}/{check.points}",
                Text(check.verdict, style=_STYLES[check.verdict]), check.title,
            )  # fmt: skip
        table.add_section()
    if result.checks:
        parts.append(table)
    failed = [check for check in result.checks if check.verdict is not Verdict.PASSED]
    for finding, alike in itertools.groupby(failed, key=lambda check: check.finding):
        parts.append(_failure(list(alike), finding))
    if result.detail:
        parts.append(Text(result.detail, style="magenta"))
    if result.output.strip():
        parts += [Text("Printed by the submission:", style="bold"), Text(result.output.strip())]
    if result.score is not None:
        most = result.max_score(assignment)
        part = "" if most == assignment.max_score else ", for a part of the checks"
        parts.append(Text(f"Score: {result.score} of {most}{part}", style="bold"))
    return Group(*parts)


def submission_report(assignment: Assignment, result: GradingResult) -> str:
    """The same as plain text, for a log."""
    text = io.StringIO()
    Console(file=text, highlight=False, width=_MIN_WIDTH).print(
        submission_table(assignment, result)
    )
    return text.getvalue()


def class_table(assignment: Assignment, results: Sequence[GradingResult]) -> RenderableType:
    """A row a submission, with the score of each question."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False)
    table.add_column("submission", overflow="fold")
    table.add_column("status", no_wrap=True)
    table.add_column("score", justify="right", no_wrap=True)
    for question in assignment.graded:
        table.add_column(question.id, justify="right", no_wrap=True)
    table.add_column("message")
    for result in sorted(results, key=lambda r: r.submission):
        scores = [result.question_score(question) for question in assignment.graded]
        table.add_row(
            Text(result.submission), Text(result.status, style=_STATUS_STYLES[result.status]),
            _number(result.score), *map(_number, scores), Text(result.remark),
        )  # fmt: skip
    table.add_section()
    maxima = [str(question.points) for question in assignment.graded]
    table.add_row("maximum", "", str(assignment.max_score), *maxima, "", style="dim")
    whole = all(result.max_score(assignment) == assignment.max_score for result in results)
    return Group(table, Text(summary(results, with_mean=whole), style="bold"))


def summary(results: Sequence[GradingResult], *, with_mean: bool) -> str:
    """One line on the class; the mean of a part of the checks would be read as a grade."""
    counts = {status: sum(r.status is status for r in results) for status in Status}
    scores = [r.score for r in results if r.score is not None and r.status is Status.GRADED]
    text = ", ".join(f"{count} {status}" for status, count in counts.items() if count)
    if scores and with_mean:
        text += f"; mean score of the graded: {sum(scores) / len(scores):.1f}"
    return text


def console() -> Console:
    """Standard output, without colours where it is a file, and never too narrow for the tables."""
    terminal = Console(highlight=False)
    return Console(highlight=False, width=max(terminal.width, _MIN_WIDTH))


def _status_line(result: GradingResult) -> RenderableType:
    text = f"{result.status}: {result.message}" if result.message else str(result.status)
    return Text(text, style=_STATUS_STYLES[result.status])


def _failure(checks: Sequence[CheckResult], finding: Finding | None) -> RenderableType:
    """What went wrong, once for all checks in a row that failed of the same."""
    titles = "\n".join(f"{check.id}: {check.title}" for check in checks)
    text = finding.text() if finding else checks[0].detail
    return Group(Text(titles, style="bold"), Text(text), Text(""))


def _number(value: int | None) -> str:
    return "-" if value is None else str(value)
