"""answers.csv: the points of the written answers, filled in by a person.

A line is a submission, called by its name, or by a code where names must not be seen. `NONE` stands
where nothing was answered, and counts 0; `WITHDRAWN` takes points back. The ``version`` of what was
handed in, under ``seen``, tells when it is another one than the one that was read. Points that a
person filled in stay then, and are named until that was read, too; only a `NONE` goes.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from autograder.config import Assignment, Written
from autograder.errors import UsageError
from autograder.outlets.files import write_whole
from autograder.outlets.spreadsheet import aliases, csv_text, forget_rows, read_table
from autograder.written.answers import Answer, State
from autograder.written.codes import CODES, read_codes, submissions_called

__all__ = ["NAME", "PAGE", "Points", "fill_in", "forget", "listed", "read_points", "version"]

NAME, PAGE = "answers.csv", "answers.html"
NONE, WITHDRAWN = "none", "-"
_SEEN = "seen"


@dataclass
class Points:
    """What the sheets say of one submission: points by question, ``None`` where they go."""

    points: dict[str, float | None] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    """The versions that were read for them."""


def version(digest: str) -> str:
    """What stands under ``seen`` for a submission of this hash; nothing for what has none."""
    return f"v{digest[:8]}" if digest else ""


def listed(path: Path) -> list[str]:
    """What the lines of a sheet are called; none where there is no sheet yet."""
    return [line["submission"] for _, line in read_table(path, ["submission"]).rows]


def fill_in(
    path: Path,
    assignment: Assignment,
    answers: Mapping[str, Mapping[str, Answer]],
    codes: Mapping[str, str],
    versions: Mapping[str, str],
    *,
    anonymous: bool,
) -> list[str]:
    """Write the sheet, or bring it up to date; who has points for what is not there any more.

    ``answers`` are by submission and question, and ``versions`` by submission. With ``anonymous``
    lines are called by their codes. Raises UsageError where there are two lines for one submission.
    """
    questions = [written.id for written in assignment.written]
    old = read_table(path, ["submission"], [*questions, _SEEN])
    columns = ["submission", *questions]
    columns += [*(c for c in old.columns if c not in {*columns, _SEEN}), _SEEN]
    known: dict[str, dict[str, str]] = {}
    called = submissions_called(answers, codes)
    for number, line in old.rows:
        name = called.get(line["submission"], line["submission"])
        if known.setdefault(name, line) is not line:
            raise UsageError(f"{path}, line {number}: a second line for {name!r}; keep one.")
    lines, changed = [], []
    for name in answers.keys() | known.keys():
        line, found = known.get(name, {}), answers.get(name)
        if found is not None:
            line, is_other = _brought_up_to_date(line, found, versions[name])
            changed += [name] if is_other else []
        label = codes.get(name, name) if anonymous else name
        lines.append([label, *(line.get(column, "") for column in columns[1:])])
    write_whole(path, csv_text(columns, sorted(lines)))
    return sorted(changed)


def _brought_up_to_date(
    line: Mapping[str, str], answers: Mapping[str, Answer], seen: str
) -> tuple[dict[str, str], bool]:
    """A line as it is to be now, and whether it has points for another version."""
    before = line.get(_SEEN, "")
    points = {question: line.get(question, "") for question in answers}
    for question, answer in answers.items():
        is_none = points[question].lower() == NONE and before not in {"", seen}
        if not points[question] or is_none:
            points[question] = NONE if answer.state is State.EMPTY else ""
    is_other = before not in {"", seen} and bool(set(points.values()) - {"", NONE})
    # What was seen stays until somebody has read the new version, so that it is said each time.
    return {**line, **points, _SEEN: before if is_other else seen}, is_other


def read_points(
    paths: Sequence[Path], assignment: Assignment, called: Mapping[str, str]
) -> tuple[dict[str, Points], list[str]]:
    """What one or more sheets say, by submission, and who is no submission.

    ``called`` says which submission a line means. Raises UsageError, naming the line, for what
    cannot be meant.
    """
    found: dict[str, Points] = {}
    strangers = []
    for path in paths:
        for where, name, points, seen in _lines(path, assignment):
            if name not in called:
                strangers.append(name)
                continue
            if not points:
                continue
            known = found.setdefault(called[name], Points())
            known.seen |= {seen} - {""}
            for question, value in points.items():
                if known.points.setdefault(question, value) != value:
                    raise UsageError(
                        f"{where}: {question} of {name!r} is {_word(value)} here, and "
                        f"{_word(known.points[question])} on another line; keep one."
                    )
    return found, strangers


def _lines(
    path: Path, assignment: Assignment
) -> Iterator[tuple[str, str, dict[str, float | None], str]]:
    """Where a line stands, whom it names, its points, and the version that they are for."""
    if not path.exists():
        raise UsageError(f"{path}: no such file; `autograder answers` makes one to fill in.")
    table = read_table(path, ["submission"], [*(w.id for w in assignment.written), _SEEN])
    asked = [written for written in assignment.written if written.id in table.columns]
    if not asked:
        raise UsageError(
            f"{path}: has no column for a written answer; these are "
            f"{', '.join(written.id for written in assignment.written) or 'none here'}."
        )
    for number, row in table.rows:
        where = f"{path}, line {number}"
        points = {w.id: _points(row[w.id], w, where) for w in asked if row[w.id]}
        yield where, row["submission"], points, row.get(_SEEN, "")


def forget(folder: Path, submission: str) -> bool:
    """Take a submission out of sheet and codes; whether it was in there."""
    lines = {*aliases(submission), *read_codes(folder, [submission]).values()}
    known = forget_rows(folder / NAME, lines)
    return forget_rows(folder / CODES, aliases(submission)) or known


def _points(value: str, question: Written, where: str) -> float | None:
    if value.lower() == NONE:
        return 0.0
    if value == WITHDRAWN:
        return None
    try:
        points = float(value.replace(",", "."))
    except ValueError:
        points = math.nan
    if not 0 <= points <= question.points:
        raise UsageError(
            f"{where}: {question.id} takes a number from 0 to {question.points}, {NONE!r} where "
            f"nothing was answered, {WITHDRAWN!r} where points are taken back, or nothing as long "
            f"as nobody has read it; not {value!r}."
        )
    return points


def _word(points: float | None) -> str:
    return "taken back" if points is None else f"{points:g}"
