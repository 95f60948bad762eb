"""The public tests, as `grader.check` runs them: right passes, stubs fail, and both with a word."""

import warnings
from pathlib import Path
from typing import Any

import pytest
from support.local import REFERENCE, namespace_of
from torch import nn

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
            ["Expected:", "0.333", "the doubled one out of them"],
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


def broken_network(num_classes: int = 10) -> nn.Module:
    model = nn.Module()
    model.features = nn.Sequential(nn.Conv2d(1, 8, 5), nn.MaxPool2d(2))
    model.head = nn.Linear(3, num_classes)
    model.forward = lambda x: model.head(model.features(x))
    return model


def other_program(source: str, **names: Any) -> dict[str, Any]:
    namespace = namespace_of(REFERENCE) | names
    exec(source, namespace)
    return namespace


LOOP = """
def train_model(model, images, labels, *, epochs, seed):
    torch.manual_seed(seed)
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    model.train()
    for _ in range(epochs):
        for batch in torch.randperm(len(images)).split(64):
            optimizer.zero_grad()
            functional.cross_entropy(model(images[batch]), labels[batch]).backward()
            optimizer.step()
    return model
"""


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("            optimizer.step()\n", "", "No weight has changed"),
        ("    model.train()\n", "    model.eval()\n", "not in train mode"),
        ("split(64)", "split(64)[:1]", "64 of 70 images were used"),
        ("    torch.manual_seed(seed)\n", "", "Two runs with the same seed"),
        ("    return model\n", "", "train_model"),
    ],
)
def test_a_mistake_in_the_training_loop_is_explained(old: str, new: str, words: str) -> None:
    assert old in LOOP
    namespace = other_program(LOOP.replace(old, new)) | {"build_cnn": None}
    passed, message = run("q2a", namespace)[1]
    assert not passed
    assert words in message
    assert "grader.check" not in message, "that is what was just called"
    assert run("q2a", other_program(LOOP) | {"build_cnn": None})[1][0]


def test_an_error_in_the_network_comes_with_the_student_s_line() -> None:
    passed, message = run("q2a", namespace_of(REFERENCE) | {"build_cnn": broken_network})[0]
    assert not passed
    assert "RuntimeError: mat1 and mat2 shapes cannot be multiplied" in message
    assert "model.head(model.features(x))" in message
