"""Notebooks as files whose bytes depend on their content alone, and what was computed in them."""

import copy
import hashlib
import json
import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

__all__ = [
    "PYTHON",
    "code_cells",
    "notebook_bytes",
    "read_notebook",
    "tidy",
    "with_outputs_of",
]

_KEPT = ("deletable", "editable")  # otter assign locks the text of a question
_PICTURE = re.compile(r"passed! [^\s\w<]+(?=</)")
_WIDGET = "application/vnd.jupyter.widget-view+json"
PYTHON = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
"""The metadata of a notebook in Python, on any machine."""


def read_notebook(path: Path) -> NotebookNode:
    """The notebook in a file, in the fourth format; raises what nbformat and the system raise."""
    notebook: NotebookNode = nbformat.read(path, as_version=4)
    return notebook


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """The cells that hold code and are not blank."""
    return [c for c in notebook.cells if c.cell_type == "code" and c.source.strip()]


def tidy(notebook: NotebookNode, **recorded: Any) -> NotebookNode:
    """A copy without what changes from run to run: random ids, versions, timings, lost widgets.

    A cell's id is made of its text, and of how often that text came before. ``recorded`` goes into
    the notebook's metadata under ``autograder``.
    """
    seen: Counter[str] = Counter()
    cells = []
    for cell in copy.deepcopy(notebook.cells):
        source = cell.source.strip("\n")
        if not source:
            continue
        text = f"{cell.cell_type}\n{source}"
        seen[text] += 1
        digest = hashlib.sha256(f"{seen[text]}\n{text}".encode()).hexdigest()
        metadata = {key: cell.metadata[key] for key in _KEPT if key in cell.metadata}
        made = NotebookNode(
            id=digest[:8], cell_type=cell.cell_type, metadata=metadata, source=source
        )
        if cell.cell_type == "code":
            made.execution_count = cell.get("execution_count")
            made.outputs = [_calm(o) for o in cell.outputs if _WIDGET not in o.get("data", {})]
        cells.append(made)
    metadata = {**PYTHON, **({"autograder": recorded} if recorded else {})}
    return NotebookNode(
        cells=cells, metadata=nbformat.from_dict(metadata), nbformat=4, nbformat_minor=5
    )


def _calm(output: NotebookNode) -> NotebookNode:
    """Without the picture that Otter draws by lot where a test has passed."""
    for kind, text in output.get("data", {}).items():
        if isinstance(text, str):
            output.data[kind] = _PICTURE.sub("passed!", text)
    return output


def with_outputs_of(notebook: NotebookNode, executed: NotebookNode) -> NotebookNode:
    """A copy in which every code cell has what a cell of the same text gave in ``executed``."""
    known: dict[str, list[NotebookNode]] = defaultdict(list)
    for cell in code_cells(executed):
        known[cell.source].append(cell)
    filled = copy.deepcopy(notebook)
    for cell in code_cells(filled):
        if known[cell.source]:
            source = known[cell.source].pop(0)
            cell.outputs, cell.execution_count = source.outputs, source.execution_count
    return filled


def notebook_bytes(notebook: NotebookNode) -> bytes:
    """The file, as Jupyter would write it: one line a string, keys in order."""
    split = nbformat.v4.rwbase.split_lines(copy.deepcopy(notebook))
    return (json.dumps(split, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()
