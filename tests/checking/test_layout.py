"""Values as students read them."""

import numpy as np
import pytest
import torch

from autograder.checking import layout
from autograder.checking.reply import NO_VALUE, Opaque
from autograder.finding import Comparison

PASTED = [
    np.array([1.0, -2.5, 1e-4]),
    np.array([[1, 2], [3, 4]]),
    np.arange(6, dtype=np.float32).reshape(1, 2, 3),
    np.zeros((0, 3)),
    np.array(2.0),
    np.array([True, False]),
    np.int64(7),
    np.float32(0.1),
    torch.tensor([[1.0, 2.0]]),
    torch.tensor([1.5], dtype=torch.float64),
    torch.tensor([1, 2]),
    (1, -2),
    "dense",
    None,
    0.1,
]


@pytest.mark.parametrize("value", PASTED, ids=repr)
def test_what_is_shown_of_an_argument_can_be_pasted(value: object) -> None:
    made = eval(layout.paste(value), {"np": np, "torch": torch})
    assert type(made) is type(value)
    if isinstance(value, np.ndarray | torch.Tensor):
        assert made.dtype == value.dtype
        assert made.shape == value.shape
        assert bool((made == value).all())
    else:
        assert made == value


def test_a_large_array_is_described() -> None:
    assert layout.paste(np.zeros((20, 20))) == "an array of shape (20, 20), float64"


def test_a_long_text_is_cut() -> None:
    assert len(layout.paste("x" * 10_000)) < 500


def test_an_opaque_object_is_named() -> None:
    assert layout.paste(Opaque("generator")) == "an object of type generator"


def test_differing_entries_stand_in_brackets_and_columns_line_up() -> None:
    expected, actual = np.array([[1.0, 0.0], [0.5, 10.0]]), np.array([[1.0, 0.0], [0.25, 10.0]])
    text = layout.compare(expected, actual, expected != actual).text()
    assert text.splitlines() == [
        "Expected:",
        "       1    0 ",
        "     0.5   10 ",
        "Got:",
        "        1     0 ",
        "    [0.25]   10 ",
        "(differing entries in brackets)",
    ]


def test_of_large_arrays_the_first_difference_is_named() -> None:
    expected = np.zeros((30, 30))
    actual = expected.copy()
    actual[3, 4] = 2.0
    text = layout.compare(expected, actual, expected != actual).text()
    assert "1 of 900 entries differ, the first at [3, 4]: expected 0, got 2" in text


def test_nothing_is_compared_with_nothing() -> None:
    assert layout.compare(NO_VALUE, NO_VALUE) == Comparison()
