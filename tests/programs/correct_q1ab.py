"""Right programs for questions 1a and 1b, in many ways of writing them."""

from programs.program import Program

Q1A = (
    Program(
        "Fourier transforms of the identity, exact but for rounding",
        "q1a",
        """
def build_conv_matrix(kernel, n):
    if kernel.ndim != 1 or kernel.size == 0 or n < 1:
        raise ValueError
    k = len(kernel)
    line = n + k - 1
    spectrum = np.fft.rfft(kernel[::-1].astype(float), line)
    start = k - 1 - (k - 1) // 2
    columns = [np.fft.irfft(np.fft.rfft(x, line) * spectrum, line) for x in np.eye(n)]
    return np.stack([column[start : start + n] for column in columns], axis=1)
""",
    ),
    Program(
        "shifted diagonals",
        "q1a",
        """
def build_conv_matrix(kernel, n):
    if kernel.ndim != 1 or not kernel.size or n < 1:
        raise ValueError
    left = (len(kernel) - 1) // 2
    return sum(w * np.eye(n, k=j - left) for j, w in enumerate(kernel))
""",
    ),
    Program(
        "strides over a padded kernel",
        "q1a",
        """
def build_conv_matrix(kernel, n):
    if n < 1 or np.shape(kernel) == () or np.ndim(kernel) > 1 or len(kernel) == 0:
        raise ValueError("bad arguments")
    k = len(kernel)
    line = np.concatenate([np.zeros(n), kernel.astype(float), np.zeros(n)])
    start = n + (k - 1) // 2
    rows = np.lib.stride_tricks.sliding_window_view(line, n)
    return rows[start - n + 1 : start + 1][::-1]
""",
    ),
    Program(
        "torch's conv1d of the identity",
        "q1a",
        """
def build_conv_matrix(kernel, n):
    if kernel.ndim != 1 or kernel.shape[0] == 0 or n <= 0:
        raise ValueError("bad arguments")
    weight = torch.tensor(kernel, dtype=torch.float64).reshape(1, 1, -1)
    k = weight.shape[-1]
    left = (k - 1) // 2
    x = torch.nn.functional.pad(torch.eye(n, dtype=torch.float64), (left, k - 1 - left))
    return torch.nn.functional.conv1d(x[:, None], weight)[:, 0].T.numpy()
""",
    ),
    Program(
        "np.fromfunction",
        "q1a",
        """
def build_conv_matrix(kernel, n, dtype=np.float64):
    if not (isinstance(kernel, np.ndarray) and kernel.ndim == 1 and kernel.size and n >= 1):
        raise ValueError("bad arguments")
    k = kernel.size

    def entry(i, c):
        j = (c - i + (k - 1) // 2).astype(int)
        return np.where((j >= 0) & (j < k), kernel[np.clip(j, 0, k - 1)], 0)

    return np.fromfunction(entry, (n, n)).astype(dtype)
""",
    ),
    Program(
        "row by row, by recursion",
        "q1a",
        """
def build_conv_matrix(kernel, n):
    if kernel.ndim != 1 or kernel.size < 1 or n < 1:
        raise ValueError("bad arguments")
    long = np.pad(np.asarray(kernel, dtype="float64"), n)
    start = n + (len(kernel) - 1) // 2

    def rows(i):
        return [] if i == n else [long[start - i : start - i + n], *rows(i + 1)]

    return np.array(rows(0))
""",
    ),
    Program(
        "an object with __call__, and an error class of its own",
        "q1a",
        """
class BadKernelError(ValueError):
    pass

class Builder:
    def __call__(self, kernel, n, verbose=False):
        if kernel.ndim != 1 or kernel.size == 0:
            raise BadKernelError(kernel.shape)
        if n < 1:
            raise BadKernelError(n)
        k, K = len(kernel), np.zeros((n, n))
        for i in range(n):
            lo = i - (k - 1) // 2
            for c in range(max(lo, 0), min(lo + k, n)):
                K[i, c] = kernel[c - lo]
        return K

build_conv_matrix = Builder()
""",
    ),
    Program(
        "slices, with other names for the arguments",
        "q1a",
        """
def build_conv_matrix(w, length):
    if w.ndim - 1 or not len(w) or length < 1:
        raise ValueError("bad arguments")
    wide = np.zeros((length, length + len(w) - 1))
    for row in range(length):
        wide[row, row : row + len(w)] = w
    left = (len(w) - 1) // 2
    return wide[:, left : left + length]
""",
    ),
    Program(
        "np.correlate in full",
        "q1a",
        """
def build_conv_matrix(kernel, n):
    if kernel.ndim != 1 or kernel.size == 0 or n < 1:
        raise ValueError("bad arguments")
    k = len(kernel)
    columns = []
    for x in np.eye(n):
        full = np.correlate(x, kernel[::-1][::-1].astype(float), mode="full")
        columns.append(full[k - 1 - (k - 1) // 2 :][:n])
    return np.asfortranarray(np.array(columns).T)
""",
    ),
    Program(
        "a read-only result",
        "q1a",
        """
def build_conv_matrix(kernel, n):
    if kernel.ndim != 1 or kernel.size == 0 or n < 1:
        raise ValueError("bad arguments")
    j = np.arange(n) - np.arange(n)[:, None] + (len(kernel) - 1) // 2
    K = np.zeros((n, n))
    inside = (0 <= j) & (j < len(kernel))
    K[inside] = kernel[j[inside]]
    K.flags.writeable = False
    return K
""",
    ),
)

Q1B = (
    Program(
        "formula, numpy integers",
        "q1b",
        """
def count_params(kind, n, k):
    if min(n, k) < 1:
        raise ValueError("n and k must be positive")
    offsets = np.arange(k) - (k - 1) // 2
    per_weight = np.maximum(n - np.abs(offsets), 0)
    table = {"dense": np.int64(n) ** 2, "unshared": per_weight.sum()}
    table["shared"] = np.count_nonzero(per_weight)
    try:
        return table[kind]
    except KeyError:
        raise ValueError(kind) from None
""",
    ),
    Program(
        "match, and small integers",
        "q1b",
        """
def count_params(kind: str, n: int, k: int) -> int:
    if n < 1 or k < 1:
        raise ValueError
    match kind:
        case "dense":
            return np.int32(n * n)
        case "shared":
            return k if k < 2 * n else 2 * n - 1
        case "unshared":
            return sum(0 <= i + j - (k - 1) // 2 < n for i in range(n) for j in range(k))
        case _:
            raise ValueError
""",
    ),
    Program(
        "numbers the weights",
        "q1b",
        """
def _labels(rows, n, k):
    found = set()
    for i in range(n):
        for j in range(k):
            if 0 <= i + j - (k - 1) // 2 <= n - 1:
                found |= {rows[i][j]}
    return found

def count_params(kind, n, k):
    if kind not in {"dense", "unshared", "shared"} or n <= 0 or k <= 0:
        raise UnicodeError("a subclass of ValueError")
    if kind == "dense":
        return len([None for _ in range(n) for _ in range(n)])
    if kind == "shared":
        return len(_labels([range(k)] * n, n, k))
    return len(_labels([[(i, j) for j in range(k)] for i in range(n)], n, k))
""",
    ),
    Program(
        "cached, by a closed formula",
        "q1b",
        """
import functools

@functools.lru_cache(maxsize=None)
def count_params(kind, n, k):
    if kind not in ("dense", "unshared", "shared") or n < 1 or k < 1:
        raise ValueError("bad arguments")
    if kind == "dense":
        return n ** 2
    a, b = min((k - 1) // 2, n - 1), min(k // 2, n - 1)
    if kind == "shared":
        return a + b + 1
    return n * (a + b + 1) - a * (a + 1) // 2 - b * (b + 1) // 2
""",
    ),
    Program(
        "one lambda per kind",
        "q1b",
        """
_COUNT = {
    "dense": lambda n, k: n * n,
    "shared": lambda n, k: min(k, n + n - 1),
    "unshared": lambda n, k: int(sum(max(0, n - abs(j - (k - 1) // 2)) for j in range(k))),
}
def count_params(kind, n, k, **options):
    if kind not in _COUNT or n < 1 or k < 1:
        raise ValueError("bad arguments")
    return _COUNT[kind](n, k)
""",
    ),
)

CORRECT_Q1AB = (*Q1A, *Q1B)
