"""Question 1a: `build_conv_matrix(kernel, n)`, the matrix of a "same"-padded convolution."""

import numpy as np
import pytest
from hidden_oracles import agreed, conv_matrix
from hidden_strategies import counting, kernels_and_lengths, lengths
from hypothesis import example, given, settings

pytestmark = pytest.mark.question("q1a")

ROW = "Row i holds kernel[j] in column i + j - (k-1)//2, if there is one: no flip, no wrapping."
FIRST = f"This much has to be right first. {ROW}"
CENTRE = "An even kernel has its centre at (k-1)//2: one weight more on the right of the diagonal."
LONG = (
    "Weights that fall outside of the n columns meet only padding: leave them out, keep the rest."
)

WEIGHT = "Copy each weight as it is, whatever its size and its sign, as a float64, not rounded."

# Right for nearly every program that builds a matrix, flipped or not, and for no stub.
SYMMETRIC = np.array([1.0, 2.0, 1.0])


def agrees(student, reference, kernel, n, hint):
    expected = agreed(reference.build_conv_matrix(kernel, n), conv_matrix(kernel, n))
    student.build_conv_matrix(kernel, n).returns_array(expected, hint=hint)


@pytest.mark.points(3)
def test_odd_kernels(student, reference):
    """A kernel of odd length stands in every row of the matrix, with its middle on the diagonal."""
    for n, k in lengths(odd=True, longer=False):
        agrees(student, reference, counting(k), n, ROW)


@pytest.mark.points(2)
def test_even_kernels(student, reference):
    """A kernel of even length has its centre, the weight (k-1)//2, on the diagonal."""
    for n, k in lengths(odd=False, longer=False):
        agrees(student, reference, counting(k), n, f"{CENTRE} {ROW}")


@pytest.mark.points(2)
def test_long_odd_kernels(student, reference):
    """A kernel of odd length may have more weights than the input has numbers."""
    for n, k in lengths(odd=True, longer=True):
        agrees(student, reference, counting(k), n, LONG)


@pytest.mark.points(1)
def test_long_even_kernels(student, reference):
    """A kernel of even length may have more weights than the input has numbers."""
    for n, k in lengths(odd=False, longer=True):
        agrees(student, reference, counting(k), n, f"{LONG} {CENTRE}")


@pytest.mark.points(1)
@settings(max_examples=8)
@given(kernels_and_lengths())
@example((np.array([-1e-4, 2e-4, 3e-4]), 4))
@example((np.array([0.1, 1 / 3, -0.7]), 3))
@example((np.zeros(3), 4))
def test_any_weights(student, reference, drawn):
    """Weights of any size and sign appear in the matrix as they are, to 9 digits."""
    kernel, n = drawn
    agrees(student, reference, kernel, n, WEIGHT)


@pytest.mark.points(1)
def test_toeplitz(student):
    """The matrix is a band: constant along each of k diagonals and 0 everywhere else."""
    for n, k in ((9, 3), (7, 5)):
        outcome = student.build_conv_matrix(counting(k), n)
        matrix = outcome.array((n, n))
        shifted = np.array(
            [[matrix[max(i - j, 0), max(j - i, 0)] for j in range(n)] for i in range(n)]
        )
        hint = "Each row is the row above, moved one place to the right; nothing wraps around."
        outcome.returns_array(shifted, hint=hint)
        bands = np.count_nonzero(abs(np.concatenate([matrix[0], matrix[1:, 0]])) > 1e-9)
        outcome.require(
            bands == k,
            f"{bands} diagonals are not 0; a kernel of {k} weights fills {k}.",
            actual=matrix,
            hint=hint,
        )


@pytest.mark.points(1)
def test_rejects_kernels_of_other_axes(student):
    """A kernel that is not 1-D raises a ValueError."""
    student.build_conv_matrix(counting(3), 9).array((9, 9))  # but a good one does not
    for kernel in (counting(1, 3), counting(3, 1), counting(1, 1), np.array(2.0)):
        student.build_conv_matrix(kernel, 3).raises(
            ValueError,
            because=f"the kernel has {kernel.ndim} axes, not 1",
            hint="Look at kernel.ndim before anything else.",
        )


@pytest.mark.points(1)
def test_rejects_empty_kernels(student):
    """An empty kernel raises a ValueError."""
    student.build_conv_matrix(counting(3), 9).array((9, 9))  # but a good one does not
    student.build_conv_matrix(np.zeros(0), 3).raises(ValueError, because="the kernel is empty")


@pytest.mark.points(1)
def test_rejects_n_below_one(student):
    """A length n below 1 raises a ValueError."""
    student.build_conv_matrix(counting(3), 9).array((9, 9))  # but a good one does not
    for n in (0, -1, -9):
        student.build_conv_matrix(counting(3), n).raises(ValueError, because=f"n is {n}")


@pytest.mark.points(1)
def test_type(student, reference):
    """The result is a float64 ndarray, also for a kernel of integers."""
    for kernel in (SYMMETRIC, SYMMETRIC.astype(np.int64)):
        outcome = student.build_conv_matrix(kernel, 4)
        outcome.has_array_type(np.float64, hint="np.zeros((n, n)) makes a float64 array.")
        outcome.returns_array(reference.build_conv_matrix(kernel, 4), hint=FIRST)


@pytest.mark.points(1)
def test_arguments_stay(student, reference):
    """The kernel is unchanged after the call."""
    for kernel in (SYMMETRIC, SYMMETRIC.astype(np.int64)):
        outcome = student.call("build_conv_matrix", kernel, 4, echo=True)
        outcome.returns_array(reference.build_conv_matrix(kernel, 4), hint=FIRST)
        outcome.leaves_arguments_unchanged(hint="Work on a copy of the kernel.")
    for n, k in ((9, 3), (9, 5), (9, 4), (4, 4), (3, 5), (3, 6), (1, 1)):  # turned around, it shows
        outcome = student.call("build_conv_matrix", counting(k), n, echo=True)
        if outcome.has_returned:  # else other checks have a say
            outcome.leaves_arguments_unchanged(hint="Work on a copy of the kernel.")
