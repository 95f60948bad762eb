"""answers.csv: the points of the written answers, filled in by a person; and who is behind a code.

A line is a submission, called by its name, or by a code where names must not be seen. `NONE` stands
where nothing was answered, and counts 0. What a person filled in is never taken out again; a hash
of the answers, under ``seen``, tells when they are others than those that were read.
"""

import hashlib
import json
import math
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from autograder.config import Assignment, Written
from autograder.errors import UsageError
from autograder.outlets.files import write_whole
from autograder.outlets.spreadsheet import Table, cell, csv_text, forget_rows, names_of, read_table
from autograder.written.answers import Answer, State

__all__ = ["CODES", "NAME", "PAGE", "draw_codes", "fill_in", "forget", "read_codes", "read_points",
           "submissions_called"]  # fmt: skip

NAME, CODES, PAGE = "answers.csv", "answers-codes.csv", "answers.html"
NONE = "none"
_NOTHING = Table(columns=(), rows=())
_SEEN = "seen"


def fill_in(
    path: Path,
    assignment: Assignment,
    answers: Mapping[str, Mapping[str, Answer]],
    codes: Mapping[str, str],
    *,
    anonymous: bool,
) -> list[str]:
    """Write the sheet, or bring it up to date; who has changed an answer that has points.

    ``answers`` are by submission and question. With ``anonymous`` lines are called by their codes.
    Raises UsageError where there are two lines for one submission.
    """
    questions = [written.id for written in assignment.written]
    old = read_table(path, ["submission"], [*questions, _SEEN]) if path.exists() else _NOTHING
    called = submissions_called(answers, codes)
    known: dict[str, dict[str, str]] = {}
    for number, row in old.rows:
        name = called.get(row["submission"], row["submission"])
        if known.setdefault(name, row) is not row:
            raise UsageError(f"{path}, line {number}: a second line for {name!r}; keep one.")
    extra = [c for c in old.columns if c not in {"submission", *questions, _SEEN}]
    rows, changed = {}, []
    for name in sorted(answers.keys() | known.keys()):
        row, found = known.get(name, {}), answers.get(name, {})
        before, seen = row.get(_SEEN, ""), _fingerprint(found)
        is_other = bool(found) and before != seen
        points = {q: _kept(row.get(q, ""), found.get(q), is_other=is_other) for q in questions}
        if before and is_other and any(p not in {"", NONE} for p in points.values()):
            changed.append(name)
            seen = before  # until somebody has read them: it is said each time
        label = codes.get(name, name) if anonymous else name
        rows[label] = [label, *points.values(), *(row.get(c, "") for c in extra),
                       seen if found else before]  # fmt: skip
    columns = ["submission", *questions, *extra, _SEEN]
    write_whole(path, csv_text(columns, [rows[label] for label in sorted(rows)]))
    return changed


def read_points(
    paths: Sequence[Path], assignment: Assignment, called: Mapping[str, str]
) -> tuple[dict[str, dict[str, float]], list[str]]:
    """The points of one or more sheets by submission and question, and who is no submission.

    ``called`` says which submission a line means. Raises UsageError, naming the line, for what
    cannot be meant.
    """
    found: dict[str, dict[str, float]] = {name: {} for name in called.values()}
    strangers = []
    for path in paths:
        for where, name, points in _lines(path, assignment):
            if name not in called:
                strangers.append(name)
                continue
            known = found[called[name]]
            for question, value in points.items():
                if known.setdefault(question, value) != value:
                    raise UsageError(
                        f"{where}: {question} of {name!r} has {value:g} points here, and "
                        f"{known[question]:g} on another line; keep one."
                    )
    return found, strangers


def _lines(path: Path, assignment: Assignment) -> Iterator[tuple[str, str, dict[str, float]]]:
    """Where a line stands, whom it names, and its points."""
    if not path.is_file():
        raise UsageError(f"{path}: no such file; `autograder answers` makes one to fill in.")
    table = read_table(path, ["submission"], [w.id for w in assignment.written])
    asked = [written for written in assignment.written if written.id in table.columns]
    if not asked:
        raise UsageError(
            f"{path}: has no column for a written answer; these are "
            f"{', '.join(written.id for written in assignment.written) or 'none here'}."
        )
    for number, row in table.rows:
        where = f"{path}, line {number}"
        points = {w.id: _points(row[w.id], w, where) for w in asked if row[w.id]}
        yield where, row["submission"], points


def submissions_called(submissions: Iterable[str], codes: Mapping[str, str]) -> dict[str, str]:
    """What each submission may be called in the sheet."""
    called: dict[str, str] = {}
    for name in submissions:
        called |= dict.fromkeys([*names_of(name), codes.get(name, name)], name)
    return called


def read_codes(folder: Path, submissions: Iterable[str]) -> dict[str, str]:
    """The codes of these submissions, as far as they have any yet."""
    path = folder / CODES
    if not path.exists():
        return {}
    codes = _all_codes(path)
    return {s: codes[key] for s in submissions for key in names_of(s) if key in codes}


def draw_codes(folder: Path, submissions: Iterable[str]) -> dict[str, str]:
    """A code for each submission, drawn by lot; kept in the folder, so that it stays the same."""
    names = sorted(submissions)
    codes = read_codes(folder, names)
    for name in names:
        # A letter first: a spreadsheet would make a number of 12e456.
        codes.setdefault(name, f"A{secrets.token_hex(4)}")
    others = _all_codes(folder / CODES) if (folder / CODES).exists() else {}
    rows = {(code, str(cell(name))) for name, code in (others | codes).items()}
    write_whole(folder / CODES, csv_text(["code", "submission"], sorted(rows)))
    return codes


def _all_codes(path: Path) -> dict[str, str]:
    """By submission, called as the file has it."""
    rows = [row for _, row in read_table(path, ["code", "submission"]).rows]
    return {row["submission"]: row["code"] for row in rows}


def forget(folder: Path, submission: str) -> bool:
    """Take a submission out of sheet and codes; whether it was in there."""
    codes = read_codes(folder, [submission])
    lines = {*names_of(submission), *codes.values()}
    known = forget_rows(folder / NAME, lines)
    return forget_rows(folder / CODES, names_of(submission)) or known


def _kept(value: str, answer: Answer | None, *, is_other: bool) -> str:
    """What a person wrote; else what needs no person. `NONE` holds for the answers of then only."""
    if answer is None or (value and (value.lower() != NONE or not is_other)):
        return value
    return NONE if answer.state is State.EMPTY else ""


def _points(value: str, question: Written, where: str) -> float:
    if value.lower() == NONE:
        return 0.0
    try:
        points = float(value.replace(",", "."))
    except ValueError:
        points = math.nan
    if not 0 <= points <= question.points:
        raise UsageError(
            f"{where}: {question.id} takes a number from 0 to {question.points}, {NONE!r} where "
            f"nothing was answered, or nothing as long as nobody has read it; not {value!r}."
        )
    return points


def _fingerprint(answers: Mapping[str, Answer]) -> str:
    parts = [(question, a.text, a.images) for question, a in sorted(answers.items())]
    return "v" + hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:8]
