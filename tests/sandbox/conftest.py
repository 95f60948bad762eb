"""What the attacks share: a sandbox with small limits, and a way to run a student's text in it."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autograder.checking.reply import Reply, WorkerStopped
from autograder.config import Assignment, load_assignment
from autograder.host.question import QuestionTransport
from autograder.host.sandbox import Place, Sandbox, open_sandbox
from autograder.host.worker import CellReport, Worker
from autograder.intake import Source

ROOT = Path(__file__).resolve().parents[2]

# Small, so that the attacks end soon; CPU time decides, so a slow machine changes nothing.
SMALL = {
    "cell_cpu_s": 1.0,
    "cells_cpu_s": 3.0,
    "call_cpu_s": 1.0,
    "question_cpu_s": 3.0,
    "sleep_s": 2.0,
    "memory_mb": 1000,
    "disk_mb": 16,
    "files": 300,
    "processes": 24,
    "output_kb": 16,
    "answer_mb": 8,
}

TOKEN = "of the grader's environment"
EVERY_LAYER, WITHOUT_LANDLOCK = "with every layer", "without Landlock"

PROBE = '''
def probe(code):
    """What came of running ``code``: its ``result``, or the name of what it raised."""
    names = {}
    try:
        exec(code, names)
    except BaseException as error:
        return type(error).__name__
    return names.get("result", "done")
'''


class Submitted:
    """A submission whose cells have run."""

    def __init__(self, place: Place, cells: tuple[str, ...]) -> None:
        self.place = place
        source = Source(name="x", language="notebook", cells=cells, notes=(), digest="")
        self.worker = Worker(place, source, "cnn_principles")
        self.reports: tuple[CellReport, ...] = self.worker.run_cells()
        self.question: QuestionTransport = QuestionTransport(self.worker)

    @property
    def session(self) -> int:
        return self.worker._pid

    @property
    def output(self) -> str:
        return self.worker.output.text()

    def call(self, name: str = "attack", *args: Any, echo: bool = False) -> Reply:
        return self.question.call(name, args, {}, echo=echo)

    def value(self, name: str = "attack", *args: Any) -> Any:
        reply = self.call(name, *args)
        assert reply.raised is None, reply.raised
        return reply.value

    def stopped(self, name: str = "attack", *args: Any) -> WorkerStopped:
        with pytest.raises(WorkerStopped) as caught:
            self.call(name, *args)
        return caught.value

    def next_question(self) -> None:
        self.question.close()
        self.question = QuestionTransport(self.worker)


def with_limits(sandbox: Sandbox, **limits: float) -> Sandbox:
    return replace(sandbox, limits=replace(sandbox.limits, **limits))


def until_stopped(submission: Submitted, calls: int, name: str = "attack") -> str:
    """Call again and again; what it was stopped for."""
    for _ in range(calls):
        try:
            submission.call(name)
        except WorkerStopped as stopped:
            return stopped.sentence
    return "not at all"


def looks_into_workers() -> bool:
    """Whether the kernel shows the grader its workers' open files: not so in most containers."""
    with open("/proc/self/status", encoding="utf-8") as file:  # noqa: PTH123
        capabilities = next(line for line in file if line.startswith("CapEff:")).split()[1]
    return not is_root() or bool(int(capabilities, 16) & 1 << 19)  # CAP_SYS_PTRACE


@contextmanager
def submitted(sandbox: Sandbox, *cells: str) -> Iterator[Submitted]:
    with sandbox.place() as place:
        submission = Submitted(place, cells)
        try:
            yield submission
        finally:
            submission.question.close()
            submission.worker.close()


@pytest.fixture(scope="session", autouse=True)
def _token() -> Iterator[None]:
    """The grader's environment holds something that no worker may know."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADER_TOKEN", TOKEN)
        yield


@contextmanager
def public_folder() -> Iterator[Path]:
    """A folder that all users may enter, unlike pytest's: nothing is hidden by where it lies."""
    folder = Path(tempfile.mkdtemp(prefix="attacked-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def clone_repository(target: Path) -> Path:
    """What can be graded with of this repository, readable by everyone, as git makes a clone."""
    subprocess.run(["git", "init", "-q", target], check=True)
    for name in ("assignment", "solutions", "tests/hidden"):
        shutil.copytree(ROOT / name, target / name)
    subprocess.run(["chmod", "-R", "a+rX", target], check=True)
    return target


@pytest.fixture
def public() -> Iterator[Path]:
    with public_folder() as folder:
        yield folder


@pytest.fixture(scope="session")
def assignment() -> Iterator[Assignment]:
    """This repository's assignment, in a fresh clone, with small limits."""
    with public_folder() as folder:
        assignment = load_assignment(clone_repository(folder / "clone"))
        yield replace(assignment, limits=replace(assignment.limits, **SMALL))


@pytest.fixture(scope="session")
def whole_sandbox(assignment: Assignment) -> Iterator[Sandbox]:
    with open_sandbox(assignment) as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def sandbox_without_landlock() -> Iterator[Sandbox]:
    """As on a kernel without Landlock; on a clone of its own, since it closes what it protects."""
    if not is_root():
        pytest.skip("as an ordinary user, grading is refused without Landlock")
    with public_folder() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr("autograder.sandbox.landlock.abi", lambda: 0)
        assignment = load_assignment(clone_repository(folder / "clone"))
        limits = replace(assignment.limits, **SMALL)
        with open_sandbox(replace(assignment, limits=limits)) as sandbox:
            yield sandbox


@pytest.fixture(scope="module", params=[EVERY_LAYER, WITHOUT_LANDLOCK])
def sandbox(request: pytest.FixtureRequest) -> Sandbox:
    """The sandbox with Landlock, and as root also without."""
    if request.param == WITHOUT_LANDLOCK:
        return request.getfixturevalue("sandbox_without_landlock")
    sandbox = request.getfixturevalue("whole_sandbox")
    if not sandbox.layers.landlock_abi:
        pytest.skip("this kernel has no Landlock")
    return sandbox


@pytest.fixture
def root(sandbox: Sandbox) -> Path:
    """The repository whose secrets this sandbox keeps."""
    return sandbox.secrets[0].parent


@pytest.fixture
def submit(whole_sandbox: Sandbox) -> Iterator[Callable[..., Submitted]]:
    """``submit(*cells, **limits)`` runs the cells; what is left ends with the test."""
    with ExitStack() as stack:

        def submit(*cells: str, **limits: float) -> Submitted:
            sandbox = with_limits(whole_sandbox, **limits)
            return stack.enter_context(submitted(sandbox, *cells))

        yield submit


@pytest.fixture(scope="module")
def probing(sandbox: Sandbox) -> Iterator[Submitted]:
    with submitted(with_limits(sandbox, call_cpu_s=20, question_cpu_s=20), PROBE) as submission:
        yield submission


@pytest.fixture
def probe(probing: Submitted) -> Callable[[str], Any]:
    """Run code in a fresh question: its ``result``, or the name of the exception it ended with."""

    def probe(code: str) -> Any:
        probing.next_question()
        return probing.value("probe", code)

    return probe


def is_root() -> bool:
    return os.geteuid() == 0
