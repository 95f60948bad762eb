"""Everything that is made of the master, and what is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode, ValidationError

from autograder.config import Assignment
from autograder.errors import ConfigError
from autograder.generate.assign import assign
from autograder.generate.execute import execute, made_of, not_passed
from autograder.generate.facts import read_claims
from autograder.generate.master import read_master
from autograder.generate.notebooks import (
    notebook_bytes,
    read_notebook,
    tidy,
    with_outputs_of,
)
from autograder.generate.reference import without_marks
from autograder.generate.template import helper_files, template_files

__all__ = ["Generated", "differing", "generate"]

_PROMPT = "_Type your answer here, replacing this text._"  # of otter assign; the answer follows


@dataclass(frozen=True, kw_only=True)
class Generated:
    """Files by their path below ``student_template/`` and ``solutions/``.

    ``stale``: the solved notebook's outputs are of other code. ``faults``: public tests that it
    does not pass, and claims of its text that the outputs do not bear out.
    """

    template: dict[str, bytes]
    solutions: dict[str, bytes]
    stale: bool
    faults: tuple[str, ...]

    def folders(self) -> dict[str, dict[str, bytes]]:
        """The files by the folder of the assignment that they belong into."""
        return {"student_template": self.template, "solutions": self.solutions}


def differing(folder: Path, files: Mapping[str, bytes]) -> list[str]:
    """The names of files that are not in ``folder``, or are there with other content."""
    paths = {name: folder / name for name in files}
    return [n for n, path in paths.items() if not path.is_file() or path.read_bytes() != files[n]]


def generate(assignment: Assignment, *, executed: bool = False) -> Generated:
    """Make everything; with ``executed``, run the solved notebook, which takes minutes.

    Raises `ConfigError` for a master of which nothing can be made.
    """
    module = assignment.module
    claims = read_claims(assignment)
    master = read_master(assignment)
    made = assign(assignment, master.notebook)
    files = template_files(assignment, made.tests)
    tests = {name: text for name, text in files.items() if name.startswith("tests/")}
    digest = made_of(made.solved, helper_files(assignment) | tests)
    made.solved.cells = [cell for cell in made.solved.cells if cell.source != _PROMPT]
    for cell in made.solved.cells:
        cell.source = without_marks(cell.source)
    solved = tidy(made.solved, outputs_of=None)
    old = _committed(assignment)
    if executed:
        solved = tidy(execute(solved, files), outputs_of=digest)
    elif old is not None:
        outputs_of = old.metadata.get("autograder", {}).get("outputs_of")
        solved = tidy(with_outputs_of(solved, old), outputs_of=outputs_of)
    stale = solved.metadata.autograder.outputs_of != digest
    return Generated(
        template={f"{module}.ipynb": notebook_bytes(tidy(made.student)), **files},
        solutions={
            f"{module}.ipynb": notebook_bytes(solved),
            f"{module}.py": master.reference.encode(),
        },
        stale=stale,
        faults=() if stale else (*not_passed(solved), *claims.not_borne_out(solved)),
    )


def _committed(assignment: Assignment) -> NotebookNode | None:
    """The solved notebook as it is, with the outputs of its last execution."""
    path = assignment.reference.with_suffix(".ipynb")
    try:
        return read_notebook(path)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, ValidationError) as error:
        raise ConfigError(f"{path}: cannot be read, so delete it: {error}.") from None
