"""The engine as a wheel, built from a clean copy of its checkout.

A copy, because setuptools leaves folders behind, and picks up modules from folders that an earlier
build left.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from autograder.errors import UsageError
from autograder.package.archive import read_zip, zip_bytes

__all__ = ["build_wheel"]

_CHECKOUT = Path(__file__).resolve().parents[2]
_EPOCH = "315532800"  # 1 January 1980, the first moment that a zip knows
_BUILD = "import sys; from setuptools import build_meta; build_meta.build_wheel(sys.argv[1])"


def build_wheel() -> tuple[str, bytes]:
    """The wheel's name and its bytes; raises UsageError where it cannot be built."""
    if not (_CHECKOUT / "pyproject.toml").is_file():
        raise UsageError("`autograder build` packs the engine itself: run it from its checkout.")
    with tempfile.TemporaryDirectory(prefix="autograder-wheel-") as folder:
        copy, output = Path(folder, "copy"), Path(folder, "wheel")
        output.mkdir()
        _copy(copy)
        done = subprocess.run(
            [sys.executable, "-c", _BUILD, str(output)],
            cwd=copy,
            env={**os.environ, "SOURCE_DATE_EPOCH": _EPOCH},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        wheels = list(output.glob("*.whl"))
        if done.returncode or len(wheels) != 1:
            reason = (done.stdout.strip().splitlines() or ["no reason given"])[-1]
            raise UsageError(f"The engine's wheel cannot be built (setuptools >= 77?): {reason}")
        return wheels[0].name, zip_bytes(read_zip(wheels[0].read_bytes()))


def _copy(target: Path) -> None:
    target.mkdir()
    shutil.copytree(
        _CHECKOUT / "autograder", target / "autograder",
        ignore=shutil.ignore_patterns("__pycache__", ".*"),
    )  # fmt: skip
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        if (_CHECKOUT / name).is_file():
            shutil.copy(_CHECKOUT / name, target / name)
