"""The programs once more, on the road that a submission takes: the verdicts are the same.

`test_programs.py` runs all of them in its own process; here all right ones and a part of the wrong
ones go through intake, worker and pool, as files.
"""

import os
import signal
from pathlib import Path

import pytest
from programs.correct import CORRECT
from programs.program import Program
from programs.wrong import WRONG
from support.local import FUNCTIONS, UNTRAINED

from autograder.config import load_assignment
from autograder.examine.examiner import Examiner
from autograder.grading.inputs import Submission
from autograder.grading.pool import grade_all
from autograder.host.sandbox import open_sandbox
from autograder.results import GradingResult, Status, Verdict

PROGRAMS = [*CORRECT, *WRONG[::6]]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, GradingResult]:
    """All of them, graded as a class."""
    folder = tmp_path_factory.mktemp("programs")
    assignment = load_assignment()
    submissions = []
    for number, program in enumerate(PROGRAMS):
        path = folder / f"{number:03}.py"
        path.write_text(UNTRAINED + program.source, encoding="utf-8")
        submissions.append(Submission(path.name, path))
    with open_sandbox(assignment) as sandbox:
        examiner = Examiner.load(assignment, sandbox)
        return {r.submission: r for r in grade_all(examiner, submissions, jobs=2)}


@pytest.mark.parametrize("number", range(len(PROGRAMS)), ids=lambda i: PROGRAMS[i].name)
def test_the_verdicts_are_those_of_the_bare_checks(
    number: int, results: dict[str, GradingResult]
) -> None:
    program: Program = PROGRAMS[number]
    result = results[f"{number:03}.py"]
    assert result.status is Status.GRADED, result.detail
    checks = [check for check in result.checks if check.question in FUNCTIONS]
    failed = {check.id for check in checks if check.verdict is not Verdict.PASSED}
    expected = {f"{program.question}.{name.removeprefix('test_')}" for name in program.fails}
    assert failed == expected


def test_a_second_run_gives_the_same_verdicts_and_words(
    results: dict[str, GradingResult], tmp_path: Path
) -> None:
    number = next(i for i, program in enumerate(PROGRAMS) if program.fails)
    path = tmp_path / f"{number:03}.py"
    path.write_text(UNTRAINED + PROGRAMS[number].source, encoding="utf-8")
    assignment = load_assignment()
    with open_sandbox(assignment) as sandbox:
        examiner = Examiner.load(assignment, sandbox)
        (again,) = grade_all(examiner, [Submission(path.name, path)], jobs=1)
    first = results[path.name]
    assert [(c.id, c.verdict, c.finding) for c in again.checks] == [
        (c.id, c.verdict, c.finding) for c in first.checks
    ]


def test_who_comes_after_a_zygote_that_died_has_a_score(tmp_path: Path) -> None:
    path = tmp_path / "empty.py"
    path.write_text(UNTRAINED, encoding="utf-8")
    names = ["first", "second", "third"]
    with open_sandbox(load_assignment()) as sandbox:
        examiner = Examiner.load(load_assignment(), sandbox)
        submissions = [Submission(name, path) for name in names]
        results = []
        for result in grade_all(examiner, submissions, jobs=1):
            results.append(result)
            if len(results) == 1:  # the second has not begun: nobody has asked for its result
                os.kill(sandbox.zygote.pid, signal.SIGKILL)
                os.waitid(os.P_PID, sandbox.zygote.pid, os.WEXITED | os.WNOWAIT)
    assert [result.submission for result in results] == names
    assert {result.status for result in results} == {Status.GRADED}
    assert len({result.score for result in results}) == 1
