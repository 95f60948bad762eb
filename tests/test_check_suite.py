"""The hidden checks as a whole: points, titles, and how they take programs that do no work."""

import math
import re
from typing import Any

import numpy as np
import pytest
import torch
from programs.training_program import LOOP_AND_RUN, NETWORK_ONLY
from programs.wrong import WRONG
from programs.wrong_q2a_features import WRONG_FEATURES
from programs.wrong_q2a_loops import WRONG_LOOPS
from programs.wrong_q2a_networks import WRONG_NETWORKS
from programs.wrong_q2a_training import WRONG_TRAINING
from support.local import FUNCTIONS, HIDDEN, POINTS, REFERENCE, failed, grade, namespace_of

from autograder.results import CheckResult


@pytest.fixture(scope="module")
def plan() -> tuple[CheckResult, ...]:
    """All hidden checks, as the reference fares in them."""
    return grade(namespace_of(REFERENCE))


def _ids(checks: Any) -> set[str]:
    return {check.id for check in checks}


def test_the_reference_passes_every_check(plan: tuple[CheckResult, ...]) -> None:
    assert failed(plan) == set()


@pytest.mark.parametrize("question", FUNCTIONS)
def test_a_function_is_called_by_the_checks_of_its_question_only(
    question: str, plan: tuple[CheckResult, ...]
) -> None:
    namespace = namespace_of(REFERENCE)
    namespace[FUNCTIONS[question]] = None  # calling it is a TypeError
    failing = failed(grade(namespace, *FUNCTIONS))
    assert failing == _ids(c for c in plan if c.question == question)


def test_every_check_is_failed_by_some_wrong_program(plan: tuple[CheckResult, ...]) -> None:
    blamed = {f"{p.question}.{name.removeprefix('test_')}" for p in WRONG for name in p.fails}
    assert _ids(c for c in plan if c.question in FUNCTIONS) == blamed


def test_every_check_that_trains_is_failed_by_some_wrong_program(
    plan: tuple[CheckResult, ...],
) -> None:
    programs = (*WRONG_NETWORKS, *WRONG_FEATURES, *WRONG_TRAINING, *WRONG_LOOPS)
    assert all(program.fails for program in programs)
    blamed = {check for program in programs for check in program.fails}
    assert _ids(c for c in plan if c.question not in FUNCTIONS) == blamed


def test_some_wrong_program_fails_one_check_alone(plan: tuple[CheckResult, ...]) -> None:
    """For most checks, so that they grade what a student can get right by itself."""
    alone = {
        f"{p.question}.{min(p.fails).removeprefix('test_')}" for p in WRONG if len(p.fails) == 1
    }
    checks = _ids(c for c in plan if c.question in FUNCTIONS)
    assert len(alone) > len(checks) / 2


def test_points_add_up_to_those_of_the_assignment(plan: tuple[CheckResult, ...]) -> None:
    added = dict.fromkeys(POINTS, 0)
    for check in plan:
        added[check.question] += check.points
    assert added == POINTS


def test_a_check_is_titled_by_one_sentence(plan: tuple[CheckResult, ...]) -> None:
    for check in plan:
        assert re.fullmatch(r"[A-Z][^\n]*[^.]\.", check.title), check.id
        assert not re.search(r"[.!?] [A-Z]", check.title), check.id
        assert len(check.title) <= 100, check.id


@pytest.mark.parametrize(
    "body",
    ["raise NotImplementedError", "raise NotImplementedError('TODO')", "pass", "return args[0]",
     "raise ValueError('no')", "raise RuntimeError", "assert False"],
)  # fmt: skip
def test_a_stub_fails_every_check(body: str, plan: tuple[CheckResult, ...]) -> None:
    stubs = [f"def {name}(*args, **kwargs):\n    {body}\n" for name in FUNCTIONS.values()]
    assert failed(grade(namespace_of("\n".join(stubs)), *FUNCTIONS)) == _ids(
        c for c in plan if c.question in FUNCTIONS
    )


def test_a_missing_function_fails_every_check(plan: tuple[CheckResult, ...]) -> None:
    results = grade({}, *FUNCTIONS)
    assert failed(results) == _ids(c for c in plan if c.question in FUNCTIONS)
    assert all(c.finding and "is not defined" in c.finding.problem for c in results)


ODD: dict[str, Any] = {
    "None": None,
    "zero": 0.0,
    "one": 1,
    "zeros": np.zeros((9, 9)),
    "text": "0.0",
    "bytes": b"0",
    "object": object(),
    "class": int,
    "generator": (i for i in range(3)),
    "dict": {"a": 1},
    "set": {1},
    "empty list": [],
    "ragged list": [[1.0, 2.0], [3.0]],
    "list of text": ["1", "2"],
    "list of objects": [object()],
    "deep list": [[[[[[[[[[1]]]]]]]]]],
    "huge int": 10**1000,
    "negative huge int": -(10**400),
    "nan": math.nan,
    "inf": math.inf,
    "-inf": -math.inf,
    "True": True,
    "complex": 1 + 2j,
    "0-d array": np.array(3.0),
    "0-d text": np.array("3"),
    "empty array": np.zeros((0, 3)),
    "array of nan": np.full((3, 3), np.nan),
    "array of inf": np.full((3, 3), np.inf),
    "complex array": np.ones((3, 3), complex),
    "bool array": np.ones((3, 3), bool),
    "object array": np.array([None, 1]),
    "record array": np.zeros(2, dtype=[("a", int)]),
    "date": np.datetime64("2022-09-21"),
    "many axes": np.zeros((1,) * 20),
    "float16": np.float16(1),
    "uint8": np.uint8(200),
    "tensor": torch.zeros(3, 3, requires_grad=True),
    "bfloat16": torch.zeros((), dtype=torch.bfloat16),
    "sparse": torch.eye(3).to_sparse(),
    "meta": torch.zeros(3, device="meta"),
    "module": torch.nn.Linear(2, 2),
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_answer_is_a_failure_and_nothing_else(name: str) -> None:
    """`failed` raises when a check ends in anything but a verdict."""
    answer = ODD[name]
    namespace = dict.fromkeys(FUNCTIONS.values(), lambda *args, **kwargs: answer)
    results = grade(namespace, *FUNCTIONS)
    assert failed(results) == _ids(results)
    assert all(c.finding and c.finding.text() for c in results)


ODD_NETWORKS: dict[str, str] = {
    "a pair": "return x, x",
    "nothing": "return None",
    "text": "return 'maps'",
    "a dict": "return {'maps': x}",
    "itself": "return self",
    "a number": "return 3.0",
    "whole numbers": "return (9 * x).int()",
    "bools": "return x > 0.5",
    "complex numbers": "return x + 1j",
    "not a number": "return x * float('nan')",
    "infinity": "return x / 0",
    "no axes": "return x.sum()",
    "no places": "return x[:, :, :0]",
    "no images": "return x[:0]",
    "more images": "return torch.cat([x, x])",
    "flat": "return x.flatten()",
    "many axes": "return x.reshape(1, 1, 1, 1, 1, *x.shape)",
    "sparse": "return x.to_sparse()",
    "of no type that numpy has": "return x.bfloat16()",
    "other sizes each time": "return x[..., : int(torch.randint(1, 16, ()))]",
    "an error": "raise KeyError(3)",
}
ODD_MODEL = """
class Odd(torch.nn.Module):
    def forward(self, x):
        {body}

class Net(torch.nn.Module):
    def __init__(self, parts):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(2))
        self.features = Odd() if "features" in parts else torch.nn.MaxPool2d(2)
        self.head = Odd() if "head" in parts else torch.nn.LazyLinear(10)

    def forward(self, x):
        return self.head(self.features(x).flatten(1))

def build_cnn(num_classes=10):
    return Net({parts!r})
"""
ODD_TRAINING: dict[str, str] = {
    "an error": "raise KeyError(3)",
    "an interrupt": "raise AssertionError",
    "another type of weights": "return model.to(torch.bfloat16)",
    "weights of double length": "return model.double()",
    "weights that are not a number": "[p.data.fill_(math.nan) for p in model.parameters()]",
    "weights without places": "model.weight = torch.nn.Parameter(torch.zeros(0))",
    "no weights any more": "model._parameters.clear()",
    "one weight more": "model.more = torch.nn.Parameter(torch.zeros(3))",
    "a forward of pairs": "model.forward = lambda x: (x, x)",
    "a forward that is none": "model.forward = None",
    "a call with nothing": "model.train()(images[:0])",
    "a call with other sizes": "model.train()(images[..., :2])",
    "a call with no batch": "model.train()(images[0, 0])",
    "a network in place of the images": "model.train()(model)",
}


@pytest.mark.parametrize("parts", ["features", "head", "features head"])
@pytest.mark.parametrize("body", ODD_NETWORKS.values(), ids=ODD_NETWORKS)
def test_an_odd_network_is_a_failure_and_nothing_else(body: str, parts: str) -> None:
    namespace = namespace_of(REFERENCE + ODD_MODEL.format(body=body, parts=parts))
    results = grade(namespace, "q2a", keyword=f"{NETWORK_ONLY} or run_network")
    assert failed(results)
    assert all(c.finding and c.finding.text() for c in results if c.id in failed(results))


@pytest.mark.parametrize("body", ODD_TRAINING.values(), ids=ODD_TRAINING)
def test_an_odd_training_is_a_failure_and_nothing_else(body: str) -> None:
    head = "def train_model(model, images, labels, *, epochs, seed):"
    namespace = namespace_of(f"{REFERENCE}\n{head}\n    {body}\n    return model\n")
    results = grade(namespace, "q2a", "q2d", keyword=LOOP_AND_RUN)
    assert failed(results)
    assert all(c.finding and c.finding.text() for c in results if c.id in failed(results))


@pytest.mark.parametrize("name", ODD)
def test_an_odd_answer_for_a_network_is_a_failure_and_nothing_else(name: str) -> None:
    answer = ODD[name]
    namespace = namespace_of(REFERENCE)
    namespace["build_cnn"] = namespace["train_model"] = lambda *args, **kwargs: answer
    results = grade(namespace, "q2a", "q2d", keyword=f"{LOOP_AND_RUN} or {NETWORK_ONLY}")
    assert failed(results) >= {
        "q2a.parts",
        "q2a.learns",
        "q2a.returns_the_model",
        "q2d.stale_gradients",
    }
    assert all(c.finding and c.finding.text() for c in results if c.id in failed(results))


def test_failures_say_what_to_look_at() -> None:
    results = grade(namespace_of(REFERENCE + WRONG[0].source), "q1a")
    finding = next(c.finding for c in results if c.id == "q1a.odd_kernels")
    assert finding is not None
    assert "build_conv_matrix(np.array([1., 2., 3.]), 3)" in finding.call
    assert "[" in finding.comparison.text()
    assert "no flip" in finding.hint


def test_hidden_files_name_their_question() -> None:
    for path in HIDDEN.glob("test_q*.py"):
        text = path.read_text(encoding="utf-8")
        question = path.stem.split("_")[1]
        assert f'pytestmark = pytest.mark.question("{question}")' in text
