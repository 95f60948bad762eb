"""What a check may ask of a call, and what a student reads when the answer is no."""

import tracemalloc
from typing import Any

import numpy as np
import pytest
import torch

from autograder.checking.failure import Failure
from autograder.checking.outcome import Outcome
from autograder.checking.reply import Opaque, Raised, Reply


def _returned(value: Any, **reply: Any) -> Outcome:
    return Outcome("f", [np.array([1.0, 2.0])], {"n": 3}, Reply(value=value, **reply))


def _raised(kind: str, *bases: str, message: str = "") -> Outcome:
    raised = Raised(type_name=kind, builtin_bases=bases, message=message)
    return Outcome("f", [], {}, Reply(raised=raised))


ODD = [None, "text", b"", [], {}, (), Opaque("generator"), np.array("text"), np.array([object()]),
       [[1, 2], [3]], ["a"], 1 + 2j, np.array([1j]), True, 10**1000, float("nan"), np.zeros((0,)),
       torch.zeros(2, 2), np.array(3.0), np.full((2, 2), np.nan), np.ones(2, bool)]  # fmt: skip


@pytest.mark.parametrize("value", ODD, ids=lambda v: f"{type(v).__name__}-{str(v)[:20]}")
def test_an_odd_answer_is_a_failure_and_nothing_else(value: Any) -> None:
    outcome = _returned(value)
    with pytest.raises(Failure):
        outcome.returns_array(np.ones((3, 3)))
    with pytest.raises(Failure):
        outcome.returns_number(4)
    for ask in (outcome.has_array_type, outcome.has_int_type):
        try:
            ask()
        except Failure:
            continue


@pytest.mark.parametrize(
    "value",
    [np.eye(2), np.eye(2, dtype=np.float32), np.eye(2, dtype=int), [[1, 0], [0, 1]], torch.eye(2)],
    ids=["float64", "float32", "int", "list", "tensor"],
)
def test_a_check_of_values_takes_any_type_of_number(value: Any) -> None:
    _returned(value).returns_array(np.eye(2))


def test_values_are_compared_at_the_tolerance_and_must_be_finite() -> None:
    _returned(np.array([1.0 + 1e-10])).returns_array(np.array([1.0]))
    for wrong in (1.0 + 1e-6, np.nan, np.inf):
        with pytest.raises(Failure, match="The result is wrong"):
            _returned(np.array([wrong])).returns_array(np.array([1.0]))
    _returned(float("inf")).returns_number(float("inf"))
    with pytest.raises(Failure):
        _returned(float("nan")).returns_number(float("nan"))


@pytest.mark.parametrize(("value", "right"), [(3, True), (np.int32(3), True), (3.0, False),
                                              (True, False), (np.array(3), False)])  # fmt: skip
def test_where_an_int_is_due(value: Any, right: bool) -> None:
    if right:
        _returned(value).has_int_type()
    else:
        with pytest.raises(Failure, match="should return an int"):
            _returned(value).has_int_type()


@pytest.mark.parametrize(
    ("value", "right"),
    [
        (3.0, True),
        (np.float64(3), True),
        (3, False),
        (np.float32(3), False),
        (torch.tensor(3.0), False),
    ],
)
def test_where_a_float_is_due(value: Any, right: bool) -> None:
    if right:
        _returned(value).has_float_type()
    else:
        with pytest.raises(Failure, match="should return a float"):
            _returned(value).has_float_type()


def test_an_error_may_be_of_a_derived_class() -> None:
    _raised("MyError", "ValueError", "Exception").raises(ValueError, because="n is 0")
    with pytest.raises(Failure, match="It raised TypeError: oh"):
        _raised("TypeError", "TypeError", message="oh").raises(ValueError, because="n is 0")
    with pytest.raises(Failure, match="It returned instead"):
        _returned(1).raises(ValueError, because="n is 0")


def test_a_stub_is_told_from_a_mistake() -> None:
    stub = _raised("NotImplementedError", "NotImplementedError", "RuntimeError")
    with pytest.raises(Failure, match="not implemented yet"):
        stub.returns_number(1)
    with pytest.raises(Failure, match="not implemented yet"):
        stub.raises(ValueError, because="n is 0")


def test_a_failure_tells_call_expectation_answer_and_hint() -> None:
    with pytest.raises(Failure) as caught:
        _returned(np.zeros(2)).returns_array(np.array([0.0, 1.0]), hint="Look at the border.")
    assert str(caught.value).splitlines() == [
        "The result is wrong.",
        "Called:",
        "    f(np.array([1., 2.]), n=3)",
        "Expected:",
        "     0  1 ",
        "Got:",
        "     0 [0]",
        "(differing entries in brackets)",
        "Hint: Look at the border.",
    ]


def test_changed_arguments_are_found() -> None:
    same = np.array([1.0, 2.0])
    _returned(0, arguments=(same, 3)).leaves_arguments_unchanged()
    for changed in (np.array([1.0, 3.0]), np.array([1.0, 2.0], dtype=np.float32), same[:1], None):
        with pytest.raises(Failure, match="changed its argument 1"):
            _returned(0, arguments=(changed, 3)).leaves_arguments_unchanged()


@pytest.mark.parametrize(
    "now",
    [((np.array([1, 2]), 1),), ((1,),), ((1, 2, 3),), ([1, 2],), (np.array([1, 2]),), (None,)],
)
def test_an_argument_that_came_back_as_anything_is_a_failure(now: Any) -> None:
    outcome = Outcome("f", [(1, 2)], {}, Reply(value=1, arguments=now))
    with pytest.raises(Failure):
        outcome.leaves_arguments_unchanged()


def test_texts_in_a_list_are_no_numbers_and_take_no_memory() -> None:
    reply = Reply(value=["x" * 20_000] + ["a"] * 49_000)
    tracemalloc.start()
    with pytest.raises(Failure, match="should return an array of real numbers"):
        Outcome("f", (), {}, reply).array()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 50e6
