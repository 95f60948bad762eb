"""From results to the page: every number as it is shown, every figure as it is drawn."""

import statistics
from collections.abc import Iterator
from typing import Any

from markupsafe import Markup

from autograder.config import Assignment
from autograder.outlets.grades import People
from autograder.outlets.marks import Marks
from autograder.outlets.page import html_page
from autograder.report.statistics import CheckFigures, ClassFigures
from autograder.report.students import cut, student
from autograder.results import GradingResult, Status

__all__ = ["ClassReport"]

_SECTIONS = (("attention", "Not graded"), ("scores", "Scores"), ("questions", "Questions"),
             ("checks", "Checks"), ("failures", "Failures"), ("time", "Time"),
             ("class", "Students"), ("feedback", "Feedback"))  # fmt: skip
_MOST_FAILURES = 25
_FEW = 0.1  # of those who are graded
_SLOWEST = 5
_WIDTH, _HEIGHT, _BASE = 720, 240, 215


class ClassReport:
    """Takes results one at a time, in the order of the table, and makes the page of them."""

    def __init__(self, assignment: Assignment, people: People, marks: Marks) -> None:
        self._assignment = assignment
        self._people = people
        self._marks = marks
        self._figures = ClassFigures(assignment)
        self._students: list[dict[str, Any]] = []
        self._totals: list[float | None] = []
        self._titles: dict[str, str] = {}

    def add(self, result: GradingResult) -> None:
        """One more submission."""
        self._figures.add(result)
        self._totals.append(self._marks.total(result))
        self._titles.update((check.id, check.title) for check in result.failed)
        row = student(result, self._assignment, self._people, self._marks)
        self._students.append({"id": f"student-{len(self._students)}", **row})

    def html(self) -> Iterator[str]:
        """The whole page, piece by piece."""
        figures = self._figures
        not_graded = [row for row in self._students if not row["graded"]]
        return html_page(
            "autograder.report",
            "report",
            title=f"{self._assignment.title}: class report",
            summary=_summary(figures) + self._on_written(),
            sections=_SECTIONS if not_graded else _SECTIONS[1:],
            not_graded=not_graded,
            histogram=_histogram(figures),
            questions=_questions(figures),
            checks=[_check(check) for check in figures.checks],
            failures=figures.failures[:_MOST_FAILURES],
            time=_time(figures),
            students=self._students,
            titles=self._titles,
            written=self._marks.columns,
            points=figures.max_score,
            with_people=any(self._people.values()),
            bar=_bar,
            cut=cut,
        )

    def _on_written(self) -> str:
        """How far the written answers are."""
        if not self._marks.points:
            return ""
        totals = [total for total in self._totals if total is not None]
        text = f" All written answers of {len(totals)} have points"
        if totals:
            text += f": of {self._marks.max_grade} points these have {statistics.fmean(totals):.1f}"
        return f"{text}."


def _summary(figures: ClassFigures) -> str:
    parts = [f"{figures.statuses[s]} {s.replace('_', ' ')}" for s in Status if figures.statuses[s]]
    text = f"{sum(figures.statuses.values())} submissions: {', '.join(parts)}."
    if figures.scores:
        text += (
            f" Of {figures.max_score} points, those graded have "
            f"{statistics.fmean(figures.scores):.1f} in the mean, and "
            f"{statistics.median(figures.scores):g} in the median."
        )
    return text


def _histogram(figures: ClassFigures) -> dict[str, Any] | None:
    if not figures.scores:
        return None
    ranges, most = figures.histogram(), figures.max_score
    step, highest = _WIDTH / len(ranges), max(count for *_, count in ranges)
    bars, said = [], []
    for place, (low, high, count) in enumerate(ranges):
        label = f"{low}" if low == high else f"{low}\N{EN DASH}{high}"
        height = (_BASE - 25) * count / highest
        bars.append({"x": round(place * step + 4, 1), "y": round(_BASE - height, 1),
                     "width": round(step - 8, 1), "height": round(height, 1), "count": count,
                     "middle": round((place + 0.5) * step, 1), "label": label})  # fmt: skip
        said.append(f"{label} points: {count}")
    return {"width": _WIDTH, "height": _HEIGHT, "base": _BASE, "bars": bars,
            "description": "; ".join(said), "caption": f"Score, of {most} points"}  # fmt: skip


def _questions(figures: ClassFigures) -> list[dict[str, Any]]:
    rows = []
    for known in figures.questions:
        question = known.question
        share = known.mean / question.points if known.scores and question.points else None
        rows.append({"id": question.id, "title": question.title, "points": question.points,
                     "mean": f"{known.mean:.1f}" if known.scores else "", "share": share,
                     "full": f"{known.share(question.points):.0%}",
                     "none": f"{known.share(0):.0%}"})  # fmt: skip
    return rows


def _check(check: CheckFigures) -> dict[str, Any]:
    notes = []
    if check.pass_rate == 0:
        notes.append("nobody passes: is it right?")
    elif check.pass_rate < _FEW:
        notes.append("hardly anybody passes: is it right?")
    if check.pass_rate == 1:
        notes.append("everybody passes")
    if check.discriminates_negatively:
        notes.append("those who pass do worse elsewhere: is it right?")
    if check.stopped:
        notes.append(f"{check.stopped} out of time or memory, or crashed")
    value = check.discrimination
    return {"id": check.id, "title": check.title, "points": check.points, "rate": check.pass_rate,
            "counts": f"{sum(check.passed)} of {len(check.passed)}",
            "discrimination": "" if value is None else f"{value:.2f}",
            "only_failures": check.only_failures, "note": "; ".join(notes)}  # fmt: skip


def _time(figures: ClassFigures) -> dict[str, Any]:
    if not figures.cpu_s:
        return {"sentence": "Nothing was graded.", "slowest": []}
    seconds = sorted(cpu_s for cpu_s, _ in figures.cpu_s)
    slowest, median = sorted(figures.cpu_s, reverse=True)[:_SLOWEST], statistics.median(seconds)
    return {
        "sentence": f"A submission takes {median:.1f} CPU seconds in the median, and "
        f"{seconds[-1]:.1f} at most; all together {sum(seconds) / 60:.1f} CPU minutes.",
        "slowest": [{"name": name, "cpu_s": f"{cpu_s:.1f}"} for cpu_s, name in slowest],
    }


def _bar(share: float | None) -> Markup:
    """A share as a bar, with the number beside it: nothing is told by a colour."""
    if share is None:
        return Markup("")
    return Markup(
        '<span class="share"><svg viewBox="0 0 100 10" preserveAspectRatio="none" '
        'aria-hidden="true"><rect class="rest" width="100" height="10"></rect>'
        '<rect class="bar" width="{}" height="10"></rect></svg>{}</span>'
    ).format(round(100 * share, 1), f"{share:.0%}")
