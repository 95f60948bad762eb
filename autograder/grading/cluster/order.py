"""What goes to a worker machine: a line of JSON, with the source as plain text."""

import json
from dataclasses import asdict, dataclass
from typing import Any

from autograder.intake import Source

__all__ = ["Order"]


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
