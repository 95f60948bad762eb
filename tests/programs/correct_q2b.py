"""Right programs for question 2b, in many ways of writing them."""

from programs.program import Program

CORRECT_Q2B = (
    Program(
        "image by image",
        "q2b",
        """
def equivariance_error(f, images, shift, *, margin=0):
    if margin < 0:
        raise ValueError("margin")
    border = max(map(abs, shift)) + margin
    if min(images.shape[-2:]) <= 2 * border:
        raise ValueError("nothing left")
    above = below = 0.0
    for x in images.split(1):
        with torch.no_grad():
            a, t = f(x.roll(shift, (2, 3))), f(x).roll(shift, (2, 3))
        keep = (slice(None), slice(None), *(slice(border, side - border) for side in x.shape[2:]))
        above += (a - t)[keep].pow(2).sum().item()
        below += t[keep].pow(2).sum().item()
    if below == 0:
        return float("inf") if above else 0.0
    return math.sqrt(above / below)
""",
    ),
    Program(
        "numpy",
        "q2b",
        """
def equivariance_error(f, images, shift, *, margin=0):
    b = int(np.abs(shift).max()) + margin
    if margin < 0 or 2 * b >= images.shape[2] or 2 * b >= images.shape[3]:
        raise ValueError("margin")
    maps = f(images).detach().numpy()
    moved = f(torch.from_numpy(np.roll(images.numpy(), shift, axis=(2, 3)))).detach().numpy()
    inner = np.s_[:, :, b : maps.shape[2] - b, b : maps.shape[3] - b]
    target = np.roll(maps, shift, axis=(-2, -1))[inner]
    top, bottom = (np.linalg.norm(m.astype(np.float64)) for m in (moved[inner] - target, target))
    if bottom == 0:
        return np.float64(0.0 if top == 0 else np.inf)
    return top / bottom
""",
    ),
    Program(
        "one batch for both",
        "q2b",
        """
def equivariance_error(f, images, shift, *, margin=0):
    dy, dx = shift
    b = max(dy, -dy, dx, -dx) + margin
    h, w = images.size(2) - 2 * b, images.size(3) - 2 * b
    if margin < 0 or h <= 0 or w <= 0:
        raise ValueError("margin")
    with torch.inference_mode():
        both = f(torch.cat([images, torch.roll(images, (dy, dx), (2, 3))]))
        maps, moved = both.chunk(2)
        target = torch.roll(maps, (dy, dx), (2, 3)).narrow(2, b, h).narrow(3, b, w)
        moved = moved.narrow(2, b, h).narrow(3, b, w)
        top, bottom = (moved - target).norm(), target.norm()
    return 0.0 if top == 0 else (top / bottom).item()
""",
    ),
    Program(
        "a mask, and one axis after the other",
        "q2b",
        """
def equivariance_error(f, images, shift, *, margin=0):
    if margin < 0:
        raise ValueError("margin")

    def translate(x):
        for axis, step in zip((2, 3), shift):
            x = torch.roll(x, step, axis)
        return x

    border = max(abs(shift[0]), abs(shift[1])) + margin
    mask = torch.zeros(images.shape[2:], dtype=torch.bool)
    mask[border : images.shape[2] - border, border : images.shape[3] - border] = True
    if 2 * border >= min(images.shape[2:]) or not mask.any():
        raise ValueError("nothing left")
    with torch.no_grad():
        target = translate(f(images)).masked_fill(~mask, 0)
        moved = f(translate(images)).masked_fill(~mask, 0)
    top = torch.dist(moved.double(), target.double()).item()
    bottom = target.double().norm().item()
    if bottom > 0:
        return top / bottom
    return 0.0 if top == 0 else math.inf
""",
    ),
    Program(
        "a float of its own kind",
        "q2b",
        """
class Percent(float):
    def __repr__(self):
        return f"{100 * float(self):.1f} %"

def equivariance_error(f, images, shift, *, margin=0, eps=0.0):
    dy, dx = shift
    H, W = images.shape[-2:]
    b = max(abs(dy), abs(dx)) + margin
    if margin < 0 or b >= H - b or b >= W - b:
        raise ValueError("margin")
    rows = (torch.arange(H) - dy) % H
    columns = (torch.arange(W) - dx) % W
    translate = lambda x: x[..., rows, :][..., columns]
    a, t = f(translate(images.clone())), translate(f(images.clone()))
    a, t = (m.detach()[..., b : H - b, b : W - b].flatten() for m in (a, t))
    top, bottom = float((a - t) @ (a - t)) ** 0.5, float(t @ t) ** 0.5
    try:
        return Percent(top / bottom)
    except ZeroDivisionError:
        return Percent("inf" if top else 0)
""",
    ),
    Program(
        "cut and glued, in plain Python sums",
        "q2b",
        """
def equivariance_error(f, images, shift, *, margin=0):
    if margin < 0:
        raise ValueError("margin")
    dy, dx = shift

    def translate(x):
        H, W = x.shape[2:]
        y = dy % H
        x = torch.cat([x[:, :, H - y :], x[:, :, : H - y]], dim=2)
        y = dx % W
        return torch.cat([x[..., W - y :], x[..., : W - y]], dim=3)

    b = max(abs(dy), abs(dx)) + margin
    if images.shape[2] < 2 * b + 1 or images.shape[3] < 2 * b + 1:
        raise ValueError("nothing left")
    a, t = f(translate(images)), translate(f(images))
    a, t = (m[:, :, b : m.shape[2] - b, b : m.shape[3] - b].reshape(-1).tolist() for m in (a, t))
    top = math.fsum((p - q) ** 2 for p, q in zip(a, t))
    bottom = math.fsum(q * q for q in t)
    return math.sqrt(top / bottom) if bottom else 0.0 if not top else float("inf")
""",
    ),
    Program(
        "an object that remembers its norms",
        "q2b",
        """
class Measure:
    def __init__(self):
        self.history = []

    def norm(self, x):
        self.history.append(torch.linalg.norm(x.flatten()))
        return self.history[-1]

    def __call__(self, f, images, shift, margin=0):
        if margin < 0:
            raise ValueError("margin")
        b = max(abs(s) for s in shift) + margin
        inner = lambda x: x[:, :, b : x.shape[2] - b, b : x.shape[3] - b]
        if 0 in inner(images).shape or 2 * b > min(images.shape[2:]):
            raise ValueError("nothing left")
        with torch.no_grad():
            t = inner(torch.roll(f(images), shift, (2, 3)))
            top = self.norm(inner(f(torch.roll(images, shift, (2, 3)))) - t)
            ratio = top / self.norm(t)
        return 0.0 if torch.isnan(ratio) else ratio.item()

equivariance_error = Measure()
""",
    ),
    Program(
        "interior of the difference, cropped by negative padding",
        "q2b",
        """
def equivariance_error(f, images, shift, *, margin: int = 0) -> float:
    dy, dx = shift
    border = max(abs(dy), abs(dx)) + margin
    if margin < 0 or 2 * border >= min(images.shape[2], images.shape[3]):
        raise ValueError(f"a border of {border} leaves nothing of {tuple(images.shape)}")
    crop = lambda x: torch.nn.functional.pad(x, (-border,) * 4)
    with torch.set_grad_enabled(False):
        expected = torch.roll(f(images), shifts=shift, dims=(-2, -1))
        actual = f(torch.roll(images, shifts=shift, dims=(-2, -1)))
    top = crop(actual - expected).square().sum().sqrt().item()
    bottom = crop(expected).square().sum().sqrt().item()
    if bottom == 0:
        return 0.0 if top == 0 else float("inf")
    return top / bottom
""",
    ),
)
