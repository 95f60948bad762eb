"""One build for all tests that need the zip that is uploaded."""

import os
import signal
import subprocess
import sys
import warnings
import zipfile
from pathlib import Path

import pytest
from support.repository import copy_assignment

with warnings.catch_warnings():  # what Otter imports is not ours to repair
    warnings.simplefilter("ignore")
    import otter.generate
    import otter.plugins
    import otter.test_files  # noqa: F401

# A shell's background jobs ignore Ctrl-C, and hand that down to every command that a test starts.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """autograder.zip, as `autograder build` makes it."""
    folder = tmp_path_factory.mktemp("build") / "dist"
    root = copy_assignment(tmp_path_factory.mktemp("assignment"))
    command = [sys.executable, "-m", "autograder", "build", "--output", str(folder)]
    environment = {**os.environ, "AUTOGRADER_ROOT": str(root)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert str(folder / "autograder.zip") in done.stdout
    return folder / "autograder.zip"


@pytest.fixture(scope="session")
def unpacked(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that Gradescope would call /autograder/source."""
    folder = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(package) as archive:
        archive.extractall(folder)
    return folder
