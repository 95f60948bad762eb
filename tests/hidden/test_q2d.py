"""Question 2d: the student's `train_model` on a network with frozen random features."""

import pytest
import torch
from hidden_training import SEED, course, same, state, trained_here

from autograder.checking import Failure

pytestmark = pytest.mark.question("q2d")

PIXELS = 16
ONLY_TRAINABLE = (
    "Give the optimizer only parameters that require a gradient: weight decay, and a .grad that is "
    "left from before, change the others, too."
)


def frozen_run(student, *, stale):
    """Train a network with a frozen layer; its state before and after."""
    rng = torch.Generator().manual_seed(8)
    images, labels = torch.rand(160, 1, 4, 4, generator=rng), torch.arange(160) % 10
    model = student.probe("moody", pixels=PIXELS, seed=9).kept("")
    if stale:
        model = student.probe("leave_gradients", model).kept("")
    before = state(student, model)
    outcome = student.train_model(model, images, labels, epochs=3, seed=SEED)
    _ = outcome.value
    return outcome, before, state(student, model)


def is_frozen(outcome, before, after):
    changed = before.changed(after)
    outcome.require(
        "frozen.weight" not in changed,
        "A parameter with requires_grad False has changed.",
        hint=ONLY_TRAINABLE,
    )
    outcome.require(
        after.trainable == before.trainable,
        "The flags requires_grad are not as before.",
        hint="train_model must not set requires_grad.",
    )
    outcome.require(
        "head.weight" in changed,
        "Nothing was trained: the trainable weights are as before.",
        hint="Is there an optimizer.step(), for the model that was given and no copy?",
    )


@pytest.mark.points(3)
def test_frozen_weights_stay(student):
    """A parameter whose requires_grad is False keeps its value, to the bit, and its flag."""
    is_frozen(*frozen_run(student, stale=False))


@pytest.mark.points(2)
def test_stale_gradients(student):
    """That is so even if an old .grad was left on it."""
    is_frozen(*frozen_run(student, stale=True))


@pytest.mark.points(5)
def test_random_features(student, provide, helper, hidden):
    """With random features and a trained head the network names 60 % of the test digits."""
    data, due = course(helper, hidden), helper.settings.HEAD_PASS_ACCURACY
    provided = provide("frozen_features", seed=SEED)
    mine, run = trained_here(student, data, provided, helper.settings.HEAD_EPOCHS)
    random = provided.build()
    if not all(same(getattr(mine, name), getattr(random, name)) for name in ("first", "second")):
        raise Failure("The frozen random features have changed.", hint=ONLY_TRAINABLE)
    if run.accuracy < due:
        raise Failure(
            f"With the course's wide network, of which only the head is trained: {run.text(due)}",
            hint=run.mistake(),
        )
