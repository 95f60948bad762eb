"""Question 2a: the training run, of which each half earns what is its own.

After all other checks of the question, since it takes seconds. When the student's network misses
under the student's training, with all seeds, it is trained by the course's: should it learn then,
the training is at fault. If not, the network is, and the training shows on the course's network
what it is worth.
"""

import pytest
from hidden_training import SEED, attempt, best_run, course, course_training, trained_here

from autograder.checking import Failure

pytestmark = pytest.mark.question("q2a")


def first_run(student, data, helper):
    """The student's network under the student's training, the best run, for both checks."""
    return student.once("run", lambda: best_run(student, data, helper.settings))


def second_run(student, data, helper):
    """The student's network under the course's training, likewise."""
    epochs = helper.settings.EPOCHS
    return student.once("again", lambda: attempt(lambda: course_training(student, data, epochs)))


@pytest.mark.points(2)
def test_run_network(student, helper, hidden, record_property):
    """Trained on the course data, the network names half of the test digits, or more."""
    data, due = course(helper, hidden), helper.settings.PASS_ACCURACY
    run, _ = first_run(student, data, helper)
    if run is not None:  # for Gradescope's leaderboard
        record_property("test_accuracy", round(100 * run.accuracy, 1))
    if run is not None and run.accuracy >= due:
        return
    again, reason = second_run(student, data, helper)
    if again is None:
        raise reason
    if again.accuracy < due:
        raise Failure(
            "The network misses under the course's own training (Adam, 5e-3, batches of 64), too. "
            f"{again.text(due)}",
            hint=again.weakness(),
        )


@pytest.mark.points(3)
def test_run_training(student, provide, helper, hidden):
    """The training takes a network on the course data to half of the test digits, or more."""
    data, due = course(helper, hidden), helper.settings.PASS_ACCURACY
    run, reason = first_run(student, data, helper)
    if run is not None and run.accuracy >= due:
        return
    again, _ = second_run(student, data, helper)
    if again is not None and again.accuracy >= due:
        if run is None:
            raise reason
        raise Failure(
            f"Your network gets to {again.accuracy:.1%} under the course's training, but misses "
            f"under yours, with {helper.settings.RUNS} seeds. The best run: {run.text(due)}",
            hint=run.mistake(),
        )
    course_cnn = provide("course_cnn", seed=SEED)
    _, third = trained_here(student, data, course_cnn, helper.settings.EPOCHS)
    if third.accuracy < due:
        raise Failure(
            "The course's network, too, misses under this training; under the course's it gets "
            f"to 90%. {third.text(due)}",
            hint=third.mistake(),
        )
