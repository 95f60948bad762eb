"""A copy of the assignment, for tests that build it, change it or break it."""

import shutil
from pathlib import Path

__all__ = ["ROOT", "copy_assignment"]

ROOT = Path(__file__).resolve().parents[2]


def copy_assignment(target: Path) -> Path:
    """All that a build reads and writes, so that it changes nothing in the repository."""
    for folder in ("assignment", "tests/hidden", "solutions"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / folder, target / folder, ignore=ignored)
    shutil.copy(ROOT / "otter_config.json", target)
    return target
