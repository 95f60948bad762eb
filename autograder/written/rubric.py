"""rubric.md, question by question: a section begins with the question's id as its heading."""

import re
from collections.abc import Mapping

from markdown_it import MarkdownIt
from markupsafe import Markup

from autograder.config import Assignment

__all__ = ["read_rubric"]

_NAME = "rubric.md"


def read_rubric(assignment: Assignment) -> Mapping[str, Markup]:
    """The sections as HTML, by question; of a question that has none, nothing.

    The file is the staff's own, and even so no HTML in it is taken over.
    """
    path = assignment.layout.assignment / _NAME
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    sections = re.split(r"^## +", text, flags=re.MULTILINE)[1:]
    found = {}
    for section in sections:
        heading, _, body = section.partition("\n")
        for written in assignment.written:
            if re.match(rf"{re.escape(written.id)}\b", heading):
                found[written.id] = as_html(body)
    return found


def as_html(text: str) -> Markup:
    """Markdown with tables, and without anything that could run."""
    return Markup(MarkdownIt("commonmark", {"html": False}).enable("table").render(text))
