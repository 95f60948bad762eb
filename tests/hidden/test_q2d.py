"""Question 2d: the student's `train_model` on a network with frozen random features."""

import pytest
import torch
from hidden_training import SEED, course, own_copy, score, train

from autograder.checking import Failure

pytestmark = pytest.mark.question("q2d")

PIXELS = 16


def frozen_run(student, *, stale):
    """Train a network with a frozen layer; its state before and after."""
    rng = torch.Generator().manual_seed(8)
    images, labels = torch.rand(90, 1, 4, 4, generator=rng), torch.arange(90) % 10
    model = student.probe("moody", pixels=PIXELS, seed=9).kept("")
    if stale:
        model = student.probe("leave_gradients", model).kept("")
    before = student.probe("state", model).value
    outcome = student.train_model(model, images, labels, epochs=3, seed=SEED)
    _ = outcome.value
    return outcome, before, student.probe("state", model).value


def is_frozen(outcome, before, after):
    key = "frozen"
    kept = after["arrays"].get(key)
    outcome.require(
        isinstance(kept, torch.Tensor) and torch.equal(kept, before["arrays"][key]),
        "A parameter with requires_grad False has changed.",
        hint="Give the optimizer only parameters that require a gradient.",
    )
    outcome.require(
        after["trainable"] == before["trainable"],
        "The flags requires_grad have changed.",
        hint="train_model must not set requires_grad.",
    )
    outcome.require(
        not torch.equal(after["arrays"]["weight"], before["arrays"]["weight"]),
        "Nothing was trained: the trainable weights are as before.",
        hint="Is there an optimizer.step()?",
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
    data, due = course(student, helper, hidden), helper.settings.HEAD_PASS_ACCURACY
    model = student.probe("frozen_features", seed=SEED).kept("")
    _ = train(student, model, data, epochs=helper.settings.HEAD_EPOCHS).value
    mine = own_copy(student, model, provide("frozen_features", seed=SEED))
    random = provide("frozen_features", seed=SEED).build()
    for name in ("first", "second"):
        if not torch.equal(getattr(mine, name), getattr(random, name)):
            raise Failure(
                "The frozen random features have changed.",
                hint="Give the optimizer only parameters that require a gradient.",
            )
    with torch.no_grad():
        accuracy = score(mine(data.test_images), data)
    if accuracy < due:
        raise Failure(
            f"Test accuracy {accuracy:.1%}; {due:.0%} are due, guessing gives 10%, and a right "
            "training gets about 80%.",
            hint="The head is a linear layer: it learns quickly with Adam at 3e-3 to 1e-2.",
        )
