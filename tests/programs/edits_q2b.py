"""What the wrong programs for question 2b are made of: a good one, and ways to change it."""

from programs.program import Program, edited, wrong

GOOD = """
def equivariance_error(f, images, shift, *, margin=0):
    if margin < 0:
        raise ValueError("the margin must not be negative")
    dy, dx = shift
    H, W = images.shape[2:]
    b = max(abs(dy), abs(dx)) + margin
    if H - 2 * b < 1 or W - 2 * b < 1:
        raise ValueError("nothing is left inside of the border")
    with torch.no_grad():
        a = f(torch.roll(images, (dy, dx), dims=(2, 3)))
        t = torch.roll(f(images), (dy, dx), dims=(2, 3))
    a = a[:, :, b:H-b, b:W-b]
    t = t[:, :, b:H-b, b:W-b]
    num = torch.linalg.vector_norm(a - t).item()
    den = torch.linalg.vector_norm(t).item()
    if den == 0:
        return 0.0 if num == 0 else float("inf")
    return num / den
"""
NORMS = """    num = torch.linalg.vector_norm(a - t).item()
    den = torch.linalg.vector_norm(t).item()
"""
CROPS = """    a = a[:, :, b:H-b, b:W-b]
    t = t[:, :, b:H-b, b:W-b]
"""
CALLS = """        a = f(torch.roll(images, (dy, dx), dims=(2, 3)))
        t = torch.roll(f(images), (dy, dx), dims=(2, 3))
"""
ZEROS = """    if den == 0:
        return 0.0 if num == 0 else float("inf")
"""

EASY = "type arguments_stay"
GENERAL = "any_shift_and_image_size everything_at_once"
MARGINLESS = "one_square_image any_shift_and_image_size batches_and_channels dtypes"
ZERO_NORMS = "both_norms_zero only_the_denominator_zero"
ERRORS = "rejects_negative_margins rejects_empty_interiors"
PLAIN = f"one_square_image {GENERAL} margin batches_and_channels"
VALUES = f"{PLAIN} dtypes"


def slip(name: str, fails: str, *edits: tuple[str, str]) -> Program:
    """The good program with a small slip."""
    return wrong("q2b", name, edited(GOOD, *edits), fails)


def norms(name: str, fails: str, num: str, den: str) -> Program:
    """The good program with other norms."""
    return slip(name, fails, (NORMS, f"    num = float({num})\n    den = float({den})\n"))


def calls(name: str, fails: str, *lines: str) -> Program:
    """The good program with other ways to call f."""
    return slip(name, fails, (CALLS, "".join(f"        {line}\n" for line in lines)))


def crops(name: str, fails: str, *lines: str) -> Program:
    """The good program with another interior."""
    return slip(name, fails, (CROPS, "".join(f"    {line}\n" for line in lines)))


A = "a = f(torch.roll(images, (dy, dx), dims=(2, 3)))"
T = "t = torch.roll(f(images), (dy, dx), dims=(2, 3))"
