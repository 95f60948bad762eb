"""What the features of a network do: to a patch that moves, to images of any size, to sums."""

import numpy as np
import torch

LARGEST_STRIDE = 16
# A canvas on which a patch is far from every border, also when it moves: the features may see 160
# pixels, which three convolutions of 3 x 3 before each of four poolings by 2 do not.
SIDE, PATCH, SMALL = 240, 6, 24
INNER = (100, 140)  # the pixels that no border reaches, even when maps move by 16
FAR = (16, 24, 20, 18, 14, 22, 26, 15)  # among them a multiple of every stride up to 16


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


def places_of(student, model, axis, pixels):
    """How many places the maps have along an axis on which the image has so many pixels."""
    sides = [SMALL, SMALL]  # along the other axis: many maps of large images are many bytes
    sides[axis] = pixels
    return maps(student, model, torch.zeros(1, 1, *sides)).shape[2 + axis]


def total_stride(student, model, axis):
    """By how many pixels images must grow for one more place; 0: the maps are pooled over all.

    Some layers round up, others down. So a stride shows only where the image has grown by so many
    pixels for each of as many places as the largest stride has pixels: no smaller one gives these.
    """
    start = places_of(student, model, axis, SIDE)
    if start == places_of(student, model, axis, SIDE + 3 * LARGEST_STRIDE):
        return 0
    for stride in range(1, LARGEST_STRIDE + 1):
        grown = places_of(student, model, axis, SIDE + LARGEST_STRIDE * stride)
        if middle(start) and grown == start + LARGEST_STRIDE:
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
    run(student, model, canvas(patch), "features").require(
        inner(here, strides).size,
        f"Images of the same size gave more places before than now, where the maps have shape "
        f"{here.shape}.",
    )
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


def nonlinearity(student, model):
    """By how much, of their size, the features of x + y differ from those of x and of y."""
    zero = maps(student, model, torch.zeros(1, 1, 24, 24))
    off = []
    for seed, scale in ((6, 1), (7, 1), (8, 40)):
        one, two = (scale * (noise(n, 1, 1, 24, 24) - 0.5) for n in (seed, seed + 10))
        parts = [maps(student, model, image, zero.shape) for image in (one, two, one + two)]
        size = max(abs(part - zero).max() for part in parts)
        off.append(abs(parts[0] + parts[1] - parts[2] - zero).max() / max(size, 1e-12))
    return max(off)
