"""The grader on a worker machine: a warm process that grades one order after the other.

``python -m autograder.grading.cluster.server``, started by `autograder.grading.cluster.task` for
each thread of a Dask worker. Orders come as lines on standard input, answers go out as lines on
standard output, and the end of the input is its end. It is a process of its own because grading
forks, which a Dask worker with its threads must not.

The assignment is that of ``AUTOGRADER_ROOT``: a folder, or the autograder.zip of `autograder
build`. An order for another one is refused: all machines of a run must grade alike.
"""

import argparse
import itertools
import json
import os
import signal
import sys
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from autograder.config import Assignment, load_assignment
from autograder.errors import AutograderError, ConfigError
from autograder.gradebook.digests import assignment_digest, versions
from autograder.grading.cluster.order import Order
from autograder.grading.here import warm_examiner
from autograder.host.run_folder import run_folder

__all__ = ["REFUSED", "main"]

REFUSED = "refused: "
"""Begins the one line of a server that cannot grade what it is asked to."""


def main() -> int:
    """Serve until the input ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--unsafe", action="store_true")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever else is printed is no answer
    try:
        with _assignment() as (assignment, secret):
            orders = map(Order.from_line, sys.stdin)
            for line in _serve(assignment, secret, orders, unsafe=options.unsafe):
                print(line, file=answers, flush=True)
    except AutograderError as error:
        print(f"{REFUSED}{' '.join(str(error).split())}", file=answers, flush=True)
        return 2
    except (KeyboardInterrupt, BrokenPipeError):
        return 130
    return 0


def _serve(
    assignment: Assignment, secret: Sequence[Path], orders: Iterator[Order], *, unsafe: bool
) -> Iterator[str]:
    own = assignment_digest(assignment, unsafe=unsafe)
    first = next(orders, None)
    if first is None:
        return
    _require(own, first)  # before anything is loaded
    with warm_examiner(assignment, secret=secret, keyword=first.keyword, unsafe=unsafe) as examiner:
        from autograder.grading.pool import grade_all

        for order in itertools.chain([first], orders):
            _require(own, order)
            with closing(
                grade_all(
                    examiner, [order], jobs=1, keyword=order.keyword, deadline_s=order.deadline_s
                )
            ) as results:
                for result in results:
                    yield json.dumps(result.to_json(assignment))


def _require(own: str, order: Order) -> None:
    if order.assignment_digest != own:
        raise ConfigError(
            "the assignment, this package or a library is not the same there as here. There: "
            f"AUTOGRADER_ROOT={os.environ.get('AUTOGRADER_ROOT', '')}, {', '.join(versions())}."
        )


@contextmanager
def _assignment() -> Iterator[tuple[Assignment, list[Path]]]:
    """The assignment, and what else student code must not read."""
    named = Path(os.environ.get("AUTOGRADER_ROOT", ""))
    if named.suffix != ".zip":
        yield load_assignment(), []
        return
    with run_folder() as folder:  # closed to other users
        try:
            with zipfile.ZipFile(named) as archive:
                archive.extractall(folder)
        except (OSError, zipfile.BadZipFile) as error:
            raise ConfigError(f"{named}: cannot be unpacked: {error}.") from None
        yield load_assignment(folder), [named]


if __name__ == "__main__":
    sys.exit(main())
