"""Executes the solved notebook as a student would: in the student's folder, from top to bottom."""

import hashlib
import re
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode

from autograder.errors import ConfigError
from autograder.generate.notebooks import code_cells

__all__ = ["execute", "made_of", "not_passed"]

_CELL_S = 600
_CHECKED = re.compile(r"^grader\.check\(\W(\w+)", re.MULTILINE)
_PASSED = "All test cases passed"  # what otter says
_COLOURS = re.compile(r"\x1b\[[\d;]*m")


def execute(notebook: NotebookNode, files: Mapping[str, bytes]) -> NotebookNode:
    """Run all cells beside ``files``; a `ConfigError` says which cell failed."""
    with tempfile.TemporaryDirectory(prefix="autograder-execute-") as folder:
        for name, content in files.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        client = NotebookClient(
            notebook, timeout=_CELL_S, kernel_name="python3", record_timing=False,
            resources={"metadata": {"path": folder}}, extra_arguments=["--log-level=ERROR"],
        )  # fmt: skip
        try:
            executed: NotebookNode = client.execute()
        except (CellExecutionError, TimeoutError, RuntimeError) as error:  # or the kernel died
            text = _COLOURS.sub("", str(error))
            raise ConfigError(f"The solved notebook does not run:\n{text}") from None
    return executed


def made_of(notebook: NotebookNode, files: Mapping[str, bytes]) -> str:
    """A digest of all that the outputs depend on: the code, and the files beside the notebook."""
    digest = hashlib.sha256()
    for cell in code_cells(notebook):
        digest.update(cell.source.encode() + b"\0")
    for name in sorted(files):
        digest.update(name.encode() + b"\0" + hashlib.sha256(files[name]).digest())
    return digest.hexdigest()[:16]


def not_passed(executed: NotebookNode) -> Iterator[str]:
    """A sentence for each public test that the notebook's own solution does not pass."""
    for cell in code_cells(executed):
        if checked := _CHECKED.search(cell.source):
            said = "".join(output.get("data", {}).get("text/plain", "") for output in cell.outputs)
            if _PASSED not in said:
                yield f"{checked[1]}: the solution does not pass its public test:\n{said}"
