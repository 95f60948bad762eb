"""Gradescope's submission_metadata.yml, as it is written and as it should never be."""

from pathlib import Path

import pytest

from autograder.errors import UsageError
from autograder.grading.gradescope_export import METADATA, submitters
from autograder.grading.inputs import find_submissions
from autograder.outlets.grades import Person

REAL = """---
submission_101:
  :submitters:
  - :name: Zoë "Zed" O'Neil
    :sid: 0123
    :email: zoe@example.edu
  - :name:
    :sid:
    :email: ghost@example.edu
  :created_at: 2022-09-30 11:52:03.211000000 Z
  :score: 61.0
  :status: processed
  :results: !ruby/hash:ActiveSupport::HashWithIndifferentAccess
    tests:
    - name: q1a
      score: 1.0
  :history:
  - :id: 100
    :submitters: [*1, {':name': 'not read'}]
submission_102: &one
  :submitters: []
submission_103: *one
submission_104: nothing
"""


def _write(folder: Path, text: str) -> Path:
    (folder / METADATA).write_text(text, encoding="utf-8")
    return folder


def test_submitters_are_read_as_text(tmp_path: Path) -> None:
    found = submitters(_write(tmp_path, REAL.replace("*1, ", "")))
    assert found["submission_101"] == (
        Person(name="", email="ghost@example.edu", sid=""),
        Person(name='Zoë "Zed" O\'Neil', email="zoe@example.edu", sid="0123"),
    )
    assert found["submission_102"] == found["submission_103"] == found["submission_104"] == ()


def test_a_folder_without_the_file_is_no_export(tmp_path: Path) -> None:
    assert submitters(tmp_path) == {}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (REAL, "is not valid YAML"),  # *1 is no anchor
        ("a: [", "is not valid YAML"),
        ("\0", "is not valid YAML"),
        ("- a list\n", "is not Gradescope's list of submissions"),
        ("", "is not Gradescope's list of submissions"),
    ],
)
def test_what_is_no_list_of_submissions_is_explained(
    tmp_path: Path, text: str, sentence: str
) -> None:
    with pytest.raises(UsageError, match=sentence):
        submitters(_write(tmp_path, text))


def test_nothing_that_ruby_or_python_could_make_is_made(tmp_path: Path) -> None:
    text = (
        "submission_1:\n  :submitters:\n  - :name: !!python/object/apply:os.mkdir [made]\n"
        "    :email: !ruby/object:Gem::Installer {a: b}\n    :sid: !ruby/sym seven\n"
    )
    (nobody,) = submitters(_write(tmp_path, text))["submission_1"]
    assert nobody == Person(name="", email="", sid="seven")


def test_every_submission_of_an_export_has_a_row(tmp_path: Path) -> None:
    _write(tmp_path, REAL.replace("*1, ", "") + "../outside:\n  :submitters: []\n")
    for name in ("submission_101", "submission_102", "not listed", "__MACOSX"):
        (tmp_path / name).mkdir()
    for name in ("a.py", "b.py"):  # many files, or none, are still one submission
        (tmp_path / "submission_101" / name).write_text("x = 1\n")
    (tmp_path / "notes.txt").write_text("the staff's")
    found, passed_over = find_submissions([tmp_path], "answers")
    assert [(one.name, len(one.submitters)) for one in found] == [
        ("not listed", 0), ("submission_101", 2), ("submission_102", 0),
        ("submission_103", 0), ("submission_104", 0),
    ]  # fmt: skip
    assert passed_over == [tmp_path / "notes.txt"]


def test_a_students_list_renames_nobody(tmp_path: Path) -> None:
    for student in ("alice", "bob"):
        (tmp_path / student).mkdir()
        (tmp_path / student / "answers.py").write_text("x = 1\n")
    _write(tmp_path / "bob", "alice:\n  :submitters:\n  - {':name': 'Alice'}\n")
    found, _ = find_submissions([tmp_path], "answers")
    assert [(one.name, one.submitters) for one in found] == [("alice", ()), ("bob", ())]


@pytest.mark.parametrize(
    "tag",
    ["!!int abc", "!!float x", "!!bool foo", "!!timestamp 2001-99-99", "!!set {a, b}", "!x y"],
)
def test_no_tag_of_yaml_is_made_either(tmp_path: Path, tag: str) -> None:
    found = submitters(_write(tmp_path, f"submission_1:\n  :submitters: {tag}\n"))
    assert found == {"submission_1": ()}


def test_keys_that_no_file_can_be_called_are_passed_over(tmp_path: Path) -> None:
    assert submitters(_write(tmp_path, f"'': 1\n{'x' * 256}: 1\n../y: 1\n")) == {}


def test_lists_that_refer_to_lists_are_read_at_once(tmp_path: Path) -> None:
    lines = ["a0: &a0 {x: y}"]
    for level in range(1, 40):
        lines.append(f"a{level}: &a{level} {{<<: [{', '.join(9 * [f'*a{level - 1}'])}]}}")
        lines.append(f"b{level}: {{!!merge <<: [{', '.join(9 * [f'*a{level - 1}'])}]}}")
    assert len(submitters(_write(tmp_path, "\n".join(lines)))) == 79


def test_a_list_that_is_nested_too_deeply_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not valid YAML"):
        submitters(_write(tmp_path, "a: " + "!x [" * 2000 + "]" * 2000))
