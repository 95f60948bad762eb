"""Whose rows a run writes, when it is not the whole class, or is stopped."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from autograder.config import load_assignment
from autograder.gradebook.folder import open_class
from autograder.grading.class_run import ClassRun, Results
from autograder.grading.inputs import Submission
from autograder.results import rejected

ASSIGNMENT = load_assignment()


class AClass:
    """Files of students, and runs over some of them; what is graded says so often it was."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.grades = folder / "grades"
        self.grades.mkdir()
        self.count = 0

    def hand_in(self, *names: str) -> None:
        for name in names:
            (self.folder / name).write_text(f"{name} {self.count}")

    def run(self, *names: str, by_name: bool = True, stop_after: int = 99) -> bool:
        """Whether they were graded, and were not of another class."""
        submissions = [Submission(name, self.folder / name) for name in names]
        paths = [s.path for s in submissions] if by_name else [self.folder]
        self.count += 1

        def grade_now(wanted: Sequence[Submission]) -> Results:
            for number, submission in enumerate(wanted):
                if number == stop_after:
                    raise KeyboardInterrupt
                yield rejected(submission.name, f"in run {self.count}")

        with open_class(self.grades, ASSIGNMENT) as folder:
            run = ClassRun(folder, submissions, paths, "checks")
            if run.is_of_others:
                return False
            run.grade(grade_now, fresh=False)
        return True

    def table(self) -> dict[str, str]:
        with (self.grades / "grades.csv").open(newline="", encoding="utf-8") as file:
            return {row["submission"]: row["message"] for row in csv.DictReader(file)}


@pytest.fixture
def a_class(tmp_path: Path) -> Iterator[AClass]:
    made = AClass(tmp_path)
    made.hand_in("ada", "bob", "carl")
    made.run("ada", "bob", "carl", by_name=False)
    return made


def test_a_look_that_is_stopped_takes_nobody_out(a_class: AClass) -> None:
    a_class.hand_in("ada", "bob")
    with pytest.raises(KeyboardInterrupt, match=r"1 of 2 are graded and saved\. To go on"):
        a_class.run("ada", "bob", stop_after=1)
    assert a_class.table() == {"ada": "in run 2", "bob": "in run 1", "carl": "in run 1"}
    a_class.run("ada", "bob")
    assert a_class.table() == {"ada": "in run 2", "bob": "in run 3", "carl": "in run 1"}


def test_a_class_that_is_stopped_has_what_was_graded(a_class: AClass) -> None:
    a_class.hand_in("ada", "bob")
    with pytest.raises(KeyboardInterrupt, match=r"2 of 3 .* grades\.csv has these only"):
        a_class.run("ada", "bob", "carl", by_name=False, stop_after=1)
    assert a_class.table() == {"ada": "in run 2", "carl": "in run 1"}


@pytest.mark.parametrize("others", [["dora"], ["dora", "eve", "fay"]])
def test_no_more_strangers_than_the_class_has_take_its_place(
    a_class: AClass, others: list[str]
) -> None:
    before = a_class.table()
    a_class.hand_in(*others)
    assert not a_class.run(*others)
    assert a_class.table() == before


def test_a_larger_class_takes_the_place_of_a_few(a_class: AClass) -> None:
    a_class.hand_in("dora", "eve", "fay", "gus")
    assert a_class.run("dora", "eve", "fay", "gus")
    assert a_class.table().keys() == {"dora", "eve", "fay", "gus"}
