"""What is trained with what, by the tables of `bench.false_fails`."""

import itertools

from bench.networks import CORRECT, MLPS, RISKY
from bench.trainings import SANE, UNSEEN, WRONG

__all__ = ["PAIRS"]

_BOLD = [
    ("global max 8-32", "Adam 1e-2, batch 16"),
    ("flatten 16-32", "AdamW 5e-3, batch 64, decay 0.1"),
    ("flatten, hidden layer", "Adam 1e-2, batch 64"),
    ("max 4, flatten", "Adam 1e-2, batch 32, cosine"),
    ("batch norm", "Adam 1e-2, batch 16"),
    ("batch norm, flatten", "AdamW 1e-2, batch 32, decay 0.01"),
    ("group norm", "Adam 3e-3, batch 64, cosine"),
    ("three layers 8-16-32", "Adam 1e-2, batch 16"),
    ("mean of maxima 3x3", "Adam 3e-3, batch 16"),
    ("dropout", "Adam 1e-2, batch 64"),
    ("residual", "Adam 1e-2, batch 32, cosine"),
    ("tanh", "Adam 1e-2, batch 64"),
    ("no ReLU", "AdamW 1e-2, batch 32, decay 0.01"),
    ("overlapping max 3", "Adam 3e-3, batch 64, cosine"),
    ("flatten, three 8s", "Adam 3e-3, batch 64, cosine"),
    ("flatten, hidden layer", "Adam 3e-3, batch 64, cosine"),
    ("flatten 8-16", "Adam 1e-2, batch 16"),
]
_TRAININGS_OF_MLPS = ("Adam 3e-3, batch 64", "Adam 5e-3, batch 64", "Adam 1e-2, batch 64",
                      "AdamW 1e-2, batch 32, decay 0.01")  # fmt: skip

PAIRS: dict[str, list[tuple[str, str]]] = {
    "designs": list(itertools.product(CORRECT, SANE)),
    "faster": [(network, "Adam 5e-3, batch 32") for network in CORRECT],
    "bold": _BOLD,
    "risky": [
        *itertools.product(RISKY, ("Adam 3e-3, batch 64", "Adam 1e-2, batch 16")),
        ("flatten, three 8s", "Adam 5e-3, batch 32"),
        ("one 7x7 layer, global max", "Adam 5e-3, batch 32"),
    ],
    "dear": [
        ("three 32s at full size", "Adam 3e-3, batch 64"),
        ("three 32s at full size", "Adam 3e-3, batch 16"),
        ("global max 8-32", "Adam 3e-3, batch 1"),
    ],
    "mlps": list(itertools.product(MLPS, _TRAININGS_OF_MLPS)),
    "wrong": [
        *(("global max 8-32", wrong) for wrong in WRONG),
        *(("batch norm", wrong) for wrong in ("no zero_grad", "not shuffled", "Adam 0.3")),
        ("batch norm", "one epoch"),
    ],
    "outside": [
        (network, training)
        for network in ("global max 8-32", "flatten 8-16", "batch norm")
        for training in ("Adam 1e-3, batch 64", "SGD 3e-3, batch 64")
    ],
    "unseen": [("global max 8-32", wrong) for wrong in UNSEEN],
}
