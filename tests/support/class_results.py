"""Results of an assignment with three checks, made up."""

from pathlib import Path

from autograder.config import Assignment, Layout, Question, Written
from autograder.finding import Finding
from autograder.results import CheckResult, GradingResult, Status, Verdict

ASSIGNMENT = Assignment(
    layout=Layout.of(Path("nowhere")),
    title="A title",
    module="answers",
    questions=(
        Question(id="q1", title="One", points=6),
        Question(id="q2", title="Two", points=4),
        Question(id="q3", title="Later", points=5, graded=False),
    ),
    written=(Written(id="q1_written", title="Why", points=5),),
)
POINTS = {"q1.a": 2, "q1.b": 4, "q2.c": 4}


def result(name: str, *passed: str, problem: str = "Wrong.", cpu_s: float = 1.0) -> GradingResult:
    checks = [
        CheckResult(
            id=check,
            question=check[:2],
            title=f"{check} holds.",
            points=points,
            visibility="visible",
            verdict=Verdict.PASSED if check in passed else Verdict.FAILED,
            finding=None if check in passed else Finding(problem=problem),
        )
        for check, points in POINTS.items()
    ]
    return GradingResult(submission=name, status=Status.GRADED, checks=tuple(checks), cpu_s=cpu_s)
