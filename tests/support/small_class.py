"""A class of a small assignment: two questions, nothing to train, graded in a moment."""

import csv
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from support.gradescope_folders import ASSIGNMENT, CHECKS, HALF, RIGHT

PROGRAMS = {"right": RIGHT, "half": HALF, "none": "x = 1\n", "empty": "",
            "raises": "def one():\n    raise ValueError('no')\n"}  # fmt: skip


@dataclass
class SmallClass:
    """An assignment, submissions, and a folder for grades."""

    root: Path

    @property
    def assignment(self) -> Path:
        return self.root / "assignment"

    @property
    def submissions(self) -> Path:
        return self.root / "class"

    @property
    def grades(self) -> Path:
        return self.root / "grades"

    def submit(self, name: str, text: str = RIGHT) -> Path:
        path = self.submissions / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def change_a_check(self) -> None:
        """From now on 2 is no longer right for the second question, and 3 is."""
        path = self.assignment / "hidden" / "test_all.py"
        path.write_text(path.read_text().replace("returns_number(2)", "returns_number(3)"))

    def start(
        self, *options: str, command: str = "grade", paths: Sequence[Path] = ()
    ) -> "subprocess.Popen[str]":
        graded = list(paths) or [self.submissions] if command == "grade" else []
        return subprocess.Popen(
            [sys.executable, "-m", "autograder", command, *map(str, graded),
             "--output", str(self.grades), *options],
            env={**os.environ, "AUTOGRADER_ROOT": str(self.assignment)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )  # fmt: skip

    def run(
        self, *options: str, command: str = "grade", code: int = 0
    ) -> "subprocess.CompletedProcess[str]":
        process = self.start(*options, command=command)
        out, err = process.communicate(timeout=300)
        assert process.returncode == code, (process.returncode, out, err)
        assert "Traceback" not in err
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def run_on(self, *names: str) -> "subprocess.CompletedProcess[str]":
        """Grade these submissions alone."""
        process = self.start(paths=[self.submissions / name for name in names])
        out, err = process.communicate(timeout=300)
        assert process.returncode == 0, (process.returncode, out, err)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def table(self, name: str = "grades.csv") -> list[dict[str, str]]:
        with (self.grades / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def scores(self) -> dict[str, str]:
        return {row["submission"]: row["score"] for row in self.table()}

    def wait_for(self, count: int, process: "subprocess.Popen[str]") -> None:
        """Until that many submissions have a results.json."""
        deadline = time.monotonic() + 120
        while len(list(self.grades.glob("results/**/*.json"))) < count:
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def wait_until_it_loads(self, process: "subprocess.Popen[str]") -> None:
        """Until it has begun to load numpy and its like: before, the process is Python's own."""
        maps = Path(f"/proc/{process.pid}/maps")
        deadline = time.monotonic() + 120
        while "_multiarray_umath" not in maps.read_text(encoding="utf-8"):
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.01)


def lay_out(root: Path, *, copies: int = 1) -> SmallClass:
    """Every program so many times."""
    small = SmallClass(root)
    (small.assignment / "hidden").mkdir(parents=True)
    (small.assignment / "solutions").mkdir()
    (small.assignment / "assignment.toml").write_text(ASSIGNMENT, encoding="utf-8")
    (small.assignment / "hidden" / "test_all.py").write_text(CHECKS, encoding="utf-8")
    (small.assignment / "solutions" / "answers.py").write_text(RIGHT, encoding="utf-8")
    for number in range(copies):
        for name, text in PROGRAMS.items():
            small.submit(f"{name} {number}.py", text)
    return small


def stop(
    process: "subprocess.Popen[str]", number: int = signal.SIGKILL, within_s: float = 60
) -> str:
    """Send a signal, after which it must end; what it printed to standard error."""
    process.send_signal(number)
    return process.communicate(timeout=within_s)[1]


def copy_of(small: SmallClass, root: Path) -> SmallClass:
    """The same without grades."""
    shutil.copytree(small.assignment, root / "assignment")
    shutil.copytree(small.submissions, root / "class")
    return SmallClass(root)
