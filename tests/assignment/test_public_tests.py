"""The public tests, as `grader.check` runs them: right passes, stubs fail, and both with a word."""

import warnings
from pathlib import Path
from typing import Any

import pytest
from support.local import REFERENCE, namespace_of

from autograder.config import load_assignment

with warnings.catch_warnings():  # what Otter imports is not ours to repair
    warnings.simplefilter("ignore")
    from otter.test_files.exception_test import ExceptionTestFile

TEMPLATE = Path(__file__).resolve().parents[2] / "student_template"
QUESTIONS = [question.id for question in load_assignment().questions]
INSTANT = [question for question in QUESTIONS if question not in {"q2a", "q2d"}]


def run(question: str, namespace: dict[str, Any]) -> list[tuple[bool, str]]:
    """Of each test case, whether it passed, and what the student reads."""
    file = ExceptionTestFile.from_file(str(TEMPLATE / "tests" / f"{question}.py"))
    file.run(namespace)
    return [(result.passed, result.message) for result in file.test_case_results]


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_reference_passes(question: str) -> None:
    results = run(question, namespace_of(REFERENCE))
    assert results
    assert all(passed for passed, _ in results), results


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_missing_function_is_named(question: str) -> None:
    for passed, message in run(question, {}):
        assert not passed
        assert "is not defined" in message
        assert "Run the cell that defines it first" in message


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_stub_is_named(question: str) -> None:
    names = [name for name in namespace_of(REFERENCE) if name.islower()]
    for passed, message in run(question, {name: lambda *_, **__: None for name in names}):
        assert not passed
        assert "returned None" in message or "is not written yet" in message


@pytest.mark.parametrize(
    ("question", "program", "words"),
    [
        (
            "q1a",
            "def build_conv_matrix(kernel, n):\n    return right(kernel[::-1], n)",
            ["Called:", "[1., 2., 3.]", "Expected:", "Got:", "[3]", "Hint:"],
        ),
        ("q1b", "def count_params(kind, n, k):\n    return n * k", ["Expected:", "81", "27"]),
        (
            "q1c",
            "def build_unshared_matrix(kernels):\n    return kernels",
            ["shape (4, 3); expected (4, 4)"],
        ),
        (
            "q1d",
            "def unshared_conv2d(image, kernels):\n    return image",
            ["shape (2, 3); expected (1, 2)"],
        ),
        (
            "q1e",
            "def output_size(size, k):\n    return size - k",
            ["Expected:", "20", "Got:", "19"],
        ),
        (
            "q2b",
            "def equivariance_error(f, images, shift, *, margin=0):\n    return 0.0",
            ["Expected:", "0.408", "T f(x) has the doubled pixel"],
        ),
    ],
)
def test_a_mistake_is_explained(question: str, program: str, words: list[str]) -> None:
    right = namespace_of(REFERENCE)["build_conv_matrix"]
    namespace = {"right": right}
    exec(program, namespace)
    message = next(message for passed, message in run(question, namespace) if not passed)
    for word in words:
        assert word in message, message
    assert "<" not in message, "Jupyter would take it for HTML"
