"""The threat model names, for each thing that is covered, a test that attacks it."""

import re

import pytest
from conftest import ROOT

import autograder.sandbox

DOCUMENT = ROOT / "docs" / "threat-model.md"


def rows_of_the_docstring() -> list[str]:
    """The left column of the table, each line of it joined with its continuation."""
    table = autograder.sandbox.__doc__.split("=" * 42 + "  ")[2:3]
    lines = [line[:43].rstrip() for line in table[0].splitlines()[1:] if line.strip()]
    return " ".join(lines).split()


@pytest.mark.skipif(not DOCUMENT.is_file(), reason="the documents are not here")
def test_every_test_that_the_threat_model_names_exists():
    named = set(re.findall(r"`(test_\w+)`", DOCUMENT.read_text(encoding="utf-8")))
    files = (ROOT / "tests").rglob("test_*.py")
    defined = {name for f in files for name in re.findall(r"^def (test_\w+)", f.read_text(), re.M)}
    assert named - defined == set()
    assert len(named) > 40


@pytest.mark.skipif(not DOCUMENT.is_file(), reason="the documents are not here")
def test_every_line_of_the_coverage_table_is_in_the_threat_model():
    text = DOCUMENT.read_text(encoding="utf-8")
    table = text.split("| a worker cannot | attacked by |")[1].split("Beyond the worker")[0]
    covered = [line.split("|")[1].strip() for line in table.splitlines()[2:] if "|" in line]
    assert " ".join(covered).split() == rows_of_the_docstring()
