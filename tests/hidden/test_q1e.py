"""Question 1e: `output_size(size, k)`, the places of a kernel along one axis without padding."""

import pytest
from hidden_oracles import agreed, output_size

pytestmark = pytest.mark.question("q1e")


@pytest.mark.points(2)
def test_sizes(student, reference):
    """The output has as many places as the kernel fits in, also for the largest kernel."""
    small = [(size, k) for size in range(1, 6) for k in range(1, size + 1)]
    for size, k in [*small, (9, 3), (24, 5), (28, 28), (224, 7), (1000, 1)]:
        expected = agreed(reference.output_size(size, k), output_size(size, k))
        student.output_size(size, k).returns_number(
            expected, hint="The first place is 0, the last one size - k: count both."
        )


@pytest.mark.points(1)
def test_rejects_k_below_one(student):
    """A kernel size k below 1 raises a ValueError."""
    student.output_size(9, 3).number()  # but a good one does not
    for size, k in ((9, 0), (9, -1), (1, 0), (0, 0)):
        student.output_size(size, k).raises(ValueError, because=f"k is {k}")


@pytest.mark.points(1)
def test_rejects_k_beyond_size(student):
    """A kernel larger than the input raises a ValueError."""
    student.output_size(9, 9).number()  # but the largest does not
    for size, k in ((9, 10), (1, 2), (3, 50), (0, 1)):
        student.output_size(size, k).raises(ValueError, because=f"k = {k} is larger than {size}")


@pytest.mark.points(1)
def test_type(student):
    """The result is an int."""
    for size, k, expected in ((9, 3, 7), (9, 9, 1)):
        outcome = student.output_size(size, k)
        outcome.has_int_type(hint="A size is a whole number: no float, no bool.")
        outcome.returns_number(expected)
