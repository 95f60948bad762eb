"""What grading a submission yields: verdicts, scores, and what a student and the staff read.

Plain frozen data, with a versioned JSON form for the way between processes and for `--format json`.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from autograder.checking.failure import Finding
from autograder.config import Assignment, Question

__all__ = ["VERSION", "CheckResult", "GradingResult", "Status", "Verdict"]

VERSION = 1


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
    detail: str = ""  # for the staff only

    @property
    def score(self) -> int:
        """The points earned."""
        return self.points if self.verdict is Verdict.PASSED else 0


@dataclass(frozen=True, kw_only=True)
class GradingResult:
    """Everything about one graded submission."""

    submission: str
    status: Status
    message: str = ""
    checks: tuple[CheckResult, ...] = ()
    notes: tuple[str, ...] = ()  # on the file and on cells that failed; for the student
    output: str = ""  # what the submission printed
    detail: str = ""  # on an internal error; for the staff only
    digest: str = ""
    cpu_s: float = 0.0
    wall_s: float = 0.0
    version: int = field(default=VERSION)

    @property
    def score(self) -> int | None:
        """The automatic score; ``None`` when there is none for our fault."""
        if self.status is Status.INTERNAL_ERROR:
            return None
        return sum(check.score for check in self.checks)

    @property
    def remark(self) -> str:
        """What there is to say of the submission as a whole, in one line."""
        return self.message or " ".join(self.notes)

    def of_question(self, question: str) -> tuple[CheckResult, ...]:
        """The checks of one question."""
        return tuple(check for check in self.checks if check.question == question)

    def question_score(self, question: Question) -> int | None:
        """The points of one question; ``None`` when there are none to give.

        So for a question that does not count, was not asked for, or failed by our fault.
        """
        checks = self.of_question(question.id)
        asked = bool(checks) or self.status is Status.REJECTED
        if not question.graded or self.status is Status.INTERNAL_ERROR or not asked:
            return None
        return sum(check.score for check in checks)

    def max_score(self, assignment: Assignment) -> int:
        """What could be earned: all points, or those of the checks that were asked for."""
        if self.status is Status.GRADED:
            return sum(check.points for check in self.checks)
        return assignment.max_score

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
        """The inverse of `to_json`; sums are made anew."""
        known = {name: raw[name] for name in cls.__dataclass_fields__}
        known["status"] = Status(raw["status"])
        known["checks"] = tuple(_check(check) for check in raw["checks"])
        known["notes"] = tuple(raw["notes"])
        return cls(**known)


def _check(raw: Mapping[str, Any]) -> CheckResult:
    finding = None if raw["finding"] is None else Finding(**raw["finding"])
    return CheckResult(**{**raw, "verdict": Verdict(raw["verdict"]), "finding": finding})


def internal_error(submission: str, detail: str) -> GradingResult:
    """The result of a submission that our own failure kept from being graded."""
    return GradingResult(
        submission=submission,
        status=Status.INTERNAL_ERROR,
        message="The autograder failed; this is not your fault. Please submit again.",
        detail=detail,
    )


def rejected(submission: str, sentence: str) -> GradingResult:
    """The result of a file that holds nothing gradable."""
    return GradingResult(submission=submission, status=Status.REJECTED, message=sentence)
