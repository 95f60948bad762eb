"""report.html as text: what it says, and that nothing of a student's becomes markup."""

import base64
import hashlib
import itertools
import re
from collections.abc import Mapping
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from support.class_results import ASSIGNMENT, result

from autograder.outlets.grades import People, Person
from autograder.outlets.marks import Marks
from autograder.report import ClassReport
from autograder.results import GradingResult, Override, internal_error, rejected

HOSTILE = "</pre></script><script>alert(1)</script><img src=x onerror=alert(1)>\"'&{{ 7 * 7 }}"


class Seen(HTMLParser):
    """Tags and attributes, and the text outside of style and script."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.text = ""
        self._inside = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self._inside = tag

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside not in {"style", "script"}:
            self.text += data


def page(
    *results: GradingResult,
    people: People | None = None,
    marks: Mapping[str, Mapping[str, float]] | None = None,
) -> str:
    report = ClassReport(ASSIGNMENT, people or {}, Marks(ASSIGNMENT, marks or {}))
    for one in results:
        report.add(one)
    return "".join(report.html())


def test_the_class_at_a_glance() -> None:
    some = [result("a", "q1.a", "q1.b", "q2.c"), result("b", "q1.a", cpu_s=3.0)]
    text = Seen(page(*some, rejected("c", "It is a PDF."), internal_error("d", "disk full"))).text
    for sentence in (
        "4 submissions: 2 graded, 1 rejected, 1 internal error. Of 10 points, those graded have "
        "6.0 in the mean, and 6 in the median.",
        "0 points: 0; 1 points: 0; 2 points: 1",
        "9\N{EN DASH}10 points: 1",
        "It is a PDF.",
        "disk full",
        "A submission takes 2.0 CPU seconds in the median, and 3.0 at most",
        "1 at q1.b: Wrong.",
        "1 at q2.c: Wrong.",
        "All checks passed.",
    ):
        assert sentence in text, sentence


def test_every_student_has_a_section_that_the_table_points_to() -> None:
    html = page(*(result(f"s{number}", "q1.a") for number in range(5)))
    targets = re.findall(r'<a href="#(student-\d+)">(s\d)</a>', html)
    assert [name for _, name in targets] == [f"s{number}" for number in range(5)]
    for target, name in targets:
        section = html.partition(f'id="{target}"')[2].partition("</details>")[0]
        assert f"<h3>{name}</h3>" in section
        assert "q1.b, q2.c" in section
        assert "q2.c holds." in section


@pytest.mark.parametrize(
    "one",
    [
        result(HOSTILE, problem=HOSTILE),
        replace(result("a"), output=HOSTILE, notes=(HOSTILE,)),
        rejected("a", HOSTILE),
        internal_error("a", HOSTILE, message=HOSTILE),
        result("a").with_overrides(
            [Override(question="q1", score=1, reason=HOSTILE, by=HOSTILE)], ASSIGNMENT
        ),
    ],
)
def test_nothing_of_a_student_becomes_markup(one: GradingResult) -> None:
    person = {one.submission: [Person(HOSTILE, HOSTILE, HOSTILE)]}
    hostile, tame = (
        Seen(page(one, people=person)),
        Seen(page(result("a"), people={"a": [Person()]})),
    )
    assert hostile.tags.count("script") == tame.tags.count("script") == 1
    assert set(hostile.tags) <= set(tame.tags) | {"h4", "br", "small", "p"}
    names = {name for _, name, _ in hostile.attributes}
    assert not any(name.startswith("on") or name in {"src", "srcdoc"} for name in names)
    assert "{{ 7 * 7 }}" in hostile.text
    assert "alert(1)" in hostile.text


def test_the_policy_lets_nothing_run_but_the_page_s_own_script() -> None:
    html = page(result("a"))
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', html)
    assert policy is not None
    rules = dict(rule.strip().split(" ", 1) for rule in policy[1].split(";"))
    script = html.partition("<script>")[2].partition("</script>")[0]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == f"'sha256-{digest}'"
    assert (rules["base-uri"], rules["form-action"]) == ("'none'", "'none'")
    assert "http" not in "".join(rules.values())


def test_nothing_is_loaded_from_elsewhere() -> None:
    seen = Seen(page(result("a"), result("b", "q1.a")))
    loaded = [(tag, name, value) for tag, name, value in seen.attributes
              if name in {"src", "href", "action", "data"}]  # fmt: skip
    assert loaded
    assert all(value.startswith("#") for _, _, value in loaded)
    assert "link" not in seen.tags


def test_names_and_written_answers_have_columns_where_there_are_any() -> None:
    people = {"a": [Person("Ada", "ada@x.edu", "7")]}
    html = page(result("a", "q1.a"), people=people, marks={"a": {"q1_written": 2.5}})
    text = Seen(html).text
    for word in ("Ada", "ada@x.edu, 7", "q1_written", "total", "2.5", "4.5"):
        assert word in text, word
    assert "All written answers of 1 have points: of 15 points these have 4.5." in text
    plain = Seen(page(result("a"))).text
    assert "q1_written" not in plain
    assert "Name" not in plain


def test_headings_and_labels_are_in_order() -> None:
    html = page(result("a"), rejected("b", "A PDF."))
    levels = [int(level) for level in re.findall(r"<h(\d)", html)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(deeper <= level + 1 for level, deeper in itertools.pairwise(levels))
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    for kind, target in re.findall(r'(aria-labelledby|for|href)="#?([^"]+)"', html):
        assert set(target.split()) <= set(ids), (kind, target)
    assert html.count("<th ") == html.count('scope="')


def test_a_class_without_a_grade_has_a_page() -> None:
    text = Seen(page(rejected("a", "A PDF."))).text
    for sentence in ("No submission was graded.", "No check failed.", "Nothing was graded."):
        assert sentence in text


def test_a_long_text_is_cut() -> None:
    html = page(replace(result("a", problem="x" * 100_000), output="y" * 100_000))
    assert len(html) < 60_000
    assert "(and so on)" in html
