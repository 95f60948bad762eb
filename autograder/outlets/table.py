"""Tables for a person at a terminal: one submission in full, or a class at a glance."""

import io
import itertools
from collections.abc import Sequence
from typing import NamedTuple

from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from autograder.config import Assignment
from autograder.finding import printable
from autograder.results import GradingResult, Status, Verdict

__all__ = [
    "ClassRow",
    "changes_table",
    "class_table",
    "console",
    "submission_report",
    "submission_table",
]

_MIN_WIDTH = 110
_MOST_ROWS = 60  # of a class, before a table says no more than its sum
_STYLES = {Verdict.PASSED: "green", Verdict.FAILED: "red", Verdict.STOPPED: "red",
           Verdict.ERROR: "magenta"}  # fmt: skip
_STATUS_STYLES = {Status.GRADED: "", Status.REJECTED: "yellow", Status.INTERNAL_ERROR: "magenta"}


def submission_table(assignment: Assignment, result: GradingResult) -> RenderableType:
    """Questions, checks and the staff's view of every failure."""
    parts: list[RenderableType] = [
        Text(printable(result.submission), style="bold"),
        _status_line(result),
    ]
    parts += [Text(f"- {note}") for note in result.notes]
    parts += [
        Text(f"- {printable(override.sentence())}", style="cyan") for override in result.overrides
    ]
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
        score = f"{_number(result.question_score(question))}/{most}"
        table.add_row(question.id, score, "", question.title, style="bold")
        for check in checks:
            table.add_row(
                check.id, f"{check.score}/{check.points}",
                Text(check.verdict, style=_STYLES[check.verdict]), check.title,
            )  # fmt: skip
        table.add_section()
    if result.checks:
        parts.append(table)
    for problem, alike in result.failures():
        titles = "\n".join(f"{check.id}: {check.title}" for check in alike)
        parts.append(Group(Text(titles, style="bold"), Text(problem), Text("")))
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


class ClassRow(NamedTuple):
    """What is shown of one of many: little, so that a class fits into memory."""

    submission: str
    status: Status
    score: float | None
    scores: tuple[float | None, ...]
    remark: str
    detail: str
    is_whole: bool  # whether all checks were asked for

    @classmethod
    def of(cls, result: GradingResult, assignment: Assignment) -> "ClassRow":
        """A result's line."""
        return cls(
            submission=printable(result.submission),
            status=result.status,
            score=result.score,
            scores=tuple(result.question_score(question) for question in assignment.graded),
            remark=printable(result.remark),
            detail=result.detail,
            is_whole=result.max_score(assignment) == assignment.max_score,
        )


def class_table(assignment: Assignment, lines: Sequence[ClassRow]) -> RenderableType:
    """A row a submission, with the score of each question; of many only those that need a look."""
    shown = sorted(lines)
    if len(lines) > _MOST_ROWS:
        shown = [line for line in shown if line.status is not Status.GRADED]
    table = Table(box=box.SIMPLE_HEAD, show_edge=False)
    table.add_column("submission", overflow="fold")
    table.add_column("status", no_wrap=True)
    table.add_column("score", justify="right", no_wrap=True)
    for question in assignment.graded:
        table.add_column(question.id, justify="right", no_wrap=True)
    table.add_column("message")
    for line in shown:
        table.add_row(
            Text(line.submission), Text(line.status, style=_STATUS_STYLES[line.status]),
            _number(line.score), *map(_number, line.scores), Text(line.remark),
        )  # fmt: skip
    table.add_section()
    maxima = [str(question.points) for question in assignment.graded]
    table.add_row("maximum", "", str(assignment.max_score), *maxima, "", style="dim")
    parts: list[RenderableType] = [table] if shown else []
    if left_out := len(lines) - len(shown):
        parts.append(Text(f"{left_out} more were graded, too many to list; grades.csv has all."))
    return Group(*parts, Text(summary(lines), style="bold"))


def summary(lines: Sequence[ClassRow]) -> str:
    """One line on the class; the mean of a part of the checks would be read as a grade."""
    counts = {status: sum(line.status is status for line in lines) for status in Status}
    scores = [
        line.score for line in lines if line.status is Status.GRADED and line.score is not None
    ]
    text = ", ".join(f"{count} {status}" for status, count in counts.items() if count)
    if scores and all(line.is_whole for line in lines):
        text += f"; mean score of the graded: {sum(scores) / len(scores):.1f}"
    return text


def changes_table(
    changes: Sequence[tuple[str, str, str | float | None, str | float | None, str]],
) -> RenderableType:
    """Whose grade is another than the published one: submission, column, before, after, why."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False)
    for column in ("submission", "changed", "why"):
        table.add_column(column, overflow="fold")
    by_submission = [list(some) for _, some in itertools.groupby(changes, key=lambda c: c[0])]
    for some in by_submission[:_MOST_ROWS]:
        what = (f"{column} {_value(old)} -> {_value(new)}" for _, column, old, new, _ in some)
        table.add_row(
            *(Text(printable(text)) for text in (some[0][0], ", ".join(what), some[0][4]))
        )
    count = len(by_submission)
    text = (
        f"{count} changed since grades were published, or first made; changes.csv has them, and "
        "autograder publish accepts them."
    )
    return Group(Text(""), table, Text(text, style="bold"))


def console() -> Console:
    """Standard output, without colours where it is a file, and never too narrow for the tables."""
    terminal = Console(highlight=False)
    return Console(highlight=False, width=max(terminal.width, _MIN_WIDTH))


def _status_line(result: GradingResult) -> RenderableType:
    text = f"{result.status}: {result.message}" if result.message else str(result.status)
    return Text(text, style=_STATUS_STYLES[result.status])


def _value(value: str | float | None) -> str:
    return "nothing" if value is None else str(value)


def _number(value: float | None) -> str:
    return "-" if value is None else str(value)
