"""How a hidden check says no: what was called, what was expected, what came back, one hint."""

from typing import Any

from autograder.checking import layout
from autograder.checking.reply import NO_VALUE
from autograder.finding import Finding

__all__ = ["Failure"]


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
