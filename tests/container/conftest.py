"""A Debian system with what the real setup.sh installs, and every sample through the real zip."""

import csv
import json
import os
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from container import LENT, Container, Usage, make_container, missing

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "tests" / "submissions"
MEMORY_MB, CPUS = 768, 0.5  # Gradescope's smallest container


@dataclass(frozen=True)
class Run:
    """What came of one submission."""

    document: dict[str, Any]
    usage: Usage


class Gradescope:
    """The container after setup.sh, ready for submissions."""

    def __init__(self, container: Container, folder: Path, installed: Usage) -> None:
        self.container = container
        self.installed = installed
        self._folder = folder
        self._lock = threading.Lock()
        self._count = 0

    def submit(
        self,
        files: Mapping[str, bytes],
        *,
        metadata: str = '{"id": 1}',
        change: Callable[[Path], None] = lambda _: None,
        memory_mb: int | None = MEMORY_MB,
        cpus: float | None = None,
    ) -> Run:
        """Hand in ``files`` as Gradescope lays them out; exit code 0 and results.json are due."""
        with self._lock:
            self._count += 1
            folder = self._folder / str(self._count)
        shutil.copytree(self._folder / "layout", folder)
        for name, content in files.items():
            path = folder / "submission" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        (folder / "submission_metadata.json").write_text(metadata, encoding="utf-8")
        change(folder)
        usage = self.container.run(
            ["/autograder/run_autograder"], autograder=folder, memory_mb=memory_mb, cpus=cpus
        )
        assert usage.code == 0, usage.output
        text = (folder / "results" / "results.json").read_text(encoding="utf-8")
        shutil.rmtree(folder)
        return Run(json.loads(text), usage)


@pytest.fixture(scope="session")
def gradescope(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gradescope]:
    """Made once: the system, the zip of this checkout unpacked, setup.sh run."""
    if reason := missing():
        pytest.fail(f"this machine {reason}")
    folder = tmp_path_factory.mktemp("gradescope")
    layout = folder / "layout"
    for name in ("source", "submission", "results"):
        (layout / name).mkdir(parents=True)
    build = [sys.executable, "-m", "autograder", "build", "--output", str(folder / "dist")]
    subprocess.run(build, cwd=ROOT, check=True)
    with zipfile.ZipFile(folder / "dist" / "autograder.zip") as archive:
        for info in archive.infolist():
            path = Path(archive.extract(info, layout / "source"))
            path.chmod(info.external_attr >> 16 & 0o777)
    shutil.copy(layout / "source" / "run_autograder", layout)
    container = make_container(folder / "system")
    environment, lent = _pip_of_this_machine()
    installed = container.run(
        ["bash", "/autograder/source/setup.sh"],
        autograder=layout,
        environment={"TORCH_INDEX": os.environ.get("TORCH_INDEX", ""), **environment},
        lent=lent,
    )
    assert installed.code == 0, installed.output
    yield Gradescope(container, folder, installed)
    shutil.rmtree(folder, ignore_errors=True)  # a system is large


def _pip_of_this_machine() -> tuple[dict[str, str], list[Path]]:
    """pip's settings, and the local files that they name: it is to find what it finds here."""
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True
    )
    environment, lent = {}, []
    for line in listed.stdout.splitlines():
        key, _, value = line.partition("=")
        words = []
        for word in value.strip("'").replace("\\n", " ").split():
            path = Path(word.removeprefix("file://"))
            if path.is_absolute() and path.exists():
                # A page of a local index may point to files beside the index.
                lent.append(path.parent if word.startswith("file://") else path)
                word = word.replace(str(path), f"/{LENT}{path}")  # noqa: PLW2901
            words.append(word)
        environment[f"PIP_{key.rpartition('.')[2].replace('-', '_').upper()}"] = " ".join(words)
    return environment, lent


@pytest.fixture(scope="session")
def grades() -> dict[str, dict[str, str]]:
    """What `make grade` has made of the samples, by name."""
    path = ROOT / "grades" / "grades.csv"
    assert path.is_file(), "run `make grade` first"
    with path.open(encoding="utf-8", newline="") as file:
        return {row["submission"].removeprefix("'"): row for row in csv.DictReader(file)}


def handed_in(sample: Path) -> dict[str, bytes]:
    """The files of a sample as Gradescope has them: it unpacks a zip."""
    if sample.suffix != ".zip":
        return {sample.name: sample.read_bytes()}
    with zipfile.ZipFile(sample) as archive:
        return {i.filename: archive.read(i) for i in archive.infolist() if not i.is_dir()}


@pytest.fixture(scope="session")
def runs(gradescope: Gradescope, grades: dict[str, dict[str, str]]) -> dict[str, Run]:
    """Every sample, two at a time, each in 768 MB."""
    with ThreadPoolExecutor(2) as pool:
        made = {name: pool.submit(gradescope.submit, handed_in(SAMPLES / name)) for name in grades}
        return {name: run.result() for name, run in made.items()}
