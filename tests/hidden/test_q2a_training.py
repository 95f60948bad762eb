"""Question 2a: `train_model(model, images, labels, *, epochs, seed)`, and the training run."""

import math

import numpy as np
import pytest
import torch
from hidden_training import (
    SEED,
    attempt,
    course,
    course_training,
    own_copy,
    score,
    train,
    whole_run,
)
from torch.nn import functional

from autograder.checking import Failure

pytestmark = pytest.mark.question("q2a")

PIXELS = 16


def images_and_labels(count, seed=0):
    """Images that all differ, and labels of every class."""
    rng = torch.Generator().manual_seed(seed)
    images = torch.rand(count, 1, 4, 4, generator=rng)
    return images, torch.randint(0, 10, (count,), generator=rng)


def watched_run(student, count, epochs):
    """What a watched network notes while the student trains it."""
    model = student.probe("watched", pixels=PIXELS).kept("")
    images, labels = images_and_labels(count)
    outcome = student.train_model(model, images, labels, epochs=epochs, seed=SEED)
    _ = outcome.value
    return outcome, student.probe("seen", model).value, images, labels


@pytest.mark.points(1)
def test_every_image_once(student):
    """Every epoch uses each image once, in train mode, also when there are fewer than a batch."""
    for count, epochs in ((70, 2), (3, 3), (131, 1)):
        outcome, seen, _, _ = watched_run(student, count, epochs)
        used = sum(seen["batches"])
        hint = "One call of the model a batch, in train mode; range(0, N, batch) with N // batch?"
        outcome.require(
            used == count * epochs,
            f"{count} images, {epochs} epochs: the model was called with {used} images in train "
            f"mode, not with {count * epochs}; in batches of {seen['batches'][:8]}.",
            hint=hint,
        )
        prints = seen["images"].reshape(epochs, count)
        for number, epoch in enumerate(prints):
            outcome.require(
                len(epoch.unique()) == count,
                f"In epoch {number + 1} some images were used twice, and others not at all.",
                hint="A permutation of all images an epoch; randint draws with repetition.",
            )


@pytest.mark.points(1)
def test_own_gradient(student):
    """Each step uses the gradient of its own batch."""
    outcome, seen, _, _ = watched_run(student, 200, 3)
    outcome.require(
        seen["stale"] == 0,
        "In some steps .grad still held the gradient of an earlier batch.",
        hint="optimizer.zero_grad() before each backward().",
    )


def loss_gradients(seen, images, labels):
    """For each batch with a gradient, what cross-entropy gives, and what came, up to a factor."""
    keys = seen["images"]
    logits = seen["logits"].split(seen["batches"])
    prints = keys.split(seen["batches"])
    known = prints_of(images)
    for number, gradient in zip(seen["with_gradient"], seen["gradients"], strict=True):
        which = (prints[number][:, None] - known[None, :]).abs().argmin(1)
        due = functional.softmax(logits[number], 1) - functional.one_hot(labels[which], 10)
        yield due, gradient


def prints_of(images):
    """The fingerprints by which a watched network notes its images."""
    key = torch.from_numpy(np.random.default_rng(0).standard_normal(PIXELS))
    return images.flatten(1).double() @ key


@pytest.mark.points(1)
def test_cross_entropy(student, provide):
    """What is minimised is the plain cross-entropy of the raw outputs, with each image's label."""
    outcome, seen, images, labels = watched_run(student, 200, 2)
    hint = "functional.cross_entropy(model(batch of images), their labels), and nothing else."
    for due, gradient in loss_gradients(seen, images, labels):
        factor = float((gradient * due).sum() / (due * due).sum().clamp_min(1e-30))
        off = float((gradient - factor * due).abs().max())
        outcome.require(
            factor > 0 and off <= 2e-3 * factor + 1e-7,
            "The gradient at the model's outputs is not that of cross-entropy.",
            hint=hint,
        )
    model = student.probe("linear", pixels=PIXELS, bias=60.0).kept("")
    images, labels = images_and_labels(40, seed=1)
    labels = labels.clamp_min(1)
    outcome = student.train_model(model, images, labels, epochs=20, seed=SEED)
    _ = outcome.value
    mine = own_copy(student, model, provide("linear", pixels=PIXELS))
    with torch.no_grad():
        loss = float(functional.cross_entropy(mine(images), labels))
    outcome.require(
        loss < 60 - 1e-3,
        "A network whose outputs start far off has learned nothing: its gradient was 0.",
        hint="A softmax before cross_entropy does that: give it the raw outputs.",
    )


@pytest.mark.points(1)
def test_learns(student, provide):
    """It learns 60 images that can be told apart, each with its own label."""
    rng = torch.Generator().manual_seed(3)
    labels = torch.arange(10).repeat_interleave(6)
    images = torch.rand(60, 1, 8, 8, generator=rng) * 0.2
    centres = torch.rand(10, 1, 8, 8, generator=rng).round()
    images += centres[labels]
    model = student.probe("linear", pixels=64).kept("")
    outcome = student.train_model(model, images, labels, epochs=60, seed=SEED)
    _ = outcome.value
    mine = own_copy(student, model, provide("linear", pixels=64))
    with torch.no_grad():
        right = float((mine(images).argmax(1) == labels).double().mean())
    outcome.require(
        right > 0.9,
        f"After 60 epochs a linear network knows {right:.0%} of 60 easy training images.",
        hint="Is there an optimizer.step(), and does each image keep its label when shuffled?",
    )


@pytest.mark.points(1)
def test_repeats(student):
    """The same seed and the same weights give the same result, whatever was drawn before."""
    images, labels = images_and_labels(150)
    results = []
    for state in (1, 2):
        model = student.probe("moody", pixels=PIXELS, seed=4).kept("")
        _ = student.probe("scramble", state).value
        outcome = student.train_model(model, images, labels, epochs=2, seed=77)
        _ = outcome.value
        results.append(student.probe("state", model).value["arrays"])
    differ = [key for key in results[0] if not torch.equal(results[0][key], results[1].get(key))]
    outcome.require(
        not differ,
        f"Two runs with seed=77 from the same weights differ, in {', '.join(differ)}.",
        hint="torch.manual_seed(seed) at the start, and shuffle with torch, not with random.",
    )


@pytest.mark.points(1)
def test_returns_the_model(student):
    """It returns the model it was given, trained in place; images, labels and flags stay."""
    images, labels = images_and_labels(70)
    model = student.probe("moody", pixels=PIXELS, seed=5).kept("")
    before = student.probe("state", model).value
    outcome = student.call("train_model", model, images, labels, epochs=1, seed=3, echo=True)
    returned = outcome.kept("the model that it was given")
    after = student.probe("state", model).value
    outcome.require(
        returned.number == model.number,
        "Another object came back than the model that was given.",
        hint="return model; a copy that is trained leaves the original as it was.",
    )
    outcome.require(
        after["trainable"] == before["trainable"], "The flags requires_grad have changed."
    )
    changed = [k for k in before["arrays"] if not same(before["arrays"][k], after["arrays"][k])]
    outcome.require("weight" in changed, "The trainable weights have not changed.")
    echoed = outcome.arguments
    for name, was, now in (("images", images, echoed[1]), ("labels", labels, echoed[2])):
        outcome.require(same(was, now), f"train_model changed its {name}.")


def same(one, two):
    return isinstance(two, torch.Tensor) and one.dtype == two.dtype and torch.equal(one, two)


@pytest.mark.points(1)
def test_nothing_to_train(student):
    """With epochs=0, or with nothing trainable, the model stays as it is, buffers too."""
    images, labels = images_and_labels(70)
    for epochs, all_frozen in ((0, False), (2, True)):
        model = student.probe("moody", pixels=PIXELS, seed=6, all_frozen=all_frozen).kept("")
        before = student.probe("state", model).value["arrays"]
        outcome = student.train_model(model, images, labels, epochs=epochs, seed=3)
        _ = outcome.value
        after = student.probe("state", model).value["arrays"]
        changed = [key for key in before if not same(before[key], after.get(key))]
        outcome.require(
            not changed,
            f"With {'all parameters frozen' if all_frozen else 'epochs=0'}, "
            f"{', '.join(changed)} changed.",
            hint="Return the model before anything is done with it; a forward in train mode "
            "changes the buffers of batch norm.",
        )


def first_run(student, data, helper):
    """The student's network under the student's training, run once for both checks."""
    return student.once("run", lambda: attempt(lambda: whole_run(student, data, epochs(helper))))


def epochs(helper):
    return helper.settings.EPOCHS


@pytest.mark.points(2)
def test_run_network(student, helper, hidden):
    """Trained on the course data, the network names half of the test digits, or more."""
    data, due = course(student, helper, hidden), helper.settings.PASS_ACCURACY
    run, reason = first_run(student, data, helper)
    if run is not None and run.accuracy >= due:
        return
    again = course_training(student, data, epochs(helper))
    if again.accuracy < due:
        raise Failure(
            f"The network misses under the course's own training, too. {again.text(due)}",
            hint=again.mistake() if reason is None else str(reason),
        )


@pytest.mark.points(3)
def test_run_training(student, provide, helper, hidden):
    """The training takes a network on the course data to half of the test digits, or more."""
    data, due = course(student, helper, hidden), helper.settings.PASS_ACCURACY
    run, reason = first_run(student, data, helper)
    if run is not None and run.accuracy >= due:
        return
    model = student.probe("course_cnn", seed=SEED).kept("")
    _ = train(student, model, data, epochs=epochs(helper)).value
    mine = own_copy(student, model, provide("course_cnn", seed=SEED))
    with torch.no_grad():
        accuracy = score(mine(data.test_images), data)
        loss = float(functional.cross_entropy(mine(data.train_images), data.train_labels))
    if accuracy < due or not math.isfinite(loss):
        theirs = f" With your own network: {run.text(due)}" if run is not None else ""
        raise Failure(
            f"The course's network gets to a test accuracy of {accuracy:.1%} under this training "
            f"(loss {loss:.3g}); {due:.0%} are due, and the course's training takes it to 90%."
            f"{theirs}",
            hint=run.mistake() if run is not None else str(reason),
        )
