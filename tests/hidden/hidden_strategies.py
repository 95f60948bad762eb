"""What the checks draw: sizes in full where they are few, numbers by hypothesis.

A mistake about an index shows at some small size, so those are tried one by one, smallest first:
the first that fails is the one a student sees. Numbers are simple, to be read in a counterexample.
"""

from collections.abc import Iterator

import numpy as np
import torch
from hypothesis import strategies as st

Sizes = tuple[int, int]


def counting(*shape: int) -> np.ndarray:
    """1, 2, 3, ...: all different, so no two places can be taken for one another."""
    return np.arange(1.0, np.prod(shape) + 1).reshape(shape)


def lengths(*, odd: bool, longer: bool) -> Iterator[Sizes]:
    """Pairs (n, k) of question 1: kernels of odd or even length, within n or longer than n.

    All small ones, those around n and 2 n - 1, where the matrix fills up, and the largest allowed.
    """
    if longer:
        small = [(n, k) for n in range(1, 5) for k in range(n + 1, 2 * n + 4)]
        large = [(9, 17), (9, 18), (3, 40), (4, 41), (1, 109), (1, 110)]
        large += [(50, 51), (50, 99), (50, 100), (50, 110)]
    else:
        small = [(n, k) for n in range(1, 6) for k in range(1, n + 1)]
        large = [(9, 3), (9, 4), (9, 9), (10, 10), (50, 5), (50, 6), (50, 49), (50, 50)]
    return ((n, k) for n, k in [*small, *large] if k % 2 == odd)


# Negative, zero, tiny and large weights; 0.3 differs from its float32 by more than the tolerance.
WEIGHTS = st.sampled_from([1.0, 2.0, -1.0, 0.5, 0.0, -3.0, 0.3, 1e-4, -2e-4, 1000.0])

# Sums of their products are exact, in whatever order a student adds: nothing is lost when they
# cancel, and the comparison can be as strict as the contract says.
EXACT = st.sampled_from([1.0, 2.0, -1.0, 0.0, 0.5, -3.0, 2.0**-13, -(2.0**-13)])


def _arrays(elements: st.SearchStrategy[float], *shape: int) -> st.SearchStrategy[np.ndarray]:
    count = int(np.prod(shape))
    numbers = st.lists(elements, min_size=count, max_size=count)
    return numbers.map(lambda values: np.array(values).reshape(shape))


@st.composite
def kernels_and_lengths(draw: st.DrawFn) -> tuple[np.ndarray, int]:
    """An odd kernel of any weights, and an n it fits in."""
    k = draw(st.sampled_from([1, 3, 5]))
    return draw(_arrays(WEIGHTS, k)), draw(st.integers(k, 9))


@st.composite
def kernels_by_position(draw: st.DrawFn) -> np.ndarray:
    """An odd kernel of any weights for each of n positions."""
    k = draw(st.sampled_from([1, 3]))
    return draw(_arrays(WEIGHTS, draw(st.integers(k, 4)), k))


@st.composite
def images_and_kernels(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """A square image of 1 to 3 pixels a side, and a kernel for each place of its window."""
    size = draw(st.integers(1, 2))
    places = draw(st.integers(1, 4 - size))
    side = places + size - 1
    image = draw(_arrays(EXACT, side, side))
    return image, draw(_arrays(EXACT, places, places, size, size))


def pixels(seed: int, *shape: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    """Images of whole numbers from -5 to 5 without 0, so that no map of them vanishes."""
    generator = np.random.default_rng(seed)
    values = generator.integers(1, 6, shape) * generator.choice([-1, 1], shape)
    return torch.from_numpy(values).to(dtype)


# Maps that are not equivariant, and one that is except near the border, as (factory, keywords).
MAPS = st.sampled_from(
    [("position_weights", {}), ("mlp", {"seed": 1}), ("padded_conv", {"seed": 2})]
)


@st.composite
def square_translations(draw: st.DrawFn) -> tuple[torch.Tensor, Sizes]:
    """One square image of one channel, and the same positive shift along both axes."""
    step = draw(st.integers(1, 2))
    side = draw(st.integers(2 * step + 1, 6))
    return pixels(draw(st.integers(0, 9)), 1, 1, side, side), (step, step)


@st.composite
def translations(draw: st.DrawFn) -> tuple[torch.Tensor, Sizes]:
    """One image of one channel and any sides, and any shift that leaves an interior."""
    dy, dx = draw(st.integers(-2, 2)), draw(st.integers(-2, 2))
    smallest = 2 * max(abs(dy), abs(dx)) + 1
    height, width = draw(st.integers(smallest, 7)), draw(st.integers(smallest, 7))
    return pixels(draw(st.integers(0, 9)), 1, 1, height, width), (dy, dx)


@st.composite
def batches(draw: st.DrawFn) -> tuple[torch.Tensor, Sizes, int]:
    """Two images of two channels and of different brightness, any shift, and any margin."""
    image, shift = draw(translations())
    margin = draw(st.integers(0, 2))
    height, width = (side + 2 * margin for side in image.shape[2:])
    images = pixels(draw(st.integers(0, 9)), 2, 2, height, width)
    images[1] *= 3
    return draw(st.sampled_from([1, 1e-6, 1e4])) * images, shift, margin
