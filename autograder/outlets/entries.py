"""What a student is shown of a result, entry by entry, as far as the instructor allows.

An entry is a check, or a question of which nothing more is shown: names of checks would tell of
them. Where more may be seen once grades are published, an entry of its own says it, without points.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from autograder.config import Assignment, Question, Show
from autograder.finding import Finding
from autograder.results import CheckResult, GradingResult, Verdict

__all__ = ["Entry", "entries"]

_PUBLISHED = "after_published"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One entry; ``score`` and ``max_score`` are ``None`` where another entry has the points."""

    number: str
    name: str
    question: str
    known_as: str
    verdict: Verdict
    visibility: str
    score: int | None
    max_score: int | None
    summary: str  # a word where there is no finding to show
    finding: Finding | None = None
    same_as: str = ""  # the number of an earlier entry with the same finding

    @property
    def passed(self) -> bool:
        """Whether all of it passed."""
        return self.verdict is Verdict.PASSED

    def text(self) -> str:
        """What the student reads, as plain text."""
        return self.summary if self.finding is None else self.finding.text()


def entries(assignment: Assignment, result: GradingResult) -> Iterator[Entry]:
    """All entries of a graded submission, numbered by question and check."""
    for place, question in enumerate(assignment.questions, 1):
        checks = result.of_question(question.id)
        yield from _now(question, checks, place)
        if question.show.is_less_than(question.show_published):
            yield from _published(question, checks, place)


def _now(question: Question, checks: tuple[CheckResult, ...], place: int) -> Iterator[Entry]:
    if question.show is Show.NOTHING:
        alike: dict[str, list[CheckResult]] = {}
        for check in checks:
            alike.setdefault(check.visibility, []).append(check)
        for number, some in enumerate(alike.values(), 1):
            yield _whole(question, some, f"{place}.{number}")
        return
    for number, check in enumerate(checks, 1):
        yield _single(question, check, f"{place}.{number}", question.show, checks[: number - 1])


def _published(question: Question, checks: tuple[CheckResult, ...], place: int) -> Iterator[Entry]:
    """What is added once grades are published, of checks that did not pass."""
    for number, check in enumerate(checks, 1):
        if check.verdict is not Verdict.PASSED and check.visibility != "hidden":
            entry = _single(question, check, f"{place}.{number}", question.show_published, ())
            yield replace(entry, score=None, max_score=None, visibility=_PUBLISHED)


def _whole(question: Question, checks: list[CheckResult], number: str) -> Entry:
    check = next((c for c in checks if c.verdict is not Verdict.PASSED), checks[0])
    return Entry(
        number=number,
        name=f"{question.id}: {question.title}",
        question=question.id,
        known_as=question.id,
        verdict=check.verdict,
        visibility=check.visibility,
        score=sum(check.score for check in checks),
        max_score=sum(check.points for check in checks),
        summary="",
    )


def _single(
    question: Question,
    check: CheckResult,
    number: str,
    show: Show,
    earlier: tuple[CheckResult, ...],
) -> Entry:
    passed = check.verdict is Verdict.PASSED
    finding = check.finding if show is Show.COUNTEREXAMPLE else None
    alike = [
        place
        for place, other in enumerate(earlier, 1)
        if finding is not None and (other.finding, other.visibility) == (finding, check.visibility)
    ]
    return Entry(
        number=number,
        name=f"{question.id}: {check.title}",
        question=question.id,
        known_as=check.id,
        verdict=check.verdict,
        visibility=check.visibility,
        score=check.score,
        max_score=check.points,
        summary="Passed." if passed else "Not passed.",
        finding=finding,
        same_as=f"{number.partition('.')[0]}.{alike[0]}" if alike else "",
    )
