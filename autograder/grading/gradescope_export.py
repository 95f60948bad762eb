"""Gradescope's "Export Submissions": who handed in which folder, from submission_metadata.yml.

The export is a folder with one folder for each submission, ``submission_<number>``, and this file,
whose keys are the folders' names. It is written by Ruby, so keys begin with a colon, and it may
hold tags that only Ruby knows; nothing of these is ever made, and what is not needed is not read.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from autograder.errors import UsageError
from autograder.outlets.grades import Person

__all__ = ["METADATA", "submitters"]

_LONGEST = 255  # bytes of a file's name
METADATA = "submission_metadata.yml"


class _Loader(yaml.CSafeLoader):  # type: ignore[misc]  # PyYAML has no types
    """Takes every scalar as the text that it is: a student id such as 007 is no number."""

    def flatten_mapping(self, node: Any) -> None:
        """Merge nothing: keys that refer to others could multiply without end."""


_Loader.yaml_implicit_resolvers = {}
_Loader.yaml_constructors = {}
_Loader.yaml_multi_constructors = {"": lambda loader, _, node: _plain(loader, node)}


def _plain(loader: Any, node: Any) -> Any:
    """What stands below any tag, Ruby's or YAML's own, as if there were none."""
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return node.value


def submitters(folder: Path) -> dict[str, tuple[Person, ...]]:
    """The students of each submission in an export, by the name of its folder.

    Empty where ``folder`` is no export. Raises UsageError when the file cannot be understood.
    """
    path = folder / METADATA
    if not path.is_file():
        return {}
    try:
        found = yaml.load(path.read_bytes(), Loader=_Loader)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}.") from None
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        reason = " ".join(str(error).split())[:200]
        raise UsageError(
            f"{path}: is not valid YAML ({reason}). Export the submissions anew, or remove the "
            "file to grade without names."
        ) from None
    if not isinstance(found, dict):
        raise UsageError(f"{path}: is not Gradescope's list of submissions.")
    return {
        name: _people(entry)
        for name, entry in found.items()
        if isinstance(name, str) and _is_file_name(name)
    }


def _is_file_name(name: str) -> bool:
    """Nothing outside of the export, and nothing that no file can be called."""
    is_inside = Path(name).name == name and name not in {"", ".."}
    return is_inside and "\0" not in name and len(name.encode(errors="replace")) <= _LONGEST


def _people(entry: Any) -> tuple[Person, ...]:
    listed = entry.get(":submitters") if isinstance(entry, dict) else None
    people = [_person(person) for person in listed or () if isinstance(person, dict)]
    return tuple(sorted(set(people)))


def _person(raw: Mapping[str, Any]) -> Person:
    known = {key: raw.get(f":{key}") for key in Person._fields}
    return Person(**{key: v if isinstance(v, str) else "" for key, v in known.items()})
