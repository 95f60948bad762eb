"""Trainings on trial for 2a and 2d: right ones pass every check, wrong ones exactly not their own.

Like `test_programs.py`; but checks that train take seconds, so each program is tried with those
that it can fail.
"""

import pytest
from programs.correct_q2a_training import CORRECT_TRAINING
from programs.training_program import TrainingProgram
from programs.wrong_q2a_loops import WRONG_LOOPS
from programs.wrong_q2a_training import WRONG_TRAINING
from support.local import POINTS, REFERENCE, failed, grade, namespace_of

pytestmark = pytest.mark.skipif(
    not {"q2a", "q2d"} <= POINTS.keys(), reason="the training task is left out of the assignment"
)

PROGRAMS = (*CORRECT_TRAINING, *WRONG_TRAINING, *WRONG_LOOPS)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_a_training_fails_the_checks_it_should(program: TrainingProgram) -> None:
    results = grade(namespace_of(REFERENCE + program.source), "q2a", "q2d", keyword=program.tries)
    assert failed(results) == program.fails


def test_every_training_has_a_name_of_its_own() -> None:
    assert len({program.name for program in PROGRAMS}) == len(PROGRAMS)
