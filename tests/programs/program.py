"""What the tables of right and wrong programs are made of."""

from dataclasses import dataclass

__all__ = ["Program", "edited", "wrong"]


@dataclass(frozen=True)
class Program:
    """A student's version of one question's function.

    ``source`` is Python text that replaces the function when it is appended to the reference; it
    may use what the reference imports (``np``, ``torch``, ``math``). ``fails`` names the checks
    of ``question`` that must fail; no other check of any question may.
    """

    name: str
    question: str
    source: str
    fails: frozenset[str] = frozenset()


def wrong(question: str, name: str, source: str, fails: str) -> Program:
    """A program with one mistake; ``fails`` lists checks without their ``test_``."""
    return Program(name, question, source, frozenset(f"test_{check}" for check in fails.split()))


def edited(source: str, *edits: tuple[str, str]) -> str:
    """``source`` with each (old, new) replaced; every old text stands in it exactly once."""
    for old, new in edits:
        if source.count(old) != 1:
            raise ValueError(f"{old!r} occurs {source.count(old)} times")
        source = source.replace(old, new)
    return source
