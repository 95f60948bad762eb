"""The zip that instructors upload to Gradescope, and `otter run` takes.

It is what ``otter generate`` makes, with the hidden checks, the reference, the given module, the
helper package, the assignment's configuration and the engine's wheel at its root. What lies in
``files/`` or ``tests/`` Otter copies into the student's folder: nothing is there but one stub, as
Otter needs a test. The two scripts that Gradescope runs are our own (``image/``): Otter's install
conda and a browser, and leave no results.json behind a crash.
"""

import contextlib
import io
import json
import tempfile
from pathlib import Path
from typing import Any

from otter.generate import main as otter_generate

from autograder.config import Assignment
from autograder.errors import ConfigError, UsageError
from autograder.generate.template import helper_files, package_files
from autograder.package.archive import read_zip, zip_bytes
from autograder.package.wheel import build_wheel

__all__ = ["PLUGIN", "autograder_zip"]

PLUGIN = "autograder.otter_plugin.SandboxPlugin"

_NAME = "autograder.zip"
_CONFIG = "otter_config.json"
_IMAGE = Path(__file__).with_name("image")
_LOCK = Path(__file__).resolve().parents[2] / "requirements.lock"
_OTTERS_IMAGE = ("environment.yml", "run_otter.py")  # only Otter's own scripts read these
# Settings that would make Otter's score another one, or have it read what students wrote.
_REFUSED = {
    "score_threshold": "the score is the sum of the checks' points",
    "points_possible": "the score is the sum of the checks' points",
    "grade_from_log": "a log is a pickle of the student's making",
    "zips": "zips are opened by the autograder itself",
    "assignment_name": "Otter never sees the student's notebook",
    "token": "a PDF of the student's notebook would be made beside the hidden checks",
    "pdf": "a PDF of the student's notebook would be made beside the hidden checks",
}
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
    image = {path.name: path.read_bytes() for path in sorted(_IMAGE.iterdir())}
    image |= {name: wheel, "constraints.txt": _constraints()}
    generated = _generate(_otter_config(assignment))
    for script in (*image.keys() & generated.keys(), *_OTTERS_IMAGE):
        del generated[script]
    files = {**generated, **image, **staff}
    if len(files) != len(generated) + len(image) + len(staff):
        raise ConfigError("A file of the assignment has the name of one that the zip needs.")
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
    for key in config if isinstance(config, dict) else ():
        if key in _REFUSED and config[key]:
            raise ConfigError(f"{path}: {key} is not supported: {_REFUSED[key]}.")
    plugins = config.get("plugins") if isinstance(config, dict) else None
    if not isinstance(plugins, list) or PLUGIN not in [_plugin_name(plugin) for plugin in plugins]:
        raise ConfigError(f"{path}: plugins must name {PLUGIN!r}.")
    return path


def _plugin_name(plugin: Any) -> Any:
    """Otter allows a name, or an object of a name and the plugin's settings."""
    return next(iter(plugin), None) if isinstance(plugin, dict) else plugin


def _constraints() -> bytes:
    """The exact versions that the project is tested with; pip takes of them what it needs."""
    try:
        return _LOCK.read_bytes()
    except OSError as error:
        raise UsageError(f"{_LOCK}: cannot be read: {error.strerror}.") from None


def _generate(config: Path) -> dict[str, bytes]:
    """What ``otter generate`` makes of a stub."""
    with tempfile.TemporaryDirectory(prefix="autograder-build-") as folder:
        tests = Path(folder, "tests")
        tests.mkdir()
        (tests / "stub.py").write_text(_STUB, encoding="utf-8")
        made = Path(folder, _NAME)
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                otter_generate(
                    tests_dir=str(tests),
                    output_path=str(made),
                    config=str(config),
                    no_requirements=True,
                    no_environment=True,
                )
        except Exception as error:
            raise ConfigError(f"{config}: otter generate fails: {error}.") from error
        return read_zip(made.read_bytes())
