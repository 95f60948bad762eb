"""Objects that stay where they were made, and cross the wire as a number: networks.

An answer shows one as ``{"!": "opaque", "v": type, "n": number}``; ``{"!": "kept", "v": number}``
is the same object as an argument of a later call.
"""

from typing import Any

import torch

__all__ = ["Kept"]


class Kept:
    """The networks of one process, in the order in which they were first answered."""

    def __init__(self) -> None:
        self._objects: list[Any] = []

    def __getitem__(self, number: int) -> Any:
        return self._objects[number]

    def node(self, value: Any) -> dict[str, Any] | None:
        """How ``value`` is answered; None unless it is a network. The same one has one number."""
        if not issubclass(type(value), torch.nn.Module):
            return None
        number = next((n for n, kept in enumerate(self._objects) if kept is value), None)
        if number is None:
            number = len(self._objects)
            self._objects.append(value)
        return {"!": "opaque", "v": type(value).__name__[:200], "n": number}
