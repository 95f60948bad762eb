"""The sample submissions through the command: files, columns, statuses, scores, exit code."""

import csv
import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from support.local import POINTS

SAMPLES = Path(__file__).parent / "submissions"
EXPECTED: dict[str, dict[str, Any]] = tomllib.loads(
    (SAMPLES / "expected.toml").read_text(encoding="utf-8")
)


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of results of one run over all samples."""
    folder = tmp_path_factory.mktemp("grades")
    command = [sys.executable, "-m", "autograder", "grade", str(SAMPLES), "--output", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return folder


@pytest.fixture(scope="module")
def rows(output: Path) -> dict[str, dict[str, str]]:
    """grades.csv by submission."""
    with (output / "grades.csv").open(encoding="utf-8", newline="") as file:
        return {row["submission"].removeprefix("'"): row for row in csv.DictReader(file)}


def test_every_sample_has_a_row_and_the_columns_are_the_contract(
    rows: dict[str, dict[str, str]],
) -> None:
    assert sorted(rows) == sorted(EXPECTED)
    columns = "submission,status,score,max_score,q1a,q1b,q1c,q1d,q1e,q2a,q2b,q2d,message"
    assert ",".join(next(iter(rows.values()))) == columns


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_sample_gets_what_it_deserves(name: str, rows: dict[str, dict[str, str]]) -> None:
    row, expected = rows[name], EXPECTED[name]
    assert row["status"] == expected["status"]
    assert expected.get("message", "") in row["message"]
    scores = {question: int(row[question]) for question in POINTS}
    for question in POINTS.keys() & expected.get("full", ()):
        assert scores[question] == POINTS[question], question
    for question in POINTS.keys() & expected.get("less", ()):
        assert scores[question] < POINTS[question], question
    for question in POINTS.keys() & expected.get("zero", ()):
        assert scores[question] == 0, question
    assert int(row["score"]) == sum(scores.values())
    assert int(row["max_score"]) == sum(POINTS.values())


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_sample_has_a_results_json(
    name: str, output: Path, rows: dict[str, dict[str, str]]
) -> None:
    document = json.loads((output / "results" / f"{name}.json").read_text(encoding="utf-8"))
    assert document["score"] == int(rows[name]["score"])
    assert document["score"] == sum(test["score"] for test in document["tests"])
    for test in document["tests"]:
        assert test["status"] in {"passed", "failed"}
        assert test["output"], "a verdict comes with a word to the student"
