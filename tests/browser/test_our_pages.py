"""report.html and answers.html in Chromium, as TAs read them: with mouse, with keys, on paper."""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support.class_results import ASSIGNMENT, POINTS, result
from support.written_class import WHY, answered, asked, lay_out_written, markdown, notebook

from autograder.config import load_assignment
from autograder.intake import read_cells
from autograder.outlets.grades import Person
from autograder.outlets.marks import Marks
from autograder.report import ClassReport
from autograder.results import GradingResult, internal_error, rejected
from autograder.written.answers import find_answers
from autograder.written.page import answers_html
from autograder.written.prompts import read_prompts

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

HOSTILE = (
    "</pre></script><script>document.title='taken'</script>"
    "<img src=x onerror=\"document.title='taken'\"><a href=\"javascript:document.title='taken'\">"
)
DOT = ("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJ"
       "RU5ErkJggg==")  # fmt: skip

# Of every element with text of its own: the contrast of its colour to what lies behind it (WCAG).
CONTRAST = """() => {
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const rgba = text => text.match(/[\\d.]+/g).map(Number);
  const behind = element => {
    for (let one = element; one; one = one.parentElement) {
      const colour = rgba(getComputedStyle(one).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  return [...document.body.querySelectorAll("*")]
    .filter(one => one.checkVisibility() && [...one.childNodes].some(
      child => child.nodeType === 3 && child.textContent.trim()))
    .map(one => {
      const style = getComputedStyle(one);
      const ink = one.closest("svg") ? style.fill : style.color;
      const [a, b] = [light(rgba(ink)), light(behind(one))].sort((x, y) => y - x);
      return [(a + .05) / (b + .05), one.tagName, one.textContent.slice(0, 40)];
    });
}"""


@pytest.fixture
def show(browser: "Browser", tmp_path: Path) -> Iterator[Callable[..., "Page"]]:
    """Opens a page from a file; whatever it asks for or complains of is a failure."""
    opened, faults = [], []

    def open_page(html: str, **options: Any) -> "Page":
        path = tmp_path / f"page{len(opened)}.html"
        path.write_text(html, encoding="utf-8")
        context = browser.new_context(viewport={"width": 1280, "height": 900}, **options)
        page = context.new_page()
        page.on("request", lambda r: r.url.startswith(("file:", "data:")) or faults.append(r.url))
        page.on("console", lambda message: faults.append(message.text))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("dialog", lambda dialog: faults.append(dialog.message))
        page.goto(path.as_uri())
        opened.append(context)
        return page

    yield open_page
    for context in opened:
        context.close()
    assert faults == []


def class_of(size: int) -> Iterator[GradingResult]:
    draw = random.Random(size)
    for number in range(size):
        passed = [check for check in POINTS if draw.random() < 0.7]
        yield result(f"submission_{number:04}", *passed, cpu_s=draw.random())


def report(*results: GradingResult) -> str:
    people = {r.submission: [Person(f"Student {r.submission[-4:]}", "s@x.edu")] for r in results}
    made = ClassReport(ASSIGNMENT, people, Marks(ASSIGNMENT, {}))
    for one in results:
        made.add(one)
    return "".join(made.html())


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> str:
    small = lay_out_written(tmp_path_factory.mktemp("written"))
    small.submit("eva/answers.ipynb", answered(HOSTILE, "[click](javascript:alert(1))"))
    image = markdown("See ![dot](attachment:dot.png)", attachments={"dot.png": {"image/png": DOT}})
    small.submit("fay/answers.ipynb", notebook(*asked(image)))
    assignment = load_assignment(small.assignment)
    prompts = read_prompts(assignment)
    names = ("anna", "bob", "cleo", "eva", "fay")
    cells = {name: read_cells(small.submissions / name, module="answers") for name in names}
    found = {name: find_answers(some.cells, prompts) for name, some in cells.items()}
    return "".join(answers_html(assignment, prompts, found))


@pytest.mark.parametrize("size", [5, 60, 1000])
def test_a_student_is_found_by_search_and_read(show: Callable[..., "Page"], size: int) -> None:
    page = show(report(*class_of(size)))
    assert page.locator("#students tbody tr").count() == size
    page.get_by_label("Search for a submission").fill("student 0003")
    assert page.locator("#found").inner_text() == f"1 of {size}"
    assert page.locator("#students tbody tr:visible").count() == 1
    assert page.locator("details.student:visible").count() == 1
    page.get_by_role("link", name="submission_0003").click()
    section = page.locator("details.student[open]")
    assert section.locator("h3").inner_text() == "submission_0003"
    assert section.locator("pre").count() or "All checks passed." in section.inner_text()
    assert section.evaluate("e => e.getBoundingClientRect().top < innerHeight")


def test_all_who_failed_a_check_are_found_by_its_id(show: Callable[..., "Page"]) -> None:
    results = list(class_of(60))
    check = results[0].checks[0].id
    failed = sorted(r.submission for r in results if check in {c.id for c in r.failed})
    assert 0 < len(failed) < 60
    page = show(report(*results))
    page.get_by_label("a check that was failed").fill(check)
    assert page.locator("#students tbody tr:visible th").all_inner_texts() == failed


def test_the_table_is_sorted_by_any_column(show: Callable[..., "Page"]) -> None:
    page = show(report(*class_of(60), rejected("submission_9999", "A PDF.")))
    column = page.locator("#students tbody tr td:nth-child(4)")
    for order in ("ascending", "descending"):
        page.get_by_role("button", name="Score").click()
        scores = [float(text or -1) for text in column.all_inner_texts()]
        assert scores == sorted(scores, reverse=order == "descending")
        assert len(set(scores)) > 2
        assert page.locator(f'th[aria-sort="{order}"]').inner_text().startswith("Score")
    page.get_by_role("button", name="q1", exact=True).click()
    assert page.locator("th[aria-sort]").count() == 1


def test_all_of_it_can_be_reached_by_keys(show: Callable[..., "Page"]) -> None:
    page = show(report(*class_of(3)))
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.textContent.trim().slice(0, 30)"))
        if page.evaluate("document.activeElement.textContent.trim()") == "submission_0001":
            page.keyboard.press("Enter")
            break
    assert {"Checks", "Score", "Submission"} <= reached
    assert page.locator("details.student[open] h3").inner_text() == "submission_0001"
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    page.keyboard.press("Enter")
    assert page.locator("details.student[open]").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_can_be_read_by_weak_eyes(
    show: Callable[..., "Page"], answers: str, scheme: str
) -> None:
    some = [*class_of(5), rejected("submission_9999", "A PDF."), internal_error("x", "broken")]
    for html in (report(*some), answers):
        page = show(html, color_scheme=scheme)
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        found = page.evaluate(CONTRAST)
        assert len(found) > 20
        assert [one for one in found if one[0] < 4.5] == []


def test_without_a_script_it_can_be_read_as_well(show: Callable[..., "Page"]) -> None:
    page = show(report(*class_of(5)), java_script_enabled=False)
    page.locator("details.student summary").nth(2).click()
    assert page.locator("details.student[open] h3").inner_text() == "submission_0002"


def test_no_script_of_a_student_runs_in_our_pages(
    show: Callable[..., "Page"], answers: str
) -> None:
    one = replace(result(HOSTILE, problem=HOSTILE), output=HOSTILE, notes=(HOSTILE,))
    for html in (report(one, rejected(f"{HOSTILE}2", HOSTILE)), answers):
        for page_text in (html, html.replace("Content-Security-Policy", "X-Nothing")):
            page = show(page_text)
            title = page.title()
            page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
            for link in page.locator("a:visible").all()[:20]:
                assert (link.get_attribute("href") or "").startswith("#")
            assert page.title() == title != "taken"
            assert page.locator("script").count() == page_text.count("<script>")
            assert HOSTILE[:20] in page.content().replace("&lt;", "<").replace("&gt;", ">")


def test_on_paper_there_is_the_class_and_who_was_opened(show: Callable[..., "Page"]) -> None:
    page = show(report(*class_of(5)))
    page.get_by_role("link", name="submission_0004").click()
    page.emulate_media(media="print")
    assert not page.locator("nav").is_visible()
    assert not page.get_by_label("Search for a submission").is_visible()
    assert page.locator("details.student:visible").count() == 1
    assert page.locator("#students tbody tr:visible").count() == 5
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_rubric_and_answers_stand_side_by_side(show: Callable[..., "Page"], answers: str) -> None:
    page = show(answers)
    section = page.get_by_role("region", name="qa_written: Why two (5 points)")
    assert " ".join(WHY.replace("**", "").split()) in section.locator("aside").inner_text()
    rubric, answer = section.locator("aside"), section.locator("article").first
    boxes = rubric.bounding_box(), answer.bounding_box()
    assert boxes[0] is not None
    assert boxes[1] is not None
    assert boxes[0]["x"] + boxes[0]["width"] <= boxes[1]["x"]
    assert section.locator("aside table").is_visible()
    names = section.locator("article h3").all_inner_texts()
    assert names == ["anna", "bob", "eva", "fay"]
    image = section.get_by_alt_text("Image in the answer of fay")
    assert image.evaluate("one => one.complete && one.naturalWidth") == 1
    assert section.get_by_text("Not answered: 1").is_visible()
