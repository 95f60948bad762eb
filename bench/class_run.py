"""A class in one run, against one `otter run` for each, against nbgrader, and against no isolation.

All grade the same files with the same hidden checks, one process at a time, and all that a command
starts counts, also its own start: the CPU seconds of every process below it. Plain Otter and
nbgrader run the checks in the kernel that holds the student's functions, as in `bench.gradescope`.

The submissions answer every question that needs no training, nine answers of ten right, each in a
way of its own from `tests/programs`; those that train are left empty, for to train costs everybody
the same. Against "bare", which is a fork of a warm process that calls the student's functions
itself, see `bench.overhead`, the reference is graded with all of its training.
"""

import gc
import json
import os
import pkgutil
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import torch
from nbformat.v4 import new_code_cell, new_notebook

from autograder.worker import compiler
from autograder.worker.allocator import keep_freed_memory
from bench.gradescope import cpu_of_children, plain
from bench.overhead import forked, grade_bare
from tests.support.local import FUNCTIONS, REFERENCE, UNTRAINED

_ROOT = Path(__file__).resolve().parents[1]
_NBGRADER = _ROOT / "build" / "nbgrader" / "bin"  # the Makefile puts it there
_CLASS = 40
_TIMES = 10  # as many in the large class
_EVERY = 5  # of the class, to plain Otter, which starts anew for each: the rest takes the same
_RIGHT = 0.9  # of the answers
_TRAINED = 4
_TURNS = 3
_LOOK_S = 0.1
_GRADE_CELL = f"""
import sys
sys.path[:0] = [{str(_ROOT)!r}, {str(_ROOT / "tests")!r}]
from support import local
assert len(local.grade(globals())) > 50
"""


@dataclass(frozen=True)
class Run:
    """What a command took: CPU seconds, and the highest RSS and PSS of its first process."""

    cpu_s: float
    rss: int = 0
    pss: int = 0


def main() -> None:
    """Print the tables."""
    sources = list(class_of(_CLASS))
    some = sources[::_EVERY]
    large = [f"{source}\n# {copy}\n" for copy in range(_TIMES) for source in sources]
    with tempfile.TemporaryDirectory(prefix="autograder-bench-") as name:
        folder = Path(name)
        small = _graded(folder / "small", sources)
        otter = statistics.mean(_otter(folder, source) for source in some)
        nbgrader = _nbgrader(folder / "course", sources) / _CLASS
        big = _graded(folder / "big", large)
        start = _graded(folder / "start", [""]).cpu_s  # nothing to grade: rejected
        bares, classes = [], []
        for turn in range(_TURNS):  # a processor's speed drifts within minutes
            bares.append(_bare())
            run = _graded(folder / f"trained {turn}", [REFERENCE] * _TRAINED)
            classes.append(run.cpu_s / _TRAINED)
        bare, trained = min(bares), min(classes)  # what disturbs a turn only adds to it
    each, each_of_big = small.cpu_s / len(sources), big.cpu_s / len(large)
    print(f"{'':44}{'CPU-s each':>10}{'of':>8}")
    _cost("autograder grade, without training", each, f"{len(sources)}")
    _cost("the same", each_of_big, f"{len(large)}")
    _cost("plain otter run", otter, f"{len(some)} of the {len(sources)}")
    _cost("nbgrader autograde", nbgrader, f"{len(sources)}")
    _cost("autograder grade, the reference with training", trained, f"{_TRAINED}")
    _cost("the same bare", bare, f"{_TRAINED}")
    _cost("to start autograder grade, which is in the above", start, "1")
    print(f"\n{'':44}{'ratio':>10}{'aim':>8}")
    _ratio("against plain Otter, without training", each / otter, 1 / 12)
    _ratio("against nbgrader, without training", each / nbgrader, 1 / 7)
    _ratio("one of 400 against one of 40", each_of_big / each, 1.05)
    for kind, more, less in (("RSS", big.rss, small.rss), ("PSS", big.pss, small.pss)):
        title = f"peak {kind} of the grader, {more >> 20} and {less >> 20} MB"
        _ratio(title, more / less, 1.05)
    _ratio(f"a class of {_TRAINED} with training, against bare", trained / bare, 1.1)
    computed = trained - start / _TRAINED + start / _CLASS
    _ratio(f"the same computed for a class of {_CLASS}", computed / bare, 1.1)


def _cost(title: str, cpu_s: float, of: str) -> None:
    print(f"{title:48}{cpu_s:6.2f}   of {of}")


def _ratio(title: str, value: float, aim: float) -> None:
    print(f"{title:46}{value:8.3f}{aim:8.3f}  {'met' if value <= aim else 'NOT MET'}")


def class_of(size: int) -> Iterator[str]:
    """Different submissions, none of which trains; always the same ones."""
    sys.path.append(str(_ROOT / "tests"))  # the tables import each other from there
    tables = {right: pkgutil.resolve_name(f"programs.{module}")
              for right, module in ((True, "correct:CORRECT"), (False, "wrong:WRONG"))}  # fmt: skip
    draw = random.Random(0)
    for number in range(size):
        answers = []
        for question in FUNCTIONS:
            table = tables[draw.random() < _RIGHT]
            answers.append(draw.choice([p.source for p in table if p.question == question]))
        yield "\n".join([UNTRAINED, *answers, f"# submission {number}\n"])


def _graded(folder: Path, sources: Sequence[str]) -> Run:
    """`autograder grade` of all, one at a time."""
    for number, source in enumerate(sources):
        path = folder / "class" / str(number) / "cnn_principles.py"
        path.parent.mkdir(parents=True)
        path.write_text(source, encoding="utf-8")
    command = [sys.executable, "-m", "autograder", "grade", str(folder / "class")]
    return _run([*command, "--output", str(folder / "grades"), "--jobs", "1"], _ROOT)


def _otter(folder: Path, source: str) -> float:
    """CPU seconds of one `otter run`."""
    config = {"otter_config.json": (_ROOT / "otter_config.json").read_bytes()}
    return plain(config, folder, source, False).cpu_s


def _nbgrader(course: Path, sources: Sequence[str]) -> float:
    """CPU seconds of one `nbgrader autograde` of all."""
    notebooks = {f"submitted/student{i}": source for i, source in enumerate(sources)}
    for place, source in {"source": "", **notebooks}.items():
        path = course / place / "cnn" / "cnn.ipynb"
        path.parent.mkdir(parents=True)
        cells = [_cell("answers", source, solution=True), _cell("all", _GRADE_CELL, grade=True)]
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    # It looks for its tools on the path; and pytest's plugins of its dependencies are not ours.
    env = {"PATH": f"{_NBGRADER}:{os.environ['PATH']}", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    _run([str(_NBGRADER / "nbgrader"), "generate_assignment", "cnn"], course, env)
    run = _run([str(_NBGRADER / "nbgrader"), "autograde", "cnn"], course, env)
    done = list((course / "autograded").glob("*/cnn/cnn.ipynb"))
    tests = [json.loads(path.read_text(encoding="utf-8"))["cells"][-1] for path in done]
    if sum(bool(t["execution_count"]) and not t["outputs"] for t in tests) != len(sources):
        sys.exit(f"nbgrader did not run the checks on all submissions: {tests}")
    return run.cpu_s


def _cell(name: str, source: str, *, solution: bool = False, grade: bool = False) -> Any:
    marks = {"schema_version": 3, "grade_id": name, "solution": solution, "grade": grade,
             "locked": grade, "task": False}  # fmt: skip
    points = {"points": 1} if grade else {}
    return new_code_cell(source, id=name, metadata={"nbgrader": {**marks, **points}})


def _run(command: Sequence[str], folder: Path, more: Mapping[str, str] | None = None) -> Run:
    """Run a command to its end, and look at its first process meanwhile.

    The grader waits for its children and for the zygote, and the zygote, a subreaper, for all
    workers: so their CPU time is in that of the command.
    """
    before = cpu_of_children()
    process = subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, **(more or {})},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
    )
    rss = pss = 0
    while process.poll() is None:
        rss = max(rss, _kilobytes(process.pid, "status", "VmHWM"))
        pss = max(pss, _kilobytes(process.pid, "smaps_rollup", "Pss"))
        time.sleep(_LOOK_S)
    if process.returncode:
        sys.exit(f"{command} ended with status {process.returncode}")
    return Run(cpu_of_children() - before, rss << 10, pss << 10)


def _kilobytes(pid: int, file: str, field: str) -> int:
    """A figure that the kernel has of a process; 0 when it has just ended."""
    try:
        text = Path(f"/proc/{pid}/{file}").read_text(encoding="utf-8")
    except OSError:
        return 0
    _, found, rest = text.partition(f"\n{field}:")
    return int(rest.split()[0]) if found else 0


def _bare() -> float:
    """What `bare` says in a process of its own: torch is a third slower in one as used as this."""
    command = [sys.executable, "-c", "from bench.class_run import bare; print(bare())"]
    return float(subprocess.run(command, cwd=_ROOT, capture_output=True, check=True).stdout)


def bare() -> float:
    """CPU seconds of all checks on the reference, with training, in a fork of a warm process."""
    torch.set_num_threads(1)  # as the grader does before it forks
    compiler.install()
    keep_freed_memory()
    gc.freeze()  # as the zygote does: no collection copies what the fork shares
    return statistics.mean(forked(lambda: grade_bare("")) for _ in range(_TRAINED))


if __name__ == "__main__":
    main()
