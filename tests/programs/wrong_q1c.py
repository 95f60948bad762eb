"""Wrong programs for question 1c, each with one mistake of a kind that students make."""

from programs.program import Program, edited, wrong

GOOD = """
def build_unshared_matrix(kernels):
    if kernels.ndim != 2:
        raise ValueError("kernels must be 2-D")
    if kernels.size == 0:
        raise ValueError("kernels must not be empty")
    n, k = kernels.shape
    left = (k - 1) // 2
    K = np.zeros((n, n))
    for i in range(n):
        for j in range(k):
            c = i + j - left
            if 0 <= c < n:
                K[i, c] = kernels[i, j]
    return K
"""


EASY = "type arguments_stay"
EVEN = "even_kernels long_even_kernels"
LONG = "long_odd_kernels long_even_kernels"
OWN = f"odd_kernels even_kernels {LONG} any_weights"
KERNELS = f"{OWN} equal_kernels"
EVERYTHING = f"{KERNELS} {EASY} rows_keep_to_themselves rejects"


def slip(name: str, fails: str, *edits: tuple[str, str]) -> Program:
    """The good program with a small slip."""
    return wrong("q1c", name, edited(GOOD, *edits), fails)


WRONG_Q1C = (
    # What is left of the kernels.
    slip(
        "writes to as many kernels as weights",
        "arguments_stay",
        ("    return K", "    if n == k:\n        kernels[...] = K\n    return K"),
    ),
    # Which kernel goes where.
    slip("flipped kernels", KERNELS, ("kernels[i, j]", "kernels[i, k - 1 - j]")),
    slip(
        "transposed matrix", f"{KERNELS} {EASY} rows_keep_to_themselves", ("return K", "return K.T")
    ),
    slip(
        "kernels belong to inputs",
        f"{OWN} {EASY} rows_keep_to_themselves",
        ("kernels[i, j]", "kernels[c, j]"),
    ),
    slip(
        "shares the first kernel",
        f"{OWN} {EASY} rows_keep_to_themselves",
        ("kernels[i, j]", "kernels[0, j]"),
    ),
    slip(
        "shares the mean kernel",
        f"{OWN} {EASY} rows_keep_to_themselves",
        ("kernels[i, j]", "kernels[:, j].mean()"),
    ),
    slip(
        "kernels in reverse order",
        f"{OWN} {EASY} rows_keep_to_themselves",
        ("kernels[i, j]", "kernels[n - 1 - i, j]"),
    ),
    slip(
        "kernels one position late",
        f"{OWN} {EASY} rows_keep_to_themselves",
        ("kernels[i, j]", "kernels[i - 1, j]"),
    ),
    slip(
        "rows and columns exchanged",
        EVERYTHING,
        ("n, k = kernels.shape", "k, n = kernels.shape"),
        ("kernels[i, j]", "kernels[j, i]"),
    ),
    slip(
        "memory order mixed up",
        f"{KERNELS} {EASY} rows_keep_to_themselves",
        ("kernels[i, j]", "kernels.reshape(k, n)[j, i]"),
    ),
    slip("even kernels centred one weight too late", EVEN, ("(k - 1) // 2", "k // 2")),
    slip("padding only before", f"{KERNELS} {EASY}", ("(k - 1) // 2", "k - 1")),
    slip("padding only after", f"{KERNELS} {EASY}", ("(k - 1) // 2", "0")),
    slip(
        "kernels at the border pushed inside",
        f"{KERNELS} {EASY}",
        ("c = i + j - left", "c = min(max(i - left, 0), max(n - k, 0)) + j"),
    ),
    slip(
        "kernels at the border start with their first weight",
        f"{KERNELS} {EASY}",
        ("kernels[i, j]", "kernels[i, j - max(left - i, 0)]"),
    ),
    slip(
        "wraps around",
        f"{KERNELS} {EASY}",
        ("if 0 <= c < n:", "if True:"),
        ("K[i, c] =", "K[i, c % n] +="),
    ),
    slip(
        "wraps around on the left",
        f"{EASY} any_weights equal_kernels even_kernels long_odd_kernels odd_kernels",
        ("0 <= c < n", "-n <= c < n"),
    ),
    slip("runs off the right end", EVERYTHING, ("0 <= c < n", "c >= 0")),
    slip(
        "only rows that need no padding",
        f"{KERNELS} {EASY} rows_keep_to_themselves",
        ("in range(n):", "in range(left, n - left):"),
    ),
    slip(
        "last position forgotten",
        f"{KERNELS} {EASY} rows_keep_to_themselves",
        ("in range(n):", "in range(n - 1):"),
    ),
    slip(
        "last weight forgotten", f"{KERNELS} {EASY}", ("in range(k):", "in range(max(k - 1, 1)):")
    ),
    # Long kernels.
    slip(
        "rejects long kernels",
        LONG,
        ("kernels.size == 0", "kernels.size == 0 or kernels.shape[1] > kernels.shape[0]"),
    ),
    slip(
        "long kernels cut to their first n weights",
        LONG,
        ("n, k = kernels.shape", "kernels = kernels[:, : len(kernels)]; n, k = kernels.shape"),
    ),
    slip(
        "rejects even kernels",
        EVEN,
        ("kernels.size == 0", "kernels.size == 0 or kernels.shape[1] % 2 == 0"),
    ),
    slip(
        "rejects a single position",
        f"{LONG} any_weights equal_kernels odd_kernels rejects",
        ("kernels.size == 0", "len(kernels) < 2"),
    ),
    # Values.
    slip("float32", "any_weights type", ("np.zeros((n, n))", "np.zeros((n, n), dtype=np.float32)")),
    slip(
        "dtype of the kernels",
        "type",
        ("np.zeros((n, n))", "np.zeros((n, n), dtype=kernels.dtype)"),
    ),
    slip("integers", "any_weights type", ("np.zeros((n, n))", "np.zeros((n, n), dtype=int)")),
    slip(
        "each kernel normalised",
        f"{KERNELS} {EASY} rows_keep_to_themselves",
        ("= kernels[i, j]", "= kernels[i, j] / np.abs(kernels[i]).sum()"),
    ),
    slip(
        "keeps the larger of two",
        "any_weights",
        ("= kernels[i, j]", "= max(K[i, c], kernels[i, j])"),
    ),
    slip(
        "drops small weights",
        "any_weights",
        ("if 0 <= c < n:", "if 0 <= c < n and abs(kernels[i, j]) > 1e-3:"),
    ),
    # What comes back.
    slip("list of lists", "type", ("return K", "return K.tolist()")),
    slip("tensor", "type", ("return K", "return torch.from_numpy(K)")),
    slip("nothing", EVERYTHING, ("return K", "return None")),
    slip("flattened", EVERYTHING, ("return K", "return K.ravel()")),
    slip(
        "reverses the kernels in place",
        "arguments_stay",
        ("n, k = kernels.shape", "n, k = kernels.shape; kernels[:] = kernels[:, ::-1].copy()"),
        ("kernels[i, j]", "kernels[i, k - 1 - j]"),
    ),
    slip(
        "clears weights it has used",
        "arguments_stay",
        ("= kernels[i, j]", "= kernels[i, j]; kernels[i, j] = 0"),
    ),
    # Errors.
    slip(
        "one kernel without a second axis",
        "rejects",
        ("if kernels.ndim != 2:", "kernels = np.atleast_2d(kernels)\n    if kernels.ndim != 2:"),
    ),
    slip(
        "drops axes of length 1",
        "rejects",
        (
            "if kernels.ndim != 2:",
            "if kernels.ndim == 3:\n        kernels = kernels[:, :, 0]\n    if kernels.ndim != 2:",
        ),
    ),
    slip(
        "IndexError for one kernel",
        "rejects",
        ('ValueError("kernels must be 2-D")', 'IndexError("2-D")'),
    ),
    slip("takes empty kernels", "rejects", ("kernels.size == 0", "False")),
    slip("takes no kernels at all", "rejects", ("kernels.size == 0", "kernels.shape[1] == 0")),
    slip("takes kernels without weights", "rejects", ("kernels.size == 0", "len(kernels) == 0")),
)
