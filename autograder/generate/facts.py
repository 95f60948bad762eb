"""What the notebook says about results must be what the run shows.

``assignment/facts.toml`` lists the notebook's claims: words that stand in it, the number that an
experiment reported, and the bounds within which the words are true.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode

from autograder.config import Assignment
from autograder.errors import ConfigError
from autograder.generate.notebooks import code_cells

__all__ = ["Claims", "read_claims"]

_KEYS = {"says": str, "fact": str, "at_least": float, "at_most": float}


@dataclass(frozen=True)
class Claims:
    """The claims, and the kind of output that holds what experiments reported."""

    kind: str = ""
    claims: tuple[dict[str, Any], ...] = ()

    def not_borne_out(self, notebook: NotebookNode) -> Iterator[str]:
        """A sentence for each claim that the executed notebook does not bear out."""
        facts: dict[str, float] = {}
        for cell in code_cells(notebook):
            for output in cell.outputs:
                facts.update(output.get("data", {}).get(self.kind, {}))
        text = " ".join("\n".join(cell.source for cell in notebook.cells).split())
        for claim in self.claims:
            says, name = claim["says"], claim["fact"]
            if says not in text:
                yield f"facts.toml: the notebook does not say {says!r}."
            if name not in facts:
                yield f"facts.toml: no experiment reported {name!r}, on which {says!r} rests."
                continue
            low, high = claim.get("at_least", float("-inf")), claim.get("at_most", float("inf"))
            if not low <= facts[name] <= high:
                yield (
                    f"facts.toml: the notebook says {says!r}, but {name} is {facts[name]:.4g}, "
                    f"not within [{low:g}, {high:g}]."
                )


def read_claims(assignment: Assignment) -> Claims:
    """The file's claims; none without the file. A `ConfigError` says what is wrong in it."""
    path = assignment.layout.assignment / "facts.toml"
    if not path.is_file():
        return Claims()
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}.") from None
    kind, claims = raw.get("output"), raw.get("claims", [])
    if not isinstance(kind, str):
        raise ConfigError(f"{path}: output must name the kind of output that holds the numbers.")
    if unknown := raw.keys() - {"output", "claims"}:
        raise ConfigError(f"{path}: unknown key {min(unknown)}; known are output, [[claims]].")
    if not isinstance(claims, list):
        raise ConfigError(f"{path}: every claim is a table of its own, under [[claims]].")
    for claim in claims:
        known = isinstance(claim, dict) and all(
            key in _KEYS and isinstance(value, str if _KEYS[key] is str else int | float)
            for key, value in claim.items()
        )
        if not known or not {"says", "fact"} < claim.keys():
            raise ConfigError(
                f"{path}: a claim has says, fact, and at_least or at_most; one has {claim}"
            )
    return Claims(kind, tuple(claims))
