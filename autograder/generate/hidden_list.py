"""What students are told of the hidden checks: each one's first sentence, and its points."""

import ast
from pathlib import Path

from autograder.config import Assignment, Question, Show
from autograder.errors import ConfigError

__all__ = ["describe"]


def describe(assignment: Assignment, question: Question) -> str:
    """The points of a question and, as a Markdown list, what its hidden checks look at.

    Points that do not add up are a `ConfigError`: students would read them.
    """
    if not question.graded:
        return "**Not graded.**"
    hidden = assignment.layout.hidden
    paths = [hidden / f"test_{question.id}.py", *sorted(hidden.glob(f"test_{question.id}_*.py"))]
    checks = [check for path in paths if path.is_file() for check in _checks(path)]
    if not checks:
        raise ConfigError(
            f"{paths[0]}: there is no hidden check of {question.id}; write one, or set "
            f"graded = false in {assignment.layout.config.name}."
        )
    total = sum(points for _, points, _ in checks)
    if total != question.points:
        raise ConfigError(
            f"{paths[0]}: its checks add up to {total} points, but {question.id} has "
            f"{question.points} in {assignment.layout.config.name}."
        )
    lines = [f"**{question.points} points**"]
    shown = [f"- {sentence} ({points})" for sentence, points, visible in checks if visible]
    if question.show is not Show.NOTHING and shown:
        lines[0] += ", for what the hidden checks look at:"
        lines += ["", *shown]
    return "\n".join(lines)


def _checks(path: Path) -> list[tuple[str, int, bool]]:
    """Of each check its sentence, its points, and whether students may know of it."""
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except SyntaxError as error:
        raise ConfigError(f"{path}, line {error.lineno}: {error.msg}.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}.") from None
    found = []
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef) or not node.name.startswith("test_"):
            continue
        marks = {name: argument for d in node.decorator_list for name, argument in _mark(d)}
        if type(points := marks.get("points")) is not int:
            raise ConfigError(
                f"{path}, line {node.lineno}: {node.name} needs @pytest.mark.points(...) with one "
                "whole number."
            )
        sentence = (ast.get_docstring(node) or node.name).split("\n\n")[0]
        visible = marks.get("visibility", "visible") == "visible"
        found.append((" ".join(sentence.split()), points, visible))
    return found


def _mark(decorator: ast.expr) -> list[tuple[str, str | int]]:
    """The name and the argument of a ``@pytest.mark.name(argument)``."""
    match decorator:
        case ast.Call(
            func=ast.Attribute(value=ast.Attribute(attr="mark"), attr=name),
            args=[ast.Constant(value=str() | int() as value)],
        ):
            return [(name, value)]
    return []
