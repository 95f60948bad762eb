"""Imports what the staff has written: the reference, the given module, the helper package."""

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from autograder.errors import ConfigError

__all__ = ["load_module", "load_package"]


def load_module(name: str, path: Path) -> ModuleType:
    """Import a file of the staff's under a name of ours."""
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise ConfigError(f"{path} is missing.")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise ConfigError(f"{path} cannot be loaded: {type(error).__name__}: {error}.") from error
    return module


def load_package(folder: Path, name: str) -> ModuleType:
    """Import a package from this folder and no other; its modules stay importable by name."""
    for known in [key for key in sys.modules if key.split(".")[0] == name]:
        file = getattr(sys.modules[known], "__file__", None)
        if file is None or not Path(file).is_relative_to(folder / name):  # of another assignment
            del sys.modules[known]
    sys.path.insert(0, str(folder))
    try:
        return importlib.import_module(name)
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        raise ConfigError(f"{folder / name} cannot be loaded: {reason}.") from error
    finally:
        sys.path.remove(str(folder))
