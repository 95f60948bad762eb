"""A JSON header and a payload back to values; the only code that looks at bytes from a worker.

Every length, dtype, shape and offset is checked before anything is made of it. What does not fit
raises `ProtocolError`. A message never decodes to much more than its own size: each byte of the
payload may be used once, so that a short header cannot ask for the same megabytes a thousand times.
"""

import json
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch

from autograder.wire.encode import ARRAY_DTYPES
from autograder.wire.frames import ProtocolError

__all__ = ["Decoder", "Special", "decode", "parse"]

_MAX_DEPTH = 20
_MAX_NODES = 100_000
_MAX_SIDE = 1 << 28

Special = Mapping[str, Callable[[Any], Any]]
"""Tags of the caller's own, and what makes a value of the tagged object, its ``v`` decoded."""


def parse(text: bytes) -> dict[str, Any]:
    """The JSON header, which must be an object."""
    try:
        header = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"the header is no JSON: {type(error).__name__}") from None
    if not isinstance(header, dict):
        raise ProtocolError("the header is no object")
    return header


def decode(node: Any, payload: memoryview, special: Special | None = None) -> Any:
    """The one value of a message."""
    return Decoder(payload, special).decode(node)


class Decoder:
    """Decodes what an `Encoder` made; one for all values of a message, in any order."""

    def __init__(self, payload: memoryview, special: Special | None = None) -> None:
        self._payload = payload
        self._special = special or {}
        self._nodes = 0
        self._bytes_left = len(payload)

    def decode(self, node: Any, depth: int = 0) -> Any:
        """The value that this JSON stands for."""
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
            items = [self.decode(item, depth + 1) for item in inner]
            return items if tag == "list" else tuple(items)
        if tag == "dict" and isinstance(inner, dict):
            return {key: self.decode(item, depth + 1) for key, item in inner.items()}
        if tag == "int" and isinstance(inner, str) and len(inner) < 1100:
            try:
                return int(inner, 16)
            except ValueError:
                raise ProtocolError("a malformed integer") from None
        if isinstance(tag, str) and tag in self._special:
            return self._special[tag]({**node, "v": self.decode(inner, depth + 1)})
        raise ProtocolError("an unknown tag")

    def _array(self, tag: str, node: dict[str, Any]) -> Any:
        dtype, shape, offset = node.get("d"), node.get("s"), node.get("o")
        if not isinstance(dtype, str) or dtype not in ARRAY_DTYPES:
            raise ProtocolError("a malformed dtype")
        if not isinstance(shape, list) or len(shape) > 8:
            raise ProtocolError("a malformed shape")
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
        self._bytes_left -= count * kind.itemsize
        if self._bytes_left < 0:
            raise ProtocolError("arrays that share their bytes")
        raw = np.frombuffer(self._payload, "u1" if kind.kind == "b" else kind, count, offset)
        # A bool must be 0 or 1 in memory, whatever byte was sent; a copy is aligned and writable.
        array = ((raw != 0) if kind.kind == "b" else raw.copy()).reshape(shape)
        if tag == "scalar":
            if array.ndim:
                raise ProtocolError("a scalar with axes")
            return array[()]
        if tag == "tensor":
            return torch.from_numpy(array)
        return array
