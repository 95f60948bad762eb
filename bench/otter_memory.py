"""What one `otter run` needs: memory of its whole process tree, CPU and wall seconds.

Memory is PSS, which counts a page that processes share once; the smallest container on Gradescope
has 768 MB. The tree is Otter, `autograder grade`, the zygote, workers, and later Otter's kernel.

Beside it plain Otter runs the same module, without plugin and with a test that does nothing: that
is the least Otter takes, as no check is run and student code runs unconfined in its kernel.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from autograder.package.archive import read_zip, zip_bytes
from autograder.package.build import build

_SAMPLES = Path(__file__).resolve().parents[1] / "tests" / "submissions"
_EVERY_S = 0.01
_ROLES = {  # by what stands in the command line, the first that fits
    "zygote and workers": "autograder.worker",
    "autograder grade": "autograder\0grade",
    "kernel": "ipykernel",
}


@dataclass
class Usage:
    """What a run took; ``peak`` is the highest PSS in bytes, and who had it by role."""

    wall_s: float = 0.0
    cpu_s: float = 0.0
    peak: int = 0
    roles: dict[str, int] = field(default_factory=dict)
    samples: int = 0

    def shares(self) -> str:
        """Who had how much at the peak."""
        return ", ".join(f"{role} {size / 1e6:.0f}" for role, size in self.roles.items())


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory(prefix="autograder-bench-") as name:
        folder = Path(name)
        build(folder)
        package = folder / "autograder.zip"
        plain = _plain(package, folder)
        _otter_run("right.ipynb", package, folder)  # warms the caches of files
        rows = {
            "right.ipynb": _otter_run("right.ipynb", package, folder),
            "right_module.py": _otter_run("right_module.py", package, folder),
            "right_module.py, plain Otter": _otter_run("right_module.py", plain, folder),
        }
    print(f"{'otter run':30}{'peak PSS, MB':>14}{'CPU s':>8}{'wall s':>8}")
    for title, usage in rows.items():
        print(f"{title:30}{usage.peak / 1e6:14.0f}{usage.cpu_s:8.2f}{usage.wall_s:8.2f}")
        print(f"    at the peak: {usage.shares()}; {usage.samples} samples")


def _plain(package: Path, folder: Path) -> Path:
    """The same package for an Otter that knows nothing of us."""
    files = read_zip(package.read_bytes())
    config = json.loads(files["otter_config.json"])
    del config["plugins"]
    path = folder / "plain.zip"
    path.write_bytes(zip_bytes({**files, "otter_config.json": json.dumps(config).encode()}))
    return path


def _otter_run(sample: str, package: Path, folder: Path) -> Usage:
    command = [
        sys.executable,
        "-P",
        "-m",
        "otter",
        "run",
        "-a",
        str(package),
        str(_SAMPLES / sample),
    ]
    usage, start, cpu = Usage(), time.monotonic(), _cpu_of_children()
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, cwd=folder, stdout=quiet, stderr=quiet)
    while process.poll() is None:
        sizes = _memory_by_role(process.pid)
        usage.samples += 1
        if sum(sizes.values()) > usage.peak:
            usage.peak, usage.roles = sum(sizes.values()), sizes
        time.sleep(_EVERY_S)
    if process.returncode:
        sys.exit(f"otter run ended with status {process.returncode}")
    usage.wall_s, usage.cpu_s = time.monotonic() - start, _cpu_of_children() - cpu
    return usage


def _cpu_of_children() -> float:
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
