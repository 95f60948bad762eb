"""What a student wrote in words in a code cell: comments, strings, and what is no Python."""

import io
import keyword
import re
import tokenize
from collections.abc import Container, Iterator

__all__ = ["remarks", "said_in"]

_MAGIC = re.compile(r"^[ \t]*[%!?].*$", re.MULTILINE)  # IPython's: `%matplotlib`, `!pip install`
_NOTHING = {tokenize.NEWLINE, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING,
            tokenize.COMMENT}  # fmt: skip
# Since Python 3.12 the text of an f-string is a token of its own.
_STRINGS = {tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", tokenize.STRING)}
_KEYWORDS = frozenset({*keyword.kwlist, *keyword.softkwlist})


def said_in(code: str, handed_out: Container[str]) -> str:
    """The remarks without those ``handed_out``."""
    return "\n".join(text for text in remarks(code) if text not in handed_out)


def remarks(code: str) -> list[str]:
    """Each in one line; comments in a row are one.

    A string that is a part of a statement counts from two words on, unless it says why something is
    raised: no answer is called "relu".
    """
    found: list[list[str]] = []
    last = -1  # the line of the comment before
    for line, text, is_comment in _words(_MAGIC.sub("", code)):
        words = " ".join(text.split())
        if is_comment and last == line - 1:
            found[-1].append(words)
        elif words:
            found.append([words])
        else:
            continue
        last = line if is_comment else -1
    return [" ".join(filter(None, parts)) for parts in found]


def _words(code: str) -> Iterator[tuple[int, str, bool]]:
    """Line, text, and whether it is a comment; from where it is no Python, all that follows."""
    lines = code.split("\n")
    before = tokenize.TokenInfo(tokenize.NEWLINE, "", (0, 0), (0, 0), "")
    first, prose = "", 0  # of this statement the first name; the last line that was no Python
    try:
        for token in tokenize.generate_tokens(io.StringIO(code).readline):
            row = token.start[0]
            starts = before.type in _NOTHING
            first = token.string if starts else first
            if token.type == tokenize.COMMENT:
                yield row, token.string.lstrip("#!% "), True
            elif token.type in _STRINGS:
                text = token.string.lstrip("rRbBuUfF").strip("'\"")
                if starts or (len(text.split()) > 1 and first not in {"raise", "assert"}):
                    yield row, text, False
            elif row != prose and (_are_prose(before, token) or token.type == tokenize.ERRORTOKEN):
                prose = row
                yield row, lines[row - 1], False
            before = token
    except (tokenize.TokenError, SyntaxError, ValueError):
        done = before.end[0] - (before.type not in _NOTHING)  # lines that were read to their end
        yield done + 1, "\n".join(lines[done:]), False


def _are_prose(one: tokenize.TokenInfo, other: tokenize.TokenInfo) -> bool:
    """Whether these are two names side by side, which Python has nowhere."""
    return all(t.type == tokenize.NAME and t.string not in _KEYWORDS for t in (one, other))
