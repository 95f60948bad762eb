"""Probes run beside student code, which may replace them: a lie is a failure, never our error."""

import itertools
from typing import Any

import numpy as np
import pytest
import torch
from support.local import GIVEN, REFERENCE, WITHOUT_RUNS, failed, grade, namespace_of

PROBES = ("describe", "forward", "leave_gradients", "perturb", "scramble", "seen", "share_weights",
          "state", "strengthen", "watched", "moody", "linear")  # fmt: skip
ROW = torch.ones(3, 10)
LIES: tuple[Any, ...] = (
    5,
    None,
    "text",
    [],
    [1],
    torch.ones(3),
    [[True, torch.ones(3), ROW, ROW], 0],
    np.ones((2, 2)),
    {"arrays": 3},
    [[True, torch.ones(3), torch.ones(3, 4), ROW], 0],
    {"arrays": {"weight": 3, "bias": "x"}, "trainable": [torch.ones(2), torch.ones(2)]},
    [[torch.ones(2), ROW, 3, None], 0],
    {"features": True, "head": True, "lazy": torch.ones(2), "frozen": np.ones(2)},
    [[True, torch.ones(3).to_sparse(), ROW, None], 0],
    {"arrays": {"weight": torch.ones(10, 16, dtype=torch.complex64)}, "trainable": None},
    [[True, torch.ones(3, dtype=torch.long), ROW, None], torch.ones(2)],
    object(),
    torch.full((8, 10), float("nan")),
    ROW.bfloat16(),
)


class _Forged:
    """The given module, but one probe tells one lie after the other."""

    def __init__(self, probe: str, first: int) -> None:
        self._probe = probe
        self._lies = itertools.cycle(LIES[first:] + LIES[:first])

    def __getattr__(self, name: str) -> Any:
        if name == self._probe:
            return lambda *_, **__: next(self._lies)
        return getattr(GIVEN, name)


@pytest.mark.parametrize("first", [0, 6, 11])
@pytest.mark.parametrize("probe", PROBES)
def test_a_lie_is_a_failure_or_gains_nothing(probe: str, first: int) -> None:
    results = grade(
        namespace_of(REFERENCE),
        "q2a",
        "q2d",
        keyword=WITHOUT_RUNS,
        probes=_Forged(probe, first),
    )
    assert all(check.finding for check in results if check.id in failed(results))


@pytest.mark.parametrize("lie", range(len(LIES)))
def test_notes_that_cannot_be_read_fail_the_checks_that_need_them(lie: int) -> None:
    forged = _Forged("seen", lie)
    forged._lies = itertools.repeat(LIES[lie])
    results = grade(
        namespace_of(REFERENCE), "q2a", keyword="image_once or own or entropy", probes=forged
    )
    assert "q2a.every_image_once" in failed(results)


JUNK_NOTES = """
_right = train_model

def train_model(model, images, labels, *, epochs, seed):
    _right(model, images, labels, epochs=epochs, seed=seed)
    for name in ("logits", "images", "gradients", "modes", "stale"):
        if hasattr(model, name):
            {junk}
    return model
"""


@pytest.mark.parametrize(
    "junk",
    [
        "setattr(model, name, 5)",
        "setattr(model, name, [torch.ones(3, 4)] * 9)",
        "setattr(model, name, {n: torch.ones(3, 4) for n in range(99)})",
        "delattr(model, name)",
    ],
)
def test_notes_that_are_overwritten_are_no_error_of_ours(junk: str) -> None:
    source = REFERENCE + JUNK_NOTES.format(junk=junk)
    results = grade(namespace_of(source), "q2a", keyword="not test_q2a.py and not run_")
    assert "q2a.every_image_once" in failed(results)
