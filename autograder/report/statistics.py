"""What a class's results say about its checks: counts, rates, and how well a check tells apart.

Results are taken one at a time and kept as numbers, so a class of any size fits into memory.

Source of the discrimination: the corrected item-total correlation of classical test theory, that is
Pearson's correlation of passing a check with the score that all the other checks gave. It is taken
over those who have a point at another check of the question: who handed in nothing there fails all
of them alike, and would hide a check that is wrong.
"""

import math
import re
import statistics
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from autograder.config import Assignment, Question
from autograder.finding import Finding
from autograder.results import CheckResult, GradingResult, Status, Verdict

__all__ = ["CheckFigures", "ClassFigures", "Failure", "QuestionFigures"]

_BINS = 10
_LONGEST_PROBLEM = 300  # characters
_WORDLESS = Finding(problem="It failed without a word.")
_NUMBER = re.compile(r"[-+]?\d[\d.,e+-]*")


@dataclass
class CheckFigures:
    """One check over the class."""

    id: str
    title: str
    points: int
    stopped: int = 0
    only_failures: int = 0  # submissions that failed nothing else
    passed: list[bool] = field(default_factory=list)
    rest_scores: list[tuple[bool, float]] = field(default_factory=list)
    """Whether it passed, and the score of all other checks: of each submission that has a point at
    another check of the question, or where this is the question's only one."""

    @property
    def pass_rate(self) -> float:
        """Of all submissions that were graded, from 0 to 1."""
        return sum(self.passed) / len(self.passed)

    @property
    def discrimination(self) -> float | None:
        """From -1 to 1; ``None`` where all pass, or none, or all others are alike."""
        passed, rest = (
            [float(one) for one, _ in self.rest_scores],
            [score for _, score in self.rest_scores],
        )
        if len(set(passed)) < 2 or len(set(rest)) < 2:
            return None
        return statistics.correlation(passed, rest)

    @property
    def discriminates_negatively(self) -> bool:
        """Whether those who pass do worse elsewhere, by more than two standard errors of chance."""
        value = self.discrimination
        return value is not None and value < -2 / math.sqrt(len(self.rest_scores))


@dataclass
class QuestionFigures:
    """One question over the class."""

    question: Question
    scores: list[float] = field(default_factory=list)

    @property
    def mean(self) -> float:
        """Points; 0 where nobody was graded."""
        return statistics.fmean(self.scores) if self.scores else 0.0

    def share(self, score: float) -> float:
        """The share of submissions with just this score."""
        return self.scores.count(score) / len(self.scores) if self.scores else 0.0


@dataclass
class Failure:
    """What one check failed of in many submissions, and one example.

    Of checks of one question that fail of the same, each submission counts once.
    """

    question: str
    problem: str
    submission: str
    finding: Finding
    checks: list[str] = field(default_factory=list)
    count: int = 0


class ClassFigures:
    """All of it; see `add`."""

    def __init__(self, assignment: Assignment) -> None:
        self.max_score = assignment.max_score
        self.statuses: Counter[Status] = Counter()
        self.scores: list[float] = []
        self.cpu_s: list[tuple[float, str]] = []
        self.questions = [QuestionFigures(question) for question in assignment.graded]
        self._checks: dict[str, CheckFigures] = {}
        self._failures: dict[tuple[str, str], Failure] = {}

    def add(self, result: GradingResult) -> None:
        """Count one more; of what is not graded, no more than that."""
        self.statuses[result.status] += 1
        if result.status is not Status.GRADED or result.score is None:
            return
        self.scores.append(result.score)
        self.cpu_s.append((result.cpu_s, result.submission))
        for known in self.questions:
            known.scores.append(result.question_score(known.question) or 0)
        automatic = sum(check.score for check in result.checks)
        failed = result.failed
        scores: dict[str, list[int]] = defaultdict(list)
        for check in result.checks:
            scores[check.question].append(check.score)
        for check in result.checks:
            own = scores[check.question]
            says_something = len(own) == 1 or sum(own) > check.score
            rest = automatic - check.score if says_something else None
            self._add_check(check, rest, is_alone=failed == (check,))
        for check in failed:
            self._note_failure(check, result.submission)
        for kind in {_kind(check) for check in failed}:
            self._failures[kind].count += 1

    def histogram(self) -> list[tuple[int, int, int]]:
        """First and last whole points of about ten ranges, and how many scores lie in each.

        A fraction counts with the whole points below it.
        """
        width = max(1, round(self.max_score / _BINS))
        starts = list(range(0, max(1, self.max_score), width))
        counts = Counter(min(int(score) // width, len(starts) - 1) for score in self.scores)
        ends = [*(start - 1 for start in starts[1:]), self.max_score]
        return [
            (*ends_, counts[place]) for place, ends_ in enumerate(zip(starts, ends, strict=True))
        ]

    @property
    def checks(self) -> list[CheckFigures]:
        """The hardest first."""
        return sorted(self._checks.values(), key=lambda check: (check.pass_rate, check.id))

    @property
    def failures(self) -> list[Failure]:
        """The most frequent first."""
        return sorted(self._failures.values(), key=lambda f: (-f.count, f.checks, f.problem))

    def _add_check(self, check: CheckResult, rest: float | None, *, is_alone: bool) -> None:
        known = self._checks.setdefault(check.id, CheckFigures(check.id, check.title, check.points))
        known.stopped += check.verdict is Verdict.STOPPED
        known.only_failures += is_alone
        known.passed.append(check.verdict is Verdict.PASSED)
        if rest is not None:
            known.rest_scores.append((check.verdict is Verdict.PASSED, rest))

    def _note_failure(self, check: CheckResult, submission: str) -> None:
        """The first of its kind is the example."""
        finding = check.finding or _WORDLESS
        example = Failure(check.question, _problem(finding), submission, finding)
        failure = self._failures.setdefault(_kind(check), example)
        if check.id not in failure.checks:
            failure.checks.append(check.id)


def _problem(finding: Finding) -> str:
    return finding.problem.partition("\n")[0][:_LONGEST_PROBLEM]


def _kind(check: CheckResult) -> tuple[str, str]:
    """Failures of a question are of one kind that differ in numbers only."""
    return check.question, _NUMBER.sub("#", _problem(check.finding or _WORDLESS))
