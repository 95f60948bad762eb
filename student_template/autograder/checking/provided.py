"""Objects a student's function is called with that are no plain data: functions and networks.

They never cross the wire. Both sides hold the assignment's *given module*, a module without
secrets whose public functions are factories; a check names a factory and its keywords, and each
side makes its own object.
"""

from collections.abc import Mapping
from types import ModuleType
from typing import Any

from autograder.wire.state import ProvidedState, state_of

__all__ = ["Provided"]


class Provided:
    """``factory(**keywords)`` of the given module, made afresh on each side."""

    def __init__(self, given: ModuleType, factory: str, keywords: Mapping[str, Any]) -> None:
        if factory.startswith("_") or not callable(getattr(given, factory, None)):
            raise ValueError(f"the given module has no factory {factory!r}")
        self._given = given
        self.factory = factory
        self.keywords = dict(keywords)

    def build(self) -> Any:
        """The grader's own object."""
        return getattr(self._given, self.factory)(**self.keywords)

    def state(self) -> ProvidedState:
        """The mode and the arrays of a freshly built object."""
        return state_of(self.build())

    def __str__(self) -> str:
        keywords = ", ".join(f"{k}={v!r}" for k, v in self.keywords.items())
        return f"{self.factory}({keywords})"

    __repr__ = __str__

    def describe(self) -> str:
        """The factory's own one-line description, for a hint."""
        doc = getattr(self._given, self.factory).__doc__ or ""
        return str(doc).strip().split("\n", 1)[0]
