# %% [raw]
# # ASSIGNMENT CONFIG
# init_cell: false
# export_cell: false
# generate: false
# run_tests: false
# tests:
#   files: true
#   ok_format: false

# %% [markdown]
# # Principles of CNNs
#
# A convolutional layer is a fully connected layer with two rules added: an output looks at a small
# window of the input only, and every window is looked at with the *same* weights. This notebook
# takes these two rules apart. In part 1 you build the matrices behind the layers and see what each
# rule does. In part 2 you train networks and ask what a CNN owes to its training, and what to its
# architecture alone.
#
# **How to work.** Run the cells from top to bottom. Where a function's body is `...`, write it;
# the text between the triple quotes says what it must do. The cell below each function,
# `grader.check("q1a")` for example, tries it on a public example or two and says what is wrong.
# After you hand in, *hidden checks* decide about 100 points; each question says what they look at.
# Bad input that must raise an error is named in the docstrings, and tried by hidden checks only.
# Where you see *Type your answer here*, answer in a few sentences: these are graded by hand, and
# are worth 30 points. The whole notebook takes about two minutes to run.
#
# In this notebook *convolution* is meant as in deep learning: the kernel slides over the input
# without being flipped. Code and formulas count from 0; figures count weights and numbers from 1,
# as the discussion does, so that k1 is `kernel[0]`.
#
# The questions follow discussion 4 of EECS 182, "Deep Neural Networks" (UC Berkeley, Fall 2022).

# %%
# On Colab, upload student_template.zip first (the folder symbol on the left); elsewhere this cell
# does nothing.
import os
import shutil
import subprocess
import sys

if "COLAB_RELEASE_TAG" in os.environ:
    if not os.path.exists("/content/student_template.zip"):
        raise SystemExit("Upload student_template.zip first: the folder symbol on the left.")
    shutil.unpack_archive("/content/student_template.zip", "/content")
    os.chdir("/content/cnn_principles")
    sys.path.insert(0, os.getcwd())
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", "otter-grader==7.0.0"], check=True
    )

# %% tags=["reference"]
import math
from collections.abc import Callable

import numpy as np
import torch
from torch import nn
from torch.nn import functional

# %%
import cnn_lab as lab
import otter

grader = otter.Notebook(tests_dir="tests")
torch.set_num_threads(1)  # as in the hidden run: these networks are too small for more

# %% [markdown]
# ## Part 1: weight sharing
#
# ### 1a. A convolution is a matrix
#
# Whatever is linear is a matrix, and a convolution is linear. Take an input $x$ of $n$ numbers and
# a kernel of $k$ weights. With *"same" padding* the input is continued by zeros on both sides, so
# that the output has $n$ numbers again:
#
# $$x'_i = \sum_{j=0}^{k-1} \mathrm{kernel}_j \; x_{i + j - c}, \qquad
# c = \left\lfloor \tfrac{k-1}{2} \right\rfloor, \qquad
# x_m = 0 \text{ for } m < 0 \text{ or } m \ge n .$$
#
# The weight number $c$ is the kernel's centre: it meets the input at the output's own place. When
# $k$ is even there is one weight more after the centre than before it.
# Which matrix $K$ gives $x' = K x$?

# %% [raw]
# # BEGIN QUESTION
# name: q1a

# %% [markdown]
# <!-- hidden checks: q1a -->

# %% [raw]
# # BEGIN SOLUTION


# %%
def build_conv_matrix(kernel: np.ndarray, n: int) -> np.ndarray:
    """The matrix of a "same"-padded convolution of n numbers (discussion 4, part 1a).

    K @ x is the convolution of x with the kernel, as torch.nn.functional.conv1d computes it with
    padding="same". For n = 9 and k = 3 the first row is [k2, k3, 0, 0, 0, 0, 0, 0, 0].

    Args:
        kernel: the weights, shape (k,), k >= 1; k may be odd or even, and larger than n.
        n: the length of input and output.

    Returns:
        K, a float64 array of shape (n, n).

    Raises:
        ValueError: the kernel is not 1-D or is empty, or n < 1.

    """
    # BEGIN SOLUTION
    if kernel.ndim != 1 or kernel.size == 0:
        raise ValueError(f"kernel must be 1-D and not empty, not of shape {kernel.shape}")
    if n < 1:
        raise ValueError(f"n must be at least 1, not {n}")
    k = len(kernel)
    centre = (k - 1) // 2
    matrix = np.zeros((n, n))
    for i in range(n):
        for j in range(k):
            column = i + j - centre
            if 0 <= column < n:
                matrix[i, column] = kernel[j]
    return matrix
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_worked_example(env):
    """For n = 5 and the kernel [1, 2, 3] the matrix is as the formula says."""
    import numpy as np
    from autograder.checking import local_student

    expected = [
        [2, 3, 0, 0, 0],
        [1, 2, 3, 0, 0],
        [0, 1, 2, 3, 0],
        [0, 0, 1, 2, 3],
        [0, 0, 0, 1, 2],
    ]
    outcome = local_student(env).build_conv_matrix(np.array([1.0, 2.0, 3.0]), 5)
    hint = (
        "kernel[0] meets the input before the output's place, so it stands left of the "
        "diagonal: nothing is flipped."
    )
    outcome.returns_array(expected, hint=hint)
    hint = "np.zeros gives float64."
    outcome.has_array_type(hint=hint)


# %%
def test_is_the_convolution_of_torch(env):
    """For odd and even kernels, K @ x is what torch computes."""
    import numpy as np
    import torch
    from autograder.checking import local_student
    from torch.nn import functional

    rng = np.random.default_rng(0)
    for n, k in ((6, 1), (6, 3), (6, 4), (4, 6)):
        kernel, x = rng.integers(-4, 5, k).astype(float), rng.integers(-4, 5, n).astype(float)
        outcome = local_student(env).build_conv_matrix(kernel, n)
        found = outcome.array((n, n))
        padded = functional.pad(torch.tensor(x)[None, None], ((k - 1) // 2, k // 2))
        expected = functional.conv1d(padded, torch.tensor(kernel)[None, None])[0, 0].numpy()
        hint = "Look at one row: which input does each weight of the kernel meet?"
        outcome.require(
            np.allclose(found @ x, expected),
            f"K @ x is not the convolution, for x = {x.tolist()}.",
            expected=expected,
            actual=found @ x,
            hint=hint,
        )


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# Each colour is one weight of the kernel. A matrix whose entries stay the same along every
# diagonal, as these do, is called a *Toeplitz matrix*.

# %%
lab.show_conv_matrix(build_conv_matrix)

# %% [markdown]
# ### 1b. A fully connected layer, and how many weights there are
#
# A fully connected layer from 9 numbers to 9 numbers is a matrix as well, but nothing is said about
# its entries: none has to be zero, and no two have to be equal, so it has $9 \cdot 9 = 81$ weights.
# The convolution's matrix is of the same size and yet has only 3. Between the two lies a layer that
# slides a window over the input as a convolution does, but has *a kernel of its own at each
# position*: it is called unshared, or locally connected.
#
# Count the different weights that appear in the matrix of each layer. A weight that would meet
# nothing but padding does not appear in the matrix, so it does not count.

# %% [raw]
# # BEGIN QUESTION
# name: q1b

# %% [markdown]
# <!-- hidden checks: q1b -->

# %% [raw]
# # BEGIN SOLUTION


# %%
def count_params(kind: str, n: int, k: int) -> int:
    """How many different weights the n x n matrix of a layer holds (discussion 4, part 1b).

    For n = 9 and k = 3: 81 dense, 25 unshared, 3 shared. There is no bias.

    Args:
        kind: "dense" (fully connected), "unshared" (a kernel of its own at each position, "same"
            padding) or "shared" (one kernel for all positions: a convolution, "same" padding).
        n: the length of input and output.
        k: the length of a kernel; a dense layer has none and ignores it.

    Returns:
        The number of weights, an int.

    Raises:
        ValueError: kind is none of the three (case matters), n < 1, or k < 1 (for "dense" too).

    """
    # BEGIN SOLUTION
    if kind not in ("dense", "unshared", "shared"):
        raise ValueError(f"kind must be 'dense', 'unshared' or 'shared', not {kind!r}")
    if n < 1 or k < 1:
        raise ValueError(f"n and k must be at least 1, not {n} and {k}")
    if kind == "dense":
        return n * n
    centre = (k - 1) // 2
    weights = set()
    for i in range(n):
        for column in range(n):
            j = column - i + centre
            if 0 <= j < k:
                weights.add((i, j) if kind == "unshared" else j)
    return len(weights)
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_worked_example(env):
    """For n = 9 and k = 3 there are 81, 25 and 3 weights."""
    from autograder.checking import local_student

    for kind, expected in (("dense", 81), ("unshared", 25), ("shared", 3)):
        outcome = local_student(env).count_params(kind, 9, 3)
        hint = "Count the entries of the matrix that are not always zero, equal ones once."
        outcome.returns_number(expected, hint=hint)
        outcome.has_int_type()


# %%
def test_longer_than_the_input(env):
    """A kernel of 2n weights reaches every input from every place."""
    from autograder.checking import local_student

    for n in (2, 3, 5):
        for kind, expected in (("dense", n * n), ("unshared", n * n), ("shared", 2 * n - 1)):
            outcome = local_student(env).count_params(kind, n, 2 * n)
            hint = (
                "Every output meets every input here: count the weights that meet one, equal ones "
                "once."
            )
            outcome.returns_number(expected, hint=hint)


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# The three counts beside one another, as the input grows and the kernel stays at 3 weights. Mind
# the logarithmic axis.

# %%
lab.show_weight_counts(count_params)

# %% [markdown]
# ### 1c. No weight sharing
#
# Now take the sharing away and keep the window: row $i$ of the matrix holds a kernel of its own,
# number $i$. What changes in the matrix, and what stays?

# %% [raw]
# # BEGIN QUESTION
# name: q1c

# %% [markdown]
# <!-- hidden checks: q1c -->

# %% [raw]
# # BEGIN SOLUTION


# %%
def build_unshared_matrix(kernels: np.ndarray) -> np.ndarray:
    """The matrix of a convolution whose kernel differs by position (discussion 4, part 1c).

    Padding and centre are those of `build_conv_matrix`; when all rows of `kernels` are equal, so
    are the two matrices.

    Args:
        kernels: shape (n, k); row i is the kernel at output position i.

    Returns:
        The matrix, a float64 array of shape (n, n).

    Raises:
        ValueError: kernels is not 2-D or is empty.

    """
    # BEGIN SOLUTION
    if kernels.ndim != 2 or kernels.size == 0:
        raise ValueError(f"kernels must be 2-D and not empty, not of shape {kernels.shape}")
    n, k = kernels.shape
    centre = (k - 1) // 2
    matrix = np.zeros((n, n))
    for i in range(n):
        for j in range(k):
            column = i + j - centre
            if 0 <= column < n:
                matrix[i, column] = kernels[i, j]
    return matrix
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_worked_example(env):
    """Row i of the matrix holds kernel i, and what sticks out on either side is cut off."""
    import numpy as np
    from autograder.checking import local_student

    kernels = np.array([[1.0, 2, 3], [4, 5, 6], [7, 8, 9], [10, 11, 12]])
    expected = [[2, 3, 0, 0], [4, 5, 6, 0], [0, 7, 8, 9], [0, 0, 10, 11]]
    outcome = local_student(env).build_unshared_matrix(kernels)
    hint = "Row i of the matrix holds row i of kernels."
    outcome.returns_array(expected, hint=hint)
    hint = "np.zeros gives float64."
    outcome.has_array_type(hint=hint)


# %%
def test_equal_kernels_are_a_convolution(env):
    """When all kernels are equal, the matrix computes what torch's convolution computes."""
    import numpy as np
    import torch
    from autograder.checking import local_student
    from torch.nn import functional

    rng = np.random.default_rng(1)
    for n, k in ((5, 3), (5, 4), (3, 5)):
        kernel, x = rng.integers(-4, 5, k).astype(float), rng.integers(-4, 5, n).astype(float)
        outcome = local_student(env).build_unshared_matrix(np.tile(kernel, (n, 1)))
        found = outcome.array((n, n))
        padded = functional.pad(torch.tensor(x)[None, None], ((k - 1) // 2, k // 2))
        expected = functional.conv1d(padded, torch.tensor(kernel)[None, None])[0, 0].numpy()
        hint = "With equal kernels this is the matrix of 1a."
        outcome.require(
            np.allclose(found @ x, expected),
            f"The matrix times x is not the convolution, for x = {x.tolist()}.",
            expected=expected,
            actual=found @ x,
            hint=hint,
        )


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# Left the shared kernel, right the unshared ones. A colour is a weight: on the left three colours
# run down the diagonals, on the right no colour comes twice. Where the zeros are has not changed.

# %%
lab.show_sharing(build_conv_matrix, build_unshared_matrix)

# %% [markdown]
# ### 1d. What do unshared windows learn?
#
# The same in two dimensions: a $K \times K$ window slides over an image, without padding, and at
# each place it is multiplied by a kernel of its own.

# %% [raw]
# # BEGIN QUESTION
# name: q1d

# %% [markdown]
# <!-- hidden checks: q1d -->

# %% [raw]
# # BEGIN SOLUTION


# %%
def unshared_conv2d(image: np.ndarray, kernels: np.ndarray) -> np.ndarray:
    """Slide a window over an image, with a kernel of its own at each place (discussion 4, part 1d).

    No padding: the window of output [i, j] is image[i:i+K, j:j+K], and the output is the sum of
    its products with kernels[i, j].

    Args:
        image: shape (H, W).
        kernels: shape (H', W', K, K): one K x K kernel for each place at which the whole window
            lies inside the image.

    Returns:
        The outputs, a float64 array of shape (H', W').

    Raises:
        ValueError: the image is not 2-D, the kernels are not 4-D or not square, K < 1, the window
            is larger than the image, or H' and W' are not the numbers of its places.

    """
    # BEGIN SOLUTION
    if image.ndim != 2:
        raise ValueError(f"image must be 2-D, not of shape {image.shape}")
    if kernels.ndim != 4 or kernels.shape[2] != kernels.shape[3]:
        raise ValueError(f"kernels must have shape (H', W', K, K), not {kernels.shape}")
    size = kernels.shape[2]
    if size < 1:
        raise ValueError("kernels must be at least 1 x 1")
    height, width = image.shape[0] - size + 1, image.shape[1] - size + 1
    if height < 1 or width < 1:
        raise ValueError(f"a {size} x {size} kernel does not fit an image of {image.shape}")
    if kernels.shape[:2] != (height, width):
        raise ValueError(f"{height} x {width} kernels are due, not {kernels.shape[:2]}")
    out = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            window = image[i : i + size, j : j + size]
            out[i, j] = np.sum(kernels[i, j] * window)
    return out
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_worked_example(env):
    """On a 2 x 3 image, two windows of 2 x 2 meet two different kernels."""
    import numpy as np
    from autograder.checking import local_student

    image = np.array([[1.0, 2, 3], [4, 5, 6]])
    kernels = np.array([[[[1.0, 0], [0, 1]], [[0, 1], [2, 0]]]])
    outcome = local_student(env).unshared_conv2d(image, kernels)
    hint = "The first is 1 + 5, the second 3 + 2 * 5."
    outcome.returns_array([[6, 13]], hint=hint)
    hint = "np.zeros gives float64."
    outcome.has_array_type(hint=hint)


# %%
def test_equal_kernels_are_a_convolution(env):
    """With the same kernel everywhere it is torch's conv2d without padding."""
    import numpy as np
    import torch
    from autograder.checking import local_student
    from torch.nn import functional

    rng = np.random.default_rng(2)
    for height, width, size in ((4, 5, 3), (3, 3, 3), (3, 4, 1)):
        image = rng.integers(-4, 5, (height, width)).astype(float)
        kernel = rng.integers(-4, 5, (size, size)).astype(float)
        with_torch = functional.conv2d(
            torch.tensor(image)[None, None], torch.tensor(kernel)[None, None]
        )
        expected = with_torch[0, 0].numpy()
        kernels = np.broadcast_to(kernel, (*expected.shape, size, size)).copy()
        outcome = local_student(env).unshared_conv2d(image, kernels)
        hint = "Multiply each window by its kernel, entry by entry, and add up."
        outcome.returns_array(expected, hint=hint)


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# A digit, seen by a kernel that answers to vertical edges everywhere, and by an unshared layer
# whose right half has kernels for horizontal edges instead:

# %%
lab.show_unshared_windows(unshared_conv2d)

# %% [markdown]
# So an unshared layer *can* look for something else at each place. What does it *learn*? Two
# experiments, each with a shared and an unshared layer: $3 \times 3$ windows on a zero-padded image
# of 16 x 16, so 16 x 16 places, 8 channels, then a ReLU, the maximum over all places, and a linear
# layer. The maximum forgets where something was found. (The counts of weights include biases here.)
#
# **Experiment 1: one patch, and the class is its place.** All images hold the same patch; an
# image's class is where the patch lies, one place of eight. Guessing is right in 1 of 8 cases.
# Below the curves: which weights of the unshared layer have moved and, at each place, the kernel
# that moved most, drawn where its window lies; it may overlap the patch only in part.

# %%
lab.run_fixed_place()

# %% [markdown]
# **Experiment 2: the reverse.** Each class has a patch of its own, and it may lie anywhere. Below
# the curves: how strongly each filter of the shared layer answers to the patch of each class.

# %%
lab.run_any_place()

# %% [raw]
# # BEGIN QUESTION
# name: q1d_written
# points: 5
# manual: true

# %% [markdown]
# **Explain (5 points, graded by hand).** What do the weights at one fixed window of the unshared
# layer learn, and how is that different from what a shared kernel learns? Why does the unshared
# layer get there so quickly in experiment 1, while a shared kernel does not, and why is it the
# other way round in experiment 2?

# %% [raw]
# # BEGIN SOLUTION

# %% [markdown]
# A shared kernel has to be of use at every place of the image, so it learns something general: an
# edge detector, say. The weights at a fixed window serve that window only. They become a detector
# for the pattern that turns up *there*, and need not make sense anywhere else: nothing has to
# generalise across space.
#
# In experiment 1 the window at a class's place sees the patch whenever that class comes, and
# never otherwise; its own weights only need to grow towards the patch, so tens of steps are
# enough. A shared kernel answers the patch in the same way wherever it lies, and after the
# maximum over all places the eight classes look alike: it stays at chance. In experiment 2 the
# pattern may lie anywhere. The shared layer learns it once, from all examples, for all places.
# The unshared layer has to learn it anew at every place, from the few images that had it just
# there: it learns its training images bit by bit and knows little about new ones.

# %% [raw]
# # END SOLUTION

# %% [raw]
# # END QUESTION

# %% [markdown]
# ### 1e. Output size, and the way to a fully connected layer
#
# Without padding, a window of $k$ numbers has to fit into the input. How many places are there for
# it along an axis of a given size?

# %% [raw]
# # BEGIN QUESTION
# name: q1e

# %% [markdown]
# <!-- hidden checks: q1e -->

# %% [raw]
# # BEGIN SOLUTION


# %%
def output_size(size: int, k: int) -> int:
    """How many places a kernel has along one axis, without padding (discussion 4, part 1e).

    Args:
        size: the length of the input along this axis.
        k: the length of the kernel along this axis.

    Returns:
        The length of the output, an int.

    Raises:
        ValueError: k < 1 or k > size.

    """
    # BEGIN SOLUTION
    if not 1 <= k <= size:
        raise ValueError(f"k must be between 1 and {size}, not {k}")
    return size - k + 1
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_worked_example(env):
    """A kernel of 5 has 20 places in 24 pixels."""
    from autograder.checking import local_student

    outcome = local_student(env).output_size(24, 5)
    hint = "The first window starts at pixel 0; where does the last one?"
    outcome.returns_number(20, hint=hint)
    outcome.has_int_type()


# %%
def test_is_the_size_in_torch(env):
    """It is the length of what torch's conv1d returns."""
    import torch
    from autograder.checking import local_student
    from torch.nn import functional

    for size in (1, 4, 7):
        for k in range(1, size + 1):
            made = functional.conv1d(torch.zeros(1, 1, size), torch.zeros(1, 1, k))
            outcome = local_student(env).output_size(size, k)
            hint = "Draw the input, and slide the kernel."
            outcome.returns_number(made.shape[-1], hint=hint)


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %%
lab.show_output_size(output_size)

# %% [markdown]
# And this is the matrix of the unshared layer, from the pixels of a 6 x 6 image to its outputs, for
# growing kernels. What does it become?

# %%
lab.show_dense_limit(unshared_conv2d)

# %% [raw]
# # BEGIN QUESTION
# name: q1e_written
# points: 5
# manual: true

# %% [markdown]
# **Explain (5 points, graded by hand).** How does the output size change as the kernel grows,
# without padding? What is the largest kernel, and the output size then? Compare the unshared
# layer's weights with those of a fully connected layer on the way there.

# %% [raw]
# # BEGIN SOLUTION

# %% [markdown]
# Along each axis the output has $H' = H - K + 1$ and $W' = W - K + 1$ places: one place less for
# every pixel that the kernel grows. The largest kernel is as large as the image, $K = H$ (or $W$,
# the smaller of the two), and then there is a single place: the output is 1 x 1.
#
# On the way there the rows of the layer's matrix fill up. With a small kernel most entries
# are zero, since an output sees its window only; the larger the kernel, the more pixels every
# output is connected to. At $K = H = W$ no zero is left: the one output is a weighted sum of all
# pixels, each with a weight of its own. That is exactly a fully connected layer with one output,
# and several channels are one with several outputs.

# %% [raw]
# # END SOLUTION

# %% [raw]
# # END QUESTION

# %% [markdown]
# ## Part 2: what a CNN owes to its architecture
#
# The data: handwritten digits of 8 x 8 pixels, each put at a random place on a black canvas of
# 24 x 24. The training images come sorted by class.

# %%
data = lab.load_data()
lab.show_data(data)

# %% [markdown]
# ### 2a. CNN against MLP
#
# Build a CNN, write the training loop, and let the CNN compete against a multilayer perceptron
# (MLP) of about 20,000 weights. Both are trained by your loop, on the same images.
#
# What works here is a small network: two convolutions or more, of 8 channels and then 16 or more,
# max pooling (means learn slowly), and Adam with a learning rate of 3e-3 and 32 to 64 images a
# batch. (At higher rates some networks lose all their ReLUs at once, and never learn.)
#
# After 15 epochs (3 to 20 seconds) the hidden run asks for a test accuracy of 50 %, on other
# placements and a split of its own; the public run below asks for the same on yours. A run that
# misses it is made again with other seeds, three times in all, and the best counts. If none gets
# there, your network is tried with the course's training, and, should the network be at fault, your
# training with the course's network: each half earns its own points.

# %% [raw]
# # BEGIN QUESTION
# name: q2a

# %% [markdown]
# <!-- hidden checks: q2a -->

# %% [raw]
# # BEGIN SOLUTION


# %%
# BEGIN SOLUTION NO PROMPT
class Cnn(nn.Module):
    """Two convolutions with max pooling; what was found counts, and not where."""

    def __init__(self, num_classes: int) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 8, 5, padding="same"),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(8, 32, 3, padding="same"),
            nn.ReLU(),
            nn.AdaptiveMaxPool2d(1),
        )
        self.head = nn.Sequential(nn.Flatten(), nn.Linear(32, num_classes))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.features(x))


# END SOLUTION
def build_cnn(num_classes: int = 10) -> nn.Module:
    """A new network, all of whose parameters are trainable (discussion 4, part 2a).

    It has two submodules, and is itself model.head(model.features(x)):

    - `features` maps images (N, 1, H, W) to feature maps (N, C, H', W'), for any H and W from 16
      up, also when H is not W. It is convolutional, whatever its weights: when a patch moves, so do
      its maps, unless they are pooled over all places. All strides multiplied are 16 at most. It
      depends on how the pixels of a patch are arranged, and it is not linear: the ReLU or the max
      pooling belongs into it. Adaptive pooling to more than 1 x 1 belongs into `head`.
    - `head` maps the feature maps of a 24 x 24 image to one raw number for each class, shape
      (N, num_classes), without a softmax.

    In eval mode it takes any N >= 1 and gives the same numbers every time. It has at most 20,000
    parameters and no lazy modules; it may choose its own initial weights.
    """
    # BEGIN SOLUTION
    return Cnn(num_classes)
    # END SOLUTION


# %%
def train_model(
    model: nn.Module, images: torch.Tensor, labels: torch.Tensor, *, epochs: int, seed: int
) -> nn.Module:
    """Train a network in place, with cross-entropy on its raw outputs (discussion 4, part 2a).

    In each epoch every image is used once, in batches, in an order that the seed decides; also when
    there are fewer images than fill a batch. The model is in train mode meanwhile, and called once
    a batch in that mode; its mode on return is free. Each step follows the gradient of its own
    batch. The loss is plain cross-entropy: no label smoothing, no class weights, no augmentation;
    weight decay and gradient clipping are allowed, on trainable parameters.

    On one thread the same seed and the same starting weights give the same result, bit for bit,
    whatever random numbers were drawn before (torch.manual_seed(seed) is enough); different seeds
    need not differ. Parameters whose requires_grad is False keep their values, even if an old .grad
    is left on them, and all flags are as before. Buffers may change. With epochs = 0, or nothing to
    train, the model stays as it is, buffers too.

    Args:
        model: images (N, 1, H, W) to raw outputs (N, classes).
        images: float32, shape (N, 1, H, W); not changed.
        labels: int64, shape (N,), the classes; not changed.
        epochs: how often every image is used.
        seed: 0 <= seed < 2**31.

    Returns:
        The same model.

    """
    # BEGIN SOLUTION
    trainable = [parameter for parameter in model.parameters() if parameter.requires_grad]
    if not trainable:
        return model
    torch.manual_seed(seed)  # for layers that draw random numbers themselves, such as dropout
    order = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(trainable, lr=5e-3)
    model.train(epochs > 0)
    for _ in range(epochs):
        for batch in torch.randperm(len(images), generator=order).split(64):
            optimizer.zero_grad()
            loss = functional.cross_entropy(model(images[batch]), labels[batch])
            loss.backward()
            optimizer.step()
    return model
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_network(env):
    """build_cnn gives a new network of the right parts, shapes and size."""
    import cnn_lab

    cnn_lab.try_network(env)


# %%
def test_training_loop(env):
    """train_model uses each image once an epoch, in train mode, and repeats with the same seed."""
    import cnn_lab

    cnn_lab.try_loop(env)


# %%
def test_training_run(env):
    """After 15 epochs of train_model the CNN names at least half of the test digits."""
    import cnn_lab

    cnn_lab.try_training(env)


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %%
result = lab.compare_cnn_and_mlp(build_cnn, train_model, data)

# %% [raw]
# # BEGIN QUESTION
# name: q2a_written
# points: 5
# manual: true

# %% [markdown]
# **Explain (5 points, graded by hand).** Report the result: which model is better, and by how much?
# Both have seen the same images, and the MLP is as large as your CNN may be. Why does it come out
# like this?

# %% [raw]
# # BEGIN SOLUTION

# %% [markdown]
# The CNN is better by far, with fewer weights than the MLP: it names more than 90 % of the test
# digits, the MLP less than 45 %. Its inductive biases fit images: its connections are local
# (sparse), its weights are shared over all places, and so it is equivariant to translations. What
# it learns of a digit in one place it knows at all places, and the pooling at the end makes its
# answer independent of the place. The MLP treats every pixel on its own: it has to learn each
# digit at each place anew, and for that there are far too few training images.

# %% [raw]
# # END SOLUTION

# %% [raw]
# # END QUESTION

# %% [markdown]
# ### 2b. Translation equivariance
#
# A map $f$ from images to feature maps is *equivariant* to a translation $T$ if it does not matter
# what comes first: $f(T x) = T f(x)$. Moving the digit moves what $f$ finds, and changes nothing
# else. How far $f$ is from that is measured by a relative error:
#
# $$\frac{\lVert f(T x) - T f(x) \rVert}{\lVert T f(x) \rVert}$$
#
# $T$ is `torch.roll`, which brings in at one side what leaves at the other. So the norms leave out
# a border on all four sides, as wide as the larger of the two shifts and `margin` more.

# %% [raw]
# # BEGIN QUESTION
# name: q2b

# %% [markdown]
# <!-- hidden checks: q2b -->

# %% [raw]
# # BEGIN SOLUTION


# %%
def equivariance_error(
    f: Callable[[torch.Tensor], torch.Tensor],
    images: torch.Tensor,
    shift: tuple[int, int],
    *,
    margin: int = 0,
) -> float:
    """How far f is from commuting with a translation (discussion 4, parts 2b and 2c).

    With T = torch.roll by `shift` over height and width, this is ||f(T x) - T f(x)|| / ||T f(x)||:
    each norm is one L2 norm over the whole batch, all channels, and the inside of the maps. The
    inside leaves out max(|dy|, |dx|) + margin pixels on each of the four sides.

    Args:
        f: maps images (N, C, H, W) to feature maps (N, C', H, W). A network comes in eval mode; its
            weights, buffers and mode stay as they are.
        images: x, shape (N, C, H, W), float32 or float64; not changed.
        shift: (dy, dx), pixels down and to the right; may be negative.
        margin: pixels to leave out on each side, besides those that wrap around.

    Returns:
        The relative error, a float (numpy.float64 is one, numpy.float32 and tensors are not): 0.0
        when both norms are 0, infinity when only ||T f(x)|| is.

    Raises:
        ValueError: the margin is negative, or nothing is left inside of the border.

    """
    # BEGIN SOLUTION
    dy, dx = shift
    if margin < 0:
        raise ValueError(f"margin must not be negative, but is {margin}")
    border = max(abs(dy), abs(dx)) + margin
    height, width = images.shape[2:]
    if 2 * border >= min(height, width):
        raise ValueError(f"a border of {border} leaves nothing of images of {height} x {width}")

    def translate(maps: torch.Tensor) -> torch.Tensor:
        return torch.roll(maps, shifts=(dy, dx), dims=(2, 3))

    def norm_inside(maps: torch.Tensor) -> float:
        inside = maps[:, :, border : height - border, border : width - border]
        return torch.linalg.vector_norm(inside.double()).item()

    with torch.no_grad():
        of_translated = f(translate(images))
        translated = translate(f(images))
        difference = norm_inside(of_translated - translated)
        size = norm_inside(translated)
    if size == 0:
        return 0.0 if difference == 0 else math.inf
    return difference / size
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_worked_example(env):
    """For a map that leaves the images alone but doubles one pixel, the error is known."""
    import torch
    from autograder.checking import local_student

    def doubles_pixel_2_3(x):
        maps = x.clone()
        maps[:, :, 2, 3] *= 2
        return maps

    images = torch.stack([torch.ones(1, 5, 5), torch.zeros(1, 5, 5)])
    outcome = local_student(env).equivariance_error(doubles_pixel_2_3, images, (0, 1))
    hint = (
        "f doubles pixel [2, 3] of each image. Inside are 3 x 3 pixels, and T moves the "
        "doubled one out of them: one pixel differs, by 1, and ||T f(x)|| is the root of 9."
    )
    outcome.returns_number(1 / 3, rtol=0.0001, atol=1e-05, hint=hint)
    hint = "float(...) or .item() makes a Python float."
    outcome.has_float_type(hint=hint)


# %%
def test_convolutions_are_equivariant(env):
    """A convolution has error 0 when the margin covers its reach; a fully connected layer not."""
    import torch
    from autograder.checking import local_student
    from torch import nn

    generator = torch.Generator().manual_seed(0)
    images = torch.rand(2, 1, 12, 10, generator=generator)
    convolution = nn.Conv2d(1, 2, 3, padding="same").eval()
    dense = nn.Sequential(nn.Flatten(), nn.Linear(120, 120), nn.Unflatten(1, (1, 12, 10))).eval()
    with torch.no_grad():
        for parameter in (*convolution.parameters(), *dense.parameters()):
            parameter.copy_(torch.randn(parameter.shape, generator=generator))
    student = local_student(env)
    outcome = student.equivariance_error(convolution, images, (1, -2), margin=1)
    hint = "Leave out max(1, 2) + 1 pixels on each side."
    outcome.returns_number(0.0, atol=1e-05, hint=hint)
    outcome = student.equivariance_error(dense, images, (1, -2), margin=1)
    hint = "Compare f of the moved images with the moved f of the images."
    outcome.require(
        0.5 < outcome.number() < 3,
        "The error of this fully connected layer is not near 1.",
        actual=outcome.value,
        hint=hint,
    )


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# To be tried on two new networks that map an image to an image: a CNN of a 5 x 5 and a 3 x 3
# convolution, both zero-padded, and an MLP of two layers. Both learn to draw the outline of a
# digit, from digits in the centre of the canvas only. With `margin=3` the border covers the CNN's
# reach, 2 + 1 pixels. In the strip below, a dotted frame shows where the digit is; where there
# are sliders, move them.

# %%
trained = lab.train_image_maps()
lab.show_moving_digit(trained)

# %%
lab.show_equivariance(trained, equivariance_error)

# %% [raw]
# # BEGIN QUESTION
# name: q2b_written
# points: 5
# manual: true

# %% [markdown]
# **Explain (5 points, graded by hand).** What do you observe as the digit moves, for the CNN and
# for the MLP? Why is it different? Why is the CNN's error not 0 without a margin?

# %% [raw]
# # BEGIN SOLUTION

# %% [markdown]
# The CNN's map moves along with the digit and is otherwise the same; the MLP's changes with every
# step, and stays in the middle, where the digits of its training were. With a margin of 3 the
# CNN's error is 0, while the MLP's is near 1 or above. The CNN is translationally equivariant
# since its weights are shared over space: the same kernel is applied at every place, so what it
# answers depends on what it sees, and not on where. In the MLP every pixel has weights of its
# own, and what they have learned in one place says nothing about another.
#
# At the border the zero padding takes part in the CNN's answer, and `torch.roll` brings in pixels
# from the other side. Once the margin is as wide as the network's reach, the border plays no part,
# and the error is 0.

# %% [raw]
# # END SOLUTION

# %% [raw]
# # END QUESTION

# %% [markdown]
# ### 2c. The same, without any training
#
# The same two networks with the random weights that they start from.

# %%
untrained = lab.untrained_image_maps()
lab.show_moving_digit(untrained)

# %%
lab.show_equivariance(untrained, equivariance_error)

# %% [markdown]
# And these are the feature maps of the CNN's first layer, after the ReLU, for a large digit at
# three places: above each column the kernel, with the signs of its larger weights.

# %%
lab.show_feature_maps(untrained)

# %% [raw]
# # BEGIN QUESTION
# name: q2c_written
# points: 5
# manual: true

# %% [markdown]
# **Explain (5 points, graded by hand).** This CNN is not trained. Why are its feature maps still
# equivariant, and why do they already show useful features of the digit?

# %% [raw]
# # BEGIN SOLUTION

# %% [markdown]
# Both come from the architecture, and not from trained weights. Sharing the weights over space
# makes the network equivariant whatever the weights are. And a local window with random weights is
# a random filter of its neighbourhood: most such filters answer differently to strokes, edges and
# blank paper, and the ReLU keeps what each answers to. So the maps still show the digit, seen
# through several different filters, at its own place.

# %% [raw]
# # END SOLUTION

# %% [raw]
# # END QUESTION

# %% [markdown]
# ### 2d. Random features, trained head
#
# Do the features have to be trained at all? A wide CNN gets random weights: 16 filters of 5 x 5,
# max pooling, 128 filters of 3 x 3, and of each of these only the maximum over all places. These
# `features` are frozen (`requires_grad` is False), and `train_model` trains nothing but the
# linear head, 1,290 weights, for 10 epochs. A test accuracy of 60 % is asked for.

# %% [raw]
# # BEGIN QUESTION
# name: q2d

# %% [markdown]
# <!-- hidden checks: q2d -->
#
# There is nothing to write here: these points are for your `train_model`.

# %% [raw]
# # BEGIN TESTS


# %%
def test_trains_the_head_alone(env):
    """A frozen network keeps its features bit by bit, and its head learns to name the digits."""
    import cnn_lab

    cnn_lab.try_frozen_features(env)


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %%
lab.random_features(train_model, data, result)

# %% [raw]
# # BEGIN QUESTION
# name: q2d_written
# points: 5
# manual: true

# %% [markdown]
# **Explain (5 points, graded by hand).** Explain the result. Why is a trained head on random
# features better than an MLP of which every weight is trained?

# %% [raw]
# # BEGIN SOLUTION

# %% [markdown]
# Random features and a trained head name about 80 % of the test digits, twice as many as the MLP.
# So the random features are far from useless: the functions that a CNN can compute are, from the
# very start, close to what is needed for images. Its random filters respond to local patterns
# wherever they are, and the maximum over all places makes the features independent of the place.
# What is left to learn is which patterns speak for which digit, and for that a linear layer is
# enough. The MLP has to learn from scratch that a digit stays the same digit when it moves, and
# 20,000 trained weights without the right structure help less than the right structure with
# random weights.

# %% [raw]
# # END SOLUTION

# %% [raw]
# # END QUESTION

# %% [markdown]
# ## Handing in
#
# Restart the kernel, run all cells from top to bottom, save, and upload this one file,
# `cnn_principles.ipynb`, to Gradescope. The helper package and the experiments are not graded, and
# need not be uploaded.
