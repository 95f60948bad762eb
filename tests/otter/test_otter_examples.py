"""The hidden checks draw the same examples wherever they lie: same submission, same verdict."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = Path(__file__).with_name("drawn_examples.py")
CONSTANTS = "SIZES = [17, 1723, 904_211]\nNAMES = ['dense', 'shared', 'other']\nSCALE = 0.37\n"


def drawn(root: Path, cwd: Path, *, module: Path | None = None, **variables: str) -> Any:
    """What the checks in ``root`` draw in a fresh process."""
    command = [sys.executable, str(SCRIPT), str(root), *([str(module)] if module else [])]
    environment = {**os.environ, **variables}
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def repository() -> Any:
    return drawn(ROOT, ROOT)


@pytest.fixture(scope="module")
def installed(unpacked: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the engine as pip installs it from the wheel in the zip."""
    folder = tmp_path_factory.mktemp("installed")
    (wheel,) = unpacked.glob("*.whl")
    command = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--quiet",
               "--disable-pip-version-check", "--target", str(folder), str(wheel)]  # fmt: skip
    subprocess.run(command, check=True)
    return folder


def test_the_unpacked_zip_draws_what_the_repository_draws(
    repository: Any, unpacked: Path, tmp_path: Path
) -> None:
    found = drawn(unpacked, tmp_path)
    assert repository["calls"] > 300
    assert found == repository


def test_the_installed_package_draws_what_the_repository_draws(
    repository: Any, unpacked: Path, installed: Path, tmp_path: Path
) -> None:
    found = drawn(unpacked, tmp_path, PYTHONPATH=str(installed))
    assert found.pop("engine") == str(installed)
    assert found == {key: repository[key] for key in found}


def test_an_unrelated_module_and_another_hash_seed_change_nothing(
    repository: Any, tmp_path: Path
) -> None:
    module = tmp_path / "unrelated.py"
    module.write_text(CONSTANTS, encoding="utf-8")
    assert drawn(ROOT, tmp_path, module=module, PYTHONHASHSEED="5") == repository
