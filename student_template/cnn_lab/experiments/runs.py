"""Training runs of a student's `train_model`: watched, timed and scored, whatever it does."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from tqdm.auto import tqdm

from cnn_lab import settings
from cnn_lab.data import Data
from cnn_lab.experiments.notebook import NotReady, answer
from cnn_lab.randomness import seeded

__all__ = ["Run", "evaluate", "new_cnn", "run"]

BATCH = 512
"""Images that are evaluated at once."""

TRAINING_SEED = 1000
"""What is added to the seed of the weights for that of the training: the two must differ."""


@dataclass(frozen=True)
class Run:
    """What came of one training run: test accuracy, and accuracy on the images trained with.

    ``curve`` holds the test accuracy before training and after each epoch; it is empty where no
    epochs could be seen.
    """

    accuracy: float
    train_accuracy: float
    curve: tuple[float, ...]


def new_cnn(build_cnn: Callable[..., Any], *, seed: int) -> nn.Module:
    """A student's CNN, with weights that ``seed`` decides, if it maps images to logits."""
    with seeded(seed):
        model = answer("q2a", build_cnn, settings.CLASSES)
        if not isinstance(model, nn.Module):
            raise _wrong(build_cnn, "a torch.nn.Module", model)
        logits = _outputs(model, torch.zeros(2, 1, settings.SIDE, settings.SIDE))
    if not isinstance(logits, Tensor) or logits.shape != (2, settings.CLASSES):
        due = f"a network that maps 2 images to outputs of shape (2, {settings.CLASSES})"
        raise _wrong(build_cnn, due, logits, "one that maps them to ")
    return model


def run(
    train_model: Callable[..., Any],
    model: nn.Module,
    data: Data,
    *,
    epochs: int,
    seed: int,
    bar: tqdm,
    with_curve: bool = False,
) -> Run:
    """Train ``model`` in place with a student's ``train_model``, and score it.

    Args:
        train_model: as question 2a wants it.
        model: images (N, 1, 24, 24) -> logits (N, 10).
        data: trained with its training images, scored with its test images.
        epochs: how often each training image is to be used.
        seed: that of the weights; the training gets another.
        bar: moves on by one step each epoch.
        with_curve: also score the model after each epoch.

    Raises:
        NotReady: ``train_model`` is not written yet, or returns something else.

    """
    images, labels = data.train_images.clone(), data.train_labels.clone()
    curve = [evaluate(model, data.test_images, data.test_labels)] if with_curve else []
    end = bar.n + epochs
    seen = 0

    def look() -> None:
        nonlocal seen
        seen += 1
        if seen <= epochs:
            bar.update()
            if with_curve:
                curve.append(evaluate(model, data.test_images, data.test_labels))

    with seeded(TRAINING_SEED + seed), _watched(model, len(images), look):
        try:
            trained = answer(
                "q2a", train_model, model, images, labels, epochs=epochs, seed=TRAINING_SEED + seed
            )
        except NotReady:
            if seen:  # it is written, and trains; only its return is missing
                raise _wrong(train_model, "the model that it was given", None) from None
            raise
    if trained is not model:
        raise _wrong(train_model, "the model that it was given", trained, "another object, ")
    bar.update(end - bar.n)
    accuracy = evaluate(model, data.test_images, data.test_labels)
    train_accuracy = evaluate(model, data.train_images, data.train_labels)
    return Run(accuracy, train_accuracy, tuple(curve) if seen else ())


@contextmanager
def _watched(model: nn.Module, images: int, each_epoch: Callable[[], None]) -> Iterator[None]:
    """Call ``each_epoch`` whenever training has used ``images`` more images, once they count.

    The model is all that can be seen of a training loop: a batch that it is called with in train
    mode means that the batches before have been learned from.
    """
    used = epochs = 0

    def look() -> None:
        nonlocal epochs
        if used >= (epochs + 1) * images:
            epochs += 1
            each_epoch()

    def before_batch(module: nn.Module, inputs: tuple[Any, ...]) -> None:
        nonlocal used
        if module.training and torch.is_grad_enabled() and inputs:
            look()
            used += len(inputs[0])

    hook = model.register_forward_pre_hook(before_batch)
    try:
        yield
        look()
    finally:
        hook.remove()


def evaluate(model: nn.Module, images: Tensor, labels: Tensor) -> float:
    """The share of images, shape (N, 1, 24, 24), whose largest logit is that of their label.

    The model is in eval mode meanwhile, and comes back as it was. Logits that are not numbers
    (nan) are wrong.
    """
    right = 0
    with seeded(0):
        for batch, due in zip(images.split(BATCH), labels.split(BATCH), strict=True):
            logits = _outputs(model, batch)
            right += int(((logits.argmax(1) == due) & ~logits.isnan().any(1)).sum())
    return right / len(labels)


def _outputs(model: nn.Module, images: Tensor) -> Any:
    """What a model in eval mode makes of images, wherever its weights are; its modes are kept."""
    modes = {module: module.training for module in model.modules()}
    device = next((parameter.device for parameter in model.parameters()), images.device)
    try:
        model.eval()
        with torch.no_grad():
            outputs = model(images.to(device))
    finally:
        for module, mode in modes.items():
            module.training = mode
    return outputs.cpu() if isinstance(outputs, Tensor) else outputs


def _wrong(function: Callable[..., Any], due: str, came: Any, before: str = "") -> NotReady:
    """The sentence for something else than was due."""
    name = getattr(function, "__name__", str(function))
    if isinstance(came, Tensor):
        kind = f"outputs of shape {tuple(came.shape)}"
    else:
        kind = "None" if came is None else f"a {type(came).__name__}"
    return NotReady(
        f'{name} should return {due}, but returned {before}{kind}. grader.check("q2a") says more.'
    )
