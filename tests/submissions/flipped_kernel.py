# The kernel is flipped, as in signal processing: right only for symmetric kernels.
import numpy as np


def build_conv_matrix(kernel, n):
    if kernel.ndim != 1 or kernel.size == 0 or n < 1:
        raise ValueError("need a 1-D kernel and n >= 1")
    return build_unshared_matrix(np.tile(kernel, (n, 1)))


def build_unshared_matrix(kernels):
    if kernels.ndim != 2 or kernels.size == 0:
        raise ValueError("need one kernel for each position")
    n, k = kernels.shape
    K = np.zeros((n, n))
    for i in range(n):
        for j in range(k):
            column = i + (k - 1) // 2 - j
            if 0 <= column < n:
                K[i, column] = kernels[i, j]
    return K
