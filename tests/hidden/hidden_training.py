"""What the checks of questions 2a and 2d share: data, the runs, and what a result says."""

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from autograder.checking import Failure
from autograder.checking.reply import WorkerStopped

A_MODULE = "a torch.nn.Module"
SEED, TRAINING_SEED = 1, 1_000_003
BATCH = 64
PART = 64  # images that are evaluated at once: 128 maps of all of them would be 100 MB
SOME = slice(None, None, 4)  # of the training images, to see how well they are known


@dataclass(frozen=True)
class Course:
    """The data of the hidden runs; test images in an order that tells nothing of their labels."""

    train_images: Any
    train_labels: Any
    test_images: Any
    test_labels: Any


def course(helper, hidden):
    """The data of the hidden runs; `helper` and `hidden` are the fixtures."""
    return _course(helper.load_data, hidden["data_seed"])


@functools.cache  # nobody writes to it: what a student's function gets is a copy
def _course(load_data, seed):
    data = load_data(seed=seed)
    order = np.random.default_rng(seed).permutation(len(data.test_labels))
    return Course(
        data.train_images, data.train_labels, data.test_images[order], data.test_labels[order]
    )


@dataclass(frozen=True)
class Run:
    """What a training run came to."""

    accuracy: float
    train_accuracy: float
    loss: float

    def text(self, threshold):
        """For the student."""
        return (
            f"Test accuracy {self.accuracy:.1%}; {threshold:.0%} are due, guessing gives 10%, and "
            f"an MLP of 20,000 weights gets about 40%. At the end the training images have an "
            f"accuracy of {self.train_accuracy:.1%} and a loss of {self.loss:.3g} (guessing: 2.3)."
        )

    @property
    def has_exploded(self):
        """Whether the loss is beyond all bounds."""
        return not np.isfinite(self.loss) or self.loss > 20

    @property
    def is_by_heart(self):
        """Whether the training images are known far better than others."""
        return self.train_accuracy - self.accuracy > 0.25

    def mistake(self):
        """What is likely behind a training that missed."""
        if self.has_exploded:
            return "The loss has exploded: try a smaller learning rate."
        if self.train_accuracy < 0.2:
            return (
                "Next to nothing was learned. Does every batch go through zero_grad, backward and "
                "step, are images and labels shuffled alike in each epoch (they come sorted by "
                "class), and is the learning rate small enough that some ReLUs stay alive (3e-3, "
                "with Adam)?"
            )
        if self.is_by_heart:
            return "The training images are known far better than the test images."
        return "Learning is too slow: try Adam with 3e-3 and batches of 32 to 64."

    def weakness(self):
        """What is likely behind a network that missed."""
        if self.has_exploded:
            return "Its loss has exploded: start with smaller weights."
        if self.is_by_heart:
            return (
                "The training images are known far better than the test images: max pooling over "
                "larger areas makes the answer depend less on where a digit is."
            )
        return (
            "It has not even learned the training images: two convolutions of 8 channels or more, "
            "kernels of 3 x 3 or 5 x 5, max pooling (no means), and raw outputs help."
        )


def score(found, data):
    """Accuracy of the logits of all test images; not a number is wrong."""
    right = (found.argmax(1) == data.test_labels) & ~found.isnan().any(1)
    return float(right.double().mean())


def judge(logits, data):
    """The run that a trained network comes to; ``logits`` gives its outputs for some images."""

    def of_all(images):
        return torch.cat([logits(part) for part in images.split(PART)])

    labels = data.train_labels[SOME]
    train = of_all(data.train_images[SOME])
    return Run(
        accuracy=score(of_all(data.test_images), data),
        train_accuracy=float((train.argmax(1) == labels).double().mean()),
        loss=float(functional.cross_entropy(train, labels)),
    )


def judge_there(student, model, data):
    """The run that a network in the worker comes to."""

    def logits(images):
        shown = "model.eval()\nmodel(images)"
        outcome = student.probe("forward", model, images, shown=shown, long=True)
        return torch.from_numpy(outcome.array((len(images), 10)))

    return judge(logits, data)


def network(student, number=0):
    """The student's network; its random weights depend on the number, and on nothing before."""
    _ = student.probe("scramble", SEED + number).value
    return student.build_cnn(10).kept(A_MODULE)


def train(student, model, data, *, epochs, number=0):
    """The student's training of a network on the course data."""
    return student.call(
        "train_model",
        model,
        data.train_images,
        data.train_labels,
        epochs=epochs,
        seed=TRAINING_SEED + number,
        long=True,
    )


def whole_run(student, data, epochs, number=0):
    """The student's network under the student's training, with the seeds of this number."""
    model = network(student, number)
    _ = train(student, model, data, epochs=epochs, number=number).value
    return judge_there(student, model, data)


def best_run(student, data, settings):
    """The best of the runs, which end when one is good enough; and what kept one from ending."""
    best = None
    for number in range(settings.RUNS):
        run, reason = attempt(lambda n=number: whole_run(student, data, settings.EPOCHS, n))
        if run is None:
            return best, reason
        if best is None or run.accuracy > best.accuracy:
            best = run
        if best.accuracy >= settings.PASS_ACCURACY:
            break
    return best, None


def course_training(student, data, epochs):
    """The student's network under the course's training, batch by batch from here."""
    model = network(student)
    rng = torch.Generator().manual_seed(SEED)
    for _ in range(epochs):
        for batch in torch.randperm(len(data.train_labels), generator=rng).split(BATCH):
            images, labels = data.train_images[batch], data.train_labels[batch]
            shown = "model(images)  # in train mode, under the course's training"
            _ = student.probe("step", model, images, labels, shown=shown, long=True).value
    return judge_there(student, model, data)


def trained_here(student, data, provided, epochs):
    """The grader's network with the weights that the student's training gave it, and its run."""
    model = student.probe(provided.factory, **provided.keywords).kept("")
    _ = train(student, model, data, epochs=epochs).value
    mine = own_copy(student, model, provided)
    with torch.no_grad():
        return mine, judge(mine, data)


def same(one, two):
    """Whether two values are the same tensor, to the bit; after an explosion, nan is nan."""
    if not isinstance(one, torch.Tensor) or not isinstance(two, torch.Tensor):
        return False
    if one.dtype != two.dtype or one.shape != two.shape:
        return False
    if one.is_floating_point() and one.layout is two.layout is torch.strided:
        lost = one.isnan() & two.isnan()
        one, two = one.masked_fill(lost, 0), two.masked_fill(lost, 0)
    return torch.equal(one, two)


@dataclass(frozen=True)
class State:
    """A network's parameters and buffers, and the names of what is trainable."""

    arrays: Any
    trainable: Any

    def changed(self, later):
        """The names of arrays that are not the same any more."""
        return [key for key, value in self.arrays.items() if not same(value, later.arrays.get(key))]


def state(student, model):
    """The state of a network in the worker."""
    outcome = student.probe("state", model, shown="model.state_dict()")
    found = outcome.value
    is_whole = isinstance(found, dict) and isinstance(found.get("arrays"), dict)
    outcome.require(is_whole, "The network's state cannot be read.")
    trainable = found.get("trainable")
    names = trainable if isinstance(trainable, list) else []
    return State(found["arrays"], [name for name in names if isinstance(name, str)])


def own_copy(student, model, provided):
    """The grader's network with the weights that one in the worker came to have."""
    arrays = state(student, model).arrays
    mine = provided.build()
    expected = mine.state_dict()
    if arrays.keys() != expected.keys():
        raise Failure("The network's parameters have other names than before.")
    for key, value in expected.items():
        if not isinstance(arrays[key], torch.Tensor) or arrays[key].shape != value.shape:
            raise Failure(f"The parameter {key} has another shape or type than before.")
    mine.load_state_dict(arrays)
    return mine.eval()


def attempt(make):
    """A result, or the failure or stop that kept it from coming."""
    try:
        return make(), None
    except (Failure, WorkerStopped) as reason:
        return None, reason
