"""Sends work items to a Dask scheduler, and yields each result once, whatever is lost on the way.

Dask itself gives the task of a lost worker to another one. What it gives up, when the scheduler
goes away or the connection breaks, is asked for again as soon as a scheduler answers.
"""

import json
import logging
import time
import uuid
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress

from distributed import CancelledError, Client, Future, KilledWorker, wait

from autograder.errors import ConfigError, UsageError
from autograder.grading.cluster.order import Order
from autograder.grading.cluster.task import grade_order
from autograder.grading.progress import say
from autograder.results import GradingResult, internal_error

__all__ = ["grade_on_cluster"]

_FIRST_ANSWER_S = 10.0
_LATER_ANSWER_S = 600.0  # a scheduler may be started anew on another machine
_LOOK_S = 2.0
_LOST = (CancelledError, OSError, RuntimeError)  # what Dask raises without a connection
_RETRIES = 2  # of a task whose grader ended without an answer


def grade_on_cluster(address: str, orders: Sequence[Order]) -> Generator[GradingResult, None, None]:
    """The results of ``orders``, as they come from the workers of the scheduler at ``address``.

    Raises UsageError where no scheduler answers, or a worker has another assignment.
    """
    logging.disable()  # Dask's own words, tracebacks and all: what matters is said here
    left = {order.name: order for order in orders}
    patience_s = _FIRST_ANSWER_S
    while left:
        with _connected(address, patience_s) as client:
            for result in _results(client, dict(left)):
                if left.pop(result.submission, None):
                    yield result
        if left:
            say(f"the scheduler at {address} was lost; {len(left)} submissions are sent again.")
            time.sleep(_LOOK_S)
        patience_s = _LATER_ANSWER_S


@contextmanager
def _connected(address: str, patience_s: float) -> Iterator[Client]:
    deadline = time.monotonic() + patience_s
    while True:
        try:
            client = Client(address, timeout=_FIRST_ANSWER_S, name="autograder")
            break
        except (OSError, TimeoutError) as error:
            if time.monotonic() > deadline:
                raise UsageError(
                    f"No Dask scheduler answers at {address}. What was graded is kept; start one, "
                    "and run this again."
                ) from error
            time.sleep(_LOOK_S)
        except (ValueError, TypeError, ImportError) as error:
            raise UsageError(f"--scheduler {address}: {error}.") from None
    try:
        yield client
    finally:
        client.close(timeout=1)


def _results(client: Client, waiting: dict[str, Order]) -> Iterator[GradingResult]:
    """What this connection yields; ends early when it is lost, and what was asked for is left."""
    run, running = uuid.uuid4().hex, dict[Future, Order]()
    told = False
    while waiting or running:
        try:
            threads = sum(client.nthreads().values())
            while waiting and len(running) < max(2 * threads, 2):  # little lies on the scheduler
                name, order = next(iter(waiting.items()))
                future = client.submit(
                    grade_order,
                    order.to_line(),
                    unsafe=order.unsafe,
                    key=f"{run}-{name}",
                    retries=_RETRIES,
                )
                running[future] = waiting.pop(name)
            if not threads and not told:
                told = True
                say("the scheduler has no workers yet; waiting for them.")
            with suppress(TimeoutError):
                wait(list(running), timeout=_LOOK_S, return_when="FIRST_COMPLETED")
        except _LOST:
            waiting.clear()
        for future in [future for future in running if future.done()]:
            result = _taken(future, running.pop(future))
            if result is not None:
                yield result
        if client.status != "running":
            return


def _taken(future: Future, order: Order) -> GradingResult | None:
    """What came of an order; ``None`` where the connection took it along."""
    try:
        if future.status == "finished":
            return GradingResult.from_json(json.loads(future.result()))
        if future.status == "error":
            return _failed(order, future.exception())
    except _LOST:
        pass
    return None


def _failed(order: Order, error: BaseException) -> GradingResult:
    if isinstance(error, ConfigError):
        raise UsageError(f"A worker of the cluster refused to grade: {error}")
    if isinstance(error, KilledWorker):
        return internal_error(order.name, f"every worker that graded it was lost: {error}")
    return internal_error(order.name, f"on a worker of the cluster: {error!r}")
