# Principles of CNNs, handed in as a module by a student who likes plain NumPy.
import math

import numpy as np
import torch


def _band(n, k):
    # index of the weight that output i (row) uses for input c (column)
    weight = np.arange(n)[None, :] - np.arange(n)[:, None] + (k - 1) // 2
    return weight, (weight >= 0) & (weight < k)


def build_conv_matrix(kernel, n):
    if np.ndim(kernel) != 1 or len(kernel) == 0 or n < 1:
        raise ValueError("need a 1-D kernel and n >= 1")
    weight, used = _band(n, len(kernel))
    return np.where(used, kernel[np.clip(weight, 0, len(kernel) - 1)], 0).astype(float)


def count_params(kind, n, k):
    if kind not in {"dense", "unshared", "shared"} or n < 1 or k < 1:
        raise ValueError("unknown kind, or a size below 1")
    weight, used = _band(n, k)
    return {"dense": n * n, "unshared": int(used.sum()), "shared": len(set(weight[used]))}[kind]


def build_unshared_matrix(kernels):
    if kernels.ndim != 2 or 0 in kernels.shape:
        raise ValueError("need one kernel for each position")
    n, k = kernels.shape
    matrix = np.zeros((n, n))
    for i, kernel in enumerate(kernels):
        padded = np.zeros(n + 2 * k)
        start = i - (k - 1) // 2 + k
        padded[start : start + k] = kernel
        matrix[i] = padded[k : k + n]
    return matrix


def unshared_conv2d(image, kernels):
    if image.ndim != 2 or kernels.ndim != 4 or kernels.shape[2] != kernels.shape[3]:
        raise ValueError("need an image and square kernels")
    h, w, k = kernels.shape[:3]
    if k < 1 or h < 1 or w < 1 or (h, w) != (image.shape[0] - k + 1, image.shape[1] - k + 1):
        raise ValueError("the kernels do not fit the image")
    out = np.zeros((h, w))
    for a in range(k):
        for b in range(k):
            out += kernels[:, :, a, b] * image[a : a + h, b : b + w]
    return out


def output_size(size, k):
    if not 1 <= k <= size:
        raise ValueError("the kernel does not fit")
    return size - k + 1


def equivariance_error(f, images, shift, *, margin=0):
    border = max(map(abs, shift)) + margin
    if margin < 0 or 2 * border >= min(images.shape[2:]):
        raise ValueError("nothing is left inside of the border")
    inside = (..., slice(border, images.shape[2] - border), slice(border, images.shape[3] - border))
    with torch.no_grad():
        moved = f(images.roll(shift, (2, 3))).double()[inside]
        expected = f(images).roll(shift, (2, 3)).double()[inside]
    difference, size = (moved - expected).norm().item(), expected.norm().item()
    if size == 0:
        return 0.0 if difference == 0 else math.inf
    return difference / size


if __name__ == "__main__":
    print(build_conv_matrix(np.array([1.0, 2.0, 3.0]), 9))


class _Features(torch.nn.Module):
    # convolutions written out: unfold the windows, multiply by one matrix
    def __init__(self):
        super().__init__()
        self.first = torch.nn.Parameter(0.25 * torch.randn(16, 25))
        self.second = torch.nn.Parameter(0.1 * torch.randn(32, 16 * 9))

    @staticmethod
    def _convolve(x, weight, size):
        windows = torch.nn.functional.unfold(x, size, padding=size // 2)
        return (weight @ windows).reshape(len(x), len(weight), *x.shape[2:])

    def forward(self, x):
        x = torch.nn.functional.max_pool2d(self._convolve(x, self.first, 5), 2)
        return torch.relu(self._convolve(x, self.second, 3)).amax((2, 3), keepdim=True)


class _Net(torch.nn.Module):
    def __init__(self, num_classes):
        super().__init__()
        self.features = _Features()
        self.head = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(32, num_classes))

    def forward(self, x):
        return self.head(self.features(x))


def build_cnn(num_classes=10):
    return _Net(num_classes)


def train_model(model, images, labels, *, epochs, seed):
    torch.manual_seed(seed)
    weights = [w for w in model.parameters() if w.requires_grad]
    order = np.random.default_rng(seed)
    mean, square, count = [0.0] * len(weights), [0.0] * len(weights), 0
    for _ in range(epochs if weights else 0):
        model.train()
        shuffled = order.permutation(len(images))
        for start in range(0, len(shuffled), 32):
            batch = torch.from_numpy(shuffled[start : start + 32])
            loss = torch.nn.functional.cross_entropy(model(images[batch]), labels[batch])
            gradients = torch.autograd.grad(loss, weights)
            count += 1
            for i, (w, g) in enumerate(zip(weights, gradients)):  # Adam by hand
                mean[i] = 0.9 * mean[i] + 0.1 * g
                square[i] = 0.999 * square[i] + 0.001 * g * g
                step = mean[i] / (1 - 0.9**count) / ((square[i] / (1 - 0.999**count)).sqrt() + 1e-8)
                w.data -= 4e-3 * step
    return model
