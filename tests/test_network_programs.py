"""Networks on trial for 2a: right ones pass every check, wrong ones exactly not their own.

See `test_training_programs.py`, the other half.
"""

import pytest
from programs.correct_q2a_depth import CORRECT_DEPTHS
from programs.correct_q2a_layers import CORRECT_LAYERS
from programs.correct_q2a_networks import CORRECT_NETWORKS
from programs.training_program import TrainingProgram
from programs.wrong_q2a_features import WRONG_FEATURES
from programs.wrong_q2a_networks import WRONG_NETWORKS
from support.local import POINTS, REFERENCE, failed, grade, namespace_of

pytestmark = pytest.mark.skipif(
    not {"q2a", "q2d"} <= POINTS.keys(), reason="the training task is left out of the assignment"
)

PROGRAMS = (
    *CORRECT_NETWORKS, *CORRECT_LAYERS, *CORRECT_DEPTHS, *WRONG_NETWORKS, *WRONG_FEATURES
)  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_a_network_fails_the_checks_it_should(program: TrainingProgram) -> None:
    results = grade(namespace_of(REFERENCE + program.source), "q2a", keyword=program.tries)
    assert failed(results) == program.fails


def test_every_network_has_a_name_of_its_own() -> None:
    assert len({program.name for program in PROGRAMS}) == len(PROGRAMS)
