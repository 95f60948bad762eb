"""One submission on Gradescope, against plain Otter with the same checks: time, CPU, memory.

Both start from nothing, as a container does, and end with results.json. Plain Otter runs the module
in its kernel and, as a test, the same hidden checks there, on the functions themselves: nothing is
confined, and nothing that the checks say reaches the student. Both are run in turns.

Memory is PSS, which counts a page that processes share once, of the whole process tree; it is taken
in a run of its own, because to look at it takes time. Where there is as much memory as here, Otter
starts beside the grading; `make test-gradescope` measures the smallest container, where it waits.
"""

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from autograder.package.archive import read_zip, zip_bytes
from autograder.package.build import build
from tests.support.local import REFERENCE, UNTRAINED

_ROOT = Path(__file__).resolve().parents[1]
_ROUNDS = 5
_EVERY_S = 0.02
_ROLES = {  # by what stands in the command line, the first that fits
    "zygote and workers": "autograder.worker",
    "autograder grade": "autograder\0grade",
    "run_autograder": "autograder.gradescope",
    "kernel": "ipykernel",
}
_PLAIN_TEST = f"""
OK_FORMAT = False
name = "all"
points = 1

from otter.test_files import test_case


@test_case()
def test_all(env):
    import sys
    sys.path[:0] = [{str(_ROOT)!r}, {str(_ROOT / "tests")!r}]
    from support import local
    assert len(local.grade(env)) > 50
"""


@dataclass
class Usage:
    """What a run took; ``peak`` is the highest PSS in bytes, and who had it by role."""

    wall_s: float = 0.0
    cpu_s: float = 0.0
    peak: int = 0
    roles: dict[str, int] = field(default_factory=dict)

    def shares(self) -> str:
        """Who had how much at the peak."""
        return ", ".join(f"{role} {size / 1e6:.0f}" for role, size in self.roles.items())


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory(prefix="autograder-bench-") as name:
        folder = Path(name)
        build(folder)
        package = read_zip((folder / "autograder.zip").read_bytes())
        roads: dict[str, Callable[[str, bool], Usage]] = {
            "run_autograder": lambda *how: _gradescope(package, folder, *how),
            "plain otter run": lambda *how: plain(package, folder, *how),
        }
        timed: dict[str, list[Usage]] = {title: [] for title in roads}
        for _ in range(_ROUNDS):
            for title, road in roads.items():
                timed[title].append(road(UNTRAINED, False))
        print(f"{'':24}{'wall s':>8}{'CPU s':>8}{'ratio':>8}  without training; ratio of wall time")
        for title, usages in timed.items():
            wall, cpu = (
                statistics.median(getattr(usage, key) for usage in usages)
                for key in ("wall_s", "cpu_s")
            )
            pairs = zip(usages, timed["plain otter run"], strict=True)
            ratio = statistics.median(a.wall_s / b.wall_s for a, b in pairs)
            print(f"{title:24}{wall:8.2f}{cpu:8.2f}{ratio:8.2f}")
        print(f"{'':24}{'wall s':>8}{'CPU s':>8}{'peak PSS, MB':>14}  with training")
        usage = roads["run_autograder"](REFERENCE, True)
        print(f"{'run_autograder':24}{usage.wall_s:8.2f}{usage.cpu_s:8.2f}{usage.peak / 1e6:14.0f}")
        print(f"    at the peak: {usage.shares()}")


def _gradescope(
    package: Mapping[str, bytes], folder: Path, source: str, with_memory: bool
) -> Usage:
    root = folder / "autograder"
    shutil.rmtree(root, ignore_errors=True)
    for name, content in package.items():
        path = root / "source" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    for name in ("submission", "results"):
        (root / name).mkdir()
    (root / "submission" / "cnn_principles.py").write_text(source, encoding="utf-8")
    (root / "submission_metadata.json").write_text("{}", encoding="utf-8")
    command = ["bash", str(root / "source" / "run_autograder")]
    usage = _watched(command, root, with_memory)
    document = json.loads((root / "results" / "results.json").read_text(encoding="utf-8"))
    if "score" not in document:
        sys.exit(f"run_autograder failed: {document}")
    return usage


def plain(package: Mapping[str, bytes], folder: Path, source: str, with_memory: bool) -> Usage:
    """The zip for an Otter that knows nothing of us."""
    config = json.loads(package["otter_config.json"])
    del config["plugins"]
    files = {
        "otter_config.json": json.dumps(config).encode(),
        "tests/all.py": _PLAIN_TEST.encode(),
    }
    path, submission = folder / "plain.zip", folder / "cnn_principles.py"
    path.write_bytes(zip_bytes(files))
    submission.write_text(source, encoding="utf-8")
    command = [sys.executable, "-P", "-m", "otter", "run", "-a", str(path), str(submission)]
    usage = _watched(command, folder, with_memory)
    document = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    if not any(test.get("score") for test in document["tests"]):
        sys.exit(f"plain Otter did not run the checks: {document}")
    return usage


def _watched(command: Sequence[str], folder: Path, with_memory: bool) -> Usage:
    """Run a command; with memory, a thread beside it looks at that of the tree."""
    usage, start, cpu = Usage(), time.monotonic(), cpu_of_children()
    process = subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, "AUTOGRADER_PYTHON": sys.executable},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    ended = threading.Event()
    watcher = threading.Thread(target=_watch, args=(process.pid, usage, ended))
    if with_memory:
        watcher.start()
    code = process.wait()
    usage.wall_s, usage.cpu_s = time.monotonic() - start, cpu_of_children() - cpu
    ended.set()
    if with_memory:
        watcher.join()
    if code:
        sys.exit(f"{command} ended with status {code}")
    return usage


def _watch(root: int, usage: Usage, ended: threading.Event) -> None:
    while not ended.wait(_EVERY_S):
        sizes = _memory_by_role(root)
        if sum(sizes.values()) > usage.peak:
            usage.peak, usage.roles = sum(sizes.values()), sizes


def cpu_of_children() -> float:
    """CPU seconds of the processes that have ended and been waited for, and of theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _memory_by_role(root: int) -> dict[str, int]:
    """Bytes of PSS below process ``root``, by what the processes are."""
    sizes: dict[str, int] = {}
    for pid in _tree(root, _children()):
        try:
            command = Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8", errors="replace")
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8")
        except OSError:  # it has just ended
            continue
        role = next((role for role, mark in _ROLES.items() if mark in command), "otter")
        kilobytes = int(rollup.partition("Pss:")[2].split()[0])
        sizes[role] = sizes.get(role, 0) + (kilobytes << 10)
    return sizes


def _children() -> Mapping[int, list[int]]:
    """The processes by their parent."""
    children: dict[int, list[int]] = {}
    for entry in os.scandir("/proc"):
        if not entry.name.isdigit():
            continue
        try:
            stat = Path(entry.path, "stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        parent = int(stat.rpartition(")")[2].split()[1])
        children.setdefault(parent, []).append(int(entry.name))
    return children


def _tree(root: int, children: Mapping[int, list[int]]) -> Iterator[int]:
    yield root
    for child in children.get(root, ()):
        yield from _tree(child, children)


if __name__ == "__main__":
    main()
