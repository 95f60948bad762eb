"""JupyterLab in Chromium, as a student has it: a server, an open notebook, what is on the page."""

import importlib.util
import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # where it is missing, a sentence is due and not an ImportError
    from playwright.sync_api import Browser, Locator

__all__ = ["REACTS", "OpenNotebook", "SeenCell", "jupyterlab", "need_module", "need_program"]

MINUTE = 60.0
STARTS, RUNS, REACTS = 3 * MINUTE, 30 * MINUTE, MINUTE
"""Seconds that a server or a kernel, a whole notebook, and one change on the page may take.

All are many times what they take, so that no test depends on how fast the machine is.
"""

SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    # Cells outside of the window are on the page as well.
    "notebook-extension/tracker": {"windowingMode": "none"},
}

IS_READY = """cells =>
    document.querySelectorAll(".jp-Notebook .jp-Cell").length === cells
    && document.querySelector("#jp-main-statusbar").innerText.includes("| Idle")
"""
HAS_RUN = """() => {
    const prompts = [...document.querySelectorAll(".jp-CodeCell .jp-InputPrompt")];
    const texts = prompts.map(prompt => prompt.innerText.trim());
    return texts.some(text => /[0-9]/.test(text)) && !texts.includes("[*]:")
        && document.querySelector("#jp-main-statusbar").innerText.includes("| Idle");
}"""

LOOK = """() => [...document.querySelectorAll(".jp-Notebook .jp-Cell")].map(cell => {
    const output = cell.querySelector(".jp-Cell-outputArea");
    const shown = [...output?.querySelectorAll("*") ?? []].filter(one => one.checkVisibility());
    const count = selector => shown.filter(one => one.matches(selector)).length;
    return {
        prompt: cell.querySelector(".jp-CodeCell .jp-InputPrompt")?.innerText.trim() ?? "",
        markdown: cell.querySelector(".jp-RenderedMarkdown")?.innerText ?? "",
        formulas: cell.querySelectorAll(".jp-RenderedMarkdown mjx-container").length,
        wrong_formulas: cell.querySelectorAll("mjx-merror").length,
        output: output?.innerText ?? "",
        figures: shown.filter(one => one.matches("img") && one.naturalWidth > 0).length,
        warnings: count("[data-mime-type='application/vnd.jupyter.stderr']"),
        progress_bars: count(".progress, .widget-hprogress"),
        cut_off: shown.filter(one => one.matches(".jp-OutputArea-output, img")
            && one.scrollWidth > one.parentElement.clientWidth).length,
        taken_for_tags: shown.filter(one => one instanceof HTMLUnknownElement).length,
    };
})"""


@dataclass(frozen=True)
class SeenCell:
    """A cell's source, and what a person sees of the cell: texts, and how many of what."""

    kind: str
    source: str
    prompt: str
    markdown: str
    formulas: int
    wrong_formulas: int
    output: str
    figures: int
    warnings: int
    progress_bars: int
    cut_off: int
    taken_for_tags: int


def need_program(name: str) -> str:
    """The path of a program; where it is missing, tests fail and are not skipped."""
    path = shutil.which(name)
    return path or _missing(name)


def need_module(name: str) -> None:
    """The same for a Python package."""
    if importlib.util.find_spec(name) is None:
        _missing(name)


def _missing(name: str) -> str:
    sentence = f"{name} is missing: `make test-browser` installs what these tests need."
    pytest.fail(sentence, pytrace=False)


@contextmanager
def jupyterlab(home: Path, state: Path) -> Iterator[str]:
    """Serve the folder ``home``; gives the address, with two {}: for a workspace and a path.

    Settings, logs and the like go to ``state``, and not to the home folder of who runs the tests.
    """
    for name, values in SETTINGS.items():
        file = state / "config/lab/user-settings/@jupyterlab" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(values), encoding="utf-8")
    places = {f"JUPYTER_{n}_DIR": str(state / n.lower()) for n in ("CONFIG", "DATA", "RUNTIME")}
    environment = os.environ | places | {"IPYTHONDIR": str(state / "ipython")}
    environment["JUPYTER_TOKEN"] = secrets.token_hex()
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", "--port=0"]
    command += [f"--ServerApp.root_dir={home}"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command += ["--allow-root"]
    log = state / "jupyterlab.log"
    with log.open("wb") as written:
        server = subprocess.Popen(command, env=environment, stdout=written, stderr=written)
    try:
        yield _address(server, state / "runtime", log)
    finally:
        server.terminate()  # it ends its kernels
        server.wait(STARTS)


def _address(server: "subprocess.Popen[bytes]", runtime: Path, log: Path) -> str:
    file = runtime / f"jpserver-{server.pid}.json"
    end = time.monotonic() + STARTS
    while time.monotonic() < end and server.poll() is None:
        if file.exists() and (text := file.read_text(encoding="utf-8")).rstrip().endswith("}"):
            started = json.loads(text)
            return f"{started['url']}lab/workspaces/{{}}/tree/{{}}?token={started['token']}"
        time.sleep(0.2)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text(encoding='utf-8')}")


class OpenNotebook:
    """A notebook in JupyterLab, whose cells have the numbers that they have in its file."""

    def __init__(self, browser: "Browser", address: str, home: Path, path: str) -> None:
        """Open the notebook at this path below ``home``, and wait for its kernel."""
        self._cells = json.loads((home / path).read_text(encoding="utf-8"))["cells"]
        self.page = browser.new_page(viewport={"width": 1400, "height": 1000})
        self.page.set_default_timeout(REACTS * 1000)
        workspace = Path(path).parent.name  # of its own, so that no other notebook opens as well
        self.page.goto(address.format(workspace, path))
        self.page.wait_for_function(IS_READY, arg=len(self._cells), timeout=STARTS * 1000)

    def run_all(self) -> None:
        """Run all cells by the menu, and wait until none runs any more."""
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        self.page.wait_for_function(HAS_RUN, timeout=RUNS * 1000)

    def look(self) -> list[SeenCell]:
        """All cells, as they look now."""
        return [
            SeenCell(cell["cell_type"], "".join(cell["source"]), **seen)
            for cell, seen in zip(self._cells, self.page.evaluate(LOOK), strict=True)
        ]

    def cell(self, source: str) -> "Locator":
        """The one cell of code with ``source`` in it, on the page."""
        code = enumerate(self._cells)
        (number,) = [
            i for i, c in code if c["cell_type"] == "code" and source in "".join(c["source"])
        ]
        return self.page.locator(".jp-Notebook .jp-Cell").nth(number)
