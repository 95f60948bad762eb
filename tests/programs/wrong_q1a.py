"""Wrong programs for question 1a, each with one mistake of a kind that students make."""

from programs.program import Program, edited, wrong

GOOD = """
def build_conv_matrix(kernel, n):
    if kernel.ndim != 1:
        raise ValueError("the kernel must be 1-D")
    if kernel.size == 0:
        raise ValueError("the kernel must not be empty")
    if n < 1:
        raise ValueError("n must be at least 1")
    k = len(kernel)
    left = (k - 1) // 2
    K = np.zeros((n, n))
    for i in range(n):
        for j in range(k):
            c = i + j - left
            if 0 <= c < n:
                K[i, c] = kernel[j]
    return K
"""


EASY = "type arguments_stay"
EVEN = "even_kernels long_even_kernels"
LONG = "long_odd_kernels long_even_kernels"
KERNELS = f"odd_kernels even_kernels {LONG} any_weights"
ERRORS = "rejects_kernels_of_other_axes rejects_empty_kernels rejects_n_below_one"
EVERYTHING = f"{KERNELS} {EASY} {ERRORS} toeplitz"


def slip(name: str, fails: str, *edits: tuple[str, str]) -> Program:
    """The good program with a small slip."""
    return wrong("q1a", name, edited(GOOD, *edits), fails)


def other(name: str, fails: str, source: str) -> Program:
    """A program of another build."""
    return wrong("q1a", name, source, fails)


WRONG_Q1A = (
    # Where the weights go.
    slip("flipped kernel", KERNELS, ("kernel[j]", "kernel[k - 1 - j]")),
    slip("transposed matrix", KERNELS, ("return K", "return K.T")),
    slip("even kernels centred one weight too late", EVEN, ("(k - 1) // 2", "k // 2")),
    slip("padding only before", f"{KERNELS} {EASY}", ("(k - 1) // 2", "k - 1")),
    slip("padding only after", f"{KERNELS} {EASY}", ("(k - 1) // 2", "0")),
    slip("centre of a kernel of 3 for every kernel", KERNELS, ("(k - 1) // 2", "1")),
    slip(
        "wraps around",
        f"{KERNELS} {EASY} toeplitz",
        ("if 0 <= c < n:", "if True:"),
        ("K[i, c] =", "K[i, c % n] +="),
    ),
    slip(
        "wraps around, once",
        f"{KERNELS} {EASY} toeplitz",
        ("if 0 <= c < n:", "if True:"),
        ("K[i, c] =", "K[i, c % n] ="),
    ),
    slip(
        "wraps around on the left",
        f"{EASY} any_weights even_kernels long_odd_kernels odd_kernels toeplitz",
        ("0 <= c < n", "-n <= c < n"),
    ),
    slip("runs off the right end", EVERYTHING, ("0 <= c < n", "c >= 0")),
    slip("last row forgotten", f"{KERNELS} {EASY} toeplitz", ("in range(n):", "in range(n - 1):")),
    slip("last column forgotten", f"{KERNELS} {EASY} toeplitz", ("0 <= c < n", "0 <= c < n - 1")),
    slip("first column forgotten", f"{KERNELS} {EASY} toeplitz", ("0 <= c < n", "0 < c < n")),
    slip(
        "only rows that need no padding",
        f"{KERNELS} {EASY} toeplitz",
        ("in range(n):", "in range(left, n - left):"),
    ),
    slip(
        "last weight forgotten",
        f"{KERNELS} {EASY} toeplitz",
        ("in range(k):", "in range(max(k - 1, 1)):"),
    ),
    slip("no padding: a smaller matrix", EVERYTHING, ("return K", "return K[left : n - left]")),
    slip("adds the mirrored half", KERNELS, ("return K", "return np.triu(K) + np.triu(K, 1).T")),
    # Long kernels.
    slip(
        "long kernels cut to their first n weights",
        LONG,
        ("k = len(kernel)", "kernel = kernel[:n]; k = len(kernel)"),
    ),
    slip(
        "long kernels cut to their middle n weights",
        LONG,
        (
            "k = len(kernel)",
            "kernel = kernel[max(0, (len(kernel) - n) // 2) :][:n]; k = len(kernel)",
        ),
    ),
    slip("rejects long kernels", LONG, ("n < 1:", "n < 1 or len(kernel) > n:")),
    slip(
        "rejects kernels longer than 2 n - 1", LONG, ("n < 1:", "n < 1 or len(kernel) > 2 * n - 1:")
    ),
    slip(
        "rejects even kernels",
        EVEN,
        ("kernel.size == 0", "kernel.size % 2 == 0"),
    ),
    slip("rejects n = 1", f"{LONG} any_weights odd_kernels", ("n < 1", "n <= 1")),
    slip(
        "one weight too few when k is n + 1",
        LONG,
        ("0 <= c < n", "0 <= c < n and not (k == n + 1 and j == n)"),
    ),
    # Values.
    slip("float32", "any_weights type", ("np.zeros((n, n))", "np.zeros((n, n), dtype=np.float32)")),
    slip(
        "rounds through float32",
        "any_weights",
        ("return K", "return K.astype(np.float32).astype(float)"),
    ),
    slip(
        "dtype of the kernel", "type", ("np.zeros((n, n))", "np.zeros((n, n), dtype=kernel.dtype)")
    ),
    slip("integers", "any_weights type", ("np.zeros((n, n))", "np.zeros((n, n), dtype=int)")),
    slip("absolute values", "any_weights", ("= kernel[j]", "= abs(kernel[j])")),
    slip("normalised kernel", f"{KERNELS} {EASY}", ("= kernel[j]", "= kernel[j] / kernel.sum()")),
    slip(
        "sorts the weights",
        f"{EASY} any_weights",
        ("k = len(kernel)", "kernel = np.sort(kernel); k = len(kernel)"),
    ),
    slip(
        "looks weights up by their value",
        f"{EASY} any_weights",
        ("K[i, c] = kernel[j]", "K[i, list(kernel).index(kernel[j]) + i - left] = kernel[j]"),
    ),
    slip(
        "drops small weights",
        "any_weights",
        ("if 0 <= c < n:", "if 0 <= c < n and abs(kernel[j]) > 1e-3:"),
    ),
    slip("rounds to 3 decimals", "any_weights", ("return K", "return np.round(K, 3)")),
    slip(
        "remembers the last matrix of this size",
        f"{EASY} {EVEN} any_weights toeplitz",
        ("K = np.zeros((n, n))", "K = build_conv_matrix.__dict__.setdefault(n, np.zeros((n, n)))"),
    ),
    slip(
        "memory that was never cleared",
        f"{KERNELS} {EASY} toeplitz",
        ("K = np.zeros((n, n))", "K = np.full((n, n), 1e-8)"),
    ),
    # What comes back.
    slip("list of lists", "type", ("return K", "return K.tolist()")),
    slip("tensor", "type", ("return K", "return torch.from_numpy(K)")),
    slip("prints instead of returning", EVERYTHING, ("return K", "print(K.shape)")),
    slip("a batch of one matrix", EVERYTHING, ("return K", "return K[None]")),
    slip(
        "reverses the kernel in place",
        "arguments_stay",
        ("k = len(kernel)", "k = len(kernel); kernel[:] = kernel[::-1].copy()"),
        ("kernel[j]", "kernel[k - 1 - j]"),
    ),
    slip(
        "normalises the kernel in place and back",
        "arguments_stay",
        ("k = len(kernel)", "k = len(kernel); kernel += 1"),
        ("kernel[j]", "kernel[j] - 1"),
    ),
    # Errors.
    slip(
        "takes any number of axes",
        "rejects_kernels_of_other_axes",
        ("if kernel.ndim != 1:", "kernel = kernel.ravel()\n    if False:"),
    ),
    slip(
        "drops axes of length 1",
        "any_weights odd_kernels rejects_kernels_of_other_axes",
        ("if kernel.ndim != 1:", "kernel = kernel.squeeze()\n    if kernel.ndim > 1:"),
    ),
    slip(
        "a number is no kernel, but which error",
        "rejects_kernels_of_other_axes",
        ("kernel.ndim != 1", "len(kernel) < 0 or kernel.ndim != 1"),
    ),
    slip("takes empty kernels", "rejects_empty_kernels", ("if kernel.size == 0:", "if False:")),
    slip("takes n = 0", "rejects_n_below_one", ("n < 1", "n < 0")),
    slip("never looks at n", "rejects_n_below_one", ("n < 1", "False")),
    slip(
        "TypeError for a matrix",
        "rejects_kernels_of_other_axes",
        ('ValueError("the kernel must be 1-D")', 'TypeError("1-D")'),
    ),
    slip(
        "asserts",
        "rejects_n_below_one",
        ('raise ValueError("n must be at least 1")', "assert n >= 1, n"),
    ),
    slip(
        "returns None for an empty kernel",
        "rejects_empty_kernels",
        ('raise ValueError("the kernel must not be empty")', "return None"),
    ),
    slip("rejects everything", EVERYTHING, ("if n < 1:", "if True:")),
    # Programs of another build.
    # What is left of the kernel.
    slip(
        "clears even kernels",
        "arguments_stay",
        ("    return K", "    if k % 2 == 0:\n        kernel[...] = 0\n    return K"),
    ),
    slip(
        "clears the end of long kernels",
        "arguments_stay",
        ("    return K", "    kernel[n:] = 0\n    return K"),
    ),
    other(
        "numpy's convolve, which flips",
        KERNELS,
        """
def build_conv_matrix(kernel, n):
    if kernel.ndim != 1 or kernel.size == 0 or n < 1:
        raise ValueError("bad kernel or n")
    return np.stack([np.convolve(x, kernel, mode="same")[:n] for x in np.eye(n)], axis=1)
""",
    ),
    other(
        "numpy's correlate, which centres otherwise",
        f"{EVEN} long_odd_kernels",
        """
def build_conv_matrix(kernel, n):
    if kernel.ndim != 1 or kernel.size == 0 or n < 1:
        raise ValueError("bad kernel or n")
    return np.stack([np.correlate(x, kernel, mode="same") for x in np.eye(n)], axis=1)
""",
    ),
    other(
        "written for three weights",
        f"{KERNELS} toeplitz",
        """
def build_conv_matrix(kernel, n):
    if kernel.ndim != 1 or kernel.size == 0 or n < 1:
        raise ValueError("bad kernel or n")
    k1, k2, k3 = kernel
    return k1 * np.eye(n, k=-1) + k2 * np.eye(n) + k3 * np.eye(n, k=1)
""",
    ),
    other(
        "a circulant matrix",
        f"{KERNELS} {EASY} toeplitz",
        """
def build_conv_matrix(kernel, n):
    if kernel.ndim != 1 or kernel.size == 0 or n < 1:
        raise ValueError("bad kernel or n")
    row = np.zeros(n)
    row[: len(kernel)] = kernel
    return np.stack([np.roll(row, i - (len(kernel) - 1) // 2) for i in range(n)])
""",
    ),
    other(
        "torch in its default float32",
        "any_weights",
        """
def build_conv_matrix(kernel, n):
    if kernel.ndim != 1 or kernel.size == 0 or n < 1:
        raise ValueError("bad kernel or n")
    weight = torch.tensor(kernel, dtype=torch.float32)[None, None]
    k = len(kernel)
    x = torch.nn.functional.pad(torch.eye(n)[:, None], ((k - 1) // 2, k // 2))
    return torch.nn.functional.conv1d(x, weight)[:, 0].T.numpy().astype(np.float64)
""",
    ),
    other(
        "the answer to the handout's example",
        EVERYTHING,
        """
def build_conv_matrix(kernel, n):
    K = np.zeros((9, 9))
    for i in range(9):
        for j in range(3):
            if 0 <= i + j - 1 < 9:
                K[i, i + j - 1] = kernel[j]
    return K
""",
    ),
)
