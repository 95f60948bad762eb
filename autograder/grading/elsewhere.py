"""Grades on a cluster: submissions are read here, and graded by the workers of a Dask scheduler.

Dask is an optional extra, and is loaded only when a scheduler is named.
"""

from collections.abc import Generator, Sequence
from contextlib import closing

from autograder.config import Assignment
from autograder.errors import UsageError
from autograder.grading.options import RunOptions
from autograder.grading.take_in import WorkItem, take_in
from autograder.results import GradingResult

__all__ = ["grade_elsewhere"]


def grade_elsewhere(
    items: Sequence[WorkItem],
    assignment: Assignment,
    options: RunOptions,
    *,
    assignment_digest: str,
) -> Generator[GradingResult, None, None]:
    """Results as they come back; of what holds nothing gradable, at once."""
    try:
        from autograder.grading.cluster.client import grade_on_cluster
        from autograder.grading.cluster.order import Order
    except ImportError as error:
        raise UsageError(
            f"--scheduler needs Dask ({error}): pip install 'cnn-autograder[cluster]'."
        ) from None
    orders = []
    for item in items:
        source = take_in(item, assignment.module)
        if isinstance(source, GradingResult):
            yield source
            continue
        orders.append(
            Order(
                name=item.name,
                source=source,
                assignment_digest=assignment_digest,
                keyword=options.keyword,
                deadline_s=options.deadline_s,
                unsafe=options.unsafe,
            )
        )
    with closing(grade_on_cluster(options.scheduler, orders)) as results:
        yield from results
