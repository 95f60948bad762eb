"""Keeps a submission to one thread and one process, without a word of its own.

A result must not depend on the number of cores, and processes that load data would gain nothing:
there is one core's time. Whoever asks for more gets the same results with less.
"""

import functools
import inspect
from typing import Any

import torch
from torch.utils.data import DataLoader

__all__ = ["install"]

_WITHOUT_WORKERS = {
    "num_workers": 0,
    "prefetch_factor": None,
    "persistent_workers": False,
    "multiprocessing_context": None,
    "timeout": 0,
}


def install() -> None:
    """Change this process for good; it is a worker's."""
    for name in ("set_num_threads", "set_num_interop_threads"):
        setattr(torch, name, lambda _: None)
    make = DataLoader.__init__
    signature = inspect.signature(make)

    @functools.wraps(make)
    def make_without_workers(*args: Any, **kwargs: Any) -> None:
        bound = signature.bind(*args, **kwargs)
        bound.arguments.update(_WITHOUT_WORKERS)
        make(*bound.args, **bound.kwargs)

    DataLoader.__init__ = make_without_workers  # type: ignore[method-assign]
