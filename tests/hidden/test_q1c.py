"""Question 1c: `build_unshared_matrix(kernels)`, a convolution without weight sharing."""

import numpy as np
import pytest
from hidden_oracles import agreed, conv_matrix, unshared_matrix
from hidden_strategies import counting, kernels_by_position, lengths
from hypothesis import example, given, settings

pytestmark = pytest.mark.question("q1c")

ROW = "Row i holds kernels[i, j] in column i + j - (k-1)//2, if there is one: no flip, no wrapping."
FIRST = f"This much has to be right first. {ROW}"
CENTRE = "An even kernel has its centre at (k-1)//2: one weight more on the right of the diagonal."
LONG = (
    "Weights that fall outside of the n columns meet only padding: leave them out, keep the rest."
)

# Right for nearly every program that puts kernels into rows, flipped or not, and for no stub.
SYMMETRIC = np.array([[1.0, 2.0, 1.0], [3.0, 4.0, 3.0], [5.0, 6.0, 5.0], [7.0, 8.0, 7.0]])


def agrees(student, reference, kernels, hint):
    expected = agreed(reference.build_unshared_matrix(kernels), unshared_matrix(kernels))
    student.build_unshared_matrix(kernels).returns_array(expected, hint=hint)


@pytest.mark.points(3)
def test_odd_kernels(student, reference):
    """Row i of the matrix is the i-th kernel, of odd length, with its middle on the diagonal."""
    for n, k in lengths(odd=True, longer=False):
        agrees(student, reference, counting(n, k), ROW)


@pytest.mark.points(2)
def test_even_kernels(student, reference):
    """Kernels of even length have their centre, the weight (k-1)//2, on the diagonal."""
    for n, k in lengths(odd=False, longer=False):
        agrees(student, reference, counting(n, k), f"{CENTRE} {ROW}")


@pytest.mark.points(2)
def test_long_odd_kernels(student, reference):
    """Kernels of odd length may have more weights than there are positions."""
    for n, k in lengths(odd=True, longer=True):
        agrees(student, reference, counting(n, k), LONG)


@pytest.mark.points(1)
def test_long_even_kernels(student, reference):
    """Kernels of even length may have more weights than there are positions."""
    for n, k in lengths(odd=False, longer=True):
        agrees(student, reference, counting(n, k), f"{LONG} {CENTRE}")


@pytest.mark.points(2)
def test_equal_kernels(student, reference):
    """With the same kernel at every position it is the matrix of an ordinary convolution."""
    for n, k in ((9, 3), (1, 1), (5, 1), (5, 5), (6, 3)):
        kernel = counting(k)
        expected = agreed(reference.build_conv_matrix(kernel, n), conv_matrix(kernel, n))
        student.build_unshared_matrix(np.tile(kernel, (n, 1))).returns_array(
            expected, hint="This is build_conv_matrix(kernel, n) of 1a."
        )


@pytest.mark.points(1)
def test_rows_keep_to_themselves(student):
    """Row i of the matrix holds weights of the i-th kernel only."""
    n = 6
    kernels = np.repeat(counting(n)[:, None], 3, axis=1)  # the i-th kernel is i+1, i+1, i+1
    outcome = student.build_unshared_matrix(kernels)
    matrix = outcome.array((n, n))
    own = np.where(abs(matrix) <= 1e-9, 0.0, counting(n)[:, None])
    outcome.returns_array(own, hint="The i-th kernel gives the i-th output: it is a row of K.")
    outcome.require(matrix.any(axis=1).all(), "A row of the matrix is all 0.", actual=matrix)


@pytest.mark.points(1)
@settings(max_examples=6)
@given(kernels_by_position())
@example(np.array([[0.1, 1 / 3, -0.7], [-1e-4, 2e-4, 3e-4], [0.0, 0.0, 0.0]]))
def test_any_weights(student, reference, kernels):
    """Weights of any size and sign appear in the matrix as they are, to 9 digits."""
    hint = "Copy each weight as it is, whatever its size and its sign, as a float64, not rounded."
    agrees(student, reference, kernels, hint)


@pytest.mark.points(1)
def test_rejects(student):
    """Kernels that are not 2-D, or empty, raise a ValueError."""
    student.build_unshared_matrix(counting(9, 3)).array((9, 9))  # but good ones do not
    for kernels in (counting(3), counting(3, 1, 1), counting(3, 3, 3), np.array(2.0)):
        student.build_unshared_matrix(kernels).raises(
            ValueError, because=f"kernels has {kernels.ndim} axes, not 2"
        )
    for shape in ((0, 3), (3, 0), (0, 0)):
        student.build_unshared_matrix(np.zeros(shape)).raises(
            ValueError, because=f"kernels of shape {shape} is empty", hint="Look at kernels.size."
        )


@pytest.mark.points(1)
def test_type(student, reference):
    """The result is a float64 ndarray, also for kernels of integers."""
    for kernels in (SYMMETRIC, SYMMETRIC.astype(np.int64)):
        outcome = student.build_unshared_matrix(kernels)
        outcome.has_array_type(np.float64, hint="np.zeros((n, n)) makes a float64 array.")
        outcome.returns_array(reference.build_unshared_matrix(kernels), hint=FIRST)


@pytest.mark.points(1)
def test_arguments_stay(student, reference):
    """The kernels are unchanged after the call."""
    for kernels in (SYMMETRIC, SYMMETRIC.astype(np.int64)):
        outcome = student.call("build_unshared_matrix", kernels, echo=True)
        outcome.returns_array(reference.build_unshared_matrix(kernels), hint=FIRST)
        outcome.leaves_arguments_unchanged(hint="Work on a copy of the kernels.")
    for n, k in ((4, 3), (4, 2), (3, 3), (4, 4), (2, 3), (2, 4), (1, 1)):
        outcome = student.call("build_unshared_matrix", counting(n, k), echo=True)
        if outcome.has_returned:  # else other checks have a say
            outcome.leaves_arguments_unchanged(hint="Work on a copy of the kernels.")
