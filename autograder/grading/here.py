"""Grades on this machine: a sandbox, a warm examiner, and a pool of forks.

Modules that load torch are imported where they are used, after the zygote was started.
"""

import importlib
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.config import Assignment
from autograder.grading.options import RunOptions
from autograder.grading.take_in import WorkItem
from autograder.host.sandbox import open_sandbox
from autograder.results import GradingResult

if TYPE_CHECKING:
    from autograder.examine.examiner import Examiner

__all__ = ["grade_here", "warm_examiner"]


def grade_here(
    items: Sequence[WorkItem],
    assignment: Assignment,
    options: RunOptions,
    *,
    secret: Sequence[Path],
) -> Generator[GradingResult, None, None]:
    """Results as they are ready; what lies in ``secret`` no submission can read."""
    with warm_examiner(
        assignment, secret=secret, keyword=options.keyword, unsafe=options.unsafe
    ) as examiner:
        from autograder.grading.pool import grade_all

        results = grade_all(
            examiner,
            items,
            jobs=options.jobs,
            keyword=options.keyword,
            deadline_s=options.deadline_s,
        )
        with closing(results):
            yield from results


@contextmanager
def warm_examiner(
    assignment: Assignment, *, secret: Sequence[Path], keyword: str, unsafe: bool
) -> Iterator["Examiner"]:
    """All that takes seconds to load, once, and a look at the checks."""
    with open_sandbox(
        assignment, also_secret=secret, unsafe=unsafe, meanwhile=_load_torch
    ) as sandbox:
        from autograder.examine.examiner import Examiner
        from autograder.grading.plan import check_plan

        examiner = Examiner.load(assignment, sandbox)
        check_plan(examiner, keyword)
        yield examiner


def _load_torch() -> None:
    """And pytest, and hypothesis: a second or two, in which the zygote loads its own."""
    importlib.import_module("autograder.examine.examiner")
