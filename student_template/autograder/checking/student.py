"""The `student` fixture: the one way from a hidden check to a submission's functions."""

from collections.abc import Callable
from typing import Any

from autograder.checking.failure import Failure
from autograder.checking.outcome import Outcome
from autograder.checking.reply import Transport
from autograder.wire.state import MISSING

__all__ = ["Student"]


class Student:
    """A submission's functions by name: ``student.some_function(3, n=2)`` is an `Outcome`.

    ``student.call("name", ..., echo=True)`` also brings the arguments back as they are afterwards.
    ``missing_hint`` tells why a function may be absent (a cell that failed, say).
    """

    def __init__(self, transport: Transport, *, missing_hint: str = "") -> None:
        self._transport = transport
        self._missing_hint = missing_hint

    def call(self, function: str, *args: Any, echo: bool = False, **kwargs: Any) -> Outcome:
        """Call the student's ``function`` in the worker."""
        reply = self._transport.call(function, args, kwargs, echo=echo)
        if reply.raised is not None and reply.raised.type_name == MISSING:
            raise Failure(f"{function} is not defined in the submission.", hint=self._missing_hint)
        return Outcome(function, args, kwargs, reply)

    def __getattr__(self, function: str) -> Callable[..., Outcome]:
        if function.startswith("_"):
            raise AttributeError(function)
        return lambda *args, **kwargs: self.call(function, *args, **kwargs)
