"""Notebooks without what changes from run to run."""

from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from autograder.generate.notebooks import notebook_bytes, tidy, with_outputs_of


def _notebook(*sources: str, **metadata: Any) -> Any:
    return new_notebook(cells=[new_code_cell(s) for s in sources], metadata=metadata)


def test_ids_are_made_of_the_text() -> None:
    first, second = (tidy(_notebook("a = 1", "b = 2", "a = 1")) for _ in range(2))
    assert notebook_bytes(first) == notebook_bytes(second)
    ids = [cell.id for cell in first.cells]
    assert len(set(ids)) == 3, "the same text twice still has two ids"
    assert tidy(_notebook("b = 2")).cells[0].id == ids[1], "and does not depend on its place"


def test_a_tidy_notebook_is_valid_and_names_no_machine() -> None:
    notebook = _notebook("a = 1", kernelspec={"name": "my-env", "display_name": "x"}, custom=1)
    made = tidy(notebook, outputs_of="abc")
    nbformat.validate(made)
    assert made.metadata.kernelspec.name == "python3"
    assert made.metadata.autograder.outputs_of == "abc"
    assert "custom" not in made.metadata


def test_blank_cells_and_lost_widgets_are_dropped() -> None:
    notebook = new_notebook(cells=[new_markdown_cell("\n"), new_code_cell("x")])
    view = {"application/vnd.jupyter.widget-view+json": {}, "text/plain": "IntSlider()"}
    notebook.cells[1].outputs = [new_output("display_data", view), new_output("stream", text="1")]
    (cell,) = tidy(notebook).cells
    assert [output.output_type for output in cell.outputs] == ["stream"]


def test_outputs_follow_the_text_of_their_cell() -> None:
    old = _notebook("a", "b", "a")
    for count, cell in enumerate(old.cells, 1):
        cell.outputs, cell.execution_count = [new_output("stream", text=str(count))], count
    filled = with_outputs_of(_notebook("new", "a", "a", "a"), old)
    assert [cell.execution_count for cell in filled.cells] == [None, 1, 3, None]
    assert [o.text for cell in filled.cells for o in cell.outputs] == ["1", "3"]


def test_strings_are_split_at_line_ends() -> None:
    text = notebook_bytes(tidy(_notebook("a = 1\nb = 2"))).decode()
    assert '"a = 1\\n",' in text
    assert text.endswith("}\n")
