"""Grades submissions in parallel, each in a process forked from this warm one.

The parent has torch, pytest, hypothesis and the reference loaded, so a child starts in
milliseconds, and each starts from the same state: the order of submissions cannot matter.
"""

import gc
import json
import os
import selectors
import signal
import time
import traceback
from collections.abc import Callable, Generator, Sequence
from dataclasses import asdict, dataclass, field
from typing import IO

import torch

from autograder.config import DEADLINE_S
from autograder.examine.examiner import Examiner
from autograder.grading.forking import fork_and_tell
from autograder.grading.take_in import WorkItem, take_in
from autograder.results import CheckResult, GradingResult, internal_error

__all__ = ["grade_all", "grade_one"]

_OVERDUE = (
    "Grading was not finished in time, so there is no score yet. Please submit again; if the same "
    "happens, tell the course staff."
)


@dataclass
class _Child:
    item: WorkItem
    pid: int
    pipe: int
    text: bytearray = field(default_factory=bytearray)
    started: float = field(default_factory=time.monotonic)
    is_overdue: bool = False


def grade_all(
    examiner: Examiner,
    items: Sequence[WorkItem],
    *,
    jobs: int,
    keyword: str = "",
    deadline_s: float = DEADLINE_S,
) -> Generator[GradingResult, None, None]:
    """Grade each submission, up to ``jobs`` at once; results come as they are ready.

    One that takes longer than ``deadline_s`` of wall time has no score, and what it had by then.
    """
    torch.set_num_threads(1)  # a fork of a process with a pool of threads can hang
    gc.collect()
    gc.freeze()
    waiting = list(reversed(items))
    running: dict[int, _Child] = {}
    selector = selectors.DefaultSelector()
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                examiner.sandbox.zygote.revive()  # else all who come after it would have no score
                child = _start(examiner, waiting.pop(), keyword)
                running[child.pipe] = child
                selector.register(child.pipe, selectors.EVENT_READ)
            ready = {key.fd for key, _ in selector.select(timeout=1.0)}
            for pipe in ready:
                child = running[pipe]
                part = os.read(child.pipe, 1 << 16)
                child.text += part
                if not part:
                    selector.unregister(pipe)
                    del running[pipe]
                    yield _finish(child)
            for child in running.values():
                # What has something to say may have ended long ago: whoever takes the results
                # decides how soon it is read.
                if child.pipe not in ready and time.monotonic() - child.started > deadline_s:
                    child.is_overdue = True
                    os.kill(child.pid, signal.SIGKILL)  # its worker ends with its slot
    finally:
        for child in running.values():
            os.kill(child.pid, signal.SIGKILL)  # its worker ends with its slot
            os.close(child.pipe)
            os.waitpid(child.pid, 0)
        selector.close()
        gc.unfreeze()


def grade_one(
    examiner: Examiner,
    item: WorkItem,
    keyword: str = "",
    on_verdict: Callable[[CheckResult], None] | None = None,
) -> GradingResult:
    """Grade in this process; whatever goes wrong, there is a result."""
    source = take_in(item, examiner.assignment.module)
    if isinstance(source, GradingResult):
        return source
    try:
        return examiner.examine(item.name, source, keyword, on_verdict)
    except Exception:
        return internal_error(item.name, traceback.format_exc(limit=-6))


def _start(examiner: Examiner, item: WorkItem, keyword: str) -> _Child:
    def grade(pipe: IO[str]) -> None:
        def tell(check: CheckResult) -> None:
            print(json.dumps({"check": asdict(check)}), file=pipe, flush=True)

        result = grade_one(examiner, item, keyword, tell)
        print(json.dumps({"result": result.to_json(examiner.assignment)}), file=pipe)

    pid, pipe = fork_and_tell(grade)
    return _Child(item, pid, pipe)


def _finish(child: _Child) -> GradingResult:
    """The result that the child told last; without one, what it told of single checks."""
    os.close(child.pipe)
    _, status = os.waitpid(child.pid, 0)
    checks: list[CheckResult] = []
    for line in bytes(child.text).split(b"\n")[:-1]:
        told = json.loads(line)
        if "result" in told:
            return GradingResult.from_json(told["result"])
        checks.append(CheckResult.from_json(told["check"]))
    name, seconds = child.item.name, time.monotonic() - child.started
    if child.is_overdue:
        detail = f"stopped after {seconds:.0f} s, past the deadline"
        return internal_error(name, detail, message=_OVERDUE, checks=checks)
    code = os.waitstatus_to_exitcode(status)
    return internal_error(name, f"the examiner ended with status {code}", checks=checks)
