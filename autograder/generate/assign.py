"""Runs ``otter assign``: from the master to a notebook with stubs, a solved one, public tests."""

import logging
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from otter.assign import main as otter_assign

from autograder.config import Assignment
from autograder.errors import ConfigError
from autograder.generate.notebooks import read_notebook

__all__ = ["Assigned", "assign"]


@dataclass(frozen=True)
class Assigned:
    """What ``otter assign`` made: two notebooks, and the public tests by file name."""

    student: NotebookNode
    solved: NotebookNode
    tests: dict[str, bytes]


def assign(assignment: Assignment, notebook: NotebookNode) -> Assigned:
    """Run it in a folder of its own, without executing anything."""
    with tempfile.TemporaryDirectory(prefix="autograder-assign-") as folder:
        name = f"{assignment.module}.ipynb"
        master, made = Path(folder, name), Path(folder, "made")
        nbformat.write(notebook, master)
        logging.getLogger("otter").setLevel(logging.ERROR)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # that cells have no ids: `tidy` gives them
                otter_assign(str(master), str(made), no_run_tests=True, no_pdfs=True)
                student = read_notebook(made / "student" / name)
                solved = read_notebook(made / "autograder" / name)
        except Exception as error:
            raise ConfigError(f"{assignment.module}.py: otter assign fails: {error}") from error
        tests = sorted((made / "student" / "tests").glob("*.py"))
        found = {path.name: path.read_bytes() for path in tests}
    for question in assignment.questions:
        if f"{question.id}.py" not in found:
            raise ConfigError(f"{assignment.module}.py: {question.id} has no public test.")
    return Assigned(student, solved, found)
