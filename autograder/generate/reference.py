"""The reference module: the master's solutions, one after another, and the imports they need."""

import ast
import builtins
import re

from nbformat import NotebookNode

from autograder.config import Assignment
from autograder.errors import ConfigError

__all__ = ["reference_module", "without_marks"]

_REFERENCE = "reference"  # the tag of a code cell outside of the solutions that they need: imports
_MARK = re.compile(r"^[ \t]*# (BEGIN|END) SOLUTION.*\n?", re.MULTILINE)


def reference_module(notebook: NotebookNode, text: str, assignment: Assignment) -> str:
    """The module of all cells in solution blocks, and of those tagged "reference".

    ``text`` is the master's, to say where in it a mistake stands. A `ConfigError` names code that
    is no Python, a mark without its partner, and a name that no cell of these defines.
    """
    path = assignment.layout.assignment / f"{assignment.module}.py"
    parts = [
        f'"""{assignment.title}: the reference solutions.\n\n'
        f"Made from assignment/{path.name} by `autograder build`; edit that, not this.\n"
        '"""\n'
    ]
    in_solution = False
    for cell in notebook.cells:
        if cell.cell_type == "raw" and "SOLUTION" in cell.source.split("\n")[0]:
            in_solution = cell.source.startswith("# BEGIN")
        elif cell.cell_type == "code" and (
            in_solution or _REFERENCE in cell.metadata.get("tags", ())
        ):
            before = text[: max(text.find(cell.source), 0)].count("\n")
            _check(cell.source, f"{path}, line", before)
            parts.append(without_marks(cell.source).strip("\n") + "\n")
    module = "\n".join(parts[:2]) + "".join(f"\n\n{part}" for part in parts[2:])
    if undefined := _undefined(module):
        name, line = min(undefined.items())
        raise ConfigError(
            f"{path}: a solution uses {name!r}, which no solution defines and no cell tagged "
            f'"{_REFERENCE}" imports: {module.splitlines()[line - 1].strip()}'
        )
    return module


def without_marks(source: str) -> str:
    """A cell's text without the lines that tell ``otter assign`` where a solution stands."""
    return _MARK.sub("", source)


def _check(source: str, place: str, before: int) -> None:
    try:
        ast.parse(source)
    except SyntaxError as error:  # tabs among spaces are one too
        raise ConfigError(f"{place} {before + (error.lineno or 1)}: {error.msg}.") from None
    due = "BEGIN"
    for mark in _MARK.finditer(source):
        line = before + source[: mark.start()].count("\n") + 1
        if mark[1] != due:
            raise ConfigError(
                f"{place} {line}: # {mark[1]} SOLUTION, where # {due} SOLUTION was due."
            )
        due = "END" if due == "BEGIN" else "BEGIN"
    if due == "END":
        raise ConfigError(f"{place} {line}: # BEGIN SOLUTION has no # END SOLUTION in its cell.")


def _undefined(module: str) -> dict[str, int]:
    """Names that the module uses and binds nowhere, with a line that uses each."""
    bound = set(dir(builtins)) | {"__file__", "__name__"}
    used: dict[str, int] = {}
    for node in ast.walk(ast.parse(module)):
        match node:
            case ast.Name(id=name, ctx=ast.Load()):
                used.setdefault(name, node.lineno)
            case ast.Name(id=name) | ast.arg(arg=name):
                bound.add(name)
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                bound.add(name)
            case ast.ExceptHandler(name=str() as name) | ast.MatchAs(name=str() as name):
                bound.add(name)
            case ast.alias(name=name, asname=other):
                bound.add((other or name).split(".")[0])
    return {name: line for name, line in used.items() if name not in bound}
