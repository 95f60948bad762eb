"""How a hidden check says no: what was called, what was expected, what came back, one hint."""

from dataclasses import dataclass
from typing import Any

from autograder.checking import layout
from autograder.checking.reply import NO_VALUE

__all__ = ["Failure", "Finding"]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A failure as text, in the parts a student reads; every part but the problem may be empty."""

    problem: str
    call: str = ""
    comparison: str = ""
    hint: str = ""

    def text(self) -> str:
        """All parts, for a terminal."""
        parts = [self.problem]
        if self.call:
            parts.append(f"Called:\n{layout.indent(self.call)}")
        if self.comparison:
            parts.append(self.comparison)
        if self.hint:
            parts.append(f"Hint: {self.hint}")
        return "\n".join(parts)


class Failure(AssertionError):  # noqa: N818 - the grader's word for it
    """Raised by a check: the student's answer is wrong."""

    def __init__(
        self,
        problem: str,
        *,
        call: str = "",
        expected: Any = NO_VALUE,
        actual: Any = NO_VALUE,
        differs: Any = None,
        hint: str = "",
    ) -> None:
        super().__init__(problem)
        self.finding = Finding(
            problem=problem,
            call=call,
            comparison=layout.compare(expected, actual, differs),
            hint=hint,
        )

    def __str__(self) -> str:
        return self.finding.text()
