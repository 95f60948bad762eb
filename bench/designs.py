"""What is trained with what, by the tables of `bench.false_fails`."""

from bench.networks import MLPS, RISKY
from bench.trainings import OUTSIDE, UNSEEN, WRONG

__all__ = ["PAIRS"]

PAIRS: dict[str, list[tuple[str, str]]] = {
    "designs": [
        ("global max 8-32", "Adam 1e-2, batch 16"),
        ("global max 8-8", "Adam 3e-3, batch 64"),
        ("one 7x7 layer, global max", "Adam 5e-3, batch 32"),
        ("flatten 8-16", "Adam 3e-3, batch 64"),
        ("flatten 16-32", "AdamW 5e-3, batch 64, decay 0.1"),
        ("flatten, three 8s", "Adam 5e-3, batch 32"),
        ("flatten, hidden layer", "Adam 1e-2, batch 64"),
        ("LeNet", "Adam 3e-3, batch 64"),
        ("adaptive max 4x4", "Adam 3e-3, batch 64"),
        ("max 4, flatten", "Adam 1e-2, batch 32, cosine"),
        ("batch norm", "Adam 1e-2, batch 16"),
        ("batch norm, flatten", "AdamW 1e-2, batch 32, decay 0.01"),
        ("group norm", "Adam 3e-3, batch 64, cosine"),
        ("three layers 8-16-32", "Adam 1e-2, batch 16"),
        ("three layers 16-32-48", "Adam 3e-3, batch 64"),
        ("dilation 2", "Adam 5e-3, batch 32"),
        ("max 2, global mean", "Adam 5e-3, batch 32"),
        ("mean of maxima 3x3", "Adam 3e-3, batch 16"),
        ("dropout", "Adam 1e-2, batch 64"),
        ("residual", "Adam 1e-2, batch 32, cosine"),
        ("stride 2, max 2", "Adam 3e-3, batch 64"),
        ("tanh", "Adam 1e-2, batch 64"),
        ("no ReLU", "AdamW 1e-2, batch 32, decay 0.01"),
        ("overlapping max 3", "Adam 3e-3, batch 64, cosine"),
    ],
    "risky": [
        ("flatten, three 8s", "Adam 3e-3, batch 64"),
        ("flatten, three 8s", "Adam 3e-3, batch 64, cosine"),
        ("flatten, hidden layer", "Adam 3e-3, batch 64, cosine"),
        ("flatten 8-16", "Adam 1e-2, batch 16"),
        ("max 2, global mean", "Adam 3e-3, batch 64"),
        *[
            (network, training)
            for network in RISKY
            for training in ("Adam 3e-3, batch 64", "Adam 1e-2, batch 16")
        ],
    ],
    "dear": [
        ("three 32s at full size", "Adam 3e-3, batch 64"),
        ("three 32s at full size", "Adam 3e-3, batch 16"),
        ("global max 8-32", "Adam 3e-3, batch 1"),
    ],
    "mlps": [
        (network, training)
        for network in MLPS
        for training in (
            "Adam 3e-3, batch 64",
            "Adam 5e-3, batch 64",
            "Adam 1e-2, batch 64",
            "AdamW 1e-2, batch 32, decay 0.01",
        )
    ],
    "wrong": [
        *[("global max 8-32", wrong) for wrong in WRONG],
        *[("batch norm", wrong) for wrong in ("no zero_grad", "not shuffled", "Adam 0.3")],
        ("batch norm", "one epoch"),
    ],
    "outside": [
        (network, training)
        for network in ("global max 8-32", "flatten 8-16", "batch norm")
        for training in OUTSIDE
    ],
    "unseen": [("global max 8-32", wrong) for wrong in UNSEEN],
}
