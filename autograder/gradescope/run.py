"""From Gradescope's folders to results.json, within an own deadline, and whatever happens.

The order matters. The folders are closed to other users before anything of the student's is
looked at. The submission is graded next, and what came of it stands, whether Otter then runs or
not; each step has its share of the time, since past Gradescope's timeout all would be lost.
"""

import contextlib
import io
import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from autograder.config import Assignment, load_assignment
from autograder.errors import AutograderError, InternalError, UsageError
from autograder.gradescope.otter import OtterRun
from autograder.gradescope.results_format import faults
from autograder.launch import grade_apart
from autograder.outlets.files import write_whole
from autograder.outlets.gradescope import results_json, staff_entry
from autograder.outlets.table import submission_report
from autograder.results import APOLOGY, Status, internal_error
from autograder.sandbox.memory import memory_bytes

__all__ = ["run"]

_START_S = 20.0  # to load torch, twice, on half a processor
_OTTER_S = 30.0  # what is kept for Otter, also on half a processor
_END_S = 3.0  # to write results.json
_RESERVE = 1 << 20  # bytes
# Otter may wait beside the grading where there is memory for both: it is quicker on two processors.
_ROOM_FOR_BOTH = 1200 << 20


def run(root: Path) -> None:
    """Grade ``root/submission`` with ``root/source``, and write ``root/results/results.json``."""
    start = time.monotonic()
    for stream in (sys.stdout, sys.stderr):  # what is printed may hold anything
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGINT, _interrupt)
    results = root / "results" / "results.json"
    reserve = results.with_name(".reserve")
    try:
        _close(root)
        _set_aside(reserve)
        assignment = load_assignment(root / "source")
        document = _grade(root, assignment, start)
    except KeyboardInterrupt:
        document = _failure("Grading was interrupted from outside (SIGTERM).")
    except AutograderError as error:
        document = _failure(str(error))
    except Exception:
        document = _failure(traceback.format_exc(limit=-6))
    _ignore_signals()
    if wrong := faults(document):
        document = _failure("results.json would not be valid:\n" + "\n".join(wrong))
    document["execution_time"] = max(1, round(time.monotonic() - start))
    _write(results, document, reserve)


def _interrupt(*_: Any) -> NoReturn:
    """Once: what follows is the end, and is not to be interrupted again."""
    _ignore_signals()
    raise KeyboardInterrupt


def _ignore_signals() -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)


def _close(root: Path) -> None:
    """Close what students must not see; Gradescope lays it out open to all users."""
    for name in ("source", "submission", "results"):
        if (root / name).is_symlink():
            raise InternalError(f"{root / name} is a link; it should be a folder.")
        (root / name).chmod(0o700)


def _grade(root: Path, assignment: Assignment, start: float) -> dict[str, Any]:
    """Grade, then have Otter report it: the score is made by then, and stands if Otter fails."""
    end = start + assignment.gradescope.deadline_s - _END_S
    metadata = root / "submission_metadata.json"
    with contextlib.ExitStack() as stack:
        otter = None
        if memory_bytes() >= _ROOM_FOR_BOTH:
            with _told_to_the_staff():
                otter = stack.enter_context(OtterRun(assignment, metadata))
        left = end - _OTTER_S - time.monotonic()
        try:
            result = grade_apart(
                root / "submission", root / "source", deadline_s=left - _START_S, hard_s=left
            )
        except InternalError as error:
            result = internal_error("submission", str(error))
        _print(submission_report(assignment, result))
        with _told_to_the_staff():
            otter = otter or stack.enter_context(OtterRun(assignment, metadata))
            _print(otter.finish(result, max(0.0, end - time.monotonic())))
    return results_json(assignment, result)


@contextlib.contextmanager
def _told_to_the_staff() -> Iterator[None]:
    """What goes wrong with Otter changes no score."""
    try:
        yield
    except InternalError as error:
        _print(f"Otter: {error}")
    except Exception:
        _print(f"Otter: {traceback.format_exc(limit=-6)}")


def _print(text: str) -> None:
    """For the staff; that nobody reads it any more changes no score, either."""
    with contextlib.suppress(OSError):
        print(text, flush=True)


def _failure(detail: str) -> dict[str, Any]:
    """A results.json of our own failure, where not even the assignment may be known."""
    _print(f"{Status.INTERNAL_ERROR}: {detail}")
    return {
        "output": APOLOGY,
        "output_format": "text",
        "stdout_visibility": "hidden",
        "tests": [staff_entry(detail)],
        "extra_data": {"status": Status.INTERNAL_ERROR},
    }


def _set_aside(reserve: Path) -> None:
    """Take the space of results.json, so that it can be written when the disk is full by then."""
    with reserve.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, _RESERVE)


def _write(results: Path, document: Any, reserve: Path) -> None:
    reserve.unlink(missing_ok=True)
    try:
        write_whole(results, json.dumps(document, indent=1, allow_nan=False) + "\n")
    except UsageError as error:  # what run_autograder wrote at the start stays
        _print(str(error))
