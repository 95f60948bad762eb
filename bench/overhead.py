"""What isolation costs: the reference graded in the sandbox, against the same checks run bare.

Both are forks of the same warm process, taken in turns in one run, so the machine's mood hits both
alike. CPU seconds, medians. "Bare" calls the student's functions in the process of the checks, as
no autograder may. "Training" is what the checks cost that train on the course data.
"""

import gc
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from autograder.config import load_assignment
from autograder.examine.examiner import Examiner
from autograder.grading.inputs import Submission
from autograder.grading.pool import grade_one
from autograder.host.question import QuestionTransport
from autograder.host.sandbox import Sandbox, open_sandbox
from autograder.host.worker import Worker
from autograder.intake import read_submission
from autograder.worker import compiler
from autograder.worker.allocator import keep_freed_memory
from tests.support import local

_ROUNDS = 15
_WHOLE_ROUNDS = 3
_CALLS = 500
_TICK = os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Print the table."""
    torch.set_num_threads(1)  # as the grader does before it forks
    compiler.install()  # as in the sandbox
    keep_freed_memory()  # there too
    gc.freeze()  # there too: no collection copies what a fork shares
    assignment = load_assignment()
    submission = Submission("reference", assignment.reference)
    with open_sandbox(assignment) as sandbox:
        examiner = Examiner.load(assignment, sandbox)
        rows = {}
        for title, keyword, rounds in (
            ("all checks", "", _WHOLE_ROUNDS),
            ("without training", local.WITHOUT_RUNS, _ROUNDS),
        ):
            bare, confined = [], []
            for _ in range(rounds):
                bare.append(forked(lambda k=keyword: grade_bare(k), sandbox.zygote.pid))
                confined.append(
                    forked(lambda k=keyword: grade_one(examiner, submission, k), sandbox.zygote.pid)
                )
            rows[title] = statistics.median(bare), statistics.median(confined)
        ready, call = _latencies(sandbox, assignment.reference, assignment.module)
    whole, rest = rows.values()
    rows["training"] = whole[0] - rest[0], whole[1] - rest[1]
    print("                     bare   in the sandbox, CPU-s")
    for title, (low, high) in rows.items():
        print(f"{title:18} {low:7.2f}  {high:7.2f}   +{high - low:.2f}, ratio {high / low:.2f}")
    print(f"worker ready                    {1e3 * ready:6.1f} ms")
    print(f"one call, there and back        {1e3 * call:6.3f} ms")


def grade_bare(keyword: str) -> None:
    """Every hidden check on the reference, in this process."""
    results = local.grade(local.namespace_of(local.REFERENCE), keyword=keyword)
    assert not local.failed(results), "the reference must pass"


def forked(work: Callable[[], object], zygote: int | None = None) -> float:
    """CPU seconds of ``work`` in a fork of this process, and of the zygote and its workers."""
    before = _cpu_of(zygote)
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            work()
            status = 0
        finally:
            os._exit(status)
    _, status, usage = os.wait4(pid, 0)
    assert status == 0, "the work failed"
    time.sleep(0.1)  # the zygote reaps the worker's orphans, and so counts them
    return usage.ru_utime + usage.ru_stime + _cpu_of(zygote) - before


def _cpu_of(pid: int | None) -> float:
    """CPU seconds of a process and of its children that it has reaped; of none, none."""
    if pid is None:
        return 0.0
    text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    fields = text[text.rindex(")") + 2 :].split()
    return sum(map(int, fields[11:15])) / _TICK


def _latencies(sandbox: Sandbox, reference: Path, module: str) -> tuple[float, float]:
    """Seconds until the cells have run in a new worker, and of one call."""
    source = read_submission(reference, module=module)
    ready = []
    kernel = np.ones(3)
    for _ in range(_ROUNDS):
        start = time.perf_counter()
        with sandbox.place() as place:
            worker = Worker(place, source, module)
            worker.run_cells()
            ready.append(time.perf_counter() - start)
            transport = QuestionTransport(worker)
            transport.call("build_conv_matrix", [kernel, 9], {})
            start = time.perf_counter()
            for _ in range(_CALLS):
                transport.call("build_conv_matrix", [kernel, 9], {})
            call = (time.perf_counter() - start) / _CALLS
            transport.close()
            worker.close()
    return statistics.median(ready), call


if __name__ == "__main__":
    main()
