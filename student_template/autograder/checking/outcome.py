"""One call of a student's function, and the questions a check may ask about it."""

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import numpy as np
import torch

from autograder.checking import layout
from autograder.checking.failure import Failure
from autograder.checking.provided import Provided
from autograder.checking.reply import NO_VALUE, Opaque, Reply
from autograder.finding import indent
from autograder.wire.state import ProvidedState

__all__ = ["Outcome"]

_BETWEEN_LINES = ",\n"


class Outcome:
    """What a student's function did with these arguments.

    Methods that ask for a *value* (``array``, ``number``, ``returns_*``) take any number-like
    answer, so that a wrong type costs only the check that asks for the type (``has_*_type``).
    """

    def __init__(
        self,
        name: str,
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        reply: Reply,
        *,
        shown: str = "",
    ) -> None:
        self._shown = shown
        self._name = name
        self._positional = args
        self._keywords = kwargs
        self._reply = reply

    @property
    def call(self) -> str:
        """The call as code, for the student; laid out only once a check fails."""
        if self._shown:
            return self._shown
        shown = [_shown(a) for a in self._positional]
        shown += [f"{k}={_shown(v)}" for k, v in self._keywords.items()]
        if any("\n" in text for text in shown):
            return f"{self._name}(\n{indent(_BETWEEN_LINES.join(shown))},\n)"
        return f"{self._name}({', '.join(shown)})"

    @property  # noqa: RET503 - `fail` does not return
    def value(self) -> Any:
        """The returned value; a `Failure` when the function raised instead."""
        raised = self._reply.raised
        if raised is None:
            return self._reply.value
        if raised.type_name == "NotImplementedError":
            self.fail(f"{self._name} is not implemented yet.")
        text = f"{raised.type_name}: {raised.message}" if raised.message else raised.type_name
        where = f"\n{indent(raised.traceback)}" if raised.traceback else ""
        self.fail(
            f"{self._name} raised {text}{where}",
            hint="These arguments are allowed, so nothing may be raised.",
        )

    @property
    def has_returned(self) -> bool:
        """Whether the function gave a value, and raised nothing."""
        return self._reply.raised is None

    @property
    def arguments(self) -> tuple[Any, ...]:
        """The arguments as they are after the call, which must have been made with ``echo``."""
        if self._reply.arguments is None:
            raise RuntimeError("call the function with echo=True to look at its arguments")
        return self._reply.arguments

    def fail(
        self,
        problem: str,
        *,
        expected: Any = NO_VALUE,
        actual: Any = NO_VALUE,
        differs: Any = None,
        hint: str = "",
    ) -> NoReturn:
        """End the check: the answer to this call is wrong."""
        raise Failure(
            problem, call=self.call, expected=expected, actual=actual, differs=differs, hint=hint
        )

    def require(self, condition: object, problem: str, **parts: Any) -> None:
        """End the check unless ``condition`` holds; ``parts`` as for `fail`."""
        if not condition:
            self.fail(problem, **parts)

    def kept(self, due: str, *, hint: str = "") -> Opaque:
        """The object that stayed in the worker, to be used in later calls; ``due`` says what."""
        value = self.value
        if value is None:
            self.fail(f"{self._name} returned None: it is not written yet, or a return is missing.")
        if not isinstance(value, Opaque) or value.number is None:
            self.fail(
                f"{self._name} should return {due}, but returned {_a(layout.kind(value))}.",
                hint=hint,
            )
        return value

    def array(self, shape: tuple[int, ...] | None = None, *, hint: str = "") -> Any:
        """The value as a float64 ndarray of this shape, whatever real number type it has."""
        value = self.value
        array = value.detach().numpy() if isinstance(value, torch.Tensor) else value
        if value is None:
            self.fail(f"{self._name} returned None: it is not written yet, or a return is missing.")
        if isinstance(array, list | tuple | int | float) and _is_numeric(array):
            try:
                array = np.asarray(array)
            except ValueError:  # rows of different length
                array = None
        if not isinstance(array, np.ndarray | np.generic) or array.dtype.kind not in "biuf":
            self.fail(
                f"{self._name} should return an array of real numbers, "
                f"but returned {_a(layout.kind(value))}.",
                hint=hint,
            )
        if shape is not None and array.shape != shape:  # before the conversion of a huge one
            self.fail(
                f"The result has shape {array.shape}; expected {shape}.",
                actual=np.asarray(array),
                hint=hint,
            )
        return np.asarray(array, dtype=np.float64)

    def number(self) -> float | int:
        """The value as a Python number, whatever number type it has."""
        value = self.value
        if isinstance(value, torch.Tensor):
            value = value.detach().numpy()
        if isinstance(value, np.ndarray | np.generic) and value.size == 1:
            value = value.item()
        if value is None:
            self.fail(f"{self._name} returned None: it is not written yet, or a return is missing.")
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.fail(
                f"{self._name} should return a number, but returned {_a(layout.kind(value))}."
            )
        return value

    def returns_array(
        self, expected: Any, *, rtol: float = 1e-9, atol: float = 1e-9, hint: str = ""
    ) -> None:
        """The value is this array up to ``atol + rtol * |expected|``, of this shape, and finite."""
        want = np.asarray(expected, dtype=np.float64)
        got = self.array(want.shape, hint=hint)
        differs = ~_close(got, want, rtol=rtol, atol=atol)
        if differs.any():
            self.fail("The result is wrong.", expected=want, actual=got, differs=differs, hint=hint)

    def returns_number(
        self, expected: float, *, rtol: float = 0.0, atol: float = 0.0, hint: str = ""
    ) -> None:
        """The value is this number up to ``atol + rtol * |expected|``; inf equals inf."""
        got = self.number()
        try:
            near = _close(np.float64(got), np.float64(expected), rtol=rtol, atol=atol)
        except OverflowError:  # an int beyond all floats
            near = False
        if not near:
            self.fail("The result is wrong.", expected=expected, actual=got, hint=hint)

    def has_array_type(self, dtype: Any = np.float64, *, hint: str = "") -> None:
        """The value is a numpy array of exactly this dtype."""
        value = self.value
        if not isinstance(value, np.ndarray) or value.dtype != np.dtype(dtype):
            self.fail(
                f"{self._name} should return a {np.dtype(dtype)} ndarray, "
                f"but returned {_a(layout.kind(value))}.",
                hint=hint,
            )

    def has_int_type(self, *, hint: str = "") -> None:
        """The value is an int or a numpy integer; no bool, no float."""
        value = self.value
        if isinstance(value, bool) or not isinstance(value, int | np.integer):
            self.fail(
                f"{self._name} should return an int, but returned {_a(layout.kind(value))}.",
                hint=hint,
            )

    def has_float_type(self, *, hint: str = "") -> None:
        """The value is an instance of float, so also a numpy float64; no tensor, no int."""
        value = self.value
        if not isinstance(value, float):
            self.fail(
                f"{self._name} should return a float, but returned {_a(layout.kind(value))}.",
                hint=hint,
            )

    def raises(self, error: type[Exception], *, because: str, hint: str = "") -> None:
        """The function raised ``error`` or a class derived from it."""
        raised = self._reply.raised
        if raised is None:
            self.fail(
                f"{self._name} should raise {error.__name__}: {because}. It returned instead.",
                actual=self._reply.value,
                hint=hint,
            )
        if raised.type_name == "NotImplementedError":
            self.fail(f"{self._name} is not implemented yet.")
        if error.__name__ not in raised.builtin_bases:
            self.fail(
                f"{self._name} should raise {error.__name__}: {because}. "
                f"It raised {raised.type_name}: {raised.message}",
                hint=hint or f"Write `raise {error.__name__}(...)` before the values are used.",
            )

    def leaves_arguments_unchanged(self, *, hint: str = "") -> None:
        """Every argument is bitwise what it was; the call must have been made with ``echo``.

        A call that raised is a failure: it did nothing, so it earns nothing for it.
        """
        _ = self.value
        after = self.arguments
        before = [*self._positional, *self._keywords.values()]
        labels = [*(f"argument {i + 1}" for i in range(len(self._positional))), *self._keywords]
        self.require(len(after) == len(before), f"{self._name} changed its list of arguments.")
        for label, was, now in zip(labels, before, after, strict=True):
            if isinstance(was, Provided):
                self._unchanged_state(was, now, hint)
            elif not _same(was, now):
                self.fail(f"{self._name} changed its {label}.", expected=was, actual=now, hint=hint)

    def _unchanged_state(self, was: Provided, now: Any, hint: str) -> None:
        state = was.state()
        if not isinstance(now, ProvidedState) or now.training != state.training:
            self.fail(f"{self._name} changed the mode of {was}.", hint=hint)
        for key, array in state.arrays.items():
            if not _same(array, now.arrays.get(key)):
                self.fail(f"{self._name} changed {key} of {was}.", hint=hint)


def _is_numeric(value: Any) -> bool:
    """Numbers, or lists of them: of texts, numpy would make all as long as the longest."""
    if isinstance(value, list | tuple):
        return all(map(_is_numeric, value))
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "biuf"
    return isinstance(value, bool | int | float | np.number | np.bool_ | torch.Tensor)


def _a(kind: str) -> str:
    if kind == "None":
        return kind
    return f"an {kind}" if kind[0] in "aeiouAEIOU" else f"a {kind}"


def _shown(argument: Any) -> str:
    return str(argument) if isinstance(argument, Provided) else layout.paste(argument)


def _close(got: Any, want: Any, *, rtol: float, atol: float) -> Any:
    """Entrywise; a NaN is close to nothing, an infinity to itself only."""
    with np.errstate(invalid="ignore", over="ignore"):
        near = np.abs(got - want) <= atol + rtol * np.abs(want)
    return np.where(np.isfinite(want), near & np.isfinite(got), got == want)


def _same(was: Any, now: Any) -> bool:
    """Bitwise the same, type included."""
    if isinstance(was, torch.Tensor):
        was = was.detach().numpy()
        now = now.detach().numpy() if isinstance(now, torch.Tensor) else None
    if isinstance(was, np.ndarray):
        return (
            isinstance(now, np.ndarray)
            and was.dtype == now.dtype
            and was.shape == now.shape
            and was.tobytes() == now.tobytes()
        )
    if isinstance(was, list | tuple):
        return type(was) is type(now) and len(was) == len(now) and all(map(_same, was, now))
    return type(was) is type(now) and bool(was == now)
