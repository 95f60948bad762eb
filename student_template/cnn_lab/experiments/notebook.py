"""What experiments have in common: progress, results as text, and gentle failures."""

import functools
import math
from collections.abc import Callable, Iterable
from numbers import Integral
from typing import Any, ParamSpec, TypeVar

import numpy as np
from tqdm.auto import tqdm

__all__ = [
    "FACTS",
    "NotReady",
    "answer",
    "array_answer",
    "count_answer",
    "error_answer",
    "experiment",
    "progress",
    "report",
    "table",
]

FACTS = "application/vnd.cnn-lab.facts+json"
"""The kind of output that holds the numbers of an experiment, for the tests of the notebook."""

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")


class NotReady(Exception):  # noqa: N818 - students read its name
    """An experiment needs a function that is not written yet, or is not right; says which."""


def experiment(run: Callable[P, R]) -> Callable[P, R | None]:
    """Let an experiment end with one sentence where a student's function is not ready."""

    @functools.wraps(run)
    def gentle(*args: P.args, **kwargs: P.kwargs) -> R | None:
        try:
            return run(*args, **kwargs)
        except NotReady as reason:
            print(reason)
            return None

    return gentle


def answer(question: str, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call a student's function for an experiment; `NotReady` where it is still a stub.

    An error inside of the function is not caught: its traceback is what the student needs.
    """
    name = getattr(function, "__name__", str(function))
    waiting = f"{name} is not written yet. Do question {question[1:]} first, then run this again."
    try:
        value = function(*args, **kwargs)
    except NotImplementedError:
        raise NotReady(waiting) from None
    if value is None:
        raise NotReady(waiting)
    return value


def array_answer(
    question: str, shape: tuple[int, ...], function: Callable[..., Any], *args: Any
) -> np.ndarray:
    """Like `answer`, where numbers in a float64 array of this shape are due."""
    value = answer(question, function, *args)
    if not isinstance(value, np.ndarray):
        came = f"a {type(value).__name__}"
    elif value.shape != shape:
        came = f"one of shape {value.shape}"
    elif value.dtype.kind not in "iuf":
        came = f"one of dtype {value.dtype}"
    elif not np.isfinite(value).all():
        came = "one with nan or inf in it"
    else:
        return value.astype(np.float64)
    raise _wrong(question, function, f"a numpy array of numbers, of shape {shape}", came)


def count_answer(question: str, function: Callable[..., Any], *args: Any) -> int:
    """Like `answer`, where a whole number of at least 1 is due."""
    value = answer(question, function, *args)
    if isinstance(value, Integral) and not isinstance(value, bool) and value >= 1:
        return int(value)
    came = f"{value!r} ({type(value).__name__})"
    raise _wrong(question, function, "a whole number of at least 1", came)


def error_answer(question: str, function: Callable[..., Any], *args: Any, **kwargs: Any) -> float:
    """Like `answer`, where a Python float of at least 0 is due."""
    value = answer(question, function, *args, **kwargs)
    if isinstance(value, float) and 0 <= value < math.inf:
        return float(value)
    came = f"{value}" if isinstance(value, float) else f"one of type {type(value).__name__}"
    raise _wrong(question, function, "a number of type float, at least 0", came)


def _wrong(question: str, function: Callable[..., Any], due: str, came: str) -> NotReady:
    name = getattr(function, "__name__", str(function))
    return NotReady(
        f'{name} should return {due}, but returned {came}. grader.check("{question}") says more.'
    )


class _Bar(tqdm):
    """A bar that disappears also when it did not get to its end: an experiment was not ready."""

    def close(self) -> None:
        self.total = self.n
        super().close()


def progress(steps: Iterable[T], what: str, *, total: int | None = None) -> "tqdm[T]":
    """A progress bar over ``steps``, which disappears at the end."""
    return _Bar(steps, desc=what, total=total, leave=False)


def table(*rows: tuple[str, ...]) -> str:
    """Rows of cells as plain text: the first column to the left, all others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "   ".join(
            [row[0].ljust(widths[0])]
            + [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        )
        for row in rows
    )


def report(text: str, **facts: float) -> None:
    """Show the outcome of an experiment: a text for people, its numbers for the tests."""
    try:
        from IPython.display import display  # noqa: PLC0415 - not everybody runs this in Jupyter
    except ImportError:
        print(text)
        return
    display({"text/plain": text, FACTS: facts}, raw=True)
