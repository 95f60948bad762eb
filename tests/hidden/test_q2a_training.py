"""Question 2a: `train_model(model, images, labels, *, epochs, seed)`, tried on small networks."""

from dataclasses import dataclass

import numpy as np
import pytest
import torch
from hidden_training import SEED, own_copy, same, state
from torch.nn import functional

pytestmark = pytest.mark.question("q2a")

PIXELS = 16
WATCHED_SEED = 2


def images_and_labels(count, seed=0):
    """Images that all differ, and labels of every class."""
    rng = torch.Generator().manual_seed(seed)
    images = torch.rand(count, 1, 4, 4, generator=rng)
    return images, torch.randint(0, 10, (count,), generator=rng)


@dataclass(frozen=True)
class Forward:
    """What a watched network noted of a call: mode, fingerprints of the images, and numbers."""

    is_train: bool
    prints: torch.Tensor
    logits: torch.Tensor
    gradient: torch.Tensor | None

    @property
    def is_readable(self):
        """Whether it is what a network notes; a worker may say anything."""
        return (
            isinstance(self.is_train, bool)
            and is_real(self.prints, 1)
            and is_real(self.logits, 2)
            and self.logits.shape == (len(self.prints), 10)
            and (self.gradient is None or is_real(self.gradient, 2))
            and (self.gradient is None or self.gradient.shape == self.logits.shape)
        )


def is_real(value, ndim):
    is_tensor = isinstance(value, torch.Tensor) and value.layout is torch.strided
    return is_tensor and value.ndim == ndim and value.dtype in (torch.float32, torch.float64)


def watched_run(student, count, epochs):
    """The student's training of a watched network: the call, the forwards, and the data.

    Also in how many steps .grad held an old gradient.
    """
    model = student.probe("watched", pixels=PIXELS, seed=WATCHED_SEED).kept("")
    images, labels = images_and_labels(count)
    outcome = student.train_model(model, images, labels, epochs=epochs, seed=SEED)
    _ = outcome.value
    seen = student.probe("seen", model, shown="model").value
    notes = seen if isinstance(seen, list | tuple) else []
    forwards = [Forward(*note) for note in notes[:-1] if isinstance(note, list | tuple)
                and len(note) == 4]  # fmt: skip
    outcome.require(
        len(notes) == len(forwards) + 1
        and isinstance(notes[-1], int)
        and all(forward.is_readable for forward in forwards),
        "What the model noted of its training cannot be read.",
        hint="Call the model as it is, on tensors of images (N, 1, H, W), and leave its attributes "
        "alone.",
    )
    return outcome, forwards, notes[-1], images, labels


def owners(prints, images):
    """For each fingerprint the image that has it, and whether there is one."""
    key = torch.from_numpy(np.random.default_rng(0).standard_normal(PIXELS))
    known = images.flatten(1).double() @ key
    # In parts: how many there are is the student's doing.
    nearest = [(part[:, None] - known).abs().min(1) for part in prints.split(4096)]
    distance = torch.cat([found.values for found in nearest])
    return torch.cat([found.indices for found in nearest]), distance < 1e-6


def times(count, epochs, sizes):
    """A hint, when the model was called with so many images."""
    if not sizes:
        return "model.train() before each epoch, and the model itself is to be called, no copy."
    if sum(sizes) % count == 0:
        return (
            f"{epochs} times each image: range(epochs), model.train() before each epoch, one call "
            "of the model for each batch; accuracies are computed in eval mode."
        )
    return "All images belong into an epoch; the last batch may be smaller than the others."


@pytest.mark.points(1)
def test_every_image_once(student):
    """Every epoch uses each image once, in train mode, also when there are fewer than a batch."""
    for count, epochs in ((170, 2), (3, 3), (257, 1)):
        outcome, forwards, _, images, _ = watched_run(student, count, epochs)
        outcome.require(
            all(forward.is_train for forward in forwards if forward.gradient is not None),
            "A gradient comes from a call of the model in eval mode.",
            hint="model.train() before the call whose outputs go into the loss.",
        )
        prints = [forward.prints for forward in forwards if forward.is_train]
        sizes = [len(some) for some in prints]
        outcome.require(
            sum(sizes) == count * epochs,
            f"{count} images, {epochs} epochs: the model was called with {sum(sizes)} images in "
            f"train mode, not with {count * epochs}; in batches of {sizes[:8]}.",
            hint=times(count, epochs, sizes),
        )
        which, is_known = owners(torch.cat(prints), images)
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


def with_gradient(outcome, forwards):
    """The forwards to whose outputs a gradient came back."""
    found = [forward for forward in forwards if forward.gradient is not None]
    outcome.require(
        found,
        "No gradient came back to the model's outputs.",
        hint="Call the model itself, not a copy, and give its outputs as they are to "
        "cross_entropy; then loss.backward().",
    )
    return found


@pytest.mark.points(1)
def test_own_gradient(student):
    """Each step uses the gradient of its own batch."""
    outcome, forwards, stale, _, _ = watched_run(student, 200, 3)
    with_gradient(outcome, forwards)
    outcome.require(
        stale == 0,
        "In some steps .grad still held the gradient of an earlier batch.",
        hint="optimizer.zero_grad() before each backward(); gradients of several batches are not "
        "added up.",
    )


def is_cross_entropy(gradient, logits, labels):
    """Whether this is, up to a factor, what cross-entropy gives back for these labels."""
    due = functional.softmax(logits, 1) - functional.one_hot(labels, 10)
    factor = float((gradient * due).sum() / (due * due).sum().clamp_min(1e-30))
    is_half = torch.equal(gradient, gradient.bfloat16().to(gradient.dtype))  # under autocast
    off = 1.6e-2 if is_half else 2e-3
    return factor > 0 and float((gradient - factor * due).abs().max()) <= off * factor + 1e-7


@pytest.mark.points(1)
def test_cross_entropy(student):
    """What is minimised is the plain cross-entropy of the raw outputs, with each image's label."""
    outcome, forwards, _, images, labels = watched_run(student, 200, 2)
    for forward in with_gradient(outcome, forwards):
        gradient, logits = forward.gradient, forward.logits
        if not len(gradient) or not logits.isfinite().all():
            continue
        which, is_known = owners(forward.prints, images)
        pulled = gradient.argmin(1)  # cross-entropy raises the output of the label and no other
        due = torch.where(is_known, labels[which], pulled)
        if is_cross_entropy(gradient, logits, due):
            continue
        outcome.require(
            not is_cross_entropy(gradient, logits, pulled),
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
    """It learns 160 images that can be told apart, each with its own label."""
    rng = torch.Generator().manual_seed(3)
    labels = torch.arange(160) % 10
    images = torch.rand(160, 1, 8, 8, generator=rng) * 0.2
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
        f"After 60 epochs a linear network knows {right:.0%} of 160 easy training images.",
        hint="Is there an optimizer.step(), and does each image keep its label when shuffled?",
    )


def is_trained(outcome, before, after):
    """A program that never trains has neither repeated a training nor left one out."""
    outcome.require(
        "head.weight" in before.changed(after),
        "The weights of the model that was given have not changed.",
        hint="Train the model itself, not a copy; is there an optimizer.step()?",
    )


@pytest.mark.points(1)
def test_repeats(student):
    """The same seed and the same weights give the same result, whatever was drawn before."""
    images, labels = images_and_labels(160)
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
    images, labels = images_and_labels(160)
    model = student.probe("moody", pixels=PIXELS, seed=5).kept("")
    before = state(student, model)
    outcome = student.call("train_model", model, images, labels, epochs=2, seed=3, echo=True)
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
    outcome, forwards, _, images, _ = watched_run(student, 20, 1)
    mine = provide("watched", pixels=PIXELS, seed=WATCHED_SEED).build()
    for forward in forwards[:1]:
        which, is_known = owners(forward.prints, images)
        outcome.require(
            not is_known.all()
            or torch.allclose(forward.logits.float(), mine(images[which]), rtol=0.02, atol=0.02),
            "The training does not start from the weights that the model has.",
            hint="build_cnn chooses the weights to start from; train_model goes on from them.",
        )


@pytest.mark.points(1)
def test_nothing_to_train(student):
    """With epochs=0, or with nothing trainable, the model stays as it is, buffers too."""
    images, labels = images_and_labels(160)
    model = student.probe("moody", pixels=PIXELS, seed=6).kept("")
    before = state(student, model)
    outcome = student.train_model(model, images, labels, epochs=2, seed=3)
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
            f"{', '.join(changed)} changed, with "
            f"{'all parameters frozen' if all_frozen else 'epochs=0'}.",
            hint="Return the model before anything is done with it; a forward in train mode "
            "changes the buffers of batch norm.",
        )
