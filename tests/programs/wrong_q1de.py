"""Wrong programs for questions 1d and 1e, each with one mistake of a kind that students make."""

from programs.program import Program, edited, wrong

GOOD_1D = """
def unshared_conv2d(image, kernels):
    if image.ndim != 2:
        raise ValueError("the image must be 2-D")
    if kernels.ndim != 4:
        raise ValueError("kernels must be 4-D")
    if kernels.shape[2] != kernels.shape[3]:
        raise ValueError("kernels must be square")
    H, W = image.shape
    K = kernels.shape[2]
    if K < 1:
        raise ValueError("K must be at least 1")
    h, w = H - K + 1, W - K + 1
    if h < 1 or w < 1:
        raise ValueError("K is too large")
    if kernels.shape[:2] != (h, w):
        raise ValueError("one kernel for each place, please")
    out = np.zeros((h, w))
    for i in range(h):
        for j in range(w):
            window = image[i:i+K, j:j+K]
            out[i, j] = (kernels[i, j] * window).sum()
    return out
"""
GOOD_1E = """
def output_size(size, k):
    if k < 1:
        raise ValueError("k must be at least 1")
    if k > size:
        raise ValueError("the kernel is too large")
    return size - k + 1
"""


EASY = "type arguments_stay"
OWN = "square_images other_images extreme_kernels any_numbers"
VALUES = f"{OWN} equal_kernels"
EVERYTHING = f"{VALUES} {EASY} rejects_other_axes rejects_kernels_that_do_not_fit"
ALL_SIZES = "sizes rejects_k_below_one rejects_k_beyond_size type"


def image(name: str, fails: str, *edits: tuple[str, str]) -> Program:
    """The good program of 1d with a small slip."""
    return wrong("q1d", name, edited(GOOD_1D, *edits), fails)


def size(name: str, fails: str, *edits: tuple[str, str]) -> Program:
    """The good program of 1e with a small slip."""
    return wrong("q1e", name, edited(GOOD_1E, *edits), fails)


WRONG_Q1D = (
    # Which weight meets which pixel.
    image(
        "clears images of single pixels",
        "arguments_stay",
        ("    return out", "    if K == 1:\n        image *= 0\n    return out"),
    ),
    image(
        "clears kernels of oblong images",
        "arguments_stay",
        ("    return out", "    if H != W:\n        kernels[...] = 0\n    return out"),
    ),
    image("flipped kernels", VALUES, ("kernels[i, j] *", "kernels[i, j, ::-1, ::-1] *")),
    image("kernels flipped upside down", VALUES, ("kernels[i, j] *", "kernels[i, j, ::-1] *")),
    image("transposed kernels", VALUES, ("kernels[i, j] *", "kernels[i, j].T *")),
    image("kernel of row j and column i", OWN, ("kernels[i, j] *", "kernels[j, i] *")),
    image(
        "kernel counted by columns",
        OWN,
        ("kernels[i, j] *", "kernels.reshape(-1, K, K)[j * h + i] *"),
    ),
    image("shares the first kernel", f"{OWN} {EASY}", ("kernels[i, j] *", "kernels[0, 0] *")),
    image("shares one kernel in each row", f"{OWN} {EASY}", ("kernels[i, j] *", "kernels[i, 0] *")),
    image("window of row j and column i", VALUES, ("image[i:i+K, j:j+K]", "image[j:j+K, i:i+K]")),
    image(
        "windows side by side",
        f"{EASY} any_numbers equal_kernels other_images square_images",
        ("image[i:i+K, j:j+K]", "np.pad(image, ((0, H * K), (0, W * K)))[i*K:i*K+K, j*K:j*K+K]"),
    ),
    image(
        "windows around the pixel",
        f"{VALUES} {EASY}",
        ("image[i:i+K, j:j+K]", "np.pad(image, K // 2)[i:i+K, j:j+K]"),
    ),
    image(
        "matrix product", f"{VALUES} {EASY}", ("kernels[i, j] * window", "kernels[i, j] @ window")
    ),
    image("mean", f"{VALUES} {EASY}", (".sum()", ".mean()")),
    image("maximum", f"{VALUES} {EASY}", (".sum()", ".max()")),
    image("with ReLU", "any_numbers", ("return out", "return np.maximum(out, 0)")),
    image("sum of one axis", f"{VALUES} {EASY}", (".sum()", ".sum(axis=0)[0]")),
    image("last row forgotten", f"{VALUES} {EASY}", ("in range(h)", "in range(h - 1)")),
    image("last column forgotten", f"{VALUES} {EASY}", ("in range(w)", "in range(w - 1)")),
    image("output one too small", EVERYTHING, ("return out", "return out[:-1, :-1]")),
    image("square outputs only", "other_images", ("in range(w)", "in range(h)")),
    image("transposed output", VALUES, ("return out", "return out.T.copy()")),
    image(
        "rejects images that are not square",
        "other_images",
        ("if h < 1 or", "if h != w or h < 1 or"),
    ),
    image("rejects the largest kernel", OWN, ("h < 1 or w < 1", "h < 2 or w < 2")),
    image("rejects 1 x 1 kernels", OWN, ("K < 1", "K < 2")),
    image("rejects even kernels", EVERYTHING, ("K < 1", "K % 2 == 0")),
    image(
        "a number for the largest kernel",
        "any_numbers extreme_kernels square_images",
        ("return out", "return out if out.size > 1 else out.item()"),
    ),
    image("drops axes of length 1", OWN, ("return out", "return out.squeeze()")),
    # Values.
    image(
        "float32", "any_numbers type", ("np.zeros((h, w))", "np.zeros((h, w), dtype=np.float32)")
    ),
    image("sums in float32", "any_numbers", (".sum()", ".astype(np.float32).sum()")),
    image(
        "dtype of the image",
        "any_numbers type",
        ("np.zeros((h, w))", "np.zeros((h, w), dtype=image.dtype)"),
    ),
    image(
        "dtype of the kernels",
        "any_numbers type",
        ("np.zeros((h, w))", "np.zeros((h, w), dtype=kernels.dtype)"),
    ),
    image("integers", "any_numbers type", ("np.zeros((h, w))", "np.zeros((h, w), dtype=int)")),
    image("rounds to 6 decimals", "any_numbers", ("return out", "return out.round(6)")),
    image(
        "a small bias",
        "any_numbers",
        ("np.zeros((h, w))", "np.full((h, w), 1e-9)"),
        ("out[i, j] =", "out[i, j] +="),
    ),
    image(
        "image scaled to 0 to 1",
        f"{VALUES} {EASY}",
        ("H, W = image.shape", "image = image / max(image.max(), 1e-9); H, W = image.shape"),
    ),
    image(
        "absolute weights",
        "any_numbers",
        ("(kernels[i, j] * window)", "(abs(kernels[i, j]) * window)"),
    ),
    # What comes back.
    image("list of lists", "type", ("return out", "return out.tolist()")),
    image("tensor", "type", ("return out", "return torch.from_numpy(out)")),
    image("with batch and channel", EVERYTHING, ("return out", "return out[None, None]")),
    image(
        "multiplies into the image",
        f"{EASY} any_numbers equal_kernels other_images square_images",
        (
            "(kernels[i, j] * window)",
            "np.multiply(kernels[i, j], window, out=window, casting='unsafe')",
        ),
    ),
    image(
        "multiplies into the kernels",
        "any_numbers arguments_stay",
        ("out[i, j] =", "kernels[i, j] *= window; out[i, j] ="),
        ("(kernels[i, j] * window)", "kernels[i, j]"),
    ),
    # Errors.
    image(
        "first channel of an image",
        "rejects_other_axes",
        (
            "if image.ndim != 2:",
            "if image.ndim == 3:\n        image = image[0]\n    if image.ndim != 2:",
        ),
    ),
    image(
        "first of several layers",
        "rejects_other_axes",
        (
            "if kernels.ndim != 4:",
            "if kernels.ndim == 5:\n        kernels = kernels[0]\n    if kernels.ndim != 4:",
        ),
    ),
    image(
        "shares a kernel given without places",
        "rejects_other_axes",
        (
            "if kernels.ndim != 4:",
            "if kernels.ndim == 2:\n"
            "        h, w = np.array(image.shape) - len(kernels) + 1\n"
            "        kernels = np.tile(kernels, (h, w, 1, 1))\n"
            "    if kernels.ndim != 4:",
        ),
    ),
    image(
        "takes kernels that are not square",
        "rejects_kernels_that_do_not_fit",
        ("kernels.shape[2] != kernels.shape[3]", "False"),
    ),
    image(
        "cuts kernels square",
        "rejects_kernels_that_do_not_fit",
        (
            "if kernels.shape[2] != kernels.shape[3]:",
            "side = min(kernels.shape[2:])\n"
            "    kernels = kernels[:, :, :side, :side]\n"
            "    if False:",
        ),
    ),
    image("takes K = 0", "rejects_kernels_that_do_not_fit", ("K < 1", "K < 0")),
    image(
        "takes too few or many kernels",
        "rejects_kernels_that_do_not_fit",
        (
            "if kernels.shape[:2] != (h, w):",
            "h, w = min(h, kernels.shape[0]), min(w, kernels.shape[1])\n    if False:",
        ),
    ),
    image(
        "takes kernels to spare",
        "rejects_kernels_that_do_not_fit",
        ("kernels.shape[:2] != (h, w)", "kernels.shape[0] < h or kernels.shape[1] < w"),
    ),
    image(
        "takes too many rows of kernels",
        "rejects_kernels_that_do_not_fit",
        ("kernels.shape[:2] != (h, w)", "kernels.shape[0] < h or kernels.shape[1] != w"),
    ),
    image(
        "takes too few columns of kernels",
        "rejects_kernels_that_do_not_fit",
        ("kernels.shape[:2] != (h, w)", "kernels.shape[0] != h or kernels.shape[1] > w"),
        ("out[i, j] = (", "if j < kernels.shape[1]:\n                out[i, j] = ("),
    ),
    image(
        "takes too large kernels without places",
        "rejects_kernels_that_do_not_fit",
        ("h < 1 or w < 1", "h < 0 or w < 0"),
    ),
    image(
        "looks at the height only",
        "rejects_kernels_that_do_not_fit",
        ("kernels.shape[:2] != (h, w)", "len(kernels) != h"),
        ("h < 1 or w < 1", "h < 1"),
    ),
    image(
        "counts kernels, not rows and columns",
        "rejects_kernels_that_do_not_fit",
        ("kernels.shape[:2] != (h, w)", "kernels.shape[0] * kernels.shape[1] != h * w"),
        ("kernels[i, j] *", "kernels.reshape(-1, K, K)[i * w + j] *"),
    ),
    image(
        "IndexError for missing kernels",
        "rejects_kernels_that_do_not_fit",
        ('ValueError("one kernel for each place, please")', 'IndexError("kernels")'),
    ),
)

WRONG_Q1E = (
    size("one too few", "sizes type", ("size - k + 1", "size - k")),
    size("full convolution", "sizes type", ("size - k + 1", "size + k - 1")),
    size("same padding", "sizes type", ("size - k + 1", "size")),
    size("kernels of odd size", "sizes", ("size - k + 1", "size - 2 * (k // 2)")),
    size("stride k", "sizes type", ("size - k + 1", "size // k")),
    size("at least 2", "sizes type", ("size - k + 1", "max(size - k + 1, 2)")),
    size("float", "type", ("size - k + 1", "(size - k) / 1 + 1")),
    size("numpy float", "type", ("size - k + 1", "np.float64(size - k + 1)")),
    size(
        "bool for one place",
        "rejects_k_beyond_size sizes type",
        ("size - k + 1", "size - k + 1 if k < size else True"),
    ),
    size("both sides", ALL_SIZES, ("size - k + 1", "(size - k + 1,) * 2")),
    size("text", ALL_SIZES, ("size - k + 1", "f'{size - k + 1}'")),
    size("takes k = 0", "rejects_k_below_one", ("k < 1", "k < 0")),
    size("takes negative k", "rejects_k_below_one", ("k < 1", "k == 0")),
    size("never looks at small k", "rejects_k_below_one", ("k < 1", "False")),
    size(
        "0 for too large kernels",
        "rejects_k_beyond_size",
        ('raise ValueError("the kernel is too large")', "return 0"),
    ),
    size("takes k = size + 1", "rejects_k_beyond_size", ("k > size", "k > size + 1")),
    size("rejects k = size", "rejects_k_beyond_size sizes type", ("k > size", "k >= size")),
    size(
        "asserts",
        "rejects_k_beyond_size",
        ('raise ValueError("the kernel is too large")', "assert k <= size"),
    ),
    size("arguments exchanged", ALL_SIZES, ("(size, k)", "(k, size)")),
)
