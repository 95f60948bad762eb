"""Question 1b: `count_params(kind, n, k)`, the different weights that a layer's matrix holds."""

import pytest
from hidden_oracles import agreed, count_params
from hidden_strategies import lengths

pytestmark = pytest.mark.question("q1b")

BORDER = "Near the border part of a kernel meets only padding; those weights are not in the matrix."
REACH = "Each output meets at most n inputs, so no more than n of its weights are in the matrix."


def agrees(student, reference, arguments, hint):
    expected = agreed(reference.count_params(*arguments), count_params(*arguments))
    student.count_params(*arguments).returns_number(expected, hint=hint)


@pytest.mark.points(1)
def test_dense(student, reference):
    """A fully connected layer has n * n weights, whatever k is."""
    for n, k in ((9, 3), (1, 1), (1, 5), (2, 1), (3, 10), (50, 110)):
        agrees(student, reference, ("dense", n, k), "Each output has a weight for each input.")


@pytest.mark.points(1)
def test_shared(student, reference):
    """A convolution whose kernel is no longer than the input has k weights."""
    hint = "All positions share the same k weights."
    for odd in (True, False):
        for n, k in lengths(odd=odd, longer=False):
            agrees(student, reference, ("shared", n, k), hint)


@pytest.mark.points(1)
def test_long_shared(student, reference):
    """Of a convolution's long kernel only the weights that meet some input are counted."""
    hint = "Which weights appear in the matrix of 1a? It has 2 n - 1 diagonals, one for each."
    for odd in (True, False):
        for n, k in lengths(odd=odd, longer=True):
            agrees(student, reference, ("shared", n, k), hint)


@pytest.mark.points(2)
def test_odd_unshared(student, reference):
    """Without sharing, kernels of odd length count only the weights that meet some input."""
    for n, k in lengths(odd=True, longer=False):
        agrees(student, reference, ("unshared", n, k), BORDER)


@pytest.mark.points(1)
def test_even_unshared(student, reference):
    """Without sharing, kernels of even length count only the weights that meet some input."""
    hint = (
        f"{BORDER} An even kernel has one weight more on the right than on the left of its centre."
    )
    for n, k in lengths(odd=False, longer=False):
        agrees(student, reference, ("unshared", n, k), hint)


@pytest.mark.points(1)
def test_long_unshared(student, reference):
    """Without sharing, long kernels count only the weights that meet some input."""
    for odd in (True, False):
        for n, k in lengths(odd=odd, longer=True):
            agrees(student, reference, ("unshared", n, k), f"{BORDER} {REACH}")


@pytest.mark.points(1)
def test_rejects_unknown_kinds(student):
    """A kind other than "dense", "unshared" and "shared" raises a ValueError."""
    student.count_params("dense", 9, 3).number()  # but a known one does not
    for kind in ("conv", "Dense", "SHARED", "Unshared", "share", "unshared ", ""):
        student.count_params(kind, 9, 3).raises(
            ValueError, because=f"there is no kind {kind!r}", hint="Upper and lower case differ."
        )


@pytest.mark.points(1)
def test_rejects_sizes_below_one(student):
    """A length n or k below 1 raises a ValueError, for a fully connected layer too."""
    for kind in ("dense", "unshared", "shared"):
        student.count_params(kind, 9, 3).number()  # but good ones do not
        for n, k in ((0, 3), (-1, 3), (9, 0), (9, -1), (0, 0)):
            student.count_params(kind, n, k).raises(ValueError, because=f"n is {n} and k is {k}")


@pytest.mark.points(1)
def test_type(student):
    """The result is an int."""
    for kind in ("dense", "unshared", "shared"):
        for n, k in ((3, 3), (9, 4), (2, 9)):
            student.count_params(kind, n, k).has_int_type(hint="Divide with //, which keeps ints.")
    for kind, expected in (("dense", 9), ("shared", 3)):  # right for nearly all, but for no stub
        student.count_params(kind, 3, 3).returns_number(expected)
