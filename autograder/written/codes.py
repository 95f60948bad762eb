"""answers-codes.csv: codes in the place of names, for readers who must not know whose it is."""

import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path

from autograder.errors import UsageError
from autograder.outlets.files import write_whole
from autograder.outlets.spreadsheet import aliases, cell, csv_text, read_table

__all__ = ["CODES", "draw_codes", "read_codes", "submissions_called"]

CODES = "answers-codes.csv"


def submissions_called(submissions: Iterable[str], codes: Mapping[str, str]) -> dict[str, str]:
    """What each submission may be called in the sheet.

    Raises UsageError where two could be meant.
    """
    called: dict[str, str] = {}
    for name in submissions:
        for label in {*aliases(name), codes.get(name, name)}:
            if called.setdefault(label, name) != name:
                raise UsageError(
                    f"{name!r} and {called[label]!r} would be called alike in the sheet, where "
                    "blanks at the ends do not count; rename one of the two."
                )
    return called


def read_codes(folder: Path, submissions: Iterable[str]) -> dict[str, str]:
    """The codes of these submissions, as far as they have any yet."""
    return _codes_of(submissions, _all_codes(folder / CODES))


def draw_codes(folder: Path, submissions: Iterable[str]) -> dict[str, str]:
    """A code for each submission, drawn by lot; kept in the folder, so that it stays the same."""
    known = _all_codes(folder / CODES)
    names = sorted({*submissions} - {*known.values()})
    codes = _codes_of(names, known)
    for name in names:
        # A letter first: a spreadsheet would make a number of 12e456.
        codes.setdefault(name, f"A{secrets.token_hex(4)}")
    rows = {(code, str(cell(name))) for name, code in (known | codes).items()}
    write_whole(folder / CODES, csv_text(["code", "submission"], sorted(rows)))
    return codes


def _codes_of(submissions: Iterable[str], known: Mapping[str, str]) -> dict[str, str]:
    return {s: known[key] for s in submissions for key in aliases(s) if key in known}


def _all_codes(path: Path) -> dict[str, str]:
    """By submission, called as the file has it."""
    rows = [row for _, row in read_table(path, ["code", "submission"]).rows]
    return {row["submission"]: row["code"] for row in rows}
