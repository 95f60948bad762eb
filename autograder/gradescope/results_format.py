"""The fields of results.json that Gradescope documents, and what is wrong with a document.

Source: Gradescope's documentation, "Autograder Specifications", output format.
"""

from typing import Any

from jsonschema import Draft202012Validator

__all__ = ["SCHEMA", "faults"]

_VISIBILITY = {"enum": ["hidden", "after_due_date", "after_published", "visible"]}
_FORMAT = {"enum": ["text", "html", "simple_format", "md", "ansi"]}
_NUMBER = {"type": "number"}
_TEXT = {"type": "string"}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "additionalProperties": False}


_TEST = _object(
    score=_NUMBER,
    max_score=_NUMBER,
    status={"enum": ["passed", "failed"]},
    name=_TEXT,
    name_format=_FORMAT,
    number=_TEXT,
    output=_TEXT,
    output_format=_FORMAT,
    tags={"type": "array", "items": _TEXT},
    visibility=_VISIBILITY,
    extra_data={"type": "object"},
)
_COLUMN = _object(name=_TEXT, value={"type": ["number", "string"]}, order={"enum": ["asc", "desc"]})

SCHEMA: dict[str, Any] = _object(
    score=_NUMBER,
    execution_time=_NUMBER,
    output=_TEXT,
    output_format=_FORMAT,
    test_output_format=_FORMAT,
    test_name_format=_FORMAT,
    visibility=_VISIBILITY,
    stdout_visibility=_VISIBILITY,
    extra_data={"type": "object"},
    tests={"type": "array", "items": _TEST},
    leaderboard={"type": "array", "items": _COLUMN | {"required": ["name", "value"]}},
)
"""As a JSON schema."""


def faults(document: Any) -> list[str]:
    """What Gradescope would not take, a sentence each; none if the document is valid."""
    errors = Draft202012Validator(SCHEMA).iter_errors(document)
    return [f"{error.json_path}: {error.message[:300]}" for error in errors]
