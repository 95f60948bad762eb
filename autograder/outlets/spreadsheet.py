"""CSV as spreadsheets write and read it: what people get, and what they give back."""

import csv
import io
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import UsageError
from autograder.outlets.files import write_whole

__all__ = ["Table", "aliases", "cell", "csv_text", "forget_rows", "read_table"]

_FORMULA = ("=", "+", "@", "\t", "\r")
_DIVIDES = frozenset(',;\t"\r\n')
_CALLS = frozenset("(|!")  # what a formula needs to do anything but arithmetic


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table that is safe to open in a spreadsheet."""
    table = [columns, *([cell(value) for value in row] for row in rows)]
    return "".join(",".join(map(_quoted, row)) + "\n" for row in table)


def _quoted(value: object) -> str:
    """In quotes also where a semicolon or a tab would begin a column in some languages."""
    text = str(value)
    if not set(text) & _DIVIDES:
        return text
    return '"' + text.replace('"', '""') + '"'


def cell(value: object) -> object:
    """A spreadsheet would run text that starts like a formula; an apostrophe makes it text.

    A file name may start with a dash; it stays as it is unless it could be more than a name.
    """
    if isinstance(value, str):
        start = value.lstrip("\n ")
        if start.startswith(_FORMULA) or (start.startswith("-") and _CALLS & set(value)):
            return f"'{value}"
    return "" if value is None else value


def aliases(submission: str) -> tuple[str, ...]:
    """What a submission may be called in a table: as grades.csv writes it, blanks or not."""
    return submission, str(cell(submission)), submission.strip()


@dataclass(frozen=True, kw_only=True)
class Table:
    """What a person wrote: ``rows`` are line numbers and values by column, blank lines left out."""

    columns: tuple[str, ...]
    rows: tuple[tuple[int, dict[str, str]], ...]


def read_table(path: Path, required: Sequence[str], known: Sequence[str] = ()) -> Table:
    """A table with the columns ``required``, and perhaps with those ``known``, in any capitals.

    Where there is no file it has none. Raises UsageError, naming file and line, where it is no
    table.
    """
    if not path.exists():
        return Table(columns=(), rows=())
    text = _text(path)
    lines = csv.reader(io.StringIO(text, newline=""), _dialect(text))
    rows = []
    try:
        columns = [_column(name, {*required, *known}) for name in next(lines, [])]
        while columns and not columns[-1]:  # spreadsheets leave some behind
            columns.pop()
        if missing := [name for name in required if name not in columns]:
            raise UsageError(
                f"{path}: its first line must name the columns {','.join(required)}; "
                f"{missing[0]!r} is missing."
            )
        if twice := sorted({name for name in columns if columns.count(name) > 1}):
            raise UsageError(f"{path}: two columns are called {twice[0]!r}; rename one.")
        for row in lines:
            values = [value.strip() for value in row]
            if not any(values):
                continue
            if len(values) < len(columns) or any(values[len(columns) :]):
                raise UsageError(
                    f"{path}, line {lines.line_num}: {len(values)} columns, not {len(columns)}; "
                    "text that holds a comma stands in quotes."
                )
            rows.append((lines.line_num, dict(zip(columns, values, strict=False))))
    except csv.Error as error:
        raise UsageError(f"{path}, line {lines.line_num}: is not CSV ({error}).") from None
    return Table(columns=tuple(columns), rows=tuple(rows))


def forget_rows(path: Path, submissions: Container[str]) -> bool:
    """Take the lines of submissions out of a file, and leave the rest; whether there were any."""
    table = read_table(path, ["submission"])
    kept = [list(row.values()) for _, row in table.rows if row["submission"] not in submissions]
    if len(kept) == len(table.rows):
        return False
    write_whole(path, csv_text(table.columns, kept))
    return True


def _column(name: str, known: Container[str]) -> str:
    name = name.strip()
    return name.lower() if name.lower() in known else name


def _text(path: Path) -> str:
    try:
        if not path.is_file():
            raise UsageError(f"{path}: is not a file.")
        return path.read_bytes().decode("utf-8-sig")  # spreadsheets put a mark before UTF-8
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path}: is not UTF-8; save it as 'CSV UTF-8'.") from None


def _dialect(text: str) -> type[csv.Dialect]:
    """Spreadsheets divide columns by what the language has: a semicolon where 0,5 is a half."""

    class Dialect(csv.excel):
        delimiter = max(",;\t", key=text.partition("\n")[0].count)
        strict = True  # a stray quote would swallow the lines after it

    return Dialect
