"""Data flows one way: a module imports only from its own package and from layers below it."""

import ast
from pathlib import Path

import pytest

import autograder

PACKAGE = Path(autograder.__file__).parent

# From the bottom up. Modules of one layer do not know each other.
LAYERS = [
    {"errors", "finding", "wire"},
    {"checking", "config", "intake", "sandbox"},
    {"worker", "results"},
    {"host", "outlets"},
    {"examine", "generate", "launch", "report", "written"},
    {"gradebook"},
    {"grading", "doctor", "otter_plugin", "package"},
    {"gradescope"},
    {"cli"},
    {"__main__"},
]
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}


def _layer(module: str) -> str:
    return module.split(".")[1] if "." in module else module


def _imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
        elif isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
    return {name for name in found if name.startswith("autograder.")}


MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_module_imports_only_from_below(path: Path) -> None:
    own = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    assert own in RANK, f"{own} has no layer yet"
    for module in _imports(path):
        layer = _layer(module)
        assert layer == own or RANK[layer] < RANK[own], f"{own} imports {module}"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_module_is_short_and_says_what_it_is_for(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(text)), "a docstring on its role and place"
    assert len(text.splitlines()) <= 320, "one idea a module"


def test_the_engine_knows_nothing_of_the_subject() -> None:
    words = ("conv1d", "build_conv", "toeplitz", "equivarian", "cnn_principles", "q1a", "mlp")
    for path in MODULES:
        text = path.read_text(encoding="utf-8").lower()
        found = [word for word in words if word in text]
        assert not found, f"{path.name} speaks of {found}"


def test_the_worker_side_knows_no_check_and_no_grader() -> None:
    for path in (PACKAGE / "worker").rglob("*.py"):
        forbidden = {"autograder.examine", "autograder.host", "autograder.grading"}
        assert not {m for m in _imports(path) if ".".join(m.split(".")[:2]) in forbidden}
