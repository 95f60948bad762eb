"""All that students get, beside the notebook: public tests, the helper package, a README."""

from pathlib import Path

import autograder
from autograder.config import Assignment
from autograder.errors import ConfigError

__all__ = ["helper_files", "package_files", "template_files"]

_ENGINE = Path(autograder.__file__).parent
_LENT = ("__init__.py", "finding.py", "checking", "wire")
"""Of the engine: what public tests are written with, so that they explain as the hidden ones do."""


def template_files(assignment: Assignment, tests: dict[str, bytes]) -> dict[str, bytes]:
    """The files by their path below the student's folder."""
    files = {f"tests/{name}": content for name, content in tests.items()}
    files.update(helper_files(assignment))
    for name in _LENT:
        files.update(_tree(_ENGINE / name, f"{_ENGINE.name}/{name}"))
    files.update(_tree(assignment.layout.assignment / "student", ""))
    return files


def helper_files(assignment: Assignment) -> dict[str, bytes]:
    """The package that students import, by path; none if the assignment has none."""
    if assignment.helper is None:
        return {}
    return package_files(assignment.helper.folder / assignment.helper.package)


def package_files(folder: Path) -> dict[str, bytes]:
    """A package of the assignment, by path; nothing if it is not there."""
    return _tree(folder, folder.name) if folder.is_dir() else {}


def _tree(path: Path, name: str) -> dict[str, bytes]:
    """A file, or the files of a folder; no caches, nothing hidden."""
    try:
        if path.is_file():
            return {name: path.read_bytes()}
        found = sorted(path.iterdir())
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}.") from None
    files = {}
    for entry in found:
        if not entry.name.startswith((".", "__pycache__")):
            files.update(_tree(entry, f"{name}/{entry.name}".lstrip("/")))
    return files
