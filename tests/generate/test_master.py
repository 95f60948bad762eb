"""What is made of a small master, and the sentence for each mistake in one."""

import json
from collections.abc import Callable

import pytest
from generate_samples import CONFIG, MASTER

from autograder.config import Assignment
from autograder.errors import ConfigError
from autograder.generate.generated import generate

Small = Callable[..., Assignment]


def _texts(notebook: bytes) -> list[str]:
    return ["".join(cell["source"]) for cell in json.loads(notebook)["cells"]]


def test_students_get_stubs_and_staff_the_solutions(small: Small) -> None:
    made = generate(small())
    student, solved = (_texts(f["doubling.ipynb"]) for f in (made.template, made.solutions))
    assert any(text.endswith('"""Twice x."""\n    ...') for text in student)
    assert any("return math.fsum([x, x])" in text for text in solved)
    assert not any("SOLUTION" in text for text in [*student, *solved])
    assert not any("Since once" in text for text in student)
    assert any("Since once" in text for text in solved)


def test_the_reference_holds_the_solutions_and_what_they_import(small: Small) -> None:
    reference = generate(small()).solutions["doubling.py"].decode()
    assert reference.startswith('"""Doubling: the reference solutions.\n')
    assert "\nimport math\n\n\ndef double(x):\n" in reference
    assert "print" not in reference, "experiments are no part of it"
    compile(reference, "doubling.py", "exec")


def test_a_question_tells_its_points_and_visible_checks(small: Small) -> None:
    texts = _texts(generate(small()).template["doubling.ipynb"])
    expected = "**3 points**, for what the hidden checks look at:\n\n- Twice two is four. (2)"
    assert expected in texts
    quiet = CONFIG.replace("points = 3", 'points = 3\nshow = "nothing"')
    assert "**3 points**" in _texts(generate(small(config=quiet)).template["doubling.ipynb"])


def test_the_template_holds_tests_and_what_they_are_written_with(small: Small) -> None:
    template = generate(small()).template
    assert "def test_one(env):" in template["tests/q1.py"].decode()
    assert template["README.md"] == b"Read me.\n"
    assert "autograder/checking/local.py" in template
    assert not any("hidden" in name for name in template)


def test_the_same_bytes_every_time(small: Small) -> None:
    assert generate(small()) == generate(small())


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("name: q1_written", "name: q1", "the question 'q1' is there twice"),
        ("name: q1_written", "name: q7", "the question 'q1_written' of assignment.toml is missing"),
        ("# name: q1\n", "# title: q1\n", "a question has no name"),
        ("# manual: true", "# manual: false", "'q1_written' must be manual: true"),
        ("# name: q1\n", "# name: q1\n# manual: true\n", "'q1' must be not manual"),
        ("checks: q1 ", "checks: q8 ", "there is no question 'q8' to describe"),
        ("# points: 2", "# points: 3", "q1_written has points: 3, but in assignment.toml 2"),
        ("# # END QUESTION", "# # END", "otter assign fails"),
        ("# # BEGIN TESTS", "# # BEGIN TEST", "otter assign fails"),
        ("def test_one(env):", "def test_one(env:", "otter assign fails"),
        ("def double(x):", "def double(x:", r"doubling\.py, line 2\d: '\(' was never closed"),
        ("    # END SOLUTION\n", "", r"line \d\d: # BEGIN SOLUTION has no # END SOLUTION"),
        (
            "    # BEGIN SOLUTION\n",
            "",
            r"line \d\d: # END SOLUTION, where # BEGIN SOLUTION was due",
        ),
        ("math.fsum([x, x])", "lab.twice(x)", "uses 'lab', which no solution defines"),
    ],
)
def test_a_mistake_in_the_master_is_named(small: Small, old: str, new: str, sentence: str) -> None:
    assert old in MASTER
    with pytest.raises(ConfigError, match=sentence):
        generate(small(master=MASTER.replace(old, new)))


def test_a_question_without_a_public_test_is_named(small: Small) -> None:
    start, end = MASTER.index("# %% [raw]\n# # BEGIN TESTS"), MASTER.index("# # END TESTS")
    master = MASTER[:start] + MASTER[end + len("# # END TESTS") :]
    with pytest.raises(ConfigError, match="q1 has no public test"):
        generate(small(master=master))


def test_a_missing_master_is_named(small: Small) -> None:
    assignment = small()
    (assignment.layout.assignment / "doubling.py").unlink()
    with pytest.raises(ConfigError, match=r"doubling\.py: cannot be read"):
        generate(assignment)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("points(2)", "points(3)", "its checks add up to 4 points, but q1 has 3"),
        ("@pytest.mark.points(2)\n", "", "line 5: test_of_two needs @pytest.mark.points"),
        ("points(2)", "points(2, 1)", "test_of_two needs @pytest.mark.points"),
        ("(student):", "(student:", r"test_q1\.py, line 6: '\(' was never closed"),
    ],
)
def test_a_mistake_in_the_hidden_checks_is_named(
    small: Small, old: str, new: str, sentence: str
) -> None:
    assignment = small()
    path = assignment.layout.hidden / "test_q1.py"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigError, match=sentence):
        generate(assignment)


def test_a_question_that_does_not_count_says_so(small: Small) -> None:
    template = generate(small(config=CONFIG.replace("points = 3", "points = 3\ngraded = false")))
    assert "**Not graded.**" in _texts(template.template["doubling.ipynb"])


def test_a_master_in_another_encoding_is_named(small: Small) -> None:
    assignment = small()
    path = assignment.layout.assignment / "doubling.py"
    path.write_bytes(MASTER.replace("Why twice", "Qu\u00e9").encode("latin-1"))
    with pytest.raises(ConfigError, match=r"doubling\.py: is not UTF-8"):
        generate(assignment)


def test_one_id_for_a_written_and_an_automatic_question_is_refused(small: Small) -> None:
    with pytest.raises(ConfigError, match="an id of its own"):
        small(config=CONFIG.replace("q1_written", "q1"))
