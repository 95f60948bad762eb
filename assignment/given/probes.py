"""Looks at networks, in the worker where they stay (questions 2a and 2d).

What a probe returns is a worker's word; what can be decided by returned numbers, the checks decide
by them: weights and logits, compared in the grader.
"""

import random
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.modules.lazy import LazyModuleMixin

_OPTIMIZERS: dict[int, torch.optim.Optimizer] = {}


def _is_ready(parameter: nn.Parameter) -> bool:
    return not nn.parameter.is_lazy(parameter)


def describe(model: nn.Module) -> dict[str, Any]:
    """What a network is made of: its parts, and its parameters by how they are."""
    parameters = list(model.parameters())
    ready = list(filter(_is_ready, parameters))
    return {
        "features": isinstance(getattr(model, "features", None), nn.Module),
        "head": isinstance(getattr(model, "head", None), nn.Module),
        "lazy": sum(isinstance(module, LazyModuleMixin) for module in model.modules()),
        "parameters": sum(parameter.numel() for parameter in ready),
        "frozen": sum(not parameter.requires_grad for parameter in parameters),
    }


def forward(model: nn.Module, images: Tensor, part: str = "") -> Any:
    """The outputs of a network in eval mode, or of its ``part``: "features" or "head"."""
    model.eval()
    with torch.no_grad():
        return getattr(model, part)(images) if part else model(images)


def strengthen(model: nn.Module, factor: float) -> nn.Module:
    """Multiply all parameters, in place."""
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(factor)
    return model


def perturb(model: nn.Module, seed: int) -> nn.Module:
    """Add noise to all parameters, in place, as a training would."""
    rng = np.random.default_rng(seed)
    with torch.no_grad():
        for parameter in filter(_is_ready, model.parameters()):
            noise = np.asarray(0.1 * rng.standard_normal(tuple(parameter.shape)))  # also of ()
            parameter.add_(torch.from_numpy(noise).to(parameter))
    return model


def share_weights(one: nn.Module, two: nn.Module) -> bool:
    """Whether two networks have a parameter in common; a constant buffer may be."""
    places = [
        {p.data_ptr() for p in m.parameters() if _is_ready(p) and p.numel()} for m in (one, two)
    ]
    return bool(places[0] & places[1])


def state(model: nn.Module) -> dict[str, Any]:
    """All parameters and buffers by name, and the names of those that are trainable."""
    return {
        "arrays": {key: value.detach().clone() for key, value in model.state_dict().items()},
        "trainable": [key for key, value in model.named_parameters() if value.requires_grad],
    }


def seen(model: Any) -> list[Any]:
    """What a watched network has noted, of each forward; at last in how many steps .grad was old.

    A forward is its mode, fingerprints, logits, and the gradient of these or None.
    """
    notes = zip(model.modes, model.images, model.logits, strict=True)
    forwards = [(*note, model.gradients.get(number)) for number, note in enumerate(notes)]
    return [*forwards, int(model.stale)]


def leave_gradients(model: nn.Module) -> nn.Module:
    """Put a gradient of ones on every parameter, as earlier work may have left it."""
    for parameter in model.parameters():
        parameter.grad = torch.ones_like(parameter)
    return model


def scramble(seed: int) -> None:
    """Put every global random generator somewhere else."""
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def step(model: nn.Module, images: Tensor, labels: Tensor) -> float:
    """One step of Adam on one batch; the loss before it."""
    optimizer = _OPTIMIZERS.get(id(model))
    if optimizer is None:
        optimizer = _OPTIMIZERS[id(model)] = torch.optim.Adam(model.parameters(), lr=5e-3)
    model.train()
    loss = functional.cross_entropy(model(images), labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return float(loss.detach())
