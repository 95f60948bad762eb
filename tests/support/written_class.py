"""A class whose small assignment also asks two questions in words; and notebooks with answers."""

import json
from pathlib import Path
from typing import Any

from support.gradescope_folders import RIGHT
from support.small_class import SmallClass, lay_out

PLACEHOLDER = "_Type your answer here, replacing this text._"
WHY = "**Explain.** Why is the answer 2,\nand not 3?"
HOW = "**Explain.** How did you find out?"
WRITTEN = """
[[written]]
id = "qa_written"
title = "Why two"
points = 5

[[written]]
id = "qb_written"
title = "How"
points = 3
"""
RUBRIC = """# Rubric

## qa_written: why

| points | the answer says |
|---|---|
| 5 | that it was measured |

## qb_written: how

3 points for *anything*.
"""


def markdown(text: str, **more: Any) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": text, **more}


def code(text: str, **more: Any) -> dict[str, Any]:
    return {"cell_type": "code", "metadata": {}, "source": text, "outputs": [],
            "execution_count": None, **more}  # fmt: skip


def notebook(*cells: dict[str, Any]) -> str:
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def asked(*why: dict[str, Any], how: tuple[dict[str, Any], ...] = ()) -> list[dict[str, Any]]:
    """The notebook's cells with these in the place of the answers."""
    return [
        markdown("# The assignment", id="title"),
        code(RIGHT, id="code"),
        markdown(f"<!-- BEGIN QUESTION -->\n\n{WHY}", id="why"),
        *why,
        markdown("<!-- END QUESTION -->\n\n### The next part", id="next"),
        code("show(one)", id="show"),
        markdown(f"<!-- BEGIN QUESTION -->\n\n{HOW}", id="how"),
        *how,
        markdown("<!-- END QUESTION -->", id="end"),
    ]


EMPTY = asked(markdown(PLACEHOLDER, id="why-answer"), how=(markdown(PLACEHOLDER, id="how-answer"),))


def answered(why: str, how: str = "") -> str:
    """A notebook with an answer, or two."""
    return notebook(*asked(markdown(why), how=(markdown(how or PLACEHOLDER),)))


def lay_out_written(root: Path) -> SmallClass:
    """Anna answers both questions, Bob one, Cleo none; Dan hands in a PDF, Eve nothing but code."""
    small = lay_out(root, copies=0)
    with (small.assignment / "assignment.toml").open("a") as file:
        file.write(WRITTEN)
    template = small.assignment / "student_template" / "answers.ipynb"
    template.parent.mkdir()
    template.write_text(notebook(*EMPTY))
    (small.assignment / "rubric.md").write_text(RUBRIC)
    small.submit("anna/answers.ipynb", answered("Because I measured it.", "With a ruler."))
    small.submit("bob/answers.ipynb", answered("It feels right."))
    small.submit("cleo/answers.ipynb", notebook(*EMPTY))
    small.submit("dan/answers.pdf", "%PDF-1.4")
    small.submit("eve/answers.py", RIGHT)
    return small
