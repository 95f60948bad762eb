"""Executed outputs: when they are kept, when they are stale, and whether they bear out the text."""

from collections.abc import Callable

import pytest
from generate_samples import MASTER

from autograder.config import Assignment
from autograder.errors import ConfigError
from autograder.generate.generated import Generated, generate

Small = Callable[..., Assignment]

FACTS = """
output = "application/vnd.test+json"
[[claims]]
says = "about 42"
fact = "answer"
at_least = 41
at_most = 43
"""
REPORTING = MASTER.replace(
    "print(double(21))",
    "from IPython.display import display\n\n"
    'display({"text/plain": "", "application/vnd.test+json": {"answer": double(21)}}, raw=True)',
).replace("# # Doubling", "# # Doubling\n#\n# The answer is about\n# 42.")


CHECKED = """import otter

grader = otter.Notebook(tests_dir="tests")
grader.check("q1")"""


def _commit(assignment: Assignment, made: Generated) -> None:
    for name, content in made.solutions.items():
        (assignment.layout.reference_dir / name).write_bytes(content)


def test_outputs_are_kept_until_the_code_changes(small: Small) -> None:
    assignment = small()
    assert generate(assignment).stale, "nothing was ever executed"
    executed = generate(assignment, executed=True)
    assert not executed.stale
    assert b'"42.0\\n"' in executed.solutions["doubling.ipynb"]
    _commit(assignment, executed)
    assert generate(assignment) == executed

    small(master=MASTER.replace("Why twice?", "Why two times?"))
    assert not generate(assignment).stale, "only words changed"
    small(master=MASTER.replace("double(21)", "double(12)"))
    changed = generate(assignment)
    assert changed.stale
    assert b"42.0" not in changed.solutions["doubling.ipynb"], "an output of other code is dropped"


def test_claims_are_held_against_the_run(small: Small) -> None:
    assert generate(small(master=REPORTING, facts=FACTS), executed=True).faults == ()
    wrong = FACTS.replace("43", "44").replace("41", "43")
    (fault,) = generate(small(master=REPORTING, facts=wrong), executed=True).faults
    assert "the notebook says 'about 42', but answer is 42, not within [43, 44]" in fault


def test_a_claim_that_nobody_makes_or_measures_is_a_fault(small: Small) -> None:
    faults = generate(small(facts=FACTS), executed=True).faults
    assert len(faults) == 2
    assert "does not say 'about 42'" in faults[0]
    assert "no experiment reported 'answer'" in faults[1]


@pytest.mark.parametrize(
    "facts",
    [
        "output = 3",
        FACTS.replace("at_least", "least"),
        "x = [",
        "output = 'a/b'\nclaims = 3",
        "output = 'a/b'\nclaims = ['about 42']",
        FACTS.replace("output", "claim = 1\noutput"),
    ],
)
def test_a_mistake_in_the_claims_is_named(small: Small, facts: str) -> None:
    with pytest.raises(ConfigError, match=r"facts\.toml"):
        generate(small(facts=facts), executed=True)


def test_a_public_test_that_the_solution_fails_is_a_fault(small: Small) -> None:
    checked = MASTER.replace("print(double(21))", CHECKED)
    assert generate(small(master=checked), executed=True).faults == ()
    wrong = checked.replace('env["double"](1) == 2', 'env["double"](1) == 3')
    (fault,) = generate(small(master=wrong), executed=True).faults
    assert fault.startswith("q1: the solution does not pass its public test:")


def test_a_second_execution_gives_the_same_bytes(small: Small) -> None:
    assignment = small(master=MASTER.replace("print(double(21))", CHECKED))
    first, *others = (generate(assignment, executed=True) for _ in range(4))
    assert all(other == first for other in others), "Otter draws a picture by lot"


def test_a_notebook_that_fails_is_named(small: Small) -> None:
    with pytest.raises(ConfigError, match="ZeroDivisionError"):
        generate(small(master=MASTER.replace("double(21)", "double(1 / 0)")), executed=True)


def test_a_damaged_notebook_is_named(small: Small) -> None:
    assignment = small()
    (assignment.layout.reference_dir / "doubling.ipynb").write_text("{", encoding="utf-8")
    with pytest.raises(ConfigError, match="cannot be read, so delete it"):
        generate(assignment)
