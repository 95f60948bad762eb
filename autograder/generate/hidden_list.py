"""What students are told of the hidden checks: each one's first sentence, and its points."""

import ast
from pathlib import Path

from autograder.config import Assignment, Question, Show
from autograder.errors import ConfigError

__all__ = ["describe"]


def describe(assignment: Assignment, question: Question) -> str:
    """The points of a question and, as a Markdown list, what its hidden checks look at."""
    lines = [f"**{question.points} points**"]
    hidden = assignment.layout.hidden
    paths = [hidden / f"test_{question.id}.py", *sorted(hidden.glob(f"test_{question.id}_*.py"))]
    if question.show is not Show.NOTHING and paths[0].is_file():
        checks = [check for path in paths for check in _checks(path)]
        lines[0] += ", for what the hidden checks look at:" if checks else ""
        lines += ["", *(f"- {sentence} ({points})" for sentence, points in checks)]
    return "\n".join(lines)


def _checks(path: Path) -> list[tuple[str, int]]:
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (OSError, SyntaxError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}.") from None
    found = []
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef) or not node.name.startswith("test_"):
            continue
        marks = {name: argument for d in node.decorator_list for name, argument in _mark(d)}
        if marks.get("visibility", "visible") == "visible":
            sentence = (ast.get_docstring(node) or node.name).split("\n\n")[0]
            found.append((" ".join(sentence.split()), int(marks.get("points", 0))))
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
