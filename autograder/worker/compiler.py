"""Keeps torch's compiler out of workers.

What is compiled gives what it gives as it is, only sooner, and the compiler would start a C++
compiler, which no submission may. So in a worker `torch.compile` leaves everything as it is.

The first step of any optimizer imports ``torch._dynamo``, for two functions that do nothing outside
of compiled code: a second of time, and 70 MB in every process that trains. A stand-in of that name
has the two; whatever else is asked of it loads the real module into its place.
"""

import importlib.util
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

__all__ = ["install"]

_NAME = "torch._dynamo"


def install() -> None:
    """Put the stand-ins into place; nothing where there is no torch, or the compiler is loaded."""
    torch = sys.modules.get("torch")
    if torch is None or _NAME in sys.modules:
        return
    spec = importlib.util.find_spec(_NAME)
    if spec is None:
        return
    module = _Compiler(_NAME)
    module.__spec__, module.__loader__ = spec, spec.loader
    module.__file__, module.__package__ = spec.origin, _NAME
    module.graph_break, module.disable = _graph_break, _disable
    sys.modules[_NAME] = torch._dynamo = module  # type: ignore[attr-defined]
    torch.compile = _as_it_is  # type: ignore[attr-defined]


class _Compiler(ModuleType):
    """`torch._dynamo`, until something is asked of it that it has not."""

    graph_break: Callable[..., None]
    disable: Callable[..., Any]

    def __getattr__(self, name: str) -> Any:
        # To import a part of a package, Python looks at the package's __path__ first.
        is_special = name.startswith("__") and name != "__path__"
        if is_special or self.__spec__ is None or self.__spec__.loader is None:
            raise AttributeError(name)
        self.__class__ = ModuleType  # type: ignore[assignment]  # once; the rest is the module's own
        self.__path__ = self.__spec__.submodule_search_locations or []
        self.__spec__.loader.exec_module(self)
        return getattr(self, name)


def _as_it_is(model: Any = None, **_: Any) -> Any:
    """For ``torch.compile(model)``, ``@torch.compile``, and ``@torch.compile(mode=...)``."""
    return model if model is not None else lambda function: function


def _graph_break(msg: str = "") -> None:
    del msg


def _disable(fn: Any = None, recursive: bool = True, **_: Any) -> Any:
    del recursive
    return fn if fn is not None else lambda function: function
