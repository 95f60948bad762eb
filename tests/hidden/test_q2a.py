"""Question 2a: `build_cnn(num_classes)`, its structure and what its features do."""

import numpy as np
import pytest
import torch
from hidden_training import A_MODULE, network

pytestmark = pytest.mark.question("q2a")

SIZES = ((24, 24), (16, 16), (17, 30), (31, 16), (40, 25), (24, 24))
SIDE, PATCH = 144, 6  # a canvas on which a patch is far from every border, also when it moves
FAR = (48, 45, 50, 42, 44, 39)  # among them a multiple of every stride up to 16
STRONGER = 1000.0  # all weights times this: raw outputs grow with those of the last layer
INNER = (52, 92)  # the pixels that no border reaches, even when maps move by 16


def noise(seed, *shape):
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed))


def run(student, model, images, part="", drawn=None):
    """The outputs of a network in eval mode, or of a part; ``drawn`` seeds what it draws."""
    if drawn is not None:
        _ = student.probe("scramble", drawn).value
    name = f"model.{part}" if part else "model"
    shape = tuple(images.shape)
    shown = f"model = build_cnn(10)\nmodel.eval()\n{name}(images)  # images of shape {shape}"
    return student.probe("forward", model, images, part, shown=shown)


def maps(student, model, images, shape=None):
    """The feature maps of images, as an array; of this shape, if it is known."""
    outcome = run(student, model, images, "features")
    found = outcome.array()
    outcome.require(
        found.ndim == 4 and len(found) == len(images),
        f"features should give feature maps (N, C, H', W'), but gave shape {found.shape}.",
        hint="Flatten belongs into head.",
    )
    outcome.require(found.size, f"There is nothing in the feature maps, of shape {found.shape}.")
    outcome.require(np.isfinite(found).all(), "Some numbers in the feature maps are not finite.")
    outcome.require(
        shape in (None, found.shape),
        f"Images of the same size gave feature maps of shape {shape} and of shape {found.shape}.",
    )
    return found


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
    """The outputs are raw: no softmax, no logarithm of one, no sigmoid."""
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


def places_of(student, model, axis, pixels):
    """How many places the maps have along an axis on which the image has so many pixels."""
    sides = [SIDE, SIDE]
    sides[axis] = pixels
    return maps(student, model, torch.zeros(1, 1, *sides)).shape[2 + axis]


def total_stride(student, model, axis):
    """By how many pixels images must grow for one more place; 0: the maps are pooled over all."""
    start = places_of(student, model, axis, SIDE)
    if start == places_of(student, model, axis, SIDE + FAR[0]):
        return 0
    for stride in range(1, 17):
        if middle(start) and all(
            places_of(student, model, axis, SIDE + n * stride) == start + n for n in (1, 2, 3)
        ):
            return stride
    student.build_cnn(10).fail(
        "The maps do not grow with the image.",
        hint="A convolution with stride s gives one place more for every s pixels; all strides "
        "multiplied may be 16 at most.",
    )
    return 0


def canvas(patch, down=0, right=0):
    """A black image with a patch in the middle, or so many pixels from there."""
    image = torch.zeros(1, 1, SIDE, SIDE)
    row, column = (SIDE - PATCH) // 2 + down, (SIDE - PATCH) // 2 + right
    image[0, 0, row : row + PATCH, column : column + PATCH] = patch
    return image


def middle(side):
    """The places, of so many, that are far from every border, whatever pads it."""
    return range(side * INNER[0] // SIDE, side * INNER[1] // SIDE)


def inner(found, strides):
    """The middle of the maps, along the axes that are not pooled over all."""
    for axis, stride in enumerate(strides, start=2):
        if stride:
            found = found.take(middle(found.shape[axis]), axis)
    return found


def moved_along(student, model, patch, strides, far):
    """The first move, in pixels, that the maps do not follow; None when they follow all."""
    here = maps(student, model, canvas(patch))
    blank = maps(student, model, canvas(torch.zeros_like(patch)), here.shape)
    size, background = abs(inner(here - blank, strides)).max(), abs(inner(here, strides)).max()
    steps = [stride or far for stride in strides]
    several = [max(1, 12 // stride) if stride else 1 for stride in strides]
    for down, right in ((1, 0), (0, -1), (-several[0], several[1])):
        by = (down * steps[0], right * steps[1])
        there = maps(student, model, canvas(patch, *by), here.shape)
        places = (down if strides[0] else 0, right if strides[1] else 0)
        off = abs(inner(there - np.roll(here, places, (2, 3)), strides)).max()
        if not off < 1e-3 * size + 1e-5 * background:
            return by
    return None


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
    missed = [moved_along(student, model, patch, strides, step) for step in steps]
    down, right = missed[0] or (0, 0)
    asked.require(
        None in missed,
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
    zero = maps(student, model, torch.zeros(1, 1, 24, 24))
    off = []
    for seed, scale in ((6, 1), (7, 1), (8, 40)):
        one, two = (scale * (noise(n, 1, 1, 24, 24) - 0.5) for n in (seed, seed + 10))
        parts = [maps(student, model, image, zero.shape) for image in (one, two, one + two)]
        size = max(abs(part - zero).max() for part in parts)
        off.append(abs(parts[0] + parts[1] - parts[2] - zero).max() / max(size, 1e-12))
    asked.require(
        max(off) > 1e-3,
        "features(x + y) is features(x) + features(y), up to a constant: there is no "
        "nonlinearity in the features.",
        hint="A ReLU or max pooling after the convolution, in features and not in head.",
    )
