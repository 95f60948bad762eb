"""A small assignment in the repository's layout, to be broken."""

import shutil
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from generate_samples import CONFIG, HIDDEN, MASTER

from autograder.config import Assignment, load_assignment

with warnings.catch_warnings():  # what Otter imports is not ours to repair
    warnings.simplefilter("ignore")
    import otter.assign  # noqa: F401

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def small(tmp_path: Path) -> Callable[..., Assignment]:
    """``small(master=..., config=...)`` writes the assignment and loads it."""

    def write(*, master: str = MASTER, config: str = CONFIG, facts: str = "") -> Assignment:
        for folder in ("assignment/student", "tests/hidden", "solutions"):
            (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / "assignment/doubling.py").write_text(master, encoding="utf-8")
        (tmp_path / "assignment/assignment.toml").write_text(config, encoding="utf-8")
        (tmp_path / "assignment/student/README.md").write_text("Read me.\n", encoding="utf-8")
        (tmp_path / "tests/hidden/test_q1.py").write_text(HIDDEN, encoding="utf-8")
        if facts:
            (tmp_path / "assignment/facts.toml").write_text(facts, encoding="utf-8")
        shutil.copy(ROOT / "otter_config.json", tmp_path)
        return load_assignment(tmp_path)

    return write
