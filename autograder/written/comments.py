"""What a student wrote in words in a code cell: comments, and strings that stand for themselves."""

import io
import tokenize
from collections.abc import Container, Iterator

__all__ = ["remarks", "said_in"]

_FEWEST_WORDS = 4  # of what could be an answer, unless it calls itself one
_NOTHING = {tokenize.NEWLINE, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING,
            tokenize.COMMENT}  # fmt: skip


def said_in(code: str, handed_out: Container[str]) -> str:
    """The remarks that could be an answer, without those ``handed_out``."""
    own = [text for text in remarks(code) if text not in handed_out]
    return "\n".join(t for t in own if len(t.split()) >= _FEWEST_WORDS or "answer" in t.lower())


def remarks(code: str) -> list[str]:
    """Each string of its own, and each comment, in one line; comments in a row are one."""
    found: list[str] = []
    last = -1  # the line of the comment before
    for line, text, is_comment in _words(code):
        words = " ".join(text.split())
        if is_comment and last == line - 1:
            found[-1] = f"{found[-1]} {words}".strip()
        elif words:
            found.append(words)
        else:
            continue
        last = line if is_comment else -1
    return found


def _words(code: str) -> Iterator[tuple[int, str, bool]]:
    """Line, text, and whether it is a comment; of what is no Python, as far as it is."""
    before = tokenize.ENCODING
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(code).readline))
    except (tokenize.TokenError, SyntaxError):
        for number, line in enumerate(code.splitlines(), 1):
            if line.lstrip().startswith("#"):
                yield number, line.lstrip("#!% \t"), True
        return
    for token in tokens:
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string.lstrip("#!% "), True
        elif token.type == tokenize.STRING and before in _NOTHING:
            yield token.start[0], token.string.lstrip("rRbBuU").strip("'\""), False
        before = token.type
