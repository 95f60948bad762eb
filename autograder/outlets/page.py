"""Pages for people: one file each, which needs no network, runs no script but its own, and prints.

Jinja2 escapes whatever comes from a submission, and a policy in the page lets nothing else run or
load, should that fail.
"""

import base64
import hashlib
from collections.abc import Iterator
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

__all__ = ["html_page"]

_OWN = "autograder.outlets"


def html_page(package: str, name: str, **values: Any) -> Iterator[str]:
    """The template ``name``.html in the folder files/ of a package, with style, and script if any.

    Piece by piece: of a large class a page has many megabytes.

    It extends page.html, which lies here and has the style that all pages share.
    """
    loader = ChoiceLoader([PackageLoader(package, "files"), PackageLoader(_OWN, "files")])
    environment = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )

    def text(file: str) -> str:
        return loader.get_source(environment, file)[0]

    script = text(f"{name}.js") if f"{name}.js" in loader.list_templates() else ""
    return environment.get_template(f"{name}.html").generate(
        style=Markup(text("page.css") + text(f"{name}.css")),
        script=Markup(script),
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        **values,
    )
