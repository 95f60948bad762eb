"""results.json: what a student sees of each check, what is kept back, and that it is valid."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from autograder.config import Assignment, Gradescope, Layout, Question, Show
from autograder.finding import Block, Comparison, Finding
from autograder.gradescope.results_format import faults
from autograder.outlets.gradescope import results_json
from autograder.results import CheckResult, GradingResult, Status, Verdict, internal_error, rejected

FINDING = Finding(
    problem="The result is <wrong>.\nline 1 of a traceback",
    call='f(3, "<b>")',
    comparison=Comparison(
        blocks=(
            Block(label="Expected:", rows=(("1", "2"),), marked=((False, False),)),
            Block(label="Got:", rows=(("1", "-3"),), marked=((False, True),)),
        ),
        note="(differing entries in brackets)",
    ),
    hint="Look at a < b.",
)


def assignment(
    show: Show = Show.COUNTEREXAMPLE, published: Show | None = None, **other: Any
) -> Assignment:
    return Assignment(
        layout=Layout.of(Path("nowhere")),
        title="A title",
        module="answers",
        questions=(
            Question(id="q1", title="One", points=5, show=show, show_published=published or show),
            Question(id="q2", title="Two", points=4),
        ),
        **other,
    )


def check(name: str, *, passed: bool, points: int = 1, **other: Any) -> CheckResult:
    values = {
        "id": f"q1.{name}",
        "question": "q1",
        "title": f"{name} must hold.",
        "points": points,
        "visibility": "visible",
        "verdict": Verdict.PASSED if passed else Verdict.FAILED,
        "finding": None if passed else FINDING,
        "detail": "line 7 of the secret check",
    }
    return CheckResult(**{**values, **other})


RIGHT, WRONG = check("right", passed=True), check("wrong", passed=False, points=4)
OTHER = check("other", passed=True, points=4, id="q2.other", question="q2")


def result(*checks: CheckResult, **other: Any) -> GradingResult:
    return GradingResult(submission="a.py", status=Status.GRADED, checks=checks, **other)


def document(made: GradingResult, of: Assignment | None = None) -> dict[str, Any]:
    """What is written, held against Gradescope's format."""
    written = json.loads(json.dumps(results_json(of or assignment(), made)))
    assert faults(written) == []
    for text in [written["output"], *(test["output"] for test in written["tests"])]:
        WellFormed(text)
    return dict(written)


class WellFormed(HTMLParser):
    """Fails on tags that are not ours, or not closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in {"p", "strong", "pre", "table", "thead", "tbody", "tr", "th", "td"}
        assert {name for name, _ in attrs} <= {"style"}
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_there_is_an_entry_for_each_check_with_all_that_gradescope_knows() -> None:
    right, wrong, other = document(result(RIGHT, WRONG, OTHER))["tests"]
    assert (right["status"], right["score"], right["max_score"]) == ("passed", 1, 1)
    assert (wrong["status"], wrong["score"], wrong["max_score"]) == ("failed", 0, 4)
    assert [test["number"] for test in (right, wrong, other)] == ["1.1", "1.2", "2.1"]
    assert [test["tags"] for test in (right, wrong, other)] == [["q1"], ["q1"], ["q2"]]
    assert wrong["name"] == "q1: wrong must hold."
    assert wrong["extra_data"] == {"id": "q1.wrong", "verdict": "failed"}


def test_a_failure_is_shown_with_its_input_its_matrices_and_a_hint() -> None:
    (wrong,) = document(result(WRONG))["tests"]
    assert "f(3, &quot;&lt;b&gt;&quot;)" in wrong["output"]
    assert "<strong>[-3]</strong></td>" in wrong["output"], "marked without a style sheet, too"
    assert wrong["output"].count("<table>") == 2
    assert "<strong>Hint:</strong> Look at a &lt; b." in wrong["output"]
    assert "secret check" not in json.dumps(wrong), "the staff's detail"


@pytest.mark.parametrize("part", ["problem", "call", "hint"])
def test_nothing_of_a_submission_becomes_markup(part: str) -> None:
    hostile = "<script>alert(1)</script><td onclick='x'>&lt;"
    finding = replace(FINDING, **{part: hostile})
    made = document(result(replace(WRONG, finding=finding), output=hostile, notes=(hostile,)))
    assert "<script" not in json.dumps(made)
    assert "onclick='" not in json.dumps(made)


def test_the_same_failure_is_told_once() -> None:
    again = replace(WRONG, id="q1.again", title="again must hold.")
    first, second = document(result(WRONG, again))["tests"]
    assert "<table>" in first["output"]
    assert "The same as in 1.1." in second["output"]
    assert "<table>" not in second["output"]


def test_the_summary_adds_up_and_names_what_is_wrong() -> None:
    output = document(result(RIGHT, WRONG, OTHER, output="printed <here>"))["output"]
    assert "<strong>5 of 9 points.</strong>" in output
    cells = re.findall(r"<td[^>]*>([^<]*)</td>", output)
    assert cells == ["q1", "One", "1 of 5", "1 of 2 checks did not pass",
                     "q2", "Two", "4 of 4", "all right"]  # fmt: skip
    assert "<pre>printed &lt;here&gt;</pre>" in output


def test_the_summary_names_the_one_reason_of_many_failures() -> None:
    again = replace(WRONG, id="q1.again")
    output = document(result(RIGHT, WRONG, again))["output"]
    assert "2 of 3 checks did not pass: The result is &lt;wrong&gt;.</td>" in output


def test_of_what_was_printed_the_beginning_is_shown() -> None:
    output = document(result(RIGHT, output="line\n" * 1000))["output"]
    assert "Your submission printed, to begin with:" in output
    assert output.count("line\n") < 25


def test_the_summary_gives_away_nothing_that_is_not_visible() -> None:
    later = replace(WRONG, visibility="after_published")
    output = document(result(RIGHT, later, OTHER))["output"]
    assert "shown later" in output
    assert "5 of 9" not in output
    assert "1 of 5" not in output


def test_feedback_can_be_tightened_to_the_sentences() -> None:
    right, wrong = document(result(RIGHT, WRONG), assignment(Show.TITLE))["tests"]
    assert (right["output"], wrong["output"]) == ("<p>Passed.</p>", "<p>Not passed.</p>")
    assert wrong["name"] == "q1: wrong must hold."


def test_of_a_question_that_shows_nothing_only_the_points_are_seen() -> None:
    made = document(result(RIGHT, WRONG), assignment(Show.NOTHING))
    (entry,) = made["tests"]
    assert (entry["name"], entry["output"], entry["status"]) == ("q1: One", "", "failed")
    assert (entry["score"], entry["max_score"]) == (1, 5)
    assert "must hold" not in json.dumps(made)
    assert "1 of 2" not in made["output"], "nor how many checks there are"

    mixed = result(RIGHT, replace(WRONG, visibility="after_published"))
    shown = document(mixed, assignment(Show.NOTHING))["tests"]
    assert [entry["visibility"] for entry in shown] == ["visible", "after_published"]


@pytest.mark.parametrize("before", [Show.NOTHING, Show.TITLE])
def test_more_can_be_shown_once_grades_are_published(before: Show) -> None:
    made = document(result(RIGHT, WRONG), assignment(before, Show.COUNTEREXAMPLE))
    seen = [test for test in made["tests"] if test["visibility"] == "visible"]
    (later,) = [test for test in made["tests"] if test["visibility"] == "after_published"]
    assert "f(3" not in json.dumps([seen, made["output"]])
    assert "f(3" in later["output"]
    assert "score" not in later, "points stand in one place only"
    assert sum(test["score"] for test in seen) == made["score"] == 1


def test_a_check_that_is_always_hidden_stays_so_after_publication() -> None:
    hidden = replace(WRONG, visibility="hidden")
    made = document(result(hidden), assignment(Show.TITLE, Show.COUNTEREXAMPLE))
    assert [test["visibility"] for test in made["tests"]] == ["hidden"]


def test_a_leaderboard_shows_what_was_measured_and_only_when_it_is_asked_for() -> None:
    measured = result(replace(RIGHT, figures={"accuracy": 97.5}))
    board = Gradescope(leaderboard={"Test accuracy": "accuracy", "Speed": "unknown"})
    made = document(measured, assignment(gradescope=board))
    assert made["leaderboard"] == [{"name": "Test accuracy", "value": 97.5, "order": "desc"}]
    assert made["extra_data"]["figures"] == {"accuracy": 97.5}
    assert document(measured)["leaderboard"] == []


def test_a_rejected_file_has_a_zero_and_the_sentence() -> None:
    made = document(rejected("a.py", "Hand in the <notebook>."))
    assert (made["score"], made["tests"]) == (0, [])
    assert made["output"] == "<p>Hand in the &lt;notebook&gt;.</p>"


def test_an_internal_error_has_no_score_and_its_details_are_for_the_staff() -> None:
    made = document(internal_error("a.py", "Traceback of ours", checks=[RIGHT, WRONG]))
    assert "score" not in made
    assert "not your fault" in made["output"]
    assert "Traceback" not in made["output"]
    (staff,) = made["tests"]
    assert staff["visibility"] == "hidden"
    assert "score" not in staff
    assert "Traceback of ours" in staff["output"]
    assert "q1: 1 of 5 points in 2 checks; not passed: q1.wrong" in staff["output"]


BAD = [
    {"scores": 3},
    {"score": "3"},
    {"visibility": "secret"},
    {"output_format": "rtf"},
    {"tests": {}},
    {"tests": [{"status": "maybe"}]},
    {"tests": [{"title": "a"}]},
    {"tests": [{"tags": "a"}]},
    {"leaderboard": [{"name": "a"}]},
    [],
]


@pytest.mark.parametrize("bad", BAD, ids=str)
def test_what_gradescope_would_not_take_is_named(bad: Any) -> None:
    assert faults(bad)
