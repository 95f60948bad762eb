"""Principles of CNNs: the reference solutions.

Made from assignment/cnn_principles.py by `autograder build`; edit that, not this.
"""

import math
from collections.abc import Callable

import numpy as np
import torch
from torch import nn
from torch.nn import functional


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
    if not 1 <= k <= size:
        raise ValueError(f"k must be between 1 and {size}, not {k}")
    return size - k + 1


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
    return Cnn(num_classes)


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
