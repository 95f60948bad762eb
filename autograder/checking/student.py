"""The `student` fixture: the one way from a hidden check to a submission's functions."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from autograder.checking.failure import Failure
from autograder.checking.outcome import Outcome
from autograder.checking.reply import Transport, WorkerStopped
from autograder.wire.state import MISSING

__all__ = ["Student"]

T = TypeVar("T")


class Student:
    """A submission's functions by name: ``student.some_function(3, n=2)`` is an `Outcome`.

    ``student.call("name", ..., echo=True)`` also brings the arguments back as they are afterwards;
    with ``long=True`` it may take the time of a training. ``missing_hint`` tells why a function may
    be absent (a cell that failed, say). ``memory`` is shared by the checks of a question.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        missing_hint: str = "",
        memory: dict[str, Any] | None = None,
    ) -> None:
        self._transport = transport
        self._missing_hint = missing_hint
        self._memory = {} if memory is None else memory

    def call(
        self, function: str, *args: Any, echo: bool = False, long: bool = False, **kwargs: Any
    ) -> Outcome:
        """Call the student's ``function`` in the worker."""
        reply = self._transport.call(function, args, kwargs, echo=echo, long=long)
        if reply.raised is not None and reply.raised.type_name == MISSING:
            raise Failure(f"{function} is not defined.", hint=self._missing_hint)
        return Outcome(function, args, kwargs, reply)

    def probe(
        self, function: str, *args: Any, shown: str = "", long: bool = False, **kwargs: Any
    ) -> Outcome:
        """Call a function of the given module in the worker, on objects that stayed there.

        ``shown`` is the code that a student reads instead of the probe's name.
        """
        reply = self._transport.call(function, args, kwargs, probe=True, long=long)
        # Where the probe raises, it is the last line of what is shown that raised for the student.
        name = shown.rsplit("\n", maxsplit=1)[-1].split("  #", maxsplit=1)[0] or function
        return Outcome(name, args, kwargs, reply, shown=shown)

    def once(self, key: str, make: Callable[[], T]) -> T:
        """What ``make`` gives, made once for all checks of the question; so is what it raises."""
        if key not in self._memory:
            try:
                self._memory[key] = make(), None
            except (Exception, WorkerStopped) as error:
                self._memory[key] = None, error
        value, problem = self._memory[key]
        if problem is not None:
            raise problem
        return cast(T, value)

    def __getattr__(self, function: str) -> Callable[..., Outcome]:
        if function.startswith("_"):
            raise AttributeError(function)
        return lambda *args, **kwargs: self.call(function, *args, **kwargs)
