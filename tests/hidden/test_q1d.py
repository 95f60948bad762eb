"""Question 1d: `unshared_conv2d(image, kernels)`, a kernel of its own at each place of an image."""

import numpy as np
import pytest
from hidden_oracles import agreed, conv2d, unshared_conv2d
from hidden_strategies import counting, images_and_kernels
from hypothesis import example, given, settings

pytestmark = pytest.mark.question("q1d")

WINDOW = "out[i, j] = sum(kernels[i, j] * image[i:i+K, j:j+K]); the kernels are not flipped."
FIRST = f"This much has to be right first. {WINDOW}"


def problem(height, width, size):
    """An image and its kernels, whose numbers are all different."""
    return counting(height, width), counting(height - size + 1, width - size + 1, size, size)


def symmetric():
    """A problem whose outputs are the same for flipped or transposed kernels."""
    image = np.array([[1.0, 2.0, 3.0], [2.0, 4.0, 5.0], [3.0, 5.0, 6.0]])
    return image, np.ones((2, 2, 2, 2)) * np.array([[1.0, 2.0], [2.0, 3.0]])[:, :, None, None]


def close(outcome, expected, hint=WINDOW):
    """As the contract has it: relative to the largest entry, so that small images count too."""
    outcome.returns_array(expected, rtol=1e-9, atol=1e-9 * np.abs(expected).max(), hint=hint)


def agrees(student, reference, image, kernels, hint=WINDOW):
    expected = agreed(
        reference.unshared_conv2d(image, kernels), unshared_conv2d(image, kernels), atol=0.0
    )
    close(student.unshared_conv2d(image, kernels), expected, hint)


@pytest.mark.points(2)
def test_square_images(student, reference):
    """Each output is its own kernel times its own window of a square image."""
    for side in range(1, 5):
        for size in range(1, side + 1):
            agrees(student, reference, *problem(side, side, size))
    agrees(student, reference, *problem(8, 8, 3))


@pytest.mark.points(1)
def test_other_images(student, reference):
    """The image may be of any height and width."""
    hint = f"{WINDOW} Rows and columns have ends of their own."
    for height in range(1, 5):
        for width in range(1, 5):
            for size in range(1, min(height, width) + 1):
                if height != width:
                    agrees(student, reference, *problem(height, width, size), hint)
    agrees(student, reference, *problem(4, 9, 3), hint)


@pytest.mark.points(1)
def test_equal_kernels(student):
    """With the same kernel at every place it is an ordinary convolution without padding."""
    for (height, width), size in (((3, 3), 2), ((5, 5), 3), ((6, 6), 4)):
        image, kernel = counting(height, width), counting(size, size)
        kernels = np.tile(kernel, (height - size + 1, width - size + 1, 1, 1))
        expected = conv2d(image, kernel)
        close(student.unshared_conv2d(image, kernels), expected, f"{WINDOW} This is F.conv2d.")


@pytest.mark.points(1)
def test_extreme_kernels(student):
    """The window may be one pixel, or as large as the image."""
    for side in (1, 2, 5):
        image, weights = counting(side, side), counting(side, side)[::-1].copy()
        pointwise = student.unshared_conv2d(image, weights[:, :, None, None].copy())
        close(pointwise, image * weights, "A 1 x 1 kernel is one weight for one pixel.")
        connected = student.unshared_conv2d(image, weights[None, None].copy())
        expected = np.array([[image.ravel() @ weights.ravel()]])
        close(connected, expected, "The only window is the image itself.")


@pytest.mark.points(1)
@settings(max_examples=6)
@given(images_and_kernels())
@example((np.full((3, 3), 1e-4), 1e-4 * counting(2, 2, 2, 2)))
@example((counting(3, 3) / 3, counting(2, 2, 2, 2) / 10))
@example((np.zeros((3, 3)), counting(2, 2, 2, 2)))
@example((counting(3, 3).astype(np.int64), counting(2, 2, 2, 2) / 4))
@example((counting(3, 3) / 4, counting(2, 2, 2, 2).astype(np.int64)))
def test_any_numbers(student, reference, drawn):
    """Pixels and weights of any size and sign count in full, to 9 digits."""
    agrees(student, reference, *drawn, f"{WINDOW} Sum in float64, without rounding.")


@pytest.mark.points(1)
def test_rejects_other_axes(student):
    """An image that is not 2-D, or kernels that are not 4-D, raise a ValueError."""
    image, kernels = problem(3, 3, 2)
    student.unshared_conv2d(image, kernels).array((2, 2))  # but good ones do not
    for bad in (image[0].copy(), image[None], image[:, :, None], np.array(1.0)):
        student.unshared_conv2d(bad, kernels).raises(
            ValueError, because=f"the image has {bad.ndim} axes, not 2"
        )
    for bad in (kernels[0, 0].copy(), kernels[0].copy(), kernels[None]):
        student.unshared_conv2d(image, bad).raises(
            ValueError, because=f"kernels has {bad.ndim} axes, not 4"
        )


@pytest.mark.points(1)
def test_rejects_kernels_that_do_not_fit(student):
    """Kernels that are empty, not square, too large or not one for each place raise ValueError."""
    student.unshared_conv2d(*problem(3, 3, 2)).array((2, 2))  # but good ones do not
    for sides, shape, because in (
        ((3, 3), (2, 2, 2, 3), "kernels of 2 x 3 are not square"),
        ((3, 3), (2, 1, 2, 3), "kernels of 2 x 3 are not square"),
        ((3, 3), (1, 2, 3, 2), "kernels of 3 x 2 are not square"),
        ((3, 3), (2, 2, 2, 1), "kernels of 2 x 1 are not square"),  # numpy would broadcast it
        ((3, 3), (2, 2, 1, 2), "kernels of 1 x 2 are not square"),
        ((3, 3), (3, 3, 1, 2), "kernels of 1 x 2 are not square"),
        ((3, 3), (3, 3, 2, 1), "kernels of 2 x 1 are not square"),
        ((2, 2), (3, 3, 0, 0), "K is 0"),
        ((4, 4), (2, 2, 2, 2), "there are 3 x 3 places for a kernel, not 2 x 2"),
        ((4, 4), (4, 4, 2, 2), "there are 3 x 3 places for a kernel, not 4 x 4"),
        ((4, 4), (3, 4, 2, 2), "there are 3 x 3 places for a kernel, not 3 x 4"),
        ((4, 4), (4, 3, 2, 2), "there are 3 x 3 places for a kernel, not 4 x 3"),
        ((4, 4), (2, 3, 2, 2), "there are 3 x 3 places for a kernel, not 2 x 3"),
        ((4, 4), (3, 2, 2, 2), "there are 3 x 3 places for a kernel, not 3 x 2"),
        ((3, 4), (3, 2, 2, 2), "there are 2 x 3 places for a kernel, not 3 x 2"),
        ((4, 4), (1, 1, 2, 2), "there are 3 x 3 places for a kernel, not 1 x 1"),
        ((2, 2), (0, 0, 3, 3), "K is larger than the image"),
        ((2, 2), (1, 1, 3, 3), "K is larger than the image"),
        ((3, 2), (1, 0, 3, 3), "K is larger than the width of the image"),
        ((2, 3), (0, 1, 3, 3), "K is larger than the height of the image"),
    ):
        student.unshared_conv2d(counting(*sides), counting(*shape)).raises(
            ValueError, because=because, hint="kernels has shape (H - K + 1, W - K + 1, K, K)."
        )


@pytest.mark.points(1)
def test_type(student, reference):
    """The result is a float64 ndarray, also when image and kernels hold integers."""
    image, kernels = symmetric()
    for dtype in (np.float64, np.int64):
        outcome = student.unshared_conv2d(image.astype(dtype), kernels.astype(dtype))
        outcome.has_array_type(np.float64, hint="np.zeros((h, w)) makes a float64 array.")
        close(outcome, reference.unshared_conv2d(image, kernels), FIRST)


@pytest.mark.points(1)
def test_arguments_stay(student, reference):
    """Image and kernels are unchanged after the call."""
    image, kernels = symmetric()
    outcome = student.call("unshared_conv2d", image, kernels, echo=True)
    close(outcome, reference.unshared_conv2d(image, kernels), FIRST)
    outcome.leaves_arguments_unchanged(hint="Work on copies.")
    for sizes in ((3, 3, 2), (3, 3, 1), (3, 3, 3), (2, 4, 2), (4, 2, 2), (3, 2, 1), (1, 1, 1)):
        outcome = student.call("unshared_conv2d", *problem(*sizes), echo=True)
        if outcome.has_returned:  # else other checks have a say
            outcome.leaves_arguments_unchanged(hint="Work on copies.")
