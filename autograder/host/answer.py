"""From the header and payload of a worker's answer to a `Reply`; nothing in them is believed."""

from collections.abc import Mapping
from typing import Any

from autograder.checking.reply import Opaque, Raised, Reply
from autograder.finding import printable
from autograder.wire.decode import Decoder
from autograder.wire.frames import ProtocolError
from autograder.wire.state import ProvidedState

__all__ = ["read_reply"]

_MOST_KEPT = 1 << 31


def read_reply(answer: Mapping[str, Any], payload: memoryview, *, process: int = 0) -> Reply:
    """The outcome of a call. Raises ProtocolError for what no honest worker would say.

    ``process`` is the number of the question's process, for the objects that stay in it.
    """

    def opaque(node: Mapping[str, Any]) -> Opaque:
        number = node.get("n")
        kept = number if type(number) is int and 0 <= number < _MOST_KEPT else None
        return Opaque(_text(node["v"], 200), kept, process)

    decoder = Decoder(payload, {"opaque": opaque, "state": _state})
    raised, echoed = answer.get("raised"), answer.get("arguments")
    arguments = None
    if isinstance(echoed, list):
        arguments = tuple(decoder.decode(node) for node in echoed)
    if raised is not None:
        return Reply(raised=_raised(raised), arguments=arguments)
    return Reply(value=decoder.decode(answer.get("value")), arguments=arguments)


def _raised(node: Any) -> Raised:
    bases = node.get("bases") if isinstance(node, dict) else None
    if not isinstance(bases, list):
        raise ProtocolError("a malformed exception")
    return Raised(
        type_name=_text(node.get("type"), 100),
        builtin_bases=tuple(_text(base, 100) for base in bases[:50]),
        message=_text(node.get("message"), 500),
        traceback=_text(node.get("traceback"), 1500),
    )


def _text(node: Any, most: int) -> str:
    """Only text: even to print a deeply nested list can exceed the grader's own recursion limit."""
    if not isinstance(node, str):
        raise ProtocolError("no text where text is due")
    return printable(node[:most])


def _state(node: Mapping[str, Any]) -> ProvidedState:
    arrays = node["v"] if isinstance(node["v"], dict) else {}
    training = node.get("training")
    return ProvidedState(training=training if isinstance(training, bool) else None, arrays=arrays)
