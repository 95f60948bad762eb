"""`autograder check` on a small assignment: all is well, and each thing that is not is named."""

from collections.abc import Callable

import pytest
from generate_samples import HIDDEN, MASTER
from support.forked import in_fork

from autograder.config import Assignment
from autograder.generate.generated import generate
from autograder.grading.selfcheck import selfcheck

Small = Callable[..., Assignment]


@pytest.fixture
def built(small: Small, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Assignment]:
    """``built(master=...)`` writes the assignment and all that is made of it."""

    def write(**changed: str) -> Assignment:
        assignment = small(**changed)
        made = generate(assignment)
        for folder, files in made.folders().items():
            for name, content in files.items():
                path = assignment.layout.root / folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
        monkeypatch.setenv("AUTOGRADER_ROOT", str(assignment.layout.root))
        return assignment

    return write


def _checked() -> list[str]:
    """In a fork, because the modules of an assignment's checks stay imported."""
    found: list[str] = in_fork(selfcheck)
    return found


def test_nothing_is_wrong(built: Small) -> None:
    built()
    assert _checked() == []


def test_a_file_that_was_edited_by_hand_is_named(built: Small) -> None:
    root = built().layout.root
    (root / "student_template" / "tests" / "q1.py").write_text("edited", encoding="utf-8")
    (root / "student_template" / "README.md").unlink()
    faults = _checked()
    assert [fault.split(" ")[0] for fault in sorted(faults)] == [
        "student_template/README.md",
        "student_template/tests/q1.py",
    ]
    assert all("not what the master makes: run `autograder build`" in fault for fault in faults)


def test_a_solution_that_fails_a_check_is_named_by_check_and_file(built: Small) -> None:
    built(master=MASTER.replace("math.fsum([x, x])", "math.fsum([x, 2])"))
    faults = _checked()
    assert [fault.split(" ")[0] for fault in faults] == ["q1.of_zero:"] * 2
    assert "solutions/doubling.ipynb does not pass:\nThe result is wrong" in faults[0]
    assert "solutions/doubling.py does not pass" in faults[1]


def test_a_check_that_stubs_pass_is_named(built: Small) -> None:
    assignment = built()
    empty = HIDDEN.replace("student.double(0).returns_number(0)", "pass")
    (assignment.layout.hidden / "test_q1.py").write_text(empty, encoding="utf-8")
    assert _checked() == [
        "q1.of_zero: student_template/doubling.ipynb passes with nothing written."
    ]


def test_an_error_in_a_check_is_told_to_the_staff_without_an_apology(built: Small) -> None:
    assignment = built()
    broken = HIDDEN.replace("student.double(0).returns_number(0)", "1 / 0")
    (assignment.layout.hidden / "test_q1.py").write_text(broken, encoding="utf-8")
    (fault,) = _checked()
    assert "ZeroDivisionError" in fault
    assert "test_of_zero" in fault
    assert "not your fault" not in fault
