"""What grading a submission yields: verdicts, scores, and what a student and the staff read.

Plain frozen data, with a versioned JSON form for the way between processes and for `--format json`.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any

from autograder.config import Assignment, Question
from autograder.finding import Finding

__all__ = ["APOLOGY", "VERSION", "CheckResult", "GradingResult", "Override", "Status", "Verdict",
           "internal_error", "plain", "rejected"]  # fmt: skip

VERSION = 1
APOLOGY = "The autograder failed; this is not your fault. Please submit again."


class Verdict(StrEnum):
    """The verdict of one check."""

    PASSED = "passed"
    FAILED = "failed"
    STOPPED = "stopped"  # the student's process ended or was stopped during the check
    ERROR = "error"  # the check itself is broken: our fault


class Status(StrEnum):
    """What became of a submission."""

    GRADED = "graded"
    REJECTED = "rejected"  # nothing gradable in it: score 0, and a sentence for the student
    INTERNAL_ERROR = "internal_error"  # our fault: no score


@dataclass(frozen=True, kw_only=True)
class CheckResult:
    """One hidden check on one submission."""

    id: str
    question: str
    title: str
    points: int
    visibility: str
    verdict: Verdict
    finding: Finding | None = None
    figures: Mapping[str, float] = field(default_factory=dict)  # what it measured, in the grader
    detail: str = ""  # for the staff only

    @property
    def score(self) -> int:
        """The points earned."""
        return self.points if self.verdict is Verdict.PASSED else 0

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> "CheckResult":
        """The inverse of ``dataclasses.asdict`` and JSON."""
        finding = None if raw["finding"] is None else Finding.from_json(raw["finding"])
        return cls(**{**raw, "verdict": Verdict(raw["verdict"]), "finding": finding})


@dataclass(frozen=True, kw_only=True)
class Override:
    """A score that a person has set for one question, in the place of the automatic one."""

    question: str
    score: float
    automatic: float | None = None  # what it replaces; ``None`` where there was none for our fault
    reason: str
    by: str

    def sentence(self) -> str:
        """For everyone who sees the score."""
        was = "no score" if self.automatic is None else f"{self.automatic:g}"
        return f"{self.question}: {self.score:g} instead of {was}, set by {self.by}: {self.reason}"


@dataclass(frozen=True, kw_only=True)
class GradingResult:
    """Everything about one graded submission."""

    submission: str
    status: Status
    message: str = ""
    checks: tuple[CheckResult, ...] = ()
    notes: tuple[str, ...] = ()  # on the file and on cells that failed; for the student
    overrides: tuple[Override, ...] = ()  # what the staff has decided otherwise
    output: str = ""  # what the submission printed
    detail: str = ""  # on an internal error; for the staff only
    digest: str = ""
    cpu_s: float = 0.0
    wall_s: float = 0.0
    version: int = field(default=VERSION)

    @property
    def score(self) -> float | None:
        """All points, as far as they are not for the written answers; ``None`` for our fault."""
        if self.status is Status.INTERNAL_ERROR:
            return None
        set_by_hand = {override.question: override.score for override in self.overrides}
        earned = sum(check.score for check in self.checks if check.question not in set_by_hand)
        return plain(earned + sum(set_by_hand.values()))

    @property
    def figures(self) -> dict[str, float]:
        """What the checks measured, by name."""
        return {name: value for check in self.checks for name, value in check.figures.items()}

    @property
    def remark(self) -> str:
        """What there is to say of the submission as a whole, in one line."""
        said = (self.message,) if self.message else self.notes
        return " ".join([*said, *(f"{override.sentence()}." for override in self.overrides)])

    @property
    def failed(self) -> tuple[CheckResult, ...]:
        """The checks without the verdict "passed"."""
        return tuple(check for check in self.checks if check.verdict is not Verdict.PASSED)

    def failures(self) -> list[tuple[str, list[CheckResult]]]:
        """What went wrong, in words, once for all checks in a row that failed of the same."""
        rows = itertools.groupby(self.failed, key=lambda check: check.finding)
        groups = [(finding, list(checks)) for finding, checks in rows]
        return [(finding.text() if finding else checks[0].detail, checks)
                for finding, checks in groups]  # fmt: skip

    def of_question(self, question: str) -> tuple[CheckResult, ...]:
        """The checks of one question."""
        return tuple(check for check in self.checks if check.question == question)

    def points_so_far(self, question: Question) -> int:
        """The points of the checks that have a verdict, also of a result that is no grade."""
        return sum(check.score for check in self.of_question(question.id))

    def override_of(self, question: Question) -> Override | None:
        """What the staff has decided on a question, if anything."""
        return next((o for o in self.overrides if o.question == question.id), None)

    def question_score(self, question: Question) -> float | None:
        """The points of one question; ``None`` when there are none to give.

        So for a question that does not count, was not asked for, or failed by our fault.
        """
        if override := self.override_of(question):
            return plain(override.score)
        checks = self.of_question(question.id)
        asked = bool(checks) or self.status is Status.REJECTED
        if not question.graded or self.status is Status.INTERNAL_ERROR or not asked:
            return None
        return self.points_so_far(question)

    def max_score(self, assignment: Assignment) -> int:
        """What could be earned: all points, or those of the checks that were asked for."""
        if self.status is Status.GRADED and not self.overrides:
            return sum(check.points for check in self.checks)
        return assignment.max_score

    def with_overrides(
        self, overrides: Sequence[Override], assignment: Assignment
    ) -> "GradingResult":
        """The result with scores set by hand.

        Where all questions are set so that count, our failure to grade it matters no more.
        """
        if not overrides:
            return self
        scores = {question.id: self.question_score(question) for question in assignment.graded}
        known = tuple(replace(o, automatic=scores[o.question]) for o in overrides)
        decided = {override.question for override in known} >= scores.keys()
        if self.status is Status.INTERNAL_ERROR and decided:
            return replace(self, overrides=known, status=Status.GRADED, message="", checks=())
        return replace(self, overrides=known)

    def to_json(self, assignment: Assignment) -> dict[str, Any]:
        """For machines: everything, with the sums."""
        return {
            **asdict(self),
            "score": self.score,
            "max_score": self.max_score(assignment),
            "questions": {q.id: self.question_score(q) for q in assignment.questions},
        }

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> "GradingResult":
        """The inverse of `to_json`; sums are made anew. Raises ValueError for another version."""
        if raw["version"] != VERSION:
            raise ValueError(f"a result of version {raw['version']}, not {VERSION}")
        known = {name: raw[name] for name in cls.__dataclass_fields__}
        known["status"] = Status(raw["status"])
        known["checks"] = tuple(CheckResult.from_json(check) for check in raw["checks"])
        known["notes"] = tuple(raw["notes"])
        known["overrides"] = tuple(Override(**override) for override in raw["overrides"])
        return cls(**known)


def plain(score: float) -> float:
    """A whole number where it is one, so that it is written as one; else to the hundredth."""
    return int(score) if score == int(score) else round(score, 2)


def internal_error(
    submission: str, detail: str, *, message: str = APOLOGY, checks: Sequence[CheckResult] = ()
) -> GradingResult:
    """The result of a submission that our own failure kept from being graded.

    ``checks`` are those that had a verdict by then, for the staff.
    """
    return GradingResult(
        submission=submission,
        status=Status.INTERNAL_ERROR,
        message=message,
        checks=tuple(checks),
        detail=detail,
    )


def rejected(submission: str, sentence: str) -> GradingResult:
    """The result of a file that holds nothing gradable."""
    return GradingResult(submission=submission, status=Status.REJECTED, message=sentence)
