"""Gradescope's folders with a small assignment in them: two questions, no torch to load."""

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.gradescope.results_format import faults

ROOT = Path(__file__).resolve().parents[2]

ASSIGNMENT = """
title = "Small"
module = "answers"
preload = []
[[questions]]
id = "qa"
title = "One"
points = 3
[[questions]]
id = "qb"
title = "Two"
points = 4
[gradescope]
deadline_s = 60
"""

CHECKS = '''
import pytest


@pytest.mark.question("qa")
@pytest.mark.points(3)
def test_one(student):
    """One is 1."""
    student.one().returns_number(1, hint="SECRET is no part of it.")


@pytest.mark.question("qb")
@pytest.mark.points(4)
def test_two(student):
    """Two is 2."""
    student.two().returns_number(2)
'''

RIGHT = "def one():\n    return 1\n\n\ndef two():\n    return 2\n"
HALF = "def one():\n    return 1\n\n\ndef two():\n    return 3\n"
ENDLESS = "def one():\n    return 1\n\n\ndef two():\n    while True:\n        pass\n"


@dataclass
class Folders:
    """What Gradescope calls /autograder."""

    root: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def results(self) -> Path:
        return self.root / "results" / "results.json"

    def submit(self, **files: str) -> None:
        for name, text in files.items():
            path = self.root / "submission" / name.replace("__", ".")
            path.write_text(text, encoding="utf-8")

    def start(self, *before: str) -> "subprocess.Popen[str]":
        variables = {k: v for k, v in os.environ.items() if k != "AUTOGRADER_ROOT"}
        return subprocess.Popen(
            [*before, str(self.root / "run_autograder")],
            cwd=self.root,
            env={**variables, "AUTOGRADER_PYTHON": sys.executable, **self.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def finish(self, process: "subprocess.Popen[str]") -> tuple[dict[str, Any], str]:
        """The valid results.json and what was printed; the exit code is 0, and nothing is left."""
        printed, _ = process.communicate(timeout=120)
        assert process.returncode == 0, printed
        document = json.loads(self.results.read_text(encoding="utf-8"))
        assert faults(document) == []
        deadline = time.monotonic() + 20  # a killed process ends soon, not at once
        while (left := members(process.pid)) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert not left
        return document, printed

    def run(self) -> tuple[dict[str, Any], str]:
        return self.finish(self.start())


def lay_out(root: Path) -> Folders:
    """As Gradescope does: open to all users."""
    for name in ("source/hidden", "source/solutions", "source/tests", "submission", "results"):
        (root / name).mkdir(parents=True)
    source = root / "source"
    (source / "assignment.toml").write_text(ASSIGNMENT, encoding="utf-8")
    (source / "hidden" / "test_all.py").write_text(CHECKS, encoding="utf-8")
    (source / "solutions" / "answers.py").write_text(RIGHT, encoding="utf-8")
    (source / "tests" / "stub.py").write_text(
        "OK_FORMAT = False\nname = 'stub'\n", encoding="utf-8"
    )
    shutil.copy(ROOT / "otter_config.json", source)
    shutil.copy(ROOT / "autograder" / "package" / "image" / "run_autograder", root)
    (root / "submission_metadata.json").write_text('{"id": 1}', encoding="utf-8")
    return Folders(root)


def members(session: int) -> dict[int, str]:
    """The processes of a session, and of those that it started: command lines by pid."""
    found: dict[int, str] = {}
    parents = {session}
    for entry in sorted((p for p in Path("/proc").iterdir() if p.name.isdigit()),
                        key=lambda p: int(p.name)):  # fmt: skip
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            command = (entry / "cmdline").read_text().replace("\0", " ")
        except OSError:
            continue
        if fields[0] != "Z" and (int(fields[3]) == session or int(fields[1]) in parents):
            parents.add(int(entry.name))
            found[int(entry.name)] = command
    return found


def kill_when_there(process: "subprocess.Popen[str]", name: str, number: int) -> None:
    """Send a signal to the process with ``name`` in its command line, as soon as there is one."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for pid, command in members(process.pid).items():
            if name in command:
                time.sleep(0.3)  # in the middle of things
                os.kill(pid, number)
                return
        assert process.poll() is None, f"ended before there was a {name}"
        time.sleep(0.02)
    raise AssertionError(f"no {name}")
