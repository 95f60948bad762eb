"""Wrong programs for question 2b: the norms, what comes back, and errors."""

from programs.edits_q2b import (
    CROPS,
    EASY,
    ERRORS,
    GENERAL,
    NORMS,
    VALUES,
    ZERO_NORMS,
    ZEROS,
    norms,
    slip,
)

WRONG_Q2B_NORMS = (
    # Nearly right numbers.
    slip("rounds", "one_square_image", ("return num / den", "return round(num / den, 4)")),
    slip(
        "takes a small error for none",
        "one_square_image",
        ("return num / den", "return num / den if num > 1e-3 * den else 0.0"),
    ),
    slip("clamps", "one_square_image", ("return num / den", "return min(num / den, 10.0)")),
    slip(
        "converts the network",
        "arguments_stay",
        (
            "    with torch.no_grad():\n",
            "    if isinstance(f, torch.nn.Module):\n"
            "        f, images = f.float(), images.float()\n"
            "    with torch.no_grad():\n",
        ),
    ),
    # The norms.
    norms(
        "divides by the norm of f(T x)",
        f"{VALUES} only_the_denominator_zero",
        "(a - t).norm()",
        "a.norm()",
    ),
    norms(
        "divides by both norms",
        f"{VALUES} {EASY} only_the_denominator_zero",
        "(a - t).norm()",
        "a.norm() + t.norm()",
    ),
    norms(
        "divides by the norm of the images",
        f"{VALUES} {EASY} only_the_denominator_zero",
        "(a - t).norm()",
        "images.norm()",
    ),
    norms(
        "divides by the number of entries",
        f"{VALUES} {EASY} only_the_denominator_zero",
        "(a - t).norm()",
        "t.numel()",
    ),
    norms("squares", f"{VALUES} {EASY}", "((a - t) ** 2).sum()", "(t ** 2).sum()"),
    norms("sums of absolute values", VALUES, "(a - t).abs().sum()", "t.abs().sum()"),
    norms("largest entries", VALUES, "(a - t).abs().max()", "t.abs().max()"),
    norms(
        "difference of the norms",
        f"{VALUES} {EASY} both_norms_zero only_the_denominator_zero",
        "(a.norm() - t.norm()).abs()",
        "t.norm()",
    ),
    norms(
        "matrix norms",
        VALUES,
        "torch.linalg.matrix_norm(a - t, ord=2).norm()",
        "torch.linalg.matrix_norm(t, ord=2).norm()",
    ),
    norms(
        "mean of norms",
        "batches_and_channels everything_at_once",
        "(a - t).flatten(1).norm(dim=1).mean()",
        "t.flatten(1).norm(dim=1).mean()",
    ),
    norms(
        "norms of channels, summed",
        "batches_and_channels dtypes everything_at_once",
        "(a - t).flatten(2).norm(dim=(0, 2)).sum()",
        "t.flatten(2).norm(dim=(0, 2)).sum()",
    ),
    norms(
        "first image only",
        "batches_and_channels everything_at_once",
        "(a - t)[0].norm()",
        "t[0].norm()",
    ),
    norms(
        "first channel only",
        "batches_and_channels dtypes everything_at_once",
        "(a - t)[:, 0].norm()",
        "t[:, 0].norm()",
    ),
    norms(
        "channels cut to those of the images",
        "batches_and_channels dtypes everything_at_once",
        "(a - t)[:, : images.shape[1]].norm()",
        "t[:, : images.shape[1]].norm()",
    ),
    slip(
        "mean of the images' errors",
        "batches_and_channels everything_at_once",
        (NORMS, ""),
        (
            ZEROS,
            "    num, den = (a - t).flatten(1).norm(dim=1), t.flatten(1).norm(dim=1)\n"
            "    if not den.sum():\n"
            "        return math.inf if num.sum() else 0.0\n",
        ),
        ("num / den", "(num / den).mean().item()"),
    ),
    slip(
        "denominator of the whole map",
        f"{VALUES} {EASY} only_the_denominator_zero",
        (CROPS, "    u = t\n" + CROPS),
        ("vector_norm(t)", "vector_norm(u)"),
    ),
    slip(
        "denominator of the maps before T",
        f"{VALUES} {EASY} only_the_denominator_zero",
        ("vector_norm(t)", "vector_norm(f(images)[:, :, b:H-b, b:W-b].detach())"),
    ),
    slip("no error above 1", f"{VALUES} {EASY}", ("num / den", "min(num / den, 1.0)")),
    slip(
        "in per cent",
        f"{VALUES} {EASY} convolutions_are_equivariant",
        ("num / den", "100 * num / den"),
    ),
    slip("rounds to 2 decimals", VALUES, ("num / den", "round(num / den, 2)")),
    # Zeros.
    slip(
        "0 / 0 is nan",
        "both_norms_zero",
        (ZEROS, "    if den == 0:\n        return math.nan if num == 0 else math.inf\n"),
    ),
    slip("divides by 0", "both_norms_zero only_the_denominator_zero type", (ZEROS, "")),
    slip(
        "nothing / 0 is infinite too",
        "both_norms_zero",
        ('0.0 if num == 0 else float("inf")', 'float("inf")'),
    ),
    slip(
        "0.0 for any zero denominator",
        "only_the_denominator_zero",
        ('0.0 if num == 0 else float("inf")', "0.0"),
    ),
    slip(
        "a small number in the denominator",
        "everything_at_once only_the_denominator_zero",
        (ZEROS, ""),
        ("num / den", "num / (den + 1e-8)"),
    ),
    slip("small is as good as 0", "everything_at_once", ("den == 0", "den < 1e-3")),
    slip("very small is as good as 0", "everything_at_once", ("den == 0", "den < 1e-6")),
    slip("-inf", "only_the_denominator_zero", ('float("inf")', 'float("-inf")')),
    # What comes back.
    slip("tensor", "type", (NORMS, "    num, den = (a - t).norm(), t.norm()\n")),
    slip("numpy float32", "type", ("num / den", "np.float32(num / den)")),
    slip("0 instead of 0.0", "type", ("0.0 if num == 0", "0 if num == 0")),
    slip(
        "both norms",
        f"{VALUES} {EASY} {ERRORS} {ZERO_NORMS} convolutions_are_equivariant",
        ("num / den", "num, den"),
    ),
    # Errors.
    slip("takes negative margins", "rejects_negative_margins", ("margin < 0", "False")),
    slip(
        "negative margins are 0",
        "rejects_negative_margins",
        ('raise ValueError("the margin must not be negative")', "margin = 0"),
    ),
    slip(
        "takes empty interiors",
        "rejects_empty_interiors",
        ("H - 2 * b < 1 or W - 2 * b < 1", "False"),
    ),
    slip(
        "0.0 for empty interiors",
        "rejects_empty_interiors",
        ('raise ValueError("nothing is left inside of the border")', "return 0.0"),
    ),
    slip(
        "takes borders wider than the image",
        "rejects_empty_interiors",
        ("H - 2 * b < 1 or W - 2 * b < 1", "H - 2 * b == 0 or W - 2 * b == 0"),
    ),
    slip(
        "looks at the height only",
        "rejects_empty_interiors",
        ("H - 2 * b < 1 or W - 2 * b < 1", "H - 2 * b < 1"),
    ),
    slip(
        "looks at the width only",
        "rejects_empty_interiors",
        ("H - 2 * b < 1 or W - 2 * b < 1", "W - 2 * b < 1"),
    ),
    slip(
        "rejects an interior of one line",
        f"{GENERAL} margin one_square_image rejects_empty_interiors",
        ("H - 2 * b < 1 or W - 2 * b < 1", "H - 2 * b < 2 or W - 2 * b < 2"),
    ),
    slip(
        "asserts",
        "rejects_empty_interiors",
        ('raise ValueError("nothing is left inside of the border")', "assert H > 2 * b < W"),
    ),
)
