"""A student's functions called in this very process: in a notebook, by its public tests.

What comes back goes through the wire's encoder and decoder, so a check sees of an answer what it
would see of a worker's, and says the same. Nothing is confined: for one's own code only.
"""

import copy
import traceback
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any

import torch

from autograder.checking.provided import Provided
from autograder.checking.reply import Opaque, Raised, Reply
from autograder.checking.student import Student
from autograder.wire.decode import decode
from autograder.wire.encode import Encoder
from autograder.wire.kept import Kept
from autograder.wire.state import MISSING, state_of

__all__ = ["LocalTransport", "local_student"]


def local_student(namespace: Mapping[str, Any]) -> Student:
    """The functions of a namespace, to be checked like a submission's."""
    return Student(LocalTransport(namespace), missing_hint="Run the cell that defines it first.")


class LocalTransport:
    """Calls the functions of a namespace, as `autograder.checking.reply.Transport` has it."""

    def __init__(self, namespace: Mapping[str, Any], given: ModuleType | None = None) -> None:
        self._namespace = namespace
        self._given = given
        self._kept = Kept()

    def close(self) -> None:
        """Nothing was started."""

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
        """Call ``name`` on copies of the arguments; nothing is limited here."""
        function = getattr(self._given, name) if probe else self._namespace.get(name)
        if function is None:
            return Reply(raised=Raised(type_name=MISSING, builtin_bases=(), message=""))
        sent = [*args, *kwargs.values()]
        given = [self._own(argument) for argument in sent]
        keywords = dict(zip(kwargs, given[len(args) :], strict=True))
        value, raised = None, None
        try:
            value = self._crossed(function(*given[: len(args)], **keywords))
        except Exception as error:
            raised = _raised(error)
        after = [
            state_of(now) if isinstance(was, Provided) else self._crossed(now)
            for was, now in zip(sent, given, strict=True)
        ]
        return Reply(value=value, raised=raised, arguments=tuple(after) if echo else None)

    def _own(self, argument: Any) -> Any:
        """A student's own copy of an argument, or the object that stayed here."""
        if isinstance(argument, Provided):
            return argument.build()
        if isinstance(argument, Opaque) and argument.number is not None:
            return self._kept[argument.number]
        return argument.clone() if isinstance(argument, torch.Tensor) else copy.deepcopy(argument)

    def _crossed(self, value: Any) -> Any:
        """The value as it comes out at the other end of the wire."""
        encoder = Encoder(self._kept.node)
        header = encoder.encode(value)
        special = {"opaque": lambda node: Opaque(str(node["v"]), node.get("n"))}
        return decode(header, memoryview(encoder.payload), special)


def _raised(error: Exception) -> Raised:
    return Raised(
        type_name=type(error).__name__,
        builtin_bases=tuple(c.__name__ for c in type(error).__mro__ if c.__module__ == "builtins"),
        message=str(error),
        traceback="".join(traceback.format_tb(error.__traceback__)[1:]),
    )
