"""Reads the pickles of CIFAR-10's Python version, and runs nothing that a pickle asks for.

A pickle names the functions that rebuild what it holds, and may name any function at all. This
reader knows the three names that an array of bytes needs, and stands in for them; numpy itself is
never called by the pickle. Numbers, bytes, text, lists and dictionaries need no names.
"""

import io
import pickle
from typing import Any

import numpy as np

__all__ = ["read_pickle"]


class _Array:
    """Stands in for `numpy.ndarray`: an array of unsigned bytes, once its state is set."""

    values: np.ndarray | None = None

    def __setstate__(self, state: Any) -> None:
        _version, shape, dtype, is_fortran, data = state
        if not isinstance(dtype, _Dtype) or is_fortran:
            raise pickle.UnpicklingError("it holds an array that is not of unsigned bytes")
        self.values = np.frombuffer(data, np.uint8).reshape(shape)


class _Dtype:
    """Stands in for `numpy.dtype`, where only unsigned bytes are known."""

    def __init__(self, code: Any, *_: Any) -> None:
        if code not in (b"u1", "u1"):
            raise pickle.UnpicklingError("it holds an array that is not of unsigned bytes")

    def __setstate__(self, state: Any) -> None:
        """Ignore byte order and alignment, of which a single byte has none."""


def _reconstruct(*_: Any) -> _Array:
    """Stands in for numpy's function of this name, which makes an array without a state."""
    return _Array()


_KNOWN = {
    ("numpy", "ndarray"): _Array,
    ("numpy", "dtype"): _Dtype,
    ("numpy.core.multiarray", "_reconstruct"): _reconstruct,
    ("numpy._core.multiarray", "_reconstruct"): _reconstruct,
}


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        try:
            return _KNOWN[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}") from None


def read_pickle(data: bytes) -> dict[bytes, Any]:
    """The dictionary in a pickle that Python 2 wrote; its arrays are of uint8.

    Raises:
        pickle.UnpicklingError: the pickle is damaged, or holds anything else; the text says what.

    """
    try:
        held = _Reader(io.BytesIO(data), encoding="bytes").load()
    except pickle.UnpicklingError:
        raise
    except Exception as error:
        # A damaged pickle fails in any of the ways in which Python can fail.
        raise pickle.UnpicklingError(f"it is damaged: {error}") from error
    if not isinstance(held, dict):
        raise pickle.UnpicklingError("it holds no dictionary")
    return {
        key: value.values if isinstance(value, _Array) else value for key, value in held.items()
    }
