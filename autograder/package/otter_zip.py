"""The zip that instructors upload to Gradescope, and `otter run` takes.

It is what ``otter generate`` makes, with the hidden checks, the reference, the given module, the
helper package, the assignment's configuration and the engine's wheel at its root. What lies in
``files/`` or ``tests/`` Otter copies into the student's folder: nothing is there but one stub, as
Otter needs a test.
"""

import contextlib
import io
import json
import tempfile
from pathlib import Path
from typing import Any

from otter.generate import main as otter_generate

from autograder.config import Assignment
from autograder.errors import ConfigError
from autograder.generate.template import helper_files, package_files
from autograder.package.archive import read_zip, zip_bytes
from autograder.package.wheel import build_wheel

__all__ = ["PLUGIN", "autograder_zip"]

PLUGIN = "autograder.otter_plugin.SandboxPlugin"

_NAME = "autograder.zip"
_CONFIG = "otter_config.json"
_PYTHON = "3.11"  # the one that the project is tested with
_SOURCE = "/autograder/source"  # where Gradescope unpacks the zip
_STUB = '''\
"""Otter needs a test file. The checks that count are hidden, and run by the plugin."""

from otter.test_files import test_case

OK_FORMAT = False
name = "stub"
points = 0


@test_case()
def test_nothing():
    pass
'''


def autograder_zip(assignment: Assignment, reference: bytes) -> bytes:
    """The zip's bytes, with ``reference`` as the module of solutions."""
    staff = _staff_files(assignment, reference)
    name, wheel = build_wheel()
    generated = _generate(_otter_config(assignment), requirement=f"{_SOURCE}/{name}")
    files = {**generated, **staff, name: wheel}
    if len(files) != len(generated) + len(staff) + 1:
        raise ConfigError("A file of the assignment has the name of one that Otter makes.")
    return zip_bytes(files)


def _staff_files(assignment: Assignment, reference: bytes) -> dict[str, bytes]:
    """What lies at the root of the zip, where `autograder.config.Layout` finds it."""
    layout = assignment.layout
    hidden = sorted(layout.hidden.glob("*.py"))
    if not any(path.name.startswith("test_") for path in hidden):
        raise ConfigError(f"{layout.hidden}: there is no hidden check.")
    paths = {f"hidden/{path.name}": path for path in hidden}
    paths["assignment.toml"] = layout.config
    try:
        files = {name: path.read_bytes() for name, path in paths.items()}
    except OSError as error:
        raise ConfigError(f"{error.filename}: cannot be read: {error.strerror}.") from None
    files[f"solutions/{assignment.reference.name}"] = reference
    return files | package_files(layout.given) | helper_files(assignment)


def _otter_config(assignment: Assignment) -> Path:
    """The file with Otter's settings; a zip without our plugin would run student code in Otter."""
    path = assignment.layout.root / _CONFIG
    try:
        config: Any = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}.") from None
    except ValueError as error:
        raise ConfigError(f"{path}: is not valid JSON: {error}.") from None
    plugins = config.get("plugins") if isinstance(config, dict) else None
    if not isinstance(plugins, list) or PLUGIN not in [_plugin_name(plugin) for plugin in plugins]:
        raise ConfigError(f"{path}: plugins must name {PLUGIN!r}.")
    return path


def _plugin_name(plugin: Any) -> Any:
    """Otter allows a name, or an object of a name and the plugin's settings."""
    return next(iter(plugin), None) if isinstance(plugin, dict) else plugin


def _generate(config: Path, *, requirement: str) -> dict[str, bytes]:
    """What ``otter generate`` makes of a stub; the wheel names what else is to be installed."""
    with tempfile.TemporaryDirectory(prefix="autograder-build-") as folder:
        tests, requirements = Path(folder, "tests"), Path(folder, "requirements.txt")
        tests.mkdir()
        (tests / "stub.py").write_text(_STUB, encoding="utf-8")
        requirements.write_text(f"{requirement}\n", encoding="utf-8")
        made = Path(folder, _NAME)
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                otter_generate(
                    tests_dir=str(tests),
                    output_path=str(made),
                    config=str(config),
                    requirements=str(requirements),
                    overwrite_requirements=True,  # our wheel pins otter-grader itself
                    no_environment=True,
                    python_version=_PYTHON,
                )
        except Exception as error:
            raise ConfigError(f"{config}: otter generate fails: {error}.") from error
        return read_zip(made.read_bytes())
