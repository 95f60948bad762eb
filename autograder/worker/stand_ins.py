"""Stand-ins for what a notebook uses of its surroundings: IPython, otter, widgets, progress bars.

They take whatever is asked of them and do nothing, or run the code that was handed to them. Nothing
of Jupyter is started in a worker.
"""

import builtins
import sys
from collections.abc import Callable, Iterable, Iterator
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

import IPython

__all__ = ["absorb", "install"]

_ABSORBED = ("otter", "ipywidgets", "google.colab", "IPython.display")
_RUN_BODY = {"time", "timeit", "capture", "prun"}


class Absorb:
    """Takes any use (call, attribute, item, ``with``, iteration, decoration) and does nothing."""

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def __getattr__(self, name: str) -> "Absorb":
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return Absorb()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if len(args) == 1 and not kwargs and callable(args[0]) and not isinstance(args[0], Absorb):
            return args[0]  # used as a decorator
        return Absorb()

    def __getitem__(self, _: object) -> "Absorb":
        return Absorb()

    def __setitem__(self, *_: object) -> None:
        pass

    def __enter__(self) -> "Absorb":
        return Absorb()

    def __exit__(self, *_: object) -> None:
        pass

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def __repr__(self) -> str:
        return ""


class _Absorbing(ModuleType):
    """A module of which every name is absorbed."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        # A widget may be a base class; whatever is in lower case is called or asked further.
        return Absorb if name[0].isupper() else Absorb()


class _Shell:
    """What ``get_ipython()`` gives: the transformer turns magics into calls of it."""

    def __init__(
        self, namespace: dict[str, Any], notes: list[str], run: Callable[[str], None]
    ) -> None:
        self.user_ns = namespace
        self._notes = notes
        self._run = run

    def run_line_magic(self, name: str, line: str = "", **_: object) -> None:
        if name in _RUN_BODY and line:
            self._run(line)
        else:
            self._note(f"%{name}")

    def run_cell_magic(self, name: str, line: str, cell: str) -> None:
        if name in _RUN_BODY:
            self._run(cell)
        else:
            self._note(f"%%{name}")

    def system(self, command: str) -> None:
        self._note(f"!{command}")

    def getoutput(self, command: str, **_: object) -> list[str]:
        self._note(f"!{command}")
        return []

    def _note(self, what: str) -> None:
        self._notes.append(f"{what[:60]} was ignored")

    magic = run_line_magic

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Absorb()


class Progress:
    """tqdm without a bar: iterates over what it was given."""

    def __init__(self, iterable: Iterable[Any] | None = None, *_: object, **__: object) -> None:
        self._iterable = () if iterable is None else iterable

    def __iter__(self) -> Iterator[Any]:
        return iter(self._iterable)

    def __len__(self) -> int:
        return len(self._iterable)  # type: ignore[arg-type]

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Absorb()

    @staticmethod
    def write(*args: object, **_: object) -> None:
        """``tqdm.write`` prints."""
        print(*args)


def _trange(*args: int, **_: object) -> Progress:
    return Progress(range(*args))


def _tenumerate(iterable: Iterable[Any], start: int = 0, **_: object) -> Iterator[Any]:
    return enumerate(iterable, start)


def _tzip(*iterables: Iterable[Any], **_: object) -> Iterator[Any]:
    return zip(*iterables, strict=False)


def _module(name: str, kind: type[ModuleType], **names: Any) -> None:
    module = kind(name)
    module.__spec__ = ModuleSpec(name, None, is_package=True)  # torch looks for tqdm's
    module.__path__ = []
    vars(module).update(names)
    sys.modules[name] = module
    parent, _, child = name.rpartition(".")
    if parent in sys.modules:
        setattr(sys.modules[parent], child, module)


def absorb(name: str) -> None:
    """Put a module of this name where an import finds it; whatever is called in it does nothing."""
    _module(name, _Absorbing)


def install(namespace: dict[str, Any], notes: list[str], run: Callable[[str], None]) -> None:
    """Put the stand-ins where a notebook looks for them; ``run`` runs a magic's body."""
    shell = _Shell(namespace, notes, run)
    _module("google", ModuleType)
    for name in _ABSORBED:
        absorb(name)
    for name in ("tqdm", "tqdm.auto", "tqdm.notebook", "tqdm.autonotebook", "tqdm.std"):
        _module(name, ModuleType, tqdm=Progress, trange=_trange, tqdm_notebook=Progress)
    _module("tqdm.contrib", ModuleType, tenumerate=_tenumerate, tzip=_tzip)
    namespace.update(display=Absorb(), get_ipython=lambda: shell)
    IPython.get_ipython = namespace["get_ipython"]
    vars(builtins).update(display=namespace["display"], get_ipython=namespace["get_ipython"])
