"""`--scheduler`: a real Dask scheduler and real worker processes, and what may happen to them."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from support.small_class import SmallClass, lay_out, stop

from autograder.intake import Source

pytest.importorskip("distributed", reason="the extra `cluster` is not installed")

from autograder.grading.cluster.order import Order

REJECTED = 4
"""The empty ones among the submissions, which never leave this machine."""


@dataclass
class Cluster:
    """A scheduler, and workers with one thread each, every one in a session of its own."""

    folder: Path
    port: int
    scheduler: "subprocess.Popen[bytes] | None" = None
    workers: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"tcp://127.0.0.1:{self.port}"

    def start_scheduler(self) -> None:
        self.scheduler = self._start("scheduler", "--port", str(self.port))
        deadline = time.monotonic() + 60
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            assert time.monotonic() < deadline
            time.sleep(0.1)

    def start_worker(self, root: Path) -> None:
        options = ["--nthreads", "1", "--no-nanny", "--memory-limit", "0"]
        self.workers.append(self._start("worker", self.address, *options, root=root))

    def _start(self, what: str, *options: str, root: Path = Path()) -> "subprocess.Popen[bytes]":
        with (self.folder / f"{what}-{time.monotonic_ns()}.log").open("wb") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "distributed.cli.dask_" + what, *options, "--no-dashboard"],
                env={**os.environ, "AUTOGRADER_ROOT": str(root)},
                cwd=self.folder,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def graders(self, worker: int) -> list[int]:
        """The processes that grade for a worker."""
        path = Path(f"/proc/{self.workers[worker].pid}/task")
        children = [int(pid) for one in path.glob("*/children") for pid in one.read_text().split()]
        return [pid for pid in children if b"cluster.server" in _command(pid)]

    def wait_for_graders(self) -> None:
        deadline = time.monotonic() + 60
        while not all(self.graders(number) for number in range(len(self.workers))):
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def close(self) -> None:
        for process in [*self.workers, self.scheduler]:
            if process is not None:
                process.kill()
                process.wait()


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


@pytest.fixture
def small(tmp_path: Path) -> SmallClass:
    return lay_out(tmp_path, copies=4)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path / "cluster"
    folder.mkdir()
    made = Cluster(folder, port)
    yield made
    made.close()


@pytest.fixture
def two(cluster: Cluster, small: SmallClass) -> Cluster:
    """One worker has the assignment as a folder, the other as a zip."""
    cluster.start_scheduler()
    cluster.start_worker(small.assignment)
    archive = shutil.make_archive(str(cluster.folder / "autograder"), "zip", small.assignment)
    cluster.start_worker(Path(archive))
    return cluster


def lay_out_more(small: SmallClass) -> None:
    """So many that the first two are not the last ones, too."""
    for number in range(40):
        small.submit(f"more {number}.py")


def expected(small: SmallClass) -> bytes:
    """What grading on this machine alone writes."""
    here = SmallClass(small.root)
    process = subprocess.run(
        [sys.executable, "-m", "autograder", "grade", str(small.submissions), "--output",
         str(small.root / "here")],
        env={**os.environ, "AUTOGRADER_ROOT": str(here.assignment)},
        capture_output=True,
        check=True,
    )  # fmt: skip
    assert b"internal" not in process.stdout
    return (small.root / "here" / "grades.csv").read_bytes()


def test_a_cluster_writes_the_same_grades_byte_for_byte(two: Cluster, small: SmallClass) -> None:
    small.run("--scheduler", two.address)
    assert (small.grades / "grades.csv").read_bytes() == expected(small)
    assert all(two.graders(number) for number in (0, 1)), "both have graded"
    assert "20 of 20 are graded already" in small.run("--scheduler", two.address).stderr


def test_a_worker_that_is_killed_in_the_middle_costs_nothing(
    two: Cluster, small: SmallClass
) -> None:
    process = small.start("--scheduler", two.address)
    two.wait_for_graders()
    small.wait_for(REJECTED + 2, process)
    two.workers[1].kill()
    _, error = process.communicate(timeout=120)
    assert process.returncode == 0, error
    assert "Traceback" not in error
    assert (small.grades / "grades.csv").read_bytes() == expected(small)


def test_a_grader_that_is_killed_is_started_anew(two: Cluster, small: SmallClass) -> None:
    process = small.start("--scheduler", two.address)
    two.wait_for_graders()
    small.wait_for(REJECTED + 2, process)
    for number in (0, 1):
        for pid in two.graders(number):
            os.kill(pid, signal.SIGKILL)
    _, error = process.communicate(timeout=120)
    assert process.returncode == 0, error
    assert (small.grades / "grades.csv").read_bytes() == expected(small)


def test_a_scheduler_that_is_started_anew_is_found_again(two: Cluster, small: SmallClass) -> None:
    lay_out_more(small)
    process = small.start("--scheduler", two.address)
    small.wait_for(REJECTED + 2, process)
    assert two.scheduler is not None
    two.scheduler.kill()
    two.scheduler.wait()
    time.sleep(1)
    two.start_scheduler()
    two.start_worker(small.assignment)
    _, error = process.communicate(timeout=180)
    assert process.returncode == 0, error
    assert f"the scheduler at {two.address} was lost" in error
    assert "Traceback" not in error
    assert (small.grades / "grades.csv").read_bytes() == expected(small)


def test_what_no_grader_survives_is_reported_and_lost_by_nobody_else(
    two: Cluster, small: SmallClass
) -> None:
    path = small.assignment / "hidden" / "test_all.py"
    path.write_text(
        path.read_text().replace(
            'def test_two(student):\n    """Two is 2."""\n',
            'def test_two(student):\n    """Two is 2."""\n    import os\n'
            "    if student.two().value == 3:\n        os.kill(os.getppid(), 9)\n",
        )
    )
    stale = two.workers.pop()  # its zip is the old one
    stale.kill()
    stale.wait()
    done = small.run("--scheduler", two.address, code=1)
    rows = {row["submission"]: row for row in small.table()}
    assert len(rows) == 20
    for name, row in rows.items():
        assert (row["status"] == "internal_error") == name.startswith("half"), name
    assert "the grader ended with status -9" in done.stderr


def test_workers_that_come_late_are_waited_for(cluster: Cluster, small: SmallClass) -> None:
    cluster.start_scheduler()
    process = small.start("--scheduler", cluster.address)
    time.sleep(4)
    cluster.start_worker(small.assignment)
    _, error = process.communicate(timeout=120)
    assert process.returncode == 0, error
    assert "the scheduler has no workers yet; waiting for them" in error
    assert len(small.table()) == 20


def test_a_worker_with_another_assignment_is_refused(cluster: Cluster, small: SmallClass) -> None:
    other = cluster.folder / "other"
    shutil.copytree(small.assignment, other)
    cluster.start_scheduler()
    cluster.start_worker(other)
    small.change_a_check()
    done = small.run("--scheduler", cluster.address, code=2)
    assert "A worker of the cluster refused to grade: the assignment, this package" in done.stderr
    assert f"There: AUTOGRADER_ROOT={other}, Python 3." in done.stderr
    assert not (small.grades / "grades.csv").exists()


def test_without_a_scheduler_it_is_said(cluster: Cluster, small: SmallClass) -> None:
    done = small.run("--scheduler", "nonsense://x", code=2)
    assert "autograder: --scheduler nonsense://x: " in done.stderr
    done = small.run("--scheduler", cluster.address, code=2)
    assert f"No Dask scheduler answers at {cluster.address}" in done.stderr


def test_ctrl_c_stops_soon_there_too(two: Cluster, small: SmallClass) -> None:
    process = small.start("--scheduler", two.address)
    small.wait_for(REJECTED + 2, process)
    error = stop(process, signal.SIGINT, within_s=10)
    assert process.returncode == 130
    assert "are graded and saved" in error
    assert "Traceback" not in error
    small.run("--scheduler", two.address)
    assert (small.grades / "grades.csv").read_bytes() == expected(small)


def test_an_order_comes_back_as_it_was() -> None:
    source = Source(name="a.py", language="module", cells=("x = 1\n", "ö\0\u2028"),
                    notes=("n",), digest="d")  # fmt: skip
    order = Order(name="a", source=source, assignment_digest="x", deadline_s=1.5)
    assert "\n" not in order.to_line()
    assert Order.from_line(order.to_line()) == order
    assert order.read("answers") is source
