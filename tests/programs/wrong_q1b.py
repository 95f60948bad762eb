"""Wrong programs for question 1b, each with one mistake of a kind that students make."""

from programs.program import Program, edited, wrong

GOOD = """
def count_params(kind, n, k):
    if kind not in ("dense", "unshared", "shared"):
        raise ValueError(f"unknown kind {kind}")
    if n < 1 or k < 1:
        raise ValueError("n and k must be at least 1")
    if kind == "dense":
        return n * n
    if kind == "shared":
        return min(k, 2 * n - 1)
    left = (k - 1) // 2
    right = k // 2
    total = 0
    for i in range(n):
        total += min(i, left) + 1 + min(n - 1 - i, right)
    return total
"""
LOOP = """    total = 0
    for i in range(n):
        total += min(i, left) + 1 + min(n - 1 - i, right)
    return total
"""


SHARED = "shared long_shared"
BORDER = "even_unshared long_unshared"
UNSHARED = f"odd_unshared {BORDER}"


def slip(name: str, fails: str, *edits: tuple[str, str]) -> Program:
    """The good program with a small slip."""
    return wrong("q1b", name, edited(GOOD, *edits), fails)


def unshared(name: str, fails: str, expression: str) -> Program:
    """The good program with another formula for the unshared layer."""
    return slip(name, fails, (LOOP, f"    return {expression}\n"))


WRONG_Q1B = (
    # Dense.
    slip("dense: n * k", "dense", ("n * n", "n * k")),
    slip("dense: with bias", "dense type", ("n * n", "n * n + n")),
    slip("dense: one output", "dense type", ("n * n", "n")),
    slip("dense: at least k weights", "dense", ("n * n", "max(n * n, k)")),
    # Shared.
    slip("shared: k for any k", "long_shared", ("min(k, 2 * n - 1)", "k")),
    slip("shared: no more than n", "long_shared", ("min(k, 2 * n - 1)", "min(k, n)")),
    slip("shared: no more than 2 n", "long_shared", ("min(k, 2 * n - 1)", "min(k, 2 * n)")),
    slip(
        "shared: no more than 2 n - 2, from 3 on",
        "long_shared",
        ("min(k, 2 * n - 1)", "min(k, max(2 * n - 2, 1))"),
    ),
    slip("shared: with bias", f"{SHARED} type", ("min(k, 2 * n - 1)", "min(k, 2 * n - 1) + 1")),
    slip(
        "shared: counts places, not weights",
        f"{SHARED} type",
        ('if kind == "shared":', 'if kind == "diagonal":'),
    ),
    slip("shared: k for every position", f"{SHARED} type", ("min(k, 2 * n - 1)", "n * k")),
    slip(
        "shared: odd kernels only", SHARED, ("min(k, 2 * n - 1)", "min(k // 2 * 2 + 1, 2 * n - 1)")
    ),
    # Unshared.
    unshared("unshared: forgets the border", UNSHARED, "n * k"),
    unshared("unshared: forgets the border, up to n", UNSHARED, "n * min(k, n)"),
    unshared("unshared: border of odd kernels on both sides", BORDER, "n * k - left * (left + 1)"),
    unshared(
        "unshared: border formula beyond its range",
        "long_unshared",
        "n * k - left * (left + 1) // 2 - right * (right + 1) // 2",
    ),
    unshared(
        "unshared: border formula, cut at n * n",
        "long_unshared",
        "n * n if k > n else n * k - left * (left + 1) // 2 - right * (right + 1) // 2",
    ),
    unshared(
        "unshared: border formula, never below 0",
        "long_unshared",
        "max(0, n * k - left * (left + 1) // 2 - right * (right + 1) // 2)",
    ),
    unshared("unshared: border of three weights only", UNSHARED, "n * k - 2 if k > 1 else n"),
    unshared(
        "unshared: floats",
        "type",
        "sum((min(i, left) + 1 + min(n - 1 - i, right)) / 2 * 2 for i in range(n))",
    ),
    unshared(
        "unshared: only one border", UNSHARED, "sum(min(i, left) + 1 + right for i in range(n))"
    ),
    slip("unshared: even kernels like the next odd one", BORDER, ("(k - 1) // 2", "k // 2")),
    slip(
        "unshared: even kernels like the odd one before",
        BORDER,
        ("right = k // 2", "right = (k - 1) // 2"),
    ),
    slip("unshared: last position forgotten", UNSHARED, ("range(n)", "range(n - 1)")),
    slip("unshared: input one too long", UNSHARED, ("n - 1 - i", "n - i")),
    slip(
        "unshared: kernels cut to n weights",
        "long_unshared",
        ("left = (k - 1) // 2", "k = min(k, n)\n    left = (k - 1) // 2"),
    ),
    slip(
        "unshared: n = 1 counts the whole kernel",
        "long_unshared",
        ("total = 0", "total = k - 1 if n == 1 else 0"),
    ),
    slip(
        "shared and unshared exchanged",
        f"{UNSHARED} {SHARED} type",
        ('if kind == "shared":', 'if kind == "unshared":'),
    ),
    slip("rejects k > n", "dense long_shared long_unshared type", ("k < 1", "k < 1 or k > n")),
    # What comes back.
    slip("dense: float", "type", ("n * n", "float(n * n)")),
    slip("dense: a power that is a float", "type", ("n * n", "np.power(float(n), 2)")),
    slip("shared: numpy float", "type", ("min(k, 2 * n - 1)", "np.minimum(float(k), 2 * n - 1)")),
    slip("unshared: tensor", "type", ("return total", "return torch.tensor(total)")),
    slip("unshared: array without axes", "type", ("return total", "return np.array(total)")),
    slip(
        "shared: text",
        f"{SHARED} rejects_sizes_below_one type",
        ("min(k, 2 * n - 1)", "str(min(k, 2 * n - 1))"),
    ),
    slip("k and n exchanged", f"{UNSHARED} {SHARED} dense", ("(kind, n, k)", "(kind, k, n)")),
    # Errors.
    slip(
        "upper case is fine",
        "rejects_unknown_kinds",
        ("if kind not in", "kind = kind.lower()\n    if kind not in"),
    ),
    slip(
        "spaces are fine",
        "rejects_unknown_kinds",
        ("if kind not in", "kind = kind.strip()\n    if kind not in"),
    ),
    slip(
        "part of a kind is enough",
        "rejects_unknown_kinds",
        ('kind not in ("dense", "unshared", "shared")', 'kind not in "dense unshared shared"'),
    ),
    slip(
        "unknown kinds have no weights",
        "rejects_unknown_kinds",
        ('raise ValueError(f"unknown kind {kind}")', "return 0"),
    ),
    slip(
        "KeyError for an unknown kind",
        "rejects_unknown_kinds",
        ('ValueError(f"unknown kind {kind}")', "KeyError(kind)"),
    ),
    slip("takes n = 0", "rejects_sizes_below_one", ("n < 1", "n < 0")),
    slip("takes k = 0", "rejects_sizes_below_one", ("k < 1", "k < 0")),
    slip("takes a negative k", "rejects_sizes_below_one", ("k < 1", "k == 0")),
    slip(
        "takes any k for dense", "rejects_sizes_below_one", ("k < 1", 'k < 1 and kind != "dense"')
    ),
    slip(
        "rejects only if both are bad",
        "rejects_sizes_below_one",
        ("n < 1 or k < 1", "n < 1 and k < 1"),
    ),
)
