"""What the tables of programs for questions 2a and 2d are made of."""

from dataclasses import dataclass

from programs.program import edited

__all__ = [
    "LOOP",
    "LOOP_AND_HEAD",
    "LOOP_AND_RUN",
    "LOOP_ONLY",
    "NETWORK",
    "NETWORK_ONLY",
    "TrainingProgram",
    "loop",
    "network",
    "slip",
]

NETWORK = "test_q2a.py or run"
"""The checks that a network can fail (pytest's -k): those of its structure, and the run."""
NETWORK_ONLY = "test_q2a.py"
"""The same without the run, which takes most of the time."""
LOOP = "not test_q2a.py"
"""The checks that a training loop can fail."""
LOOP_ONLY = "not test_q2a.py and not run and not random_features"
"""The same without the runs."""
LOOP_AND_RUN = "not test_q2a.py and not run_network and not random_features"
"""With the run of q2a."""
LOOP_AND_HEAD = "not test_q2a.py and not run"
"""With the run of q2d."""


@dataclass(frozen=True)
class TrainingProgram:
    """A student's version of `build_cnn`, of `train_model`, or of both.

    ``source`` is Python text that is appended to the reference. ``fails`` holds the full ids of
    the checks that must fail, of those that ``tries`` selects; all others of these pass.
    """

    name: str
    source: str
    tries: str
    fails: frozenset[str] = frozenset()


def network(name: str, source: str, fails: str = "", *, tries: str = NETWORK) -> TrainingProgram:
    """A program that replaces `build_cnn`; ``fails`` lists checks of q2a."""
    return TrainingProgram(name, source, tries, frozenset(f"q2a.{f}" for f in fails.split()))


def loop(name: str, source: str, fails: str = "", *, tries: str = LOOP) -> TrainingProgram:
    """A program that replaces `train_model`; ``fails`` lists checks of q2a, of q2d as d:name."""
    ids = [f"q2d.{f[2:]}" if f.startswith("d:") else f"q2a.{f}" for f in fails.split()]
    return TrainingProgram(name, source, tries, frozenset(ids))


GOOD = """
def train_model(model, images, labels, *, epochs, seed):
    params = [p for p in model.parameters() if p.requires_grad]
    if not params or epochs == 0:
        return model
    torch.manual_seed(seed)
    opt = torch.optim.Adam(params, lr=5e-3)
    model.train()
    for epoch in range(epochs):
        order = torch.randperm(len(images))
        for start in range(0, len(images), 64):
            batch = order[start:start + 64]
            opt.zero_grad()
            logits = model(images[batch])
            loss = functional.cross_entropy(logits, labels[batch])
            loss.backward()
            opt.step()
    return model
"""


def slip(name: str, fails: str, *edits: tuple[str, str], tries: str = LOOP_ONLY) -> TrainingProgram:
    """A good training with each (old, new) replaced."""
    return loop(name, edited(GOOD, *edits), fails, tries=tries)
