"""Points that a person gave to the written answers, and the total that they make with the score."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from autograder.config import Assignment
from autograder.results import GradingResult, plain

__all__ = ["Marks"]


@dataclass(frozen=True)
class Marks:
    """``points`` has them by submission and then by question; without any there are no columns."""

    assignment: Assignment
    points: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @property
    def columns(self) -> list[str]:
        """One for each written question, and the total; none before there are points."""
        return [*(w.id for w in self.assignment.written), "total"] if self.points else []

    def values(self, result: GradingResult) -> list[float | None]:
        """A submission in these columns; ``None`` where there are no points yet."""
        given = self.points.get(result.submission, {})
        values = [plain(given[w.id]) if w.id in given else None for w in self.assignment.written]
        return [*values, self.total(result)] if self.points else []

    def total(self, result: GradingResult) -> float | None:
        """Automatic score and all written answers; ``None`` as long as any of these is missing."""
        given = self.points.get(result.submission, {})
        if result.score is None or any(w.id not in given for w in self.assignment.written):
            return None
        return plain(result.score + sum(given[w.id] for w in self.assignment.written))

    def grade(self, result: GradingResult) -> float | None:
        """What counts: the total where written answers have points by now, else the score."""
        return self.total(result) if self.points else result.score

    @property
    def max_grade(self) -> int:
        """The points that `grade` is out of."""
        written = sum(w.points for w in self.assignment.written)
        return self.assignment.max_score + (written if self.points else 0)
