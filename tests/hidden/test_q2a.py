"""Question 2a: `build_cnn(num_classes)`, its structure and what its features do."""

import pytest
import torch
from hidden_training import A_MODULE

pytestmark = pytest.mark.question("q2a")

SIZES = ((24, 24), (16, 16), (17, 30), (31, 16), (40, 25), (24, 24))
SIDE, PATCH = 144, 6  # a canvas on which a patch is far from every border, also when it moves
FAR = 48  # a multiple of every usual stride


def noise(seed, *shape):
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed))


def network(student, num_classes=10):
    return student.build_cnn(num_classes).kept(A_MODULE)


def run(student, model, images, part=""):
    """The outputs of a network in eval mode, or of a part; a float64 array."""
    name = f"model.{part}" if part else "model"
    shape = tuple(images.shape)
    shown = f"model = build_cnn(10)\nmodel.eval()\n{name}(images)  # images of shape {shape}"
    return student.probe("forward", model, images, part, shown=shown)


def maps(student, model, images):
    outcome = run(student, model, images, "features")
    found = outcome.array()
    outcome.require(
        found.ndim == 4 and len(found) == len(images),
        f"features should give feature maps (N, C, H', W'), but gave shape {found.shape}.",
        hint="Flatten belongs into head.",
    )
    return found


def description(student, model):
    found = student.probe("describe", model, shown="build_cnn(10)").value
    return found if isinstance(found, dict) else {}


@pytest.mark.points(1)
def test_parts(student):
    """The network is its head after its features, and gives one number a class, for any N."""
    for num_classes in (10, 3):
        model = network(student, num_classes)
        found = description(student, model)
        outcome = student.build_cnn(num_classes)
        for part in ("features", "head"):
            outcome.require(found.get(part) is True, f"The network has no submodule {part}.")
        for count in (1, 5):
            images = noise(count, count, 1, 24, 24)
            whole = run(student, model, images)
            features = run(student, model, images, "features").value
            by_parts = student.probe(
                "forward", model, features, "head", shown="model.head(model.features(images))"
            ).array((count, num_classes))
            whole.returns_array(
                by_parts, rtol=1e-3, atol=1e-4, hint="model(x) is model.head(model.features(x))."
            )


@pytest.mark.points(1)
def test_raw_logits(student):
    """The outputs are raw: no softmax, no logarithm of one."""
    model = network(student)
    outcome = run(student, model, 3 * noise(1, 8, 1, 24, 24))
    logits = torch.from_numpy(outcome.array((8, 10)))
    sums, logs = logits.sum(1), logits.logsumexp(1)
    is_softmax = bool(((sums - 1).abs() < 1e-4).all()) and bool((logits >= 0).all())
    outcome.require(
        not is_softmax and not bool((logs.abs() < 1e-4).all()),
        "The outputs have been through a softmax.",
        hint="cross_entropy applies it itself: leave it out of head.",
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
    outcome.require(found.get("lazy") == 0, "The network has lazy parameters.")
    outcome.require(found.get("frozen") == 0, "Some parameters have requires_grad False.")
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
        together, rtol=0, atol=0, hint="Dropout must look at self.training."
    )
    run(student, model, images[2:3]).returns_array(
        together[2:3], rtol=1e-3, atol=1e-4, hint="Batch norm must look at self.training."
    )


def total_stride(student, model):
    """By how many pixels images must grow for one more place of the maps; None: pooled over all."""

    def side(pixels):
        return maps(student, model, torch.zeros(1, 1, pixels, pixels)).shape[2:]

    start = side(SIDE)
    if tuple(start) == tuple(side(SIDE + FAR)):
        return None
    for stride in range(1, 17):
        grown = [side(SIDE + n * stride) for n in (1, 2, 3)]
        if [tuple(g) for g in grown] == [(start[0] + n, start[1] + n) for n in (1, 2, 3)]:
            return stride
    student.build_cnn(10).fail(
        "The maps do not grow with the image.",
        hint="A convolution with stride s gives one place more for every s pixels.",
    )
    return None


def canvas(patch, row, column):
    image = torch.zeros(1, 1, SIDE, SIDE)
    image[0, 0, row : row + PATCH, column : column + PATCH] = patch
    return image


@pytest.mark.points(1)
def test_convolutional(student):
    """When a patch moves, so do its maps; when its pixels are rearranged, they change."""
    model = network(student)
    stride = total_stride(student, model)
    start, patch = (SIDE - PATCH) // 2, noise(3, PATCH, PATCH)
    blank = maps(student, model, torch.zeros(1, 1, SIDE, SIDE))
    here = maps(student, model, canvas(patch, start, start)) - blank
    size = abs(here).max()
    asked = run(student, model, canvas(patch, start, start), "features")
    asked.require(size > 1e-6, "The features do not answer to a patch at all.")
    for down, right in ((1, 0), (0, -1), (-1, 1)):
        step = stride or FAR  # a map that is pooled over all places does not tell its stride
        moved = canvas(patch, start + down * step, start + right * step)
        there = maps(student, model, moved) - blank
        due = here
        if stride is not None:
            due = torch.roll(torch.from_numpy(here), (down, right), (2, 3)).numpy()
        asked.require(
            abs(there - due).max() < 1e-3 * size + 1e-6,
            f"The patch was moved by {down * step} pixels down and {right * step} to the right, "
            "and the maps have not moved along.",
            hint="Convolutions and pooling do; adaptive pooling to more than 1 x 1, linear layers "
            "and whatever knows a position belong into head.",
        )
    orders = [torch.randperm(PATCH**2, generator=torch.Generator().manual_seed(n)) for n in (4, 5)]
    others = [patch.flatten()[order].reshape(PATCH, PATCH) for order in orders]
    changes = [abs(maps(student, model, canvas(o, start, start)) - blank - here) for o in others]
    asked.require(
        max(change.max() for change in changes) > 1e-4 * size,
        "The pixels of a patch were rearranged, and the maps have not changed.",
        hint="A kernel larger than 1 x 1 sees how pixels are arranged.",
    )


@pytest.mark.points(1)
def test_not_linear(student):
    """The features are not a linear function of the image."""
    model = network(student)
    asked = run(student, model, noise(5, 1, 1, 24, 24), "features")
    zero = maps(student, model, torch.zeros(1, 1, 24, 24))
    off = []
    for seed in (6, 7, 8):
        one, two = noise(seed, 1, 1, 24, 24) - 0.5, noise(seed + 10, 1, 1, 24, 24) - 0.5
        parts = [maps(student, model, image) for image in (one, two, one + two)]
        size = max(abs(part - zero).max() for part in parts)
        off.append(abs(parts[0] + parts[1] - parts[2] - zero).max() / max(size, 1e-12))
    asked.require(
        max(off) > 1e-3,
        "features(x + y) is features(x) + features(y): there is no nonlinearity in the features.",
        hint="A ReLU or max pooling after the convolution, in features and not in head.",
    )
