"""`autograder build`: the zip that instructors upload to Gradescope, and `otter run` takes.

It is what ``otter generate`` makes, with the hidden checks, the reference, the given module, the
assignment's configuration and the engine's wheel at its root. What lies in ``files/`` or ``tests/``
Otter copies into the student's folder: nothing is there but one stub, as Otter needs a test.
"""

import contextlib
import hashlib
import io
import json
import tempfile
from pathlib import Path
from typing import Any

from otter.generate import main as otter_generate

from autograder.config import Assignment, load_assignment
from autograder.errors import ConfigError
from autograder.outlets.files import writable_folder, write_whole
from autograder.package.archive import read_zip, zip_bytes
from autograder.package.wheel import build_wheel

__all__ = ["PLUGIN", "build"]

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


def build(output: Path) -> str:
    """Make ``autograder.zip`` in the folder ``output``; what was made, for the terminal."""
    assignment = load_assignment()
    staff = _staff_files(assignment)
    name, wheel = build_wheel()
    generated = _generate(_otter_config(assignment), requirement=f"{_SOURCE}/{name}")
    files = {**generated, **staff, name: wheel}
    if len(files) != len(generated) + len(staff) + 1:
        raise ConfigError("A file of the assignment has the name of one that Otter makes.")
    data = zip_bytes(files)
    path = writable_folder(output) / _NAME
    write_whole(path, data)
    checks = sum(file.startswith("hidden/test_") for file in staff)
    return (
        f"Made {path}: {len(files)} files, {len(data) / 1000:.0f} kB, {checks} modules of hidden "
        f"checks, {assignment.max_score} points, sha256 {hashlib.sha256(data).hexdigest()[:16]}.\n"
        f"Try it: otter run SUBMISSION -a {path}"
    )


def _staff_files(assignment: Assignment) -> dict[str, bytes]:
    """What lies at the root of the zip, where `autograder.config.Layout` finds it."""
    layout = assignment.layout
    hidden = sorted(layout.hidden.glob("*.py"))
    if not any(path.name.startswith("test_") for path in hidden):
        raise ConfigError(f"{layout.hidden}: there is no hidden check.")
    paths = {f"hidden/{path.name}": path for path in hidden}
    paths[f"solutions/{assignment.reference.name}"] = assignment.reference
    paths["assignment.toml"] = layout.config
    if layout.given.is_file():
        paths["given.py"] = layout.given
    try:
        return {name: path.read_bytes() for name, path in paths.items()}
    except OSError as error:
        raise ConfigError(f"{error.filename}: cannot be read: {error.strerror}.") from None


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
