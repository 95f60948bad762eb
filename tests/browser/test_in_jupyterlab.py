"""What a person sees who runs the notebook in JupyterLab, solved or not, or reads it as HTML.

Not part of `make test`: these tests need Chromium and run for minutes. `make test-browser` installs
what they need and runs them.
"""

import importlib.util
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from student_view import REACTS, OpenNotebook, SeenCell, need_module, need_program

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator

ROOT = Path(__file__).resolve().parents[2]
SOLVED = ROOT / "solutions" / "cnn_principles.ipynb"
QUESTIONS = sorted(path.stem for path in (ROOT / "student_template" / "tests").glob("q*.py"))

DRAWS = ("lab.show_", "lab.run_", "lab.compare_", "lab.random_features")
WAITS = re.compile(r"\w+ is not written yet\. Do question \d\w first, then run this again\.")


def _of(notebook: OpenNotebook, kind: str) -> list[SeenCell]:
    cells = [cell for cell in notebook.look() if cell.kind == kind]
    assert cells
    return cells


def _checks(notebook: OpenNotebook) -> list[SeenCell]:
    cells = [cell for cell in _of(notebook, "code") if "grader.check(" in cell.source]
    assert [cell.source for cell in cells] == [f'grader.check("{name}")' for name in QUESTIONS]
    return cells


def _experiments(notebook: OpenNotebook) -> list[SeenCell]:
    return [cell for cell in _of(notebook, "code") if any(call in cell.source for call in DRAWS)]


@pytest.fixture(params=["solved", "stubs"])
def notebook(request: pytest.FixtureRequest) -> OpenNotebook:
    """Each of the two notebooks, after all of its cells have run."""
    opened = request.getfixturevalue(request.param)
    assert isinstance(opened, OpenNotebook)
    return opened


def test_what_is_missing_fails_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(pytest.fail.Exception, match="chromium is missing: `make test-browser`"):
        need_program("chromium")
    with pytest.raises(pytest.fail.Exception, match="playwright is missing: `make test-browser`"):
        need_module("playwright")


def test_every_cell_runs_in_order_without_a_traceback_or_a_warning(notebook: OpenNotebook) -> None:
    cells = _of(notebook, "code")
    assert [cell.prompt for cell in cells] == [f"[{i}]:" for i in range(1, len(cells) + 1)]
    assert [cell.output for cell in cells if "Traceback" in cell.output] == []
    assert [cell.output for cell in cells if cell.warnings] == []


def test_formulas_are_set_and_no_latex_is_left(notebook: OpenNotebook) -> None:
    cells = _of(notebook, "markdown")
    assert [cell.markdown for cell in cells if re.search(r"[$\\]", cell.markdown)] == []
    assert [cell.source for cell in cells if cell.wrong_formulas] == []
    for cell in cells:
        written = re.findall(r"\$\$.+?\$\$|\$[^$]+\$", cell.source, re.S)
        assert cell.formulas == len(written), cell.source


def test_no_progress_bar_is_left_at_the_end(notebook: OpenNotebook) -> None:
    assert [cell.source for cell in notebook.look() if cell.progress_bars] == []


def test_nothing_is_wider_than_the_window(notebook: OpenNotebook) -> None:
    assert [cell.source for cell in notebook.look() if cell.cut_off] == []


def test_no_part_of_a_message_is_taken_for_html(notebook: OpenNotebook) -> None:
    """A value printed as <tensor ...> would be gone."""
    assert [cell.source for cell in notebook.look() if cell.taken_for_tags] == []


def test_every_check_says_passed_for_right_answers(solved: OpenNotebook) -> None:
    for name, cell in zip(QUESTIONS, _checks(solved), strict=True):
        assert f"{name} passed!" in cell.output
        assert "failed" not in cell.output


def test_every_experiment_draws_for_right_answers(solved: OpenNotebook) -> None:
    for cell in _experiments(solved):
        assert cell.figures == (2 if "show_moving_digit" in cell.source else 1), cell.source
        assert "not written yet" not in cell.output


@pytest.mark.parametrize("networks", ["trained", "untrained"])
def test_two_sliders_move_the_digit(solved: OpenNotebook, networks: str) -> None:
    cell = solved.cell(f"show_moving_digit({networks})")
    sliders, picture = cell.get_by_role("slider"), cell.locator(".widget-interact img")
    assert cell.locator(".widget-slider .widget-label").all_inner_texts() == ["row", "column"]
    assert sliders.count() == 2
    assert picture.count() == 1
    drawn = [picture.get_attribute("src")]
    for slider, key in ((0, "ArrowRight"), (1, "ArrowRight"), (1, "ArrowLeft"), (0, "ArrowLeft")):
        before = int(sliders.nth(slider).get_attribute("aria-valuetext"))
        sliders.nth(slider).press(key)
        drawn.append(_redrawn(picture, drawn[-1]))
        step = 1 if key == "ArrowRight" else -1
        assert int(sliders.nth(slider).get_attribute("aria-valuetext")) == before + step
    start, down, down_right, down_again, end = drawn
    assert len({start, down, down_right}) == 3
    assert (down_again, end) == (down, start), "the same place is drawn in the same way"


def _redrawn(picture: "Locator", before: str | None) -> str | None:
    """The picture, as soon as it is another one than before."""
    from playwright.sync_api import expect  # noqa: PLC0415 - it may be missing

    expect(picture).not_to_have_attribute("src", before or "", timeout=REACTS * 1000)
    return picture.get_attribute("src")


def test_every_failed_check_says_what_is_not_written(stubs: OpenNotebook) -> None:
    for cell in _checks(stubs):
        cases = cell.output.split("Test case failed")[1:]
        assert cases, cell.source
        for case in cases:
            assert "not written yet" in case, case
        assert "passed" not in cell.output


def test_every_experiment_draws_or_says_in_a_sentence_what_it_waits_for(
    stubs: OpenNotebook,
) -> None:
    written = re.findall(r"^def (\w+)\(", "\n".join(c.source for c in _of(stubs, "code")), re.M)
    assert len(written) == len(QUESTIONS)  # two in 2a, none in 2d
    for cell in _experiments(stubs):
        if any(name in cell.source for name in written):
            assert not cell.figures, cell.source
            assert WAITS.fullmatch(cell.output.strip()), cell.output
        else:
            assert cell.figures, cell.source
            assert "not written yet" not in cell.output


def test_the_solved_notebook_shows_its_figures_as_html(browser: "Browser", tmp_path: Path) -> None:
    """Without a network, and without JupyterLab."""
    command = [sys.executable, "-m", "nbconvert", "--to", "html", str(SOLVED)]
    command += ["--output-dir", str(tmp_path), "--output", "solved.html"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.goto((tmp_path / "solved.html").as_uri(), wait_until="domcontentloaded")
    figures = page.locator(".jp-OutputArea-output img")
    widths = figures.evaluate_all("all => all.map(one => one.complete ? one.naturalWidth : 0)")
    text = page.locator("body").inner_text()
    context.close()
    cells = ["".join(cell["source"]) for cell in json.loads(SOLVED.read_text("utf-8"))["cells"]]
    assert len(widths) == sum(any(call in source for call in DRAWS) for source in cells)
    assert min(widths) > 500
    assert text.count(" passed!") == len(QUESTIONS)
