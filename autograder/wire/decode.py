"""A JSON header and a payload back to values; the only code that looks at bytes from a worker.

Every length, dtype, shape and offset is checked before anything is made of it. What does not fit
raises `ProtocolError`.
"""

import json
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch

from autograder.wire.encode import ARRAY_DTYPES
from autograder.wire.frames import ProtocolError

__all__ = ["decode", "parse"]

_MAX_DEPTH = 20
_MAX_NODES = 100_000
_MAX_SIDE = 1 << 28


def parse(text: bytes) -> dict[str, Any]:
    """The JSON header, which must be an object."""
    try:
        header = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"the header is no JSON: {type(error).__name__}") from None
    if not isinstance(header, dict):
        raise ProtocolError("the header is no object")
    return header


def decode(
    value: Any,
    payload: memoryview,
    special: Mapping[str, Callable[[Any], Any]] | None = None,
) -> Any:
    """The value that an `Encoder` made this JSON of.

    ``special`` maps tags of the caller's own to what makes a value of the tagged object; each gets
    the object with its member ``v`` decoded.
    """
    return _Decoder(payload, special or {}).value(value, 0)


class _Decoder:
    def __init__(
        self, payload: memoryview, special: Mapping[str, Callable[[Any], Any]]
    ) -> None:
        self._payload = payload
        self._special = special
        self._nodes = 0

    def value(self, node: Any, depth: int) -> Any:
        self._nodes += 1
        if self._nodes > _MAX_NODES or depth > _MAX_DEPTH:
            raise ProtocolError("too many values")
        if node is None or isinstance(node, bool | int | float | str):
            return node
        if not isinstance(node, dict):
            raise ProtocolError("a bare list where a tagged value is due")
        tag, inner = node.get("!"), node.get("v")
        if tag in ("array", "tensor", "scalar"):
            return self._array(tag, node)
        if tag in ("list", "tuple") and isinstance(inner, list):
            items = [self.value(item, depth + 1) for item in inner]
            return items if tag == "list" else tuple(items)
        if tag == "dict" and isinstance(inner, dict):
            return {key: self.value(item, depth + 1) for key, item in inner.items()}
        if tag == "int" and isinstance(inner, str) and len(inner) < 1100:
            try:
                return int(inner, 16)
            except ValueError:
                raise ProtocolError("a malformed integer") from None
        if isinstance(tag, str) and tag in self._special:
            return self._special[tag]({**node, "v": self.value(inner, depth + 1)})
        raise ProtocolError("an unknown tag")

    def _array(self, tag: str, node: dict[str, Any]) -> Any:
        dtype, shape, offset = node.get("d"), node.get("s"), node.get("o")
        if dtype not in ARRAY_DTYPES or not isinstance(shape, list) or len(shape) > 8:
            raise ProtocolError("a malformed array")
        if any(type(side) is not int or not 0 <= side <= _MAX_SIDE for side in shape):
            raise ProtocolError("a malformed shape")
        if math.prod(max(side, 1) for side in shape) > _MAX_SIDE:  # also when one side is 0
            raise ProtocolError("a shape too large")
        count = math.prod(shape)
        kind = np.dtype(dtype)
        if type(offset) is not int or not 0 <= offset <= len(self._payload):
            raise ProtocolError("an array outside of the payload")
        if count * kind.itemsize > len(self._payload) - offset:
            raise ProtocolError("an array longer than the payload")
        raw = np.frombuffer(self._payload, "u1" if kind == bool else kind, count, offset)
        # A bool must be 0 or 1 in memory, whatever byte was sent; a copy is aligned and writable.
        array = ((raw != 0) if kind == bool else raw.copy()).reshape(shape)
        if tag == "scalar":
            if array.ndim:
                raise ProtocolError("a scalar with axes")
            return array[()]
        if tag == "tensor":
            return torch.from_numpy(array)
        return array
