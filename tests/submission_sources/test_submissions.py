"""The samples are what their texts say, all are described, and intake takes them as expected."""

import re
import tomllib

import make
import pytest

from autograder.errors import RejectedError
from autograder.intake import read_submission

ABOUT = {"README.md", "expected.toml"}
EXPECTED = tomllib.loads((make.SUBMISSIONS / "expected.toml").read_text(encoding="utf-8"))
QUESTIONS = {"q1a", "q1b", "q1c", "q1d", "q1e", "q2a", "q2b", "q2d"}


@pytest.mark.parametrize("name", make.submissions())
def test_generated_submissions_are_up_to_date(name):
    content = make.submissions()[name]
    data = content if isinstance(content, bytes) else content.encode()
    assert (make.SUBMISSIONS / name).read_bytes() == data, "run tests/submission_sources/make.py"


def test_every_submission_is_expected_and_described():
    there = {path.name for path in make.SUBMISSIONS.iterdir() if path.is_file()} - ABOUT
    readme = (make.SUBMISSIONS / "README.md").read_text(encoding="utf-8")
    assert there == set(EXPECTED)
    assert there == set(re.findall(r"^\| `(.+?)` \|", readme, re.MULTILINE))


@pytest.mark.parametrize("name", EXPECTED)
def test_expectations_are_well_formed(name):
    expected = EXPECTED[name]
    if expected["status"] == "rejected":
        assert set(expected) == {"status", "message"}
        return
    assert expected["status"] == "graded"
    assert set(expected) <= {"status", "full", "less", "zero"}
    stated = [question for key in ("full", "less", "zero") for question in expected.get(key, [])]
    assert len(stated) == len(set(stated))
    assert set(stated) <= QUESTIONS


@pytest.mark.parametrize("name", EXPECTED)
def test_intake_agrees(name):
    path, expected = make.SUBMISSIONS / name, EXPECTED[name]
    if expected["status"] == "rejected":
        with pytest.raises(RejectedError, match=re.escape(expected["message"])):
            read_submission(path, module="cnn_principles")
    else:
        assert read_submission(path, module="cnn_principles").cells


def test_one_answer_has_one_digest_however_it_is_handed_in():
    digests = {
        read_submission(make.SUBMISSIONS / name, module="cnn_principles").digest
        for name in ("right.ipynb", "right_zipped.zip", "nbformat3.ipynb")
    }
    assert len(digests) == 1
