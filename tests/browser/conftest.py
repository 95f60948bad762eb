"""A browser, and the solved and the empty notebook after a run in JupyterLab."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from student_view import OpenNotebook, jupyterlab, need_module, need_program

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOK = "cnn_principles.ipynb"


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """Debian's Chromium."""
    need_module("playwright")
    chromium = need_program("chromium")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the students' files twice: as they come, and with the solved notebook."""
    folder = tmp_path_factory.mktemp("home")
    for name in ("solved", "stubs"):
        ignored = shutil.ignore_patterns("__pycache__", ".*")
        shutil.copytree(ROOT / "student_template", folder / name, ignore=ignored)
    solved = json.loads((ROOT / "solutions" / NOTEBOOK).read_text(encoding="utf-8"))
    for cell in solved["cells"]:
        if cell["cell_type"] == "code":
            cell.update(outputs=[], execution_count=None)
    (folder / "solved" / NOTEBOOK).write_text(json.dumps(solved), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def address(
    browser: "Browser", home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A running JupyterLab; started after the browser, so that what is missing is said first."""
    for package in ("jupyterlab", "nbconvert", "ipywidgets", "otter"):
        need_module(package)
    with jupyterlab(home, tmp_path_factory.mktemp("state")) as found:
        yield found


@pytest.fixture(scope="session")
def solved(browser: "Browser", address: str, home: Path) -> OpenNotebook:
    return _after_a_run(browser, address, home, f"solved/{NOTEBOOK}")


@pytest.fixture(scope="session")
def stubs(browser: "Browser", address: str, home: Path) -> OpenNotebook:
    return _after_a_run(browser, address, home, f"stubs/{NOTEBOOK}")


def _after_a_run(browser: "Browser", address: str, home: Path, path: str) -> OpenNotebook:
    notebook = OpenNotebook(browser, address, home, path)
    notebook.run_all()
    return notebook
