"""Question 2a: `build_cnn(num_classes)`, its structure and what its features do."""

import numpy as np
import pytest
import torch
from hidden_features import (
    FAR,
    PATCH,
    canvas,
    maps,
    moved_along,
    noise,
    nonlinearity,
    run,
    total_stride,
)
from hidden_training import A_MODULE, network

pytestmark = pytest.mark.question("q2a")

SIZES = ((24, 24), (16, 16), (17, 30), (31, 16), (40, 25), (24, 24))
STRONGER = 1000.0  # all weights times this: raw outputs grow with those of the last layer


def description(student, model):
    found = student.probe("describe", model, shown="build_cnn(10)").value
    pairs = found.items() if isinstance(found, dict) else ()
    return {key: value for key, value in pairs if isinstance(value, int)}


@pytest.mark.points(1)
def test_parts(student):
    """The network is its head after its features, and gives one number a class, for any N."""
    for num_classes, call in ((10, student.build_cnn()), (3, student.build_cnn(num_classes=3))):
        model = call.kept(A_MODULE)
        found = description(student, model)
        for part in ("features", "head"):
            call.require(
                found.get(part) is True, f"The network has no submodule that is called {part}."
            )
        for count in (1, 5):
            images = noise(count, count, 1, 24, 24)
            whole = run(student, model, images, drawn=count)
            features = run(student, model, images, "features", drawn=count).value
            by_parts = student.probe(
                "forward", model, features, "head", shown="model.head(model.features(images))"
            ).array((count, num_classes), hint="One row for each image, one column for each class.")
            whole.returns_array(
                by_parts,
                rtol=1e-3,
                atol=1e-4,
                hint="model(images) is to be model.head(model.features(images)).",
            )


def is_probability(logits, axis):
    """Whether these are probabilities, or logarithms of such, that add up to 1 along an axis."""
    is_positive = bool((logits >= 0).all())
    is_one = bool(((logits.sum(axis) - 1).abs() < 1e-4).all())
    return (is_positive and is_one) or bool((logits.logsumexp(axis).abs() < 1e-4).all())


@pytest.mark.points(1)
def test_raw_logits(student):
    """The outputs are raw: no softmax, no logarithm of one, no sigmoid, no ReLU."""
    model, images = network(student), 3 * noise(1, 8, 1, 24, 24)
    outcome = run(student, model, images)
    logits = torch.from_numpy(outcome.array((8, 10)))
    strong = student.probe("strengthen", model, STRONGER).kept("")
    large = torch.from_numpy(run(student, strong, images).array((8, 10)))
    for axis in (0, 1):  # weights to start from may look like it, but not all weights do
        outcome.require(
            not is_probability(logits, axis)
            or not (is_probability(large, axis) or large.isnan().any()),
            "The outputs have been through a softmax.",
            hint="cross_entropy applies it itself: leave it out of head.",
        )
    outcome.require(
        bool((large.abs() > 1 + 1e-6).any() or (large == 0).all() or large.isnan().any()),
        "However large the weights, the outputs stay within [-1, 1].",
        hint="Nothing after the last layer, no sigmoid or tanh: cross_entropy takes any numbers.",
    )
    outcome.require(
        not is_cut_at_zero(student, strong, images, logits),
        "Whatever the weights, no output is below 0, and many are 0.",
        hint="Nothing after the last layer, no ReLU: cross_entropy takes any numbers.",
    )


def is_cut_at_zero(student, strong, images, logits):
    """Whether outputs have been through a ReLU: a maximum over places may be above 0, but not 0."""
    found = [logits]
    model = student.probe("strengthen", strong, -1 / STRONGER).kept("")
    for seed in (13, 14):
        model = student.probe("perturb", model, seed).kept("")
        found.append(torch.from_numpy(run(student, model, images).array((8, 10))))
    every = torch.stack(found)
    return bool((every >= 0).all()) and float((every == 0).double().mean()) > 0.2


@pytest.mark.points(1)
def test_any_size(student):
    """The features take images of any height and width from 16 up, one after the other."""
    model = network(student)
    channels = set()
    for number, (height, width) in enumerate(SIZES):
        found = maps(student, model, noise(number, 2, 1, height, width))
        channels.add(found.shape[1])
    student.build_cnn(10).require(
        len(channels) == 1, f"The number of channels depends on the size: {sorted(channels)}."
    )


@pytest.mark.points(1)
def test_size_of_the_network(student):
    """It has at most 20,000 parameters, all of them trainable, none of them lazy."""
    found = description(student, network(student))
    outcome = student.build_cnn(10)
    parameters = found.get("parameters")
    outcome.require(
        found.get("lazy") == 0,
        "The network has lazy modules.",
        hint="Write the numbers of channels.",
    )
    outcome.require(
        found.get("frozen") == 0,
        "Some parameters have requires_grad False.",
        hint="Start from weights of your choice, but leave them trainable.",
    )
    outcome.require(
        isinstance(parameters, int) and 0 < parameters <= 20_000,
        f"The network has {parameters} parameters; 1 to 20,000 are allowed.",
        hint="A linear layer behind large feature maps has the most: pool before it.",
    )


@pytest.mark.points(1)
def test_new_each_time(student):
    """Every call makes a network of its own."""
    one, two = network(student), network(student)
    shown = "build_cnn(10), build_cnn(10)"
    outcome = student.probe("share_weights", one, two, shown=shown)
    outcome.require(
        one.number != two.number and outcome.value is False,
        "Two calls gave networks that share weights.",
        hint="Make all layers inside of build_cnn.",
    )


@pytest.mark.points(1)
def test_eval_mode(student):
    """In eval mode the same images give the same outputs, alone or among others."""
    model = network(student)
    images = noise(2, 6, 1, 24, 24)
    together = run(student, model, images).array((6, 10))
    run(student, model, images).returns_array(
        together,
        rtol=0,
        atol=0,
        hint="Nothing may be drawn at random in eval mode: functional.dropout needs "
        "training=self.training.",
    )
    run(student, model, images[2:4]).returns_array(
        together[2:4],
        rtol=1e-3,
        atol=1e-4,
        hint="The outputs for an image must not depend on the others; in eval mode batch norm "
        "uses its running statistics.",
    )


@pytest.mark.points(1)
def test_convolutional(student):
    """When a patch moves, so do its maps; when its pixels are rearranged, they change."""
    model, patch = network(student), noise(3, PATCH, PATCH)
    model = student.probe("perturb", model, 11).kept("")  # no position may be learned, either
    strides = [total_stride(student, model, axis) for axis in (0, 1)]
    asked = run(student, model, canvas(patch), "features")
    here = maps(student, model, canvas(patch))
    blank = maps(student, model, canvas(torch.zeros_like(patch)), here.shape)
    size = abs(here - blank).max()
    asked.require(
        size > 1e-6 * abs(here).max(), "The features do not answer to a patch on a black image."
    )
    # Maps that are pooled over all places do not tell their stride.
    steps = FAR if 0 in strides else FAR[:1]
    first_missed = None
    for step in steps:
        missed = moved_along(student, model, patch, strides, step)
        if missed is None:
            break
        first_missed = first_missed or missed
    down, right = first_missed or (0, 0)
    asked.require(
        missed is None,
        f"The patch was moved by {down} pixels down and {right} to the right, "
        "and the maps have not moved along.",
        hint="Convolutions and pooling do; adaptive pooling to more than 1 x 1, linear layers "
        "and whatever knows a position belong into head.",
    )
    values = np.sort(here.reshape(here.shape[1], -1))
    changes = []
    for seed in (4, 5):
        order = torch.randperm(PATCH**2, generator=torch.Generator().manual_seed(seed))
        mixed = patch.flatten()[order].reshape(PATCH, PATCH)
        other = maps(student, model, canvas(mixed), here.shape)
        changes.append(abs(np.sort(other.reshape(here.shape[1], -1)) - values).max())
    asked.require(
        max(changes) > 1e-4 * size,
        "The pixels of a patch were rearranged, and the numbers in the maps are the same as "
        "before, at most in another order.",
        hint="A kernel larger than 1 x 1 sees how pixels are arranged.",
    )


@pytest.mark.points(1)
def test_not_linear(student):
    """The features are not a linear function of the image."""
    model = network(student)
    asked = run(student, model, noise(5, 1, 1, 24, 24), "features")
    off = nonlinearity(student, model)
    if off <= 1e-3:  # the weights to start from may hide it: PReLU(init=1), a branch times 0
        off = nonlinearity(student, student.probe("perturb", model, 12).kept(""))
    asked.require(
        off > 1e-3,
        "features(x + y) is features(x) + features(y), up to a constant: there is no "
        "nonlinearity in the features.",
        hint="A ReLU or max pooling after the convolution, in features and not in head.",
    )
