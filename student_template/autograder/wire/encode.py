"""Values to a JSON header and a payload of raw array bytes.

Runs in the grader on its own values, and in the worker on whatever a student's function returned:
so it looks at ``type(value)``, never at what an object says of itself, and gives up with an opaque
value on anything that is no plain data.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

__all__ = ["ARRAY_DTYPES", "Encoder"]

ARRAY_DTYPES = frozenset(
    [
        "<f4",
        "<f8",
        "<f2",
        "<i8",
        "<i4",
        "<i2",
        "|i1",
        "|u1",
        "<u2",
        "<u4",
        "<u8",
        "|b1",
        "<c8",
        "<c16",
    ]
)
"""The dtypes that may cross, in numpy's ``dtype.str``."""

_MAX_DEPTH = 16
_MAX_NODES = 50_000
_MAX_TEXT = 20_000
_INT64 = 1 << 63


class Encoder:
    """Encodes several values into one header and one payload.

    ``special`` is asked first: it may give a JSON object of its own for a value, or ``None``.
    """

    def __init__(self, special: Callable[[Any], dict[str, Any] | None] | None = None) -> None:
        self._special = special
        self._parts: list[bytes] = []
        self._size = 0
        self._nodes = 0

    @property
    def payload(self) -> bytes:
        """The raw bytes of all arrays so far."""
        return b"".join(self._parts)

    def encode(self, value: Any, depth: int = 0) -> Any:  # noqa: PLR0911 - one return per kind
        """The JSON form of ``value``."""
        self._nodes += 1
        kind = type(value)
        if depth > _MAX_DEPTH or self._nodes > _MAX_NODES:
            return _opaque(f"{kind.__name__} (nested too deeply)")
        if value is None or kind is bool:
            return value
        if self._special is not None and (given := self._special(value)) is not None:
            return given
        if issubclass(kind, np.generic):
            return self._array("scalar", np.asarray(value))
        if issubclass(kind, int):
            return _integer(int.__add__(value, 0))
        if issubclass(kind, float):
            return float.__add__(value, 0.0)
        if issubclass(kind, str):
            return str.__str__(value)[:_MAX_TEXT]
        if issubclass(kind, np.ndarray):
            return self._array("array", np.array(value, subok=False, copy=None))
        if issubclass(kind, torch.Tensor):
            return self._tensor(value)
        is_sequence = kind is list or kind is tuple  # not ``in``, which asks the type itself
        if (is_sequence or kind is dict) and len(value) > _MAX_NODES - self._nodes:
            return _opaque(f"{kind.__name__} (too long)")
        if is_sequence:
            return {"!": kind.__name__, "v": [self.encode(item, depth + 1) for item in value]}
        if kind is dict and all(type(key) is str for key in value):
            return {"!": "dict", "v": {k: self.encode(v, depth + 1) for k, v in value.items()}}
        return _opaque(kind.__name__)

    def _tensor(self, value: torch.Tensor) -> Any:
        try:
            array = value.detach().cpu().resolve_conj().resolve_neg().numpy()
        except Exception:  # sparse, on the meta device, of a dtype that numpy lacks, a subclass
            return _opaque(f"{type(value).__name__} that is no plain array")
        if type(array) is not np.ndarray:
            return _opaque(type(value).__name__)
        return self._array("tensor", array)

    def _array(self, tag: str, array: np.ndarray[Any, Any]) -> Any:
        if array.dtype.byteorder == ">":
            array = array.astype(array.dtype.newbyteorder("<"))
        if array.dtype.str not in ARRAY_DTYPES or array.ndim > 8:
            return _opaque(f"ndarray of {array.dtype} with {array.ndim} axes")
        data = array.tobytes()
        header = {"!": tag, "d": array.dtype.str, "s": list(array.shape), "o": self._size}
        self._parts.append(data)
        self._size += math.prod(array.shape) * array.dtype.itemsize
        return header


def _integer(value: int) -> Any:
    if -_INT64 <= value < _INT64:
        return value
    if value.bit_length() > 4000:
        return _opaque("int of more than 4000 bits")
    return {"!": "int", "v": hex(value)}


def _opaque(name: str) -> dict[str, str]:
    return {"!": "opaque", "v": name[:200]}
