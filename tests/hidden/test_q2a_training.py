"""Question 2a: `train_model(model, images, labels, *, epochs, seed)`, and the training run."""

from dataclasses import dataclass

import numpy as np
import pytest
import torch
from hidden_training import (
    SEED,
    attempt,
    course,
    course_training,
    own_copy,
    same,
    state,
    trained_here,
    whole_run,
)
from torch.nn import functional

from autograder.checking import Failure

pytestmark = pytest.mark.question("q2a")

PIXELS = 16
WATCHED_SEED = 2


def images_and_labels(count, seed=0):
    """Images that all differ, and labels of every class."""
    rng = torch.Generator().manual_seed(seed)
    images = torch.rand(count, 1, 4, 4, generator=rng)
    return images, torch.randint(0, 10, (count,), generator=rng)


@dataclass(frozen=True)
class Notes:
    """What a watched network noted, batch by batch of the forwards in train mode."""

    batches: list[int]
    prints: torch.Tensor
    logits: torch.Tensor
    gradients: dict[int, torch.Tensor]
    stale: int


def watched_run(student, count, epochs):
    """The student's training of a watched network: the call, the notes, and the data."""
    model = student.probe("watched", pixels=PIXELS, seed=WATCHED_SEED).kept("")
    images, labels = images_and_labels(count)
    outcome = student.train_model(model, images, labels, epochs=epochs, seed=SEED)
    _ = outcome.value
    seen = student.probe("seen", model).value
    gradients = dict(zip(seen["with_gradient"], seen["gradients"], strict=True))
    notes = Notes(seen["batches"], seen["images"], seen["logits"], gradients, seen["stale"])
    return outcome, notes, images, labels


def owners(prints, images):
    """For each fingerprint the image that has it, and whether there is one."""
    key = torch.from_numpy(np.random.default_rng(0).standard_normal(PIXELS))
    distance, which = (prints[:, None] - images.flatten(1).double() @ key).abs().min(1)
    return which, distance < 1e-6


@pytest.mark.points(1)
def test_every_image_once(student):
    """Every epoch uses each image once, in train mode, also when there are fewer than a batch."""
    for count, epochs in ((70, 2), (3, 3), (131, 1)):
        outcome, notes, images, _ = watched_run(student, count, epochs)
        used = sum(notes.batches)
        outcome.require(
            used == count * epochs,
            f"{count} images, {epochs} epochs: the model was called with {used} images in train "
            f"mode, not with {count * epochs}; in batches of {notes.batches[:8]}.",
            hint="One call of the model for each batch, after model.train(); the last batch may be "
            "smaller than the others.",
        )
        which, is_known = owners(notes.prints, images)
        outcome.require(
            is_known.all(),
            "The model was trained with images that are not among the given ones.",
            hint="Take the images as they are: no noise, no shifts, no scaling.",
        )
        for number, epoch in enumerate(which.reshape(epochs, count)):
            outcome.require(
                len(epoch.unique()) == count,
                f"In epoch {number + 1} some images were used twice, and others not at all.",
                hint="A permutation of all images an epoch; randint draws with repetition.",
            )


NO_GRADIENT = "No gradient came back to the model's outputs."
BACKWARD = "The model's outputs, and no copy of them, into cross_entropy; then loss.backward()."


@pytest.mark.points(1)
def test_own_gradient(student):
    """Each step uses the gradient of its own batch."""
    outcome, notes, _, _ = watched_run(student, 200, 3)
    outcome.require(notes.gradients, NO_GRADIENT, hint=BACKWARD)
    outcome.require(
        notes.stale == 0,
        "In some steps .grad still held the gradient of an earlier batch.",
        hint="optimizer.zero_grad() before each backward().",
    )


def is_cross_entropy(gradient, logits, labels):
    """Whether this is, up to a factor, what cross-entropy gives back for these labels."""
    due = functional.softmax(logits, 1) - functional.one_hot(labels, 10)
    factor = float((gradient * due).sum() / (due * due).sum().clamp_min(1e-30))
    return factor > 0 and float((gradient - factor * due).abs().max()) <= 2e-3 * factor + 1e-7


@pytest.mark.points(1)
def test_cross_entropy(student):
    """What is minimised is the plain cross-entropy of the raw outputs, with each image's label."""
    outcome, notes, images, labels = watched_run(student, 200, 2)
    outcome.require(notes.gradients, NO_GRADIENT, hint=BACKWARD)
    prints, logits = notes.prints.split(notes.batches), notes.logits.split(notes.batches)
    for number, gradient in notes.gradients.items():
        if not len(gradient) or not logits[number].isfinite().all():
            continue
        which, is_known = owners(prints[number], images)
        pulled = gradient.argmin(1)  # cross-entropy raises the output of the label and no other
        due = torch.where(is_known, labels[which], pulled)
        if is_cross_entropy(gradient, logits[number], due):
            continue
        outcome.require(
            not is_cross_entropy(gradient, logits[number], pulled),
            "Images are trained with the labels of other images.",
            hint="The same permutation for images and labels: images[batch], labels[batch].",
        )
        outcome.fail(
            "The gradient at the model's outputs is not that of plain cross-entropy.",
            hint="functional.cross_entropy(model(images[batch]), labels[batch]) and nothing else: "
            "no softmax before it, no weights, no label smoothing.",
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


def is_trained(outcome, before, after):
    """A program that never trains has neither repeated a training nor left one out."""
    outcome.require(
        "weight" in before.changed(after),
        "The weights of the model that was given have not changed.",
        hint="Train the model itself, not a copy; is there an optimizer.step()?",
    )


@pytest.mark.points(1)
def test_repeats(student):
    """The same seed and the same weights give the same result, whatever was drawn before."""
    images, labels = images_and_labels(150)
    start = state(student, student.probe("moody", pixels=PIXELS, seed=4).kept(""))
    for seed in (0, 2**31 - 1):
        results = []
        for drawn in (1, 2):
            model = student.probe("moody", pixels=PIXELS, seed=4).kept("")
            _ = student.probe("scramble", drawn).value
            outcome = student.train_model(model, images, labels, epochs=2, seed=seed)
            _ = outcome.value
            results.append(state(student, model))
        is_trained(outcome, start, results[0])
        changed = results[0].changed(results[1])
        outcome.require(
            not changed,
            f"Two trainings with seed={seed} from the same weights differ, in "
            f"{', '.join(changed)}.",
            hint="torch.manual_seed(seed) at the start, also for dropout; what else draws random "
            "numbers (numpy, random, a generator) starts from the seed, too.",
        )


@pytest.mark.points(1)
def test_returns_the_model(student, provide):
    """It returns the model it was given, trained in place; images, labels and flags stay."""
    images, labels = images_and_labels(70)
    model = student.probe("moody", pixels=PIXELS, seed=5).kept("")
    before = state(student, model)
    outcome = student.call("train_model", model, images, labels, epochs=1, seed=3, echo=True)
    returned = outcome.kept("the model that it was given")
    after = state(student, model)
    is_trained(outcome, before, after)
    outcome.require(
        returned.number == model.number,
        "Another object came back than the model that was given.",
        hint="return model, and no copy of it.",
    )
    outcome.require(
        after.trainable == before.trainable,
        "The flags requires_grad of its parameters are not as before.",
    )
    for name, was, now in zip(
        ("images", "labels"), (images, labels), outcome.arguments[1:3], strict=True
    ):
        outcome.require(
            same(was, now),
            f"train_model changed its {name}.",
            hint="Operations in place (+=, names that end in _) change the caller's tensor, too.",
        )
    outcome, notes, images, _ = watched_run(student, 20, 1)
    which, is_known = owners(notes.prints, images)
    start = provide("watched", pixels=PIXELS, seed=WATCHED_SEED).build()
    with torch.no_grad():
        due = start(images[which[: sum(notes.batches[:1])]])
    outcome.require(
        not is_known.all() or torch.allclose(notes.logits[: len(due)], due, atol=1e-4),
        "The training does not start from the weights that the model has.",
        hint="build_cnn chooses the weights to start from; train_model goes on from them.",
    )


@pytest.mark.points(1)
def test_nothing_to_train(student):
    """With epochs=0, or with nothing trainable, the model stays as it is, buffers too."""
    images, labels = images_and_labels(70)
    model = student.probe("moody", pixels=PIXELS, seed=6).kept("")
    before = state(student, model)
    outcome = student.train_model(model, images, labels, epochs=1, seed=3)
    _ = outcome.value
    is_trained(outcome, before, state(student, model))
    for epochs, all_frozen in ((0, False), (2, True)):
        model = student.probe("moody", pixels=PIXELS, seed=6, all_frozen=all_frozen).kept("")
        before = state(student, model)
        outcome = student.train_model(model, images, labels, epochs=epochs, seed=3)
        _ = outcome.value
        changed = before.changed(state(student, model))
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
