"""Nothing of a solution, a hidden check or the rubric stands in what students get."""

import ast
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from autograder.config import load_assignment

ASSIGNMENT = load_assignment(Path(__file__).resolve().parents[2])
ROOT = ASSIGNMENT.layout.root
TEMPLATE = ROOT / "student_template"
SHORTEST = 16  # letters; a shorter line says nothing: "return out", "else:"
IDIOMS = {  # longer ones that say nothing either
    "@dataclass(frozen=True)",
    "train_accuracy: float",
    'for part in ("features", "head"):',
    "rng = np.random.default_rng(seed)",
    "for parameter in model.parameters():",
}


def _plain(lines: Iterable[str]) -> set[str]:
    """Lines without what otter assign or an editor may change: quotes, indentation."""
    return {line.strip().replace("'", '"') for line in lines}


def _student_lines() -> Iterator[str]:
    for path in sorted(TEMPLATE.rglob("*")):
        if path.suffix == ".ipynb":
            for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
                yield from "".join(cell["source"]).splitlines()
        elif path.suffix in {".py", ".md", ".txt"} and "__pycache__" not in path.parts:
            yield from path.read_text(encoding="utf-8").splitlines()


STUDENT_LINES = _plain(_student_lines())
STUDENT_TEXT = " ".join(" ".join(_student_lines()).split())


def _telling(lines: Iterable[str]) -> set[str]:
    return {
        line
        for line in _plain(lines)
        if sum(letter.isalpha() for letter in line) >= SHORTEST and not line.startswith("#")
    }


def _secret_lines(path: Path) -> set[str]:
    """The lines of a module, but for docstrings, imports and the functions' heads."""
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    tree = ast.parse(text)
    told: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            told.update(range(node.lineno, node.end_lineno + 1))
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module):
            first = node.body[0]
            if ast.get_docstring(node):
                told.update(range(first.lineno, first.end_lineno + 1))
            if isinstance(node, ast.FunctionDef):
                told.update(range(node.lineno, first.lineno))
    return _telling(line for number, line in enumerate(lines, 1) if number not in told) - IDIOMS


@pytest.mark.parametrize(
    "path",
    [
        ASSIGNMENT.reference,
        *sorted(ASSIGNMENT.layout.hidden.glob("*.py")),
        *sorted(ASSIGNMENT.layout.given.glob("[a-z]*.py")),
    ],
    ids=lambda path: path.name,
)
def test_no_line_of_the_staffs_code(path: Path) -> None:
    secret = _secret_lines(path)
    assert len(secret) >= 10, "the search must have something to look for"
    assert not secret & STUDENT_LINES


def test_no_answer_to_a_written_question() -> None:
    solved = json.loads(ASSIGNMENT.reference.with_suffix(".ipynb").read_text(encoding="utf-8"))
    template = TEMPLATE / f"{ASSIGNMENT.module}.ipynb"
    known = {
        "".join(cell["source"])
        for cell in json.loads(template.read_text(encoding="utf-8"))["cells"]
        if cell["cell_type"] == "markdown"
    }
    texts = ["".join(c["source"]) for c in solved["cells"] if c["cell_type"] == "markdown"]
    answers = [text for text in texts if text not in known]
    assert len(answers) == len(ASSIGNMENT.written)
    for answer in answers:
        for sentence in re.split(r"(?<=[.:;])\s+", " ".join(answer.split())):
            assert len(sentence) < SHORTEST or sentence not in STUDENT_TEXT


def test_no_line_of_the_rubric() -> None:
    rubric = (ROOT / "assignment" / "rubric.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \d \| (.+) \|$", rubric, re.MULTILINE)
    assert len(rows) >= 2 * len(ASSIGNMENT.written)
    for row in rows:
        assert row not in STUDENT_TEXT
    assert not _telling(rubric.splitlines()) & STUDENT_LINES


def test_the_folders_of_the_staff_are_not_in_the_template() -> None:
    names = {path.name for path in TEMPLATE.rglob("*")}
    for secret in ("hidden", "rubric.md", "assignment.toml", "given", "facts.toml"):
        assert secret not in names
