"""What both sides must say in the same words: a missing function, the state of a module."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch

__all__ = ["MISSING", "ProvidedState", "state_of"]

MISSING = "autograder:missing"
"""The name of the exception that stands for: the submission defines no such function."""


@dataclass(frozen=True)
class ProvidedState:
    """What a provided module looks like: its mode, and its parameters and buffers by name."""

    training: bool | None
    arrays: Mapping[str, Any]


def state_of(thing: object) -> ProvidedState:
    """The state of a module; a plain function has none."""
    if not isinstance(thing, torch.nn.Module):
        return ProvidedState(training=None, arrays={})
    arrays = {key: value.detach().cpu().numpy() for key, value in thing.state_dict().items()}
    return ProvidedState(training=thing.training, arrays=arrays)
