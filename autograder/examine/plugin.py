"""The pytest plugin of the hidden checks: markers, fixtures, and a verdict for every check.

The plan is written at collection. A check of the plan that ends without a verdict is an error of
ours, never absent: pytest's own exit code is not looked at.
"""

import math
from collections.abc import Callable, Generator, Mapping
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest
from hypothesis.errors import Flaky, HypothesisException

from autograder.checking.failure import Failure
from autograder.checking.provided import Provided
from autograder.checking.reply import StopReason, Transport, WorkerStopped
from autograder.checking.student import Student
from autograder.config import Assignment
from autograder.finding import Finding
from autograder.results import CheckResult, Verdict

__all__ = ["HiddenChecks"]

VISIBILITIES = ("visible", "hidden", "after_due_date", "after_published")

_HINTS = {
    StopReason.CPU_TIME: "Look for a loop that never ends, or for work repeated for every entry.",
    StopReason.SLEEPING: "Remove calls that wait: sleep, input, a lock.",
    StopReason.MEMORY: "What is it that grows? Thousands of images at once are large, too, as is "
    "what is kept for their gradients: take them in batches.",
    StopReason.PROCESSES: "Remove code that starts processes or threads.",
    StopReason.CRASHED: "Remove calls that end Python (exit, os._exit) or kill processes.",
}
_FLAKY = Finding(
    problem="The function gave different answers to the same call.",
    hint="An answer must depend on the arguments only: no randomness, no state kept between calls.",
)


class HiddenChecks:
    """Collects the verdicts of one run. ``transport`` makes a fresh transport for a question."""

    def __init__(
        self,
        assignment: Assignment,
        *,
        reference: ModuleType,
        given: ModuleType | None,
        helper: ModuleType | None = None,
        transport: Callable[[], Transport],
        missing_hint: str = "",
        on_verdict: Callable[[CheckResult], None] | None = None,
    ) -> None:
        self._order = [q.id for q in assignment.questions]
        self._reference = reference
        self._given = given
        self._helper = helper
        self._hidden = assignment.hidden
        self._make_transport = transport
        self._missing_hint = missing_hint
        self._on_verdict = on_verdict
        self._question = ""
        self._transport: Transport | None = None
        self._memory: dict[str, Any] = {}
        self._results: dict[str, CheckResult] = {}
        self._points = {q.id: q.points if q.graded else 0 for q in assignment.questions}
        self._added = dict.fromkeys(self._points, 0)
        self.errors: list[str] = []
        self.was_refused = False  # by pytest: the keyword is no expression
        self.was_interrupted = False

    @property
    def results(self) -> tuple[CheckResult, ...]:
        """The verdicts, in the order of the plan."""
        return tuple(self._results.values())

    @property
    def points_mismatches(self) -> list[str]:
        """Questions whose checks, selected or not, do not add up to their points, in sentences."""
        return [
            f"the checks of {question} add up to {self._added[question]} points, but in "
            f"assignment.toml it counts {points}"
            for question, points in self._points.items()
            if points != self._added[question]
        ]

    # Fixtures

    @pytest.fixture
    def student(self, request: pytest.FixtureRequest) -> Student:
        """The submission's functions; a question's checks share one process."""
        question = _marker(request.node, "question")
        if question != self._question or self._transport is None:
            self.close()
            self._question, self._transport = question, self._make_transport()
            self._memory = {}
        return Student(self._transport, missing_hint=self._missing_hint, memory=self._memory)

    @pytest.fixture
    def reference(self) -> ModuleType:
        """The reference solutions."""
        return self._reference

    @pytest.fixture
    def provide(self) -> Callable[..., Provided]:
        """``provide("factory", **keywords)``: an object of the given module."""
        given = self._given
        if given is None:
            raise RuntimeError("the assignment has no given module")
        return lambda factory, **keywords: Provided(given, factory, keywords)

    @pytest.fixture
    def helper(self) -> ModuleType:
        """The package that students are given."""
        if self._helper is None:
            raise RuntimeError("the assignment has no helper package")
        return self._helper

    @pytest.fixture
    def hidden(self) -> Mapping[str, Any]:
        """The table ``[hidden]`` of assignment.toml: seeds and the like."""
        return self._hidden

    def close(self) -> None:
        """End the process of the current question."""
        if self._transport is not None:
            self._transport.close()
        self._transport = None

    # Hooks

    def pytest_configure(self, config: pytest.Config) -> None:
        """Declare the markers."""
        for marker in (
            "question(id): the question that a check belongs to",
            "points(n): what the check is worth, a whole number",
            "visibility(v): visible, hidden, after_due_date or after_published, as on Gradescope",
        ):
            config.addinivalue_line("markers", marker)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Question by question, so that each has one process; else in the order of the file."""
        order = {question: place for place, question in enumerate(self._order)}
        items.sort(key=lambda item: order.get(_marker(item, "question"), len(order)))

    def pytest_itemcollected(self, item: pytest.Item) -> None:
        """Add up the points of every check, selected or not; look at its markers."""
        item.extra_keyword_matches.add(_id(item))  # for -k, as every table has it
        question, points = _marker(item, "question"), _marker(item, "points")
        if question is None or points is None:
            self.errors.append(f"{_id(item)}: the marker 'question' or 'points' is missing")
        elif hasattr(item, "callspec"):
            self.errors.append(f"{_id(item)}: parametrized; loop over its cases in the check")
        elif question not in self._order:
            self.errors.append(f"{_id(item)}: no question {question!r} in assignment.toml")
        elif type(points) is int:
            self._added[question] += points

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Write the plan: every check, without a verdict yet."""
        for item in session.items:
            check = self._planned(item)
            if check.id in self._results:
                self.errors.append(f"two checks have the id {check.id}")
            self._results[check.id] = check

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A module of checks that cannot be imported is our fault."""
        if report.failed:
            self.errors.append(str(report.longrepr))

    def pytest_internalerror(self, excrepr: Any) -> None:
        """So is a failure of pytest."""
        self.errors.append(str(excrepr))

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Ctrl-C, which pytest keeps to itself; what it raises for ends of its own is derived."""
        self.was_interrupted |= excinfo.type is KeyboardInterrupt

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        """Keep pytest's word on how it was called; verdicts never come from it."""
        self.was_refused = exitstatus == pytest.ExitCode.USAGE_ERROR

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Turn what a check raised into its verdict."""
        error = None if call.excinfo is None else call.excinfo.value
        if call.when == "call":
            verdict, finding = _judge(error)
        elif error is not None:  # before or after the check itself: a fixture of ours
            verdict, finding = Verdict.ERROR, None
        else:
            return (yield)
        if verdict is not Verdict.ERROR:
            # pytest would parse the checks for a traceback that nobody reads: a tenth of the time.
            call.excinfo = None
        report = yield
        result = self._results[_id(item)] = replace(
            self._results[_id(item)],
            verdict=verdict,
            finding=None if finding is None else finding.cleaned(),
            figures=_figures(item),
            detail=str(report.longrepr)[-6000:] if verdict is Verdict.ERROR else "",
        )
        if self._on_verdict is not None:
            self._on_verdict(result)
        return report

    def _planned(self, item: pytest.Item) -> CheckResult:
        visibility = _marker(item, "visibility", "visible")
        points = _marker(item, "points")
        if visibility not in VISIBILITIES:
            self.errors.append(f"{_id(item)}: unknown visibility {visibility!r}")
        if type(points) is not int or points < 0:
            self.errors.append(f"{_id(item)}: points must be a whole number, not {points!r}")
        doc = getattr(getattr(item, "function", None), "__doc__", None) or ""
        if not doc.strip():
            self.errors.append(f"{_id(item)}: the docstring, which students read, is missing")
        return CheckResult(
            id=_id(item),
            question=_marker(item, "question"),
            title=" ".join(doc.split("\n\n")[0].split()),
            points=points,
            visibility=visibility,
            verdict=Verdict.ERROR,
            detail="the check ended without a verdict",
        )


def _figures(item: pytest.Item) -> dict[str, float]:
    """What the check gave to pytest's fixture ``record_property``, as far as it is numbers."""
    return {
        name: value
        for name, value in item.user_properties
        if isinstance(value, int | float) and math.isfinite(value)
    }


def _id(item: pytest.Item) -> str:
    """``q7.edges`` for test_edges of question q7, in whatever file."""
    question = _marker(item, "question", item.path.stem.removeprefix("test_"))
    return f"{question}.{item.name.removeprefix('test_')}"


def _marker(item: Any, name: str, default: Any = None) -> Any:
    marker = item.get_closest_marker(name)
    if marker is None:
        return default
    return marker.args[0] if len(marker.args) == 1 else marker.args


def _judge(error: BaseException | None) -> tuple[Verdict, Finding | None]:
    """The verdict on what a check raised; whatever is not a failure is a fault of the check."""
    if error is None:
        return Verdict.PASSED, None
    if isinstance(error, Failure):
        return Verdict.FAILED, error.finding
    if isinstance(error, WorkerStopped):
        return Verdict.STOPPED, Finding(problem=error.sentence, hint=_HINTS.get(error.reason, ""))
    if isinstance(error, Flaky):
        return Verdict.FAILED, _FLAKY
    if isinstance(error, AssertionError | pytest.fail.Exception) and not isinstance(
        error, HypothesisException
    ):
        return Verdict.FAILED, Finding(problem=str(error).split("\n", 1)[0])
    return Verdict.ERROR, None
