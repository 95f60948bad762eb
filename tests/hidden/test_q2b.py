"""Question 2b: `equivariance_error(f, images, shift, *, margin=0)`."""

import math

import hidden_oracles as oracles
import pytest
import torch
from hidden_strategies import MAPS, batches, pixels, square_translations, translations
from hypothesis import example, given, settings

pytestmark = pytest.mark.question("q2b")

DEFINITION = "||f(T x) - T f(x)|| / ||T f(x)|| with T x = torch.roll(x, (dy, dx), (2, 3))."
INTERIOR = "Both norms leave out max(|dy|, |dx|) + margin pixels on all four sides, after T."
# Errors neither 0 nor about 1: the factor shows in both f(T x) and T f(x), or in the former only.
NEARLY = ("scaled_pixel", {"row": 2, "column": 2, "factor": 1.00037})
HARDLY = ("scaled_pixel", {"row": 3, "column": 3, "factor": 300.0})
ONE_NORM = "Each norm is one number over the whole batch and all channels; no mean is taken."


def agrees(student, reference, f, images, shift, *, hint=DEFINITION, **margin):
    expected = oracles.agreed(
        reference.equivariance_error(f.build(), images, shift, **margin),
        oracles.equivariance_error(f.build(), images, shift, **margin),
        rtol=1e-5,
        atol=1e-6,
    )
    outcome = student.equivariance_error(f, images, shift, **margin)
    is_near(outcome, expected, hint=f"{hint} Here f is: {f.describe()}")


def is_near(outcome, expected, hint=DEFINITION):
    outcome.returns_number(expected, rtol=1e-4, atol=1e-5, hint=hint)


def checkerboard_problem(provide, **keywords):
    """A network, and images on which its error is 2 whatever the norms and the border.

    T moves the checkerboard by one place: f(T x) = -T f(x) everywhere.
    """
    dtype = getattr(torch, keywords.get("dtype", "float32"))
    return provide("signed_network", seed=4, **keywords), pixels(3, 1, 1, 6, 6, dtype=dtype), (0, 1)


def is_ordinary(student, provide):
    """Elsewhere the error is neither 0 nor infinite, as a program that knows one answer says."""
    outcome = student.equivariance_error(*checkerboard_problem(provide))
    outcome.require(0 < outcome.number() < math.inf, "This error is 2.", actual=outcome.value)


@pytest.mark.points(1)
def test_convolutions_are_equivariant(student, provide):
    """The error of a convolution is 0 when the margin covers its reach, an MLP's is not."""
    images, shift = pixels(0, 1, 1, 11, 10), (1, 2)
    for factory, margin in (("circular_conv", 0), ("padded_conv", 1), ("conv_relu_conv", 2)):
        f = provide(factory, seed=1)
        outcome = student.equivariance_error(f, images, shift, margin=margin)
        is_near(outcome, 0.0, hint=f"{INTERIOR} Here f is: {f.describe()}")
    outcome = student.equivariance_error(provide("mlp", seed=1), images, shift, margin=1)
    outcome.require(
        0.1 < outcome.number() < 10,
        "The error of this fully connected layer is about 1.",
        actual=outcome.value,
        hint=DEFINITION,
    )


@pytest.mark.points(2)
@settings(max_examples=6)
@given(square_translations(), MAPS)
@example((pixels(0, 1, 1, 3, 3), (1, 1)), ("position_weights", {}))
@example((pixels(0, 1, 1, 5, 5), (1, 1)), NEARLY)
@example((pixels(0, 1, 1, 5, 5), (1, 1)), HARDLY)
def test_one_square_image(student, reference, provide, drawn, chosen):
    """For one square image, moved by as much down as to the right, the error is as defined."""
    factory, keywords = chosen
    agrees(student, reference, provide(factory, **keywords), *drawn)


@pytest.mark.points(2)
@settings(max_examples=6)
@given(translations(), MAPS)
@example((pixels(0, 1, 1, 5, 5), (2, 1)), ("position_weights", {}))
@example((pixels(0, 1, 1, 5, 5), (1, 2)), ("position_weights", {}))
@example((pixels(0, 1, 1, 5, 5), (-1, -1)), ("position_weights", {}))
@example((pixels(0, 1, 1, 7, 5), (1, 1)), ("position_weights", {}))
@example((pixels(0, 1, 1, 5, 7), (1, 1)), ("mlp", {"seed": 1}))
@example((pixels(0, 1, 1, 4, 6), (0, 0)), ("position_weights", {}))
def test_any_shift_and_image_size(student, reference, provide, drawn, chosen):
    """Images may be of any height and width, and shifts differ by axis, be negative or 0."""
    factory, keywords = chosen
    agrees(
        student, reference, provide(factory, **keywords), *drawn, hint=f"{DEFINITION} {INTERIOR}"
    )


@pytest.mark.points(1)
def test_margin(student, reference, provide):
    """The margin leaves out further pixels on each side."""
    position, mlp = provide("position_weights"), provide("mlp", seed=1)
    conv = provide("padded_conv", seed=2, size=5)
    for f, side, step, margin in (
        (position, 5, 1, 1),
        (position, 7, 1, 2),
        (position, 8, 2, 1),
        (mlp, 6, 1, 1),
        (mlp, 9, 1, 3),
        (conv, 7, 1, 0),
        (conv, 8, 1, 1),
        (conv, 4, 0, 1),
    ):
        images, shift = pixels(side, 1, 1, side, side), (step, step)
        agrees(student, reference, f, images, shift, margin=margin, hint=INTERIOR)


@pytest.mark.points(1)
def test_batches_and_channels(student, reference, provide):
    """Each norm is taken over all images and all channels at once."""
    for n, inputs, outputs in ((2, 1, 1), (3, 1, 1), (1, 2, 2), (1, 1, 3), (1, 3, 1), (2, 3, 2)):
        images = pixels(n, n, inputs, 5, 5)
        images *= 10.0 ** torch.arange(n).reshape(n, 1, 1, 1)  # a mean over images would show
        for f in (
            provide("mlp", seed=1, outputs=outputs),
            provide("padded_conv", seed=1, inputs=inputs, outputs=outputs, size=5),
        ):
            agrees(student, reference, f, images, (1, 1), hint=ONE_NORM)


@pytest.mark.points(1)
@settings(max_examples=4)
@given(batches())
@example((1e-6 * pixels(0, 2, 2, 3, 3), (1, 1), 0))  # small is not 0
@example((1e-8 * pixels(0, 2, 2, 3, 3), (1, 1), 0))
@example((1e4 * pixels(0, 2, 2, 5, 6), (-1, 0), 1))
@example((pixels(0, 2, 2, 9, 8), (1, -2), 1))
@example((pixels(0, 2, 2, 8, 9), (-2, 0), 1))
def test_everything_at_once(student, reference, provide, drawn):
    """The error is as defined for any batch of images, any shift and any margin together."""
    images, shift, margin = drawn
    f, hint = provide("mlp", seed=6, outputs=3), f"{DEFINITION} {INTERIOR} {ONE_NORM}"
    agrees(student, reference, f, images, shift, margin=margin, hint=hint)


@pytest.mark.points(1)
def test_both_norms_zero(student, provide):
    """Where f gives nothing but 0 the error is 0.0."""
    dark = torch.zeros(1, 1, 5, 5)
    edge = torch.zeros(1, 1, 5, 5)
    edge[:, :, 4, 4] = 1  # moves to (0, 0): on the border before and after
    for f, images, shift in (
        (provide("constant", value=0.0), pixels(0, 1, 1, 5, 5), (1, 1)),
        (provide("identity"), dark, (1, 0)),
        (provide("identity"), dark, (0, 0)),
        (provide("position_weights"), edge, (1, 1)),
    ):
        outcome = student.equivariance_error(f, images, shift)
        outcome.returns_number(0.0, hint="0 / 0 is nan: return 0.0 when both norms are 0.")
    is_ordinary(student, provide)


@pytest.mark.points(1)
def test_only_the_denominator_zero(student, provide):
    """Where T f(x) is 0 and f(T x) is not the error is infinite."""
    images = torch.zeros(1, 1, 6, 5)
    images[:, :, 2, 2] = 1
    for f, x in (
        (provide("one_pixel", row=3, column=2), images),  # f(x) is 0, f(T x) is not
        (provide("one_pixel", row=3, column=2), 1e-4 * images),
        (provide("one_pixel", row=4, column=2), pixels(1, 1, 1, 6, 5)),  # T f(x) is on the border
    ):
        outcome = student.equivariance_error(f, x, (1, 0))
        outcome.returns_number(
            math.inf,
            hint=f"Return math.inf when only ||T f(x)|| is 0. {INTERIOR} Here f is: {f.describe()}",
        )
    is_ordinary(student, provide)


@pytest.mark.points(1)
def test_rejects_negative_margins(student, provide):
    """A negative margin raises a ValueError."""
    f, images = provide("position_weights"), pixels(0, 1, 1, 7, 7)
    student.equivariance_error(f, images, (2, 1), margin=0).number()  # but 0 does not
    for shift, margin in (((2, 1), -1), ((2, 1), -2), ((1, 1), -3), ((0, 0), -1)):
        student.equivariance_error(f, images, shift, margin=margin).raises(
            ValueError, because=f"the margin is {margin}"
        )


@pytest.mark.points(1)
def test_rejects_empty_interiors(student, provide):
    """A border that leaves no pixel inside raises a ValueError."""
    f = provide("position_weights")
    for (height, width), shift, margin in (
        ((5, 5), (2, 2), 0),
        ((7, 7), (1, 1), 2),
        ((3, 3), (0, 0), 1),
    ):
        images = pixels(0, 1, 1, height, width)  # one pixel is left
        student.equivariance_error(f, images, shift, margin=margin).number()
    for (height, width), shift, margin in (
        ((4, 4), (2, 2), 0),
        ((6, 6), (1, 1), 2),
        ((2, 2), (0, 0), 1),
        ((4, 9), (2, 0), 0),
        ((9, 4), (2, 0), 0),
        ((9, 4), (0, -2), 0),
        ((3, 9), (0, 2), 0),
        ((9, 3), (0, 2), 0),
        ((3, 3), (2, 2), 0),
        ((5, 5), (1, 1), 9),
    ):
        outcome = student.equivariance_error(
            f, pixels(0, 1, 1, height, width), shift, margin=margin
        )
        border = max(abs(step) for step in shift) + margin
        outcome.raises(
            ValueError,
            because=f"a border of {border} leaves nothing of {height} x {width} pixels",
            hint="Compare 2 * border with the height and with the width.",
        )


@pytest.mark.points(1)
def test_dtypes(student, reference, provide):
    """The images reach f as they are, float32 or float64, and f runs in the mode it comes in."""
    hint = "Give f the images in their own dtype, and a module without changing its mode."
    for dtype in ("float32", "float64"):
        f, images, shift = checkerboard_problem(provide, dtype=dtype)
        is_near(student.equivariance_error(f, images, shift), 2.0, hint=hint)
        f = provide("network", seed=4, dtype=dtype)
        images = pixels(3, 1, 1, 5, 5, dtype=getattr(torch, dtype))
        agrees(student, reference, f, images, (1, 1), hint=hint)


@pytest.mark.points(1)
def test_type(student, provide):
    """The result is a float: no tensor, no int."""
    point = torch.zeros(1, 1, 5, 5)
    point[:, :, 2, 2] = 1
    problem = checkerboard_problem(provide)
    is_near(student.equivariance_error(*problem), 2.0)
    for f, images, shift in (
        problem,
        (provide("constant", value=0.0), point, (1, 1)),  # 0 / 0
        (provide("one_pixel", row=3, column=2), point, (1, 0)),  # something / 0
    ):
        outcome = student.equivariance_error(f, images, shift)
        outcome.has_float_type(hint="tensor.item() makes a float of a tensor.")


@pytest.mark.points(1)
def test_arguments_stay(student, provide):
    """Images, weights, buffers and the mode of a network are unchanged after the call."""
    for dtype in ("float32", "float64"):
        f, images, shift = checkerboard_problem(provide, dtype=dtype)
        outcome = student.call("equivariance_error", f, images, shift, echo=True)
        is_near(outcome, 2.0)
        outcome.leaves_arguments_unchanged(
            hint="Call f as it is given; do not train it, convert it or change x."
        )
    f = provide("identity")  # what f returns may be the very images
    outcome = student.call("equivariance_error", f, images, shift, echo=True)
    outcome.leaves_arguments_unchanged(hint="Do not work in place on what f returns.")
