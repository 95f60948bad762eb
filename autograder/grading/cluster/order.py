"""What goes to a worker machine and what comes back: lines of JSON, the source as plain text."""

import json
from dataclasses import asdict, dataclass
from typing import Any

from autograder.config import Assignment
from autograder.intake import Source
from autograder.results import GradingResult

__all__ = ["Order", "answer_of", "result_of"]


@dataclass(frozen=True, kw_only=True)
class Order:
    """One submission to grade, and all that has a say in how: a work item of the pool."""

    name: str
    source: Source
    assignment_digest: str
    keyword: str = ""
    deadline_s: float
    unsafe: bool = False

    def read(self, module: str) -> Source:
        """What is graded of it."""
        return self.source

    def to_line(self) -> str:
        """JSON without line breaks."""
        return json.dumps(asdict(self))

    @classmethod
    def from_line(cls, line: str) -> "Order":
        """The inverse of `to_line`."""
        raw: dict[str, Any] = json.loads(line)
        source: dict[str, Any] = {
            key: tuple(v) if isinstance(v, list) else v for key, v in raw["source"].items()
        }
        return cls(**{**raw, "source": Source(**source)})


def answer_of(result: GradingResult, assignment: Assignment) -> str:
    """The line that tells a result."""
    return json.dumps(result.to_json(assignment))


def result_of(line: str) -> GradingResult:
    """The inverse of `answer_of`."""
    raw: dict[str, Any] = json.loads(line)
    return GradingResult.from_json(raw)
