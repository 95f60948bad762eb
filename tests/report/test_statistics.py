"""Figures of a class, worked out by hand for small ones."""

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest
from support.class_results import ASSIGNMENT, POINTS, result

from autograder.report.statistics import CheckFigures, ClassFigures
from autograder.results import (
    GradingResult,
    Override,
    Status,
    Verdict,
    internal_error,
    rejected,
)


def figures(*results: GradingResult) -> ClassFigures:
    found = ClassFigures(ASSIGNMENT)
    for one in results:
        found.add(one)
    return found


def check(found: ClassFigures, name: str) -> CheckFigures:
    return next(check for check in found.checks if check.id == name)


def test_pass_rates_and_the_hardest_first() -> None:
    found = figures(
        result("1", "q1.a", "q1.b", "q2.c"), result("2", "q1.a", "q1.b"), result("3", "q1.a"),
        result("4", "q1.a"), rejected("5", "A PDF."), internal_error("6", "broken"),
    )  # fmt: skip
    assert [(c.id, c.pass_rate) for c in found.checks] == [
        ("q2.c", 0.25), ("q1.b", 0.5), ("q1.a", 1.0)
    ]  # fmt: skip
    assert found.scores == [10, 6, 2, 2]
    assert found.statuses == {
        Status.GRADED: 4, Status.REJECTED: 1, Status.INTERNAL_ERROR: 1
    }  # fmt: skip
    assert [(q.question.id, q.mean, q.share(q.question.points)) for q in found.questions] == [
        ("q1", 4.0, 0.5), ("q2", 1.0, 0.25)
    ]  # fmt: skip


def test_the_ranges_of_the_histogram() -> None:
    found = figures(result("1"), result("2", "q1.a"), result("3", "q1.a", "q1.b", "q2.c"))
    assert [count for *_, count in found.histogram()] == [1, 0, 1, 0, 0, 0, 0, 0, 0, 1]
    assert [(low, high) for low, high, _ in found.histogram()] == [
        *((low, low) for low in range(9)),
        (9, 10),
    ]
    set_by_hand = Override(question="q2", score=0.9, reason="late", by="Tom")
    changed = result("4").with_overrides([set_by_hand], ASSIGNMENT)
    assert figures(changed).histogram()[0] == (0, 0, 1)


@pytest.mark.parametrize(
    ("points", "ranges"),
    [(1, [(0, 1)]), (5, [(0, 0), (1, 1), (2, 2), (3, 3), (4, 5)]), (0, [(0, 0)]),
     (72, [*((low, low + 6) for low in range(0, 70, 7)), (70, 72)])],
)  # fmt: skip
def test_the_histogram_has_whole_points(points: int, ranges: list[tuple[int, int]]) -> None:
    question = replace(ASSIGNMENT.questions[0], points=points)
    found = ClassFigures(replace(ASSIGNMENT, questions=(question,)))
    assert [(low, high) for low, high, _ in found.histogram()] == ranges


def test_discrimination_is_the_correlation_with_all_other_checks() -> None:
    found = figures(
        result("1", "q1.a", "q1.b", "q2.c"), result("2", "q1.a", "q1.b"), result("3", "q1.b"),
        result("4", "q2.c"),
    )  # fmt: skip
    # The last has no other point at the question. Passed: 1 1 0; the rest: 8 4 4.
    assert check(found, "q1.a").discrimination == pytest.approx(0.5)
    # Nothing else belongs to its question. Passed: 1 0 0 1; the rest: 6 6 4 0.
    assert check(found, "q2.c").discrimination == pytest.approx(-1 / 6**0.5)
    assert check(figures(result("1", "q1.a"), result("2", "q1.a")), "q1.a").discrimination is None
    assert check(figures(result("1", "q1.a"), result("2")), "q1.a").discrimination is None


def _class(size: int, upside_down: bool) -> Sequence[GradingResult]:
    """Half are good; a faulty check passes just the others."""
    for number in range(size):
        good = number % 2 == 0
        passed = ["q1.b", "q2.c"] if good else ["q1.b"]
        yield result(str(number), *passed, *(["q1.a"] if good != upside_down else []))


def test_a_check_that_good_submissions_fail_stands_out() -> None:
    assert check(figures(*_class(20, True)), "q1.a").discriminates_negatively
    assert not check(figures(*_class(20, False)), "q1.a").discriminates_negatively


def test_those_who_handed_in_nothing_do_not_hide_a_faulty_check() -> None:
    blank = [result(f"blank {number}") for number in range(10)]
    assert check(figures(*_class(20, True), *blank), "q1.a").discriminates_negatively


def test_chance_alone_does_not_make_a_check_stand_out() -> None:
    draw = random.Random(0)
    blamed = 0
    for _ in range(200):
        some = [result(str(n), *(c for c in POINTS if draw.random() < 0.5)) for n in range(40)]
        blamed += sum(c.discriminates_negatively for c in figures(*some).checks)
    assert blamed < 0.05 * 3 * 200


def test_those_who_fail_one_check_only() -> None:
    found = figures(result("1", "q1.a", "q1.b"), result("2", "q1.a", "q1.b"), result("3", "q1.a"))
    assert [(c.id, c.only_failures) for c in found.checks] == [
        ("q2.c", 2),
        ("q1.b", 0),
        ("q1.a", 0),
    ]


def test_failures_that_differ_in_numbers_are_one() -> None:
    found = figures(
        result("1", "q1.a", "q1.b", problem="Expected 3 values, got 4."),
        result("2", "q1.a", "q1.b", problem="Expected 10 values, got -1.5e3."),
        result("3", "q1.a", "q1.b", problem="Raises ValueError."),
    )
    assert [(f.checks, f.problem, f.count, f.submission) for f in found.failures] == [
        (["q2.c"], "Expected 3 values, got 4.", 2, "1"), (["q2.c"], "Raises ValueError.", 1, "3")
    ]  # fmt: skip


def test_one_failure_at_several_checks_of_a_question_counts_once() -> None:
    found = figures(result("1", "q2.c"), result("2", "q1.a", "q2.c"), result("3"))
    assert [(f.question, f.checks, f.count) for f in found.failures] == [
        ("q1", ["q1.a", "q1.b"], 3), ("q2", ["q2.c"], 1)
    ]  # fmt: skip


def test_stopped_ones_are_counted() -> None:
    one = result("1", "q1.a", "q1.b")
    stopped = tuple(
        replace(c, verdict=Verdict.STOPPED) if c.id == "q2.c" else c for c in one.checks
    )
    assert check(figures(replace(one, checks=stopped)), "q2.c").stopped == 1


def test_an_empty_class() -> None:
    found = figures(rejected("1", "A PDF."))
    assert (found.scores, found.checks, found.failures) == ([], [], [])
    assert {count for *_, count in found.histogram()} == {0}
    assert found.questions[0].mean == 0
