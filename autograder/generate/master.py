"""Reads the master: one text file from which students' and staff's notebooks are made.

It is a notebook in jupytext's percent format, marked up for ``otter assign``. In its text, a line
``<!-- hidden checks: q7 -->`` stands for the points and the checks of that question, so these are
written down in one place only.
"""

import re
from dataclasses import dataclass
from typing import Any

import jupytext
import yaml
from nbformat import NotebookNode

from autograder.config import Assignment
from autograder.errors import ConfigError
from autograder.generate.hidden_list import describe
from autograder.generate.notebooks import PYTHON
from autograder.generate.reference import reference_module

__all__ = ["Master", "read_master"]

_FORMAT = "py:percent"
_PLACE = re.compile(r"^<!-- hidden checks: (\w+) -->$", re.MULTILINE)


@dataclass(frozen=True)
class Master:
    """The master as a notebook, and the reference module that it holds."""

    notebook: NotebookNode
    reference: str


def read_master(assignment: Assignment) -> Master:
    """Read and check it; a `ConfigError` names the file and what is wrong."""
    path = assignment.layout.assignment / f"{assignment.module}.py"
    try:
        text = path.read_text(encoding="utf-8")
        notebook: NotebookNode = jupytext.reads(text, fmt=_FORMAT)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: is not UTF-8: {error.reason}, byte {error.start}.") from None
    except ValueError as error:
        raise ConfigError(f"{path}: is no notebook in the percent format: {error}.") from None
    notebook.metadata.update(PYTHON)
    questions = {question.id: question for question in assignment.questions}
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            for name in _PLACE.findall(cell.source):
                if name not in questions:
                    raise ConfigError(f"{path}: there is no question {name!r} to describe.")
            cell.source = _PLACE.sub(
                lambda place: describe(assignment, questions[place[1]]), cell.source
            )
    _check_questions(notebook, assignment, str(path))
    return Master(notebook, reference_module(notebook, text, assignment))


def _check_questions(notebook: NotebookNode, assignment: Assignment, path: str) -> None:
    """Every question once, manual or not, and with the points, as `assignment.toml` has it.

    Of two questions with one id, ``otter assign`` drops one without a word.
    """
    found: dict[str, dict[str, Any]] = {}
    for cell in notebook.cells:
        if cell.cell_type != "raw" or not cell.source.startswith("# BEGIN QUESTION"):
            continue
        try:
            config = yaml.safe_load(cell.source)
            name = config["name"]
        except (yaml.YAMLError, TypeError, KeyError, AttributeError):
            raise ConfigError(f"{path}: a question has no name:\n{cell.source}") from None
        if name in found:
            raise ConfigError(f"{path}: the question {name!r} is there twice.")
        found[name] = config
    due = {q.id: False for q in assignment.questions} | {w.id: True for w in assignment.written}
    for name in sorted(found.keys() | due.keys()):
        if name not in found:
            raise ConfigError(f"{path}: the question {name!r} of assignment.toml is missing.")
        if name not in due:
            raise ConfigError(f"{path}: the question {name!r} is not in assignment.toml.")
        if found[name].get("manual", False) is not due[name]:
            kind = "manual: true" if due[name] else "not manual"
            raise ConfigError(f"{path}: the question {name!r} must be {kind}.")
    for written in assignment.written:
        points = found[written.id].get("points")
        if points != written.points:
            raise ConfigError(
                f"{path}: {written.id} has points: {points}, but in assignment.toml "
                f"{written.points}."
            )
