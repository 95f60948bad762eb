"""A student's own words (file names, mostly) as they stand in a sentence.

They end up in terminals, CSV files and web pages: no control character, terminal escape, text
direction override or lone surrogate leaves this package, and no sentence grows with its input.
"""

from collections.abc import Sequence

__all__ = ["hand_in", "listed", "printable", "quoted"]

_LONGEST = 60
_HEAD = 36
_MOST_LISTED = 5


def printable(text: str) -> str:
    """Shorten ``text`` and write all that is not printable as escapes."""
    if len(text) > _LONGEST:  # from the middle: the end of a file name tells what it is
        text = f"{text[:_HEAD]}...{text[_HEAD + 3 - _LONGEST :]}"
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )


def quoted(text: str) -> str:
    """Put ``text``, made `printable`, in quotes."""
    return f"'{printable(text)}'"


def listed(items: Sequence[str]) -> str:
    """Join the first few of ``items``, and say how many more there are."""
    shown = list(items[:_MOST_LISTED])
    if len(items) > len(shown):
        shown.append(f"{len(items) - len(shown)} more")
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def hand_in(module: str) -> str:
    """Say what to hand in: the sentence that ends most others."""
    return f"Hand in {module}.ipynb or {module}.py (or a zip that holds one of the two)."
