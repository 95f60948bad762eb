"""The public tests of questions 2a and 2d: the checks of the grader, on the notebook's own data."""

import functools
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from cnn_lab import settings
from cnn_lab.data import Data, load_data
from cnn_lab.experiments.notebook import NotReady, answer, progress
from cnn_lab.experiments.runs import new_cnn, run
from cnn_lab.networks import changed_parameters, count_parameters, frozen_state, wide_cnn
from cnn_lab.randomness import seeded

__all__ = [
    "train_and_score",
    "train_head_and_score",
    "try_frozen_features",
    "try_loop",
    "try_network",
    "try_training",
]

SIZES = ((24, 24), (16, 16), (17, 30))
"""Heights and widths that `features` is tried with."""

ADVICE = (
    "In every batch: zero_grad, the raw outputs (no softmax) into cross_entropy, backward, step. "
    "The images are sorted by class, so shuffle them, images and labels alike. What works is Adam "
    "with a learning rate of 3e-3 and 32 to 64 images a batch."
)

OURS = (Path(__file__).parent.parent, Path(torch.__file__).parent)
"""Folders whose lines say nothing to a student."""


def _public_test(trial: Callable[[Mapping[str, Any]], None]) -> Callable[[Mapping[str, Any]], None]:
    """End an error inside of a student's code in a sentence, with the student's own lines."""

    @functools.wraps(trial)
    def explained(names: Mapping[str, Any]) -> None:
        try:
            trial(names)
        except NotReady as reason:  # here, where grader.check already speaks
            sentence = str(reason).split(" grader.check(")[0]
            raise NotReady(sentence) from None
        except Exception as error:
            frames = traceback.extract_tb(error.__traceback__)
            own = [f for f in frames if not any(Path(f.filename).is_relative_to(o) for o in OURS)]
            lines = [f"    line {f.lineno}, in {f.name}: {f.line}" for f in own[-3:]]
            sentence = f"{type(error).__name__}: {error}"
            raise NotReady("\n".join([sentence, *lines])) from None

    return explained


class _Tiny(nn.Module):
    """A linear network with dropout, which notes the mode and the number of each batch."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(16, 2)
        self.batches: list[int] = []
        self.trains = True

    def forward(self, images: Tensor) -> Tensor:
        if torch.is_grad_enabled():
            self.batches.append(len(images))
            self.trains = self.trains and self.training
        return self.linear(nn.functional.dropout(images.flatten(1), 0.5, self.training))


@_public_test
def try_network(names: Mapping[str, Any]) -> None:
    """Try `build_cnn`: its parts, shapes and size.

    Args:
        names: the notebook's variables.

    Raises:
        NotReady: says what is not as question 2a wants it.

    """
    build_cnn = _function(names, "build_cnn")
    model, other = new_cnn(build_cnn, seed=0), new_cnn(build_cnn, seed=1)
    for part in ("features", "head"):
        if not isinstance(getattr(model, part, None), nn.Module):
            raise NotReady(f"The network has no submodule called {part}.")
    trainable, frozen = count_parameters(model)
    if frozen or not trainable:
        raise NotReady(f"{frozen} of its {trainable + frozen} parameters are not trainable.")
    if trainable > settings.MAX_PARAMETERS:
        raise NotReady(
            f"It has {trainable:,} parameters; at most {settings.MAX_PARAMETERS:,} are allowed."
        )
    if any(one is two for one in model.parameters() for two in other.parameters()):
        raise NotReady("Two calls of build_cnn share parameters; each makes a new network.")
    model.eval()
    with torch.no_grad():
        for height, width in SIZES:
            images = torch.rand(3, 1, height, width, generator=torch.Generator().manual_seed(0))
            maps = model.features(images)
            if not isinstance(maps, Tensor) or maps.ndim != 4 or len(maps) != 3:
                came = tuple(maps.shape) if isinstance(maps, Tensor) else type(maps).__name__
                raise NotReady(
                    f"features should map images of shape {tuple(images.shape)} to feature maps "
                    f"(3, C, H', W'); what came is {came}."
                )
        images = torch.rand(3, 1, *SIZES[0], generator=torch.Generator().manual_seed(1))
        if not torch.allclose(model(images), model.head(model.features(images)), atol=1e-5):
            raise NotReady("model(x) differs from model.head(model.features(x)).")


@_public_test
def try_loop(names: Mapping[str, Any]) -> None:
    """Try `train_model` on 70 images and a tiny network: each image once, its seed, its mode.

    Args:
        names: the notebook's variables.

    Raises:
        NotReady: says what is not as question 2a wants it.

    """
    train_model = _function(names, "train_model")
    images = torch.rand(70, 1, 4, 4, generator=torch.Generator().manual_seed(0))
    labels = torch.arange(70) % 2
    weights = []
    for state in (1, 2):
        with seeded(0):
            model = _Tiny()
        before = model.linear.weight.detach().clone()
        with seeded(state):
            answer("q2a", train_model, model, images.clone(), labels.clone(), epochs=1, seed=5)
        weights.append(model.linear.weight.detach().clone())
    if torch.equal(before, weights[1]):
        raise NotReady("No weight has changed: is backward() followed by optimizer.step()?")
    if not model.trains:
        raise NotReady("The model was not in train mode while it was trained: model.train().")
    if sum(model.batches) != len(images):
        raise NotReady(
            f"With epochs=1, {sum(model.batches)} of {len(images)} images were used, in batches of "
            f"{', '.join(map(str, model.batches))}; each is to be used once."
        )
    if not torch.equal(*weights):
        raise NotReady(
            "Two runs with the same seed and the same starting weights differ: what draws random "
            "numbers must start from the seed."
        )


@_public_test
def try_training(names: Mapping[str, Any]) -> None:
    """Train the student's CNN with the student's training, and ask for the accuracy of 2a.

    As in the grader, a run that misses is made again with other seeds, and the best counts.

    Args:
        names: the notebook's variables.

    Raises:
        NotReady: says what is missing, or how far the accuracy is from the one due.

    """
    build_cnn, train_model = _function(names, "build_cnn"), _function(names, "train_model")
    data, accuracy = load_data(), 0.0
    for seed in range(settings.RUNS):
        accuracy = max(accuracy, train_and_score(build_cnn, train_model, data, seed=seed))
        if accuracy >= settings.PASS_ACCURACY:
            return
    raise NotReady(
        f"After {settings.EPOCHS} epochs the CNN names {accuracy:.1%} of the test digits, in the "
        f"best of {settings.RUNS} runs; {settings.PASS_ACCURACY:.0%} are due. {ADVICE}"
    )


@_public_test
def try_frozen_features(names: Mapping[str, Any]) -> None:
    """Train the head of a network with frozen random features, as question 2d has it.

    Args:
        names: the notebook's variables.

    Raises:
        NotReady: says which frozen weights changed, or how far the accuracy is from that due.

    """
    train_model = _function(names, "train_model")
    accuracy, changed = train_head_and_score(train_model, load_data())
    if changed:
        raise NotReady(
            f"train_model has changed frozen parameters, or their flags: {', '.join(changed)}. "
            "Leave out of the optimizer what has requires_grad False."
        )
    if accuracy < settings.HEAD_PASS_ACCURACY:
        raise NotReady(
            f"After {settings.HEAD_EPOCHS} epochs the network names {accuracy:.1%} of the "
            f"test digits; {settings.HEAD_PASS_ACCURACY:.0%} are due. {ADVICE}"
        )


def train_and_score(
    build_cnn: Callable[..., Any],
    train_model: Callable[..., Any],
    data: Data,
    *,
    epochs: int = settings.EPOCHS,
    seed: int = 0,
) -> float:
    """The test accuracy of a student's CNN after a student's training."""
    model = new_cnn(build_cnn, seed=seed)
    with progress((), "training the CNN", total=epochs) as bar:
        return run(train_model, model, data, epochs=epochs, seed=seed, bar=bar).accuracy


def train_head_and_score(
    train_model: Callable[..., Any],
    data: Data,
    *,
    epochs: int = settings.HEAD_EPOCHS,
    seed: int = 0,
) -> tuple[float, list[str]]:
    """A student's training of a head on frozen random features: accuracy, and what changed."""
    model = wide_cnn(seed=seed)
    before = frozen_state(model)
    with progress((), "training the head", total=epochs) as bar:
        scored = run(train_model, model, data, epochs=epochs, seed=seed, bar=bar)
    return scored.accuracy, changed_parameters(model, before)


def _function(names: Mapping[str, Any], name: str) -> Callable[..., Any]:
    if not callable(names.get(name)):
        raise NotReady(f"{name} is not defined. Run the cell that defines it first.")
    function: Callable[..., Any] = names[name]
    return function
