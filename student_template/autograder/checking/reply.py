"""What comes back when a student's function is called: plain data, nothing of the student's own.

The only link between a hidden check and a submission is a `Transport`. Checks never see it; they
use the proxy in `autograder.checking.student`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

__all__ = [
    "NO_VALUE",
    "Opaque",
    "Raised",
    "Reply",
    "StopReason",
    "Transport",
    "WorkerStopped",
]


class StopReason(StrEnum):
    """Why a student's process was stopped, or stopped by itself."""

    CPU_TIME = "cpu_time"
    WALL_TIME = "wall_time"
    SLEEPING = "sleeping"
    MEMORY = "memory"
    DISK = "disk"
    PROCESSES = "processes"
    CRASHED = "crashed"
    TOO_LARGE = "too_large"
    PROTOCOL = "protocol"


class WorkerStopped(BaseException):
    """The student's process is gone, and with it the answer to the call under way.

    A ``BaseException``: hypothesis catches ``Exception`` to shrink an example, and every further
    example would cost another time limit.
    """

    def __init__(self, reason: StopReason, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason
        self.sentence = sentence


@dataclass(frozen=True, kw_only=True)
class Raised:
    """An exception in student code. Everything in it is the student's word, and only shown."""

    type_name: str
    builtin_bases: tuple[str, ...]
    message: str
    traceback: str = ""


@dataclass(frozen=True)
class Opaque:
    """A returned object that is no plain data, or too odd to cross; known by its type's name.

    A network stays in the question's process, which keeps it under a ``number``: such an object
    can be an argument of later calls, and the same object comes back under the same number.
    ``process`` tells the processes of a question apart.
    """

    type_name: str
    number: int | None = None
    process: int = 0


class _NoValue:
    def __repr__(self) -> str:
        return "(nothing)"


NO_VALUE = _NoValue()
"""Stands for "there is no value", where ``None`` would be a value."""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """The outcome of one call: a value or an exception, and the arguments as they are now."""

    value: Any = NO_VALUE
    raised: Raised | None = None
    arguments: tuple[Any, ...] | None = None


class Transport(Protocol):
    """Carries one call to the student's code."""

    def call(
        self,
        name: str,
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        *,
        echo: bool = False,
        probe: bool = False,
        long: bool = False,
    ) -> Reply:
        """Call the student's ``name``; with ``probe`` that of the given module.

        With ``echo`` the reply holds the arguments (positional, then keyword) as they are after
        the call. A ``long`` call has limits of its own. Raises `WorkerStopped` when no answer will
        come.
        """
        ...

    def close(self) -> None:
        """End the processes that answered."""
        ...
