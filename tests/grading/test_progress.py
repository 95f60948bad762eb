"""What a person sees of a run that takes its time."""

from collections.abc import Iterator

import pytest

from autograder.grading.progress import Tally, _lines, with_progress
from autograder.results import GradingResult, Status, internal_error, rejected


class Clock:
    """Every result takes six seconds."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def _results(clock: Clock, count: int) -> Iterator[GradingResult]:
    for number in range(count):
        clock.now += 6
        if number == 1:
            yield rejected("b.py", "why")
        elif number == 2:
            yield internal_error("c.py", "why")
        else:
            yield GradingResult(submission=f"{number}.py", status=Status.GRADED)


def test_a_log_has_a_line_now_and_then_with_rate_and_time_left(
    capsys: pytest.CaptureFixture[str],
) -> None:
    clock = Clock()
    results = list(_lines(_results(clock, 7), Tally(800, clock)))
    assert len(results) == 7
    assert capsys.readouterr().err.splitlines() == [
        "autograder: 3 of 800: 1 graded, 1 rejected, 1 internal error; 10 a minute, 80 min left",
        "autograder: 6 of 800: 4 graded, 1 rejected, 1 internal error; 10 a minute, 79 min left",
    ]


def test_time_left_is_said_in_what_one_would_say() -> None:
    clock = Clock()
    tally = Tally(2, clock)
    assert tally.text() == "0 graded"
    for result in _results(clock, 1):
        tally.add(result)
    assert tally.text() == "1 graded; 10 a minute, 6 s left"
    clock.now += 50_000
    assert tally.text().endswith("0.0 a minute, 13.9 h left")


def test_of_a_single_submission_nothing_is_said(capsys) -> None:
    clock = Clock()
    assert len(list(with_progress(_results(clock, 1), 1))) == 1
    assert capsys.readouterr().err == ""
