"""Findings and summaries as HTML, which Gradescope shows without a style sheet of ours.

Everything that a submission had a hand in is escaped. Nothing depends on colour, or on styles being
kept: a differing entry stands in brackets and in bold, too.
"""

from collections.abc import Iterable, Sequence
from html import escape

from autograder.finding import Block, Comparison, Finding
from autograder.outlets.entries import Entry

__all__ = ["entry_html", "notes_html", "printed_html", "table_html"]

_WORDS = "padding:1px 8px;text-align:left"
_CELL = "padding:1px 8px;text-align:right;font-family:monospace"
_MARKED = f"{_CELL};background-color:#ffd7d7;color:#8b0000"
_MAX_PRINTED, _MAX_LINES = 2000, 20  # characters and lines of what a submission printed


def entry_html(entry: Entry) -> str:
    """What a student reads of one entry."""
    if entry.finding is None:
        return f"<p>{escape(entry.summary)}</p>" if entry.summary else ""
    if entry.same_as:
        problem = entry.finding.problem.partition("\n")[0]
        return f"<p>{escape(problem)} The same as in {entry.same_as}.</p>"
    return _finding(entry.finding)


def _finding(finding: Finding) -> str:
    problem, _, traceback = finding.problem.partition("\n")
    parts = [f"<p><strong>{escape(problem)}</strong></p>"]
    if traceback:
        parts.append(_code(traceback))
    if finding.call:
        parts += ["<p>Called:</p>", _code(finding.call)]
    parts += _comparison(finding.comparison)
    if finding.hint:
        parts.append(f"<p><strong>Hint:</strong> {escape(finding.hint)}</p>")
    return "\n".join(parts)


def _comparison(comparison: Comparison) -> list[str]:
    parts = []
    for block in comparison.blocks:
        parts.append(f"<p>{escape(block.label)}</p>")
        parts.append(_matrix(block) if block.rows else _code(block.text))
    if comparison.note:
        parts.append(f"<p>{escape(comparison.note)}</p>")
    return parts


def _matrix(block: Block) -> str:
    rows = []
    for entries, marks in zip(block.rows, block.marked, strict=True):
        cells = [
            f'<td style="{_MARKED}"><strong>[{escape(entry)}]</strong></td>'
            if mark
            else f'<td style="{_CELL}">{escape(entry)}</td>'
            for entry, mark in zip(entries, marks, strict=True)
        ]
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return f"<table><tbody>{''.join(rows)}</tbody></table>"


def table_html(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A small table of words and numbers."""

    def row_html(cells: Sequence[str], tag: str) -> str:
        made = [f'<{tag} style="{_WORDS}">{escape(cell)}</{tag}>' for cell in cells]
        return f"<tr>{''.join(made)}</tr>"

    body = "".join(row_html(row, "td") for row in rows)
    return f"<table><thead>{row_html(header, 'th')}</thead><tbody>{body}</tbody></table>"


def notes_html(notes: Sequence[str]) -> str:
    """Sentences, one under the other."""
    return "\n".join(f"<p>{escape(note)}</p>" for note in notes if note)


def printed_html(output: str) -> str:
    """What a submission printed, as far as it is worth reading."""
    printed = output.strip()
    if not printed:
        return ""
    shown = "\n".join(printed[:_MAX_PRINTED].splitlines()[:_MAX_LINES])
    what = "Your submission printed" + (":" if shown == printed else ", to begin with:")
    return f"<p>{what}</p>\n{_code(shown)}"


def _code(text: str) -> str:
    return f"<pre>{escape(text)}</pre>"
