"""Question 2a: the training run, of which each half earns what is its own.

After all other checks of the question, since it takes seconds.
"""

import pytest
from hidden_training import SEED, attempt, course, course_training, trained_here, whole_run

from autograder.checking import Failure

pytestmark = pytest.mark.question("q2a")


def first_run(student, data, helper):
    """The student's network under the student's training, run once for both checks."""
    return student.once("run", lambda: attempt(lambda: whole_run(student, data, epochs(helper))))


def epochs(helper):
    return helper.settings.EPOCHS


@pytest.mark.points(2)
def test_run_network(student, helper, hidden):
    """Trained on the course data, the network names half of the test digits, or more."""
    data, due = course(student, helper, hidden), helper.settings.PASS_ACCURACY
    run, _ = first_run(student, data, helper)
    if run is not None and run.accuracy >= due:
        return
    again = course_training(student, data, epochs(helper))
    if again.accuracy < due:
        raise Failure(
            "The network misses under the course's own training (Adam, 5e-3, batches of 64), too. "
            f"{again.text(due)}",
            hint=again.weakness(),
        )


@pytest.mark.points(3)
def test_run_training(student, provide, helper, hidden):
    """The training takes a network on the course data to half of the test digits, or more."""
    data, due = course(student, helper, hidden), helper.settings.PASS_ACCURACY
    run, _ = first_run(student, data, helper)
    if run is not None and run.accuracy >= due:
        return
    course_cnn = provide("course_cnn", seed=SEED)
    _, again = trained_here(student, data, course_cnn, epochs(helper))
    if again.accuracy < due:
        raise Failure(
            f"The course's network, too, misses under this training; under the course's it gets "
            f"to 90%. {again.text(due)}",
            hint=again.mistake(),
        )
