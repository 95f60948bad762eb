"""Points from sheets, merged with those that are kept: what no sheet speaks of stays."""

from collections.abc import Mapping
from typing import NamedTuple

from autograder.written.sheet import Points

__all__ = ["WrittenPoints", "merge"]


class WrittenPoints(NamedTuple):
    """What a submission has for its written answers."""

    points: Mapping[str, float]
    """By question."""
    version: str
    """Of what was handed in, that they were given for; empty where that could not be read."""


def merge(
    given: Mapping[str, Points], kept: Mapping[str, WrittenPoints], versions: Mapping[str, str]
) -> dict[str, WrittenPoints]:
    """What is kept from now on of the submissions that the sheets speak of.

    ``versions`` are those of what lies there now. Points that were given for another one keep that.
    """
    merged = {}
    for name, one in given.items():
        before = kept.get(name, WrittenPoints({}, ""))
        now = versions.get(name, "")
        others = one.seen - {now}
        if now and others:
            version = min(others)
        elif before.points.keys() <= one.points.keys():  # all was read anew
            version = now
        else:
            version = before.version
        points = {**before.points, **one.points}
        merged[name] = WrittenPoints({q: p for q, p in points.items() if p is not None}, version)
    return merged
