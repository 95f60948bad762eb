"""Values as students read them: code that can be pasted, matrices laid out as matrices."""

from types import FunctionType
from typing import Any

import numpy as np
import torch

from autograder.checking.reply import NO_VALUE, Opaque
from autograder.finding import Block, Comparison

__all__ = ["compare", "kind", "paste"]

_MAX_PASTED = 150  # numbers in one pasted argument
_MAX_SIDE = 14  # rows or columns of a matrix that still fits a screen
_MAX_TEXT = 400
_A = {"array": "an array", "tensor": "a tensor"}


def _numbers(array: np.ndarray[Any, Any]) -> str:
    text = np.array2string(
        array, separator=", ", threshold=_MAX_PASTED + 1, floatmode="unique", max_line_width=88
    )
    if array.ndim < 2:
        return " ".join(text.split())
    return "\n".join(line for line in text.split("\n") if line.strip())


def paste(value: Any) -> str:
    """Python code that makes ``value``; a large array is described instead."""
    if isinstance(value, torch.Tensor):
        is_usual = value.dtype in (torch.float32, torch.int64)
        return _paste_array(value.detach().cpu().numpy(), "torch", "tensor", is_usual)
    if isinstance(value, np.ndarray):
        is_usual = value.dtype in (np.float64, np.int64, np.bool_)
        return _paste_array(value, "np", "array", is_usual)
    if isinstance(value, np.generic):
        return f"np.{type(value).__name__}({value.item()!r})"
    if isinstance(value, Opaque):
        return f"an object of type {value.type_name}"
    if isinstance(value, FunctionType):
        return value.__name__
    text = repr(value)
    return text if len(text) <= _MAX_TEXT else text[:_MAX_TEXT] + "..."


def _paste_array(
    array: np.ndarray[Any, Any], library: str, maker: str, is_usual_dtype: bool
) -> str:
    dtype = "" if is_usual_dtype else f", dtype={library}.{array.dtype}"
    if array.size == 0:
        return f"{library}.zeros({array.shape}{dtype})"
    if array.size > _MAX_PASTED:
        return f"{_A[maker]} of shape {array.shape}, {array.dtype}"
    opening = f"{library}.{maker}("
    lines = _numbers(array).split("\n")
    return opening + ("\n" + " " * len(opening)).join(lines) + dtype + ")"


def kind(value: Any) -> str:
    """What sort of thing ``value`` is, for "expected a ..., got a ..."."""
    if isinstance(value, np.ndarray):
        return f"{value.dtype} ndarray of shape {value.shape}"
    if isinstance(value, torch.Tensor):
        return f"tensor of shape {tuple(value.shape)}, {value.dtype}"
    if isinstance(value, Opaque):
        return f"object of type {value.type_name}"
    return "None" if value is None else type(value).__name__


def _entry(number: Any) -> str:
    if not isinstance(number, float | np.floating):
        return str(number)
    if number == 0 or 1e-3 <= abs(float(number)) < 1e5 or not np.isfinite(number):
        return np.format_float_positional(number, precision=4, trim="-")
    return f"{number:.3g}"


def _matrix(label: str, array: np.ndarray[Any, Any], marks: np.ndarray[Any, Any] | None) -> Block:
    rows = np.atleast_2d(array)
    marked = np.zeros(rows.shape, bool) if marks is None else np.atleast_2d(marks)
    return Block(
        label=label,
        rows=tuple(tuple(_entry(number) for number in row) for row in rows.tolist()),
        marked=tuple(tuple(row) for row in marked.tolist()),
    )


def _drawable(value: Any) -> bool:
    return (
        isinstance(value, np.ndarray)
        and 1 <= value.ndim <= 2
        and value.size > 0
        and max(value.shape) <= _MAX_SIDE
        and value.dtype.kind in "biuf"
    )


def _differences(expected: Any, actual: Any, differs: Any) -> str:
    """For arrays too large to draw: how many entries differ, and the first of them."""
    places = np.argwhere(differs)
    if not len(places):
        return ""
    at = tuple(int(i) for i in places[0])
    index = ", ".join(map(str, at))
    return (
        f"{len(places)} of {differs.size} entries differ, the first at [{index}]: "
        f"expected {_entry(expected[at])}, got {_entry(actual[at])}"
    )


def compare(expected: Any, actual: Any, differs: Any = None) -> Comparison:
    """``expected`` and ``actual`` under one another, differing entries marked.

    ``differs`` is a bool array of their shape. Either value may be `NO_VALUE`.
    """
    blocks = []
    note = ""
    for label, value, marks in (("Expected:", expected, None), ("Got:", actual, differs)):
        if value is NO_VALUE:
            continue
        if isinstance(value, torch.Tensor):
            value = value.detach().numpy()  # noqa: PLW2901 - drawn like any array
        if _drawable(value):
            blocks.append(_matrix(label, value, marks))
            note = "(differing entries in brackets)" if marks is not None else note
        else:
            blocks.append(Block(label=label, text=paste(value)))
            if marks is not None and expected is not NO_VALUE:
                note = _differences(expected, value, marks)
    return Comparison(blocks=tuple(blocks), note=note)
