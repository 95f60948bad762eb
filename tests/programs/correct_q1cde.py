"""Right programs for questions 1c to 1e, in many ways of writing them."""

from programs.program import Program

Q1C = (
    Program(
        "Fourier transforms of each row, exact but for rounding",
        "q1c",
        """
def build_unshared_matrix(kernels):
    if kernels.ndim != 2 or kernels.size == 0:
        raise ValueError
    n, k = kernels.shape
    line = n + k - 1
    rows = []
    for place, weights in zip(np.eye(n, line), kernels.astype(float)):
        whole = np.fft.irfft(np.fft.rfft(place) * np.fft.rfft(weights, line), line)
        rows.append(whole[(k - 1) // 2 :][:n])
    return np.array(rows)
""",
    ),
    Program(
        "a row of a padded row",
        "q1c",
        """
def build_unshared_matrix(kernels):
    if kernels.ndim != 2 or 0 in kernels.shape:
        raise ValueError("bad kernels")
    n, k = kernels.shape
    wide = np.zeros((n, n + k - 1))
    for i, kernel in enumerate(kernels):
        wide[i, i : i + k] = kernel
    return wide[:, (k - 1) // 2 :][:, :n].copy()
""",
    ),
    Program(
        "one convolution per row",
        "q1c",
        """
def build_unshared_matrix(kernels):
    if kernels.ndim != 2 or kernels.size == 0:
        raise ValueError("bad kernels")
    n = len(kernels)
    return np.vstack([build_conv_matrix(kernels[i], n)[i] for i in range(n)])
""",
    ),
    Program(
        "a sum of diagonal matrices",
        "q1c",
        """
def build_unshared_matrix(kernels):
    if kernels.ndim != 2 or not kernels.size:
        raise ValueError("bad kernels")
    n, k = kernels.shape
    return sum(np.diag(kernels[:, j]) @ np.eye(n, k=j - (k - 1) // 2) for j in range(k))
""",
    ),
    Program(
        "einsum with a selection tensor",
        "q1c",
        """
def build_unshared_matrix(kernels):
    if kernels.ndim != 2 or kernels.size == 0:
        raise ValueError("bad kernels")
    n, k = kernels.shape
    i, j, c = np.ogrid[:n, :k, :n]
    return np.einsum("ij,ijc->ic", kernels, (c == i + j - (k - 1) // 2).astype(float))
""",
    ),
    Program(
        "torch, scattered",
        "q1c",
        """
def build_unshared_matrix(kernels):
    if kernels.ndim != 2 or kernels.size == 0:
        raise ValueError("bad kernels")
    n, k = kernels.shape
    wide = torch.zeros(n, n + k - 1, dtype=torch.float64)
    index = torch.arange(n)[:, None] + torch.arange(k)[None]
    wide.scatter_(1, index, torch.as_tensor(kernels).double())
    return wide.narrow(1, (k - 1) // 2, n).numpy()
""",
    ),
)

Q1D = (
    Program(
        "sliding windows and einsum",
        "q1d",
        """
def unshared_conv2d(image, kernels):
    if image.ndim != 2 or kernels.ndim != 4:
        raise ValueError("axes")
    h, w, K, L = kernels.shape
    H, W = image.shape
    if K != L or K < 1 or h < 1 or w < 1 or (h, w) != (H - K + 1, W - K + 1):
        raise ValueError("shape")
    windows = np.lib.stride_tricks.sliding_window_view(image, (K, K))
    return np.einsum("ijab,ijab->ij", windows, kernels, dtype=float)
""",
    ),
    Program(
        "torch's unfold",
        "q1d",
        """
def unshared_conv2d(image, kernels):
    if not (image.ndim == 2 and kernels.ndim == 4 and kernels.shape[2] == kernels.shape[3] >= 1):
        raise ValueError("axes")
    K = kernels.shape[-1]
    expected = tuple(side - K + 1 for side in image.shape)
    if min(expected) < 1 or kernels.shape[:2] != expected:
        raise ValueError("shape")
    x = torch.from_numpy(image.astype(np.float64))[None, None]
    columns = torch.nn.functional.unfold(x, K)[0].T
    weights = torch.from_numpy(kernels.astype(np.float64)).reshape(columns.shape)
    return (columns * weights).sum(1).view(expected).numpy()
""",
    ),
    Program(
        "pixel by pixel, summed exactly",
        "q1d",
        """
def unshared_conv2d(image, kernels):
    if len(image.shape) != 2 or len(kernels.shape) != 4:
        raise ValueError("axes")
    (H, W), (h, w, K, K2) = image.shape, kernels.shape
    if K != K2 or K == 0 or h == 0 or w == 0 or h != H - K + 1 or w != W - K + 1:
        raise ValueError("shape")
    return np.array([[math.fsum(float(kernels[i, j, a, b]) * float(image[i + a, j + b])
                                for a in range(K) for b in range(K))
                      for j in range(w)] for i in range(h)])
""",
    ),
    Program(
        "sum over the kernel's places",
        "q1d",
        """
def unshared_conv2d(image, kernels):
    if image.ndim != 2 or kernels.ndim != 4 or kernels.shape[2] != kernels.shape[3]:
        raise ValueError("axes")
    K = kernels.shape[2]
    if not K:
        raise ValueError("empty kernels")
    h, w = (side - output for side, output in zip(image.shape, (K - 1, K - 1)))
    if h < 1 or w < 1 or kernels.shape[:2] != (h, w):
        raise ValueError("shape")
    out = np.zeros((h, w))
    for a in range(K):
        for b in range(K):
            out += kernels[:, :, a, b] * image[a : a + h, b : b + w]
    return out
""",
    ),
    Program(
        "a matrix for the whole layer",
        "q1d",
        """
def unshared_conv2d(image, kernels):
    if image.ndim != 2 or kernels.ndim != 4:
        raise ValueError("axes")
    h, w, K, L = kernels.shape
    if K != L or K < 1 or min(h, w) < 1 or image.shape != (h + K - 1, w + K - 1):
        raise ValueError("shape")
    layer = np.zeros((h, w, *image.shape))
    for i, j in np.ndindex(h, w):
        layer[i, j, i : i + K, j : j + K] = kernels[i, j]
    return (layer.reshape(h * w, -1) @ image.reshape(-1)).reshape(h, w)
""",
    ),
)

Q1E = (
    Program(
        "a lambda that raises",
        "q1e",
        """
def _no(message):
    raise ValueError(message)
output_size = lambda size, k: 1 + size - k if 0 < k <= size else _no("k")
""",
    ),
    Program(
        "numpy integers",
        "q1e",
        """
def output_size(size, k):
    if k < 1 or size < k:
        raise ValueError(f"{k} does not fit {size}")
    return np.arange(size)[k - 1 :].size + np.int64(0)
""",
    ),
    Program(
        "a partial of a general formula",
        "q1e",
        """
import functools

def _general(size, k, *, padding, stride):
    if k not in range(1, size + 1):
        raise ValueError(k)
    return (size + 2 * padding - k) // stride + 1

output_size = functools.partial(_general, padding=0, stride=1)
""",
    ),
    Program(
        "counts the places",
        "q1e",
        """
def output_size(size, k):
    if k <= 0:
        raise ValueError("k is too small")
    places = len(range(k, size + 1))
    if not places:
        raise ValueError("k is too large")
    return places
""",
    ),
)

CORRECT_Q1CDE = (*Q1C, *Q1D, *Q1E)
