"""The hidden checks without a sandbox: a student's functions are called in this very process.

For the project's own programs only, and quick: this is how the tables of right and wrong programs
are graded by the hundred. All else is the engine's: its plugin, its hypothesis profile, and the
wire's encoder and decoder, so that a check sees of an answer what it would see of a worker's.
"""

import contextlib
import io
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import torch

from autograder.checking.local import LocalTransport
from autograder.config import load_assignment
from autograder.examine.modules import load_module, load_package
from autograder.examine.plugin import HiddenChecks
from autograder.examine.reproducible import load_profile
from autograder.results import CheckResult, Verdict

ASSIGNMENT = load_assignment(Path(__file__).resolve().parents[2])
HIDDEN = ASSIGNMENT.layout.hidden
GIVEN = load_package(ASSIGNMENT.layout.given.parent, "given")
HELPER = load_package(ASSIGNMENT.helper.folder, ASSIGNMENT.helper.package)
REFERENCE = ASSIGNMENT.reference.read_text(encoding="utf-8")

UNTRAINED = REFERENCE + "\n\nbuild_cnn = train_model = None\n"
"""The reference without the questions that train: all others are graded in a moment."""

POINTS = {question.id: question.points for question in ASSIGNMENT.graded}
"""What can be earned; a question that an instructor has left out is not in it."""

FUNCTIONS = {
    "q1a": "build_conv_matrix",
    "q1b": "count_params",
    "q1c": "build_unshared_matrix",
    "q1d": "unshared_conv2d",
    "q1e": "output_size",
    "q2b": "equivariance_error",
}
FUNCTIONS = {question: name for question, name in FUNCTIONS.items() if question in POINTS}
"""The questions whose checks call one function of the student's, and that function."""

WITHOUT_RUNS = "not run_ and not random_features"
"""The checks that do not train on the course data (pytest's -k)."""

UNTRAINED_SCORE = sum(POINTS[question] for question in FUNCTIONS)

# Of no use here; the last two collect garbage for a tenth of a second whenever they end.
_UNWANTED = ("cacheprovider", "terminal", "xdist", "hypothesispytest", "faulthandler",
             "unraisableexception", "threadexception")  # fmt: skip


def namespace_of(source: str) -> dict[str, Any]:
    """The globals of a student's program after it ran."""
    namespace: dict[str, Any] = {"__name__": ASSIGNMENT.module}
    exec(compile(source, "<submission>", "exec"), namespace)
    return namespace


def grade(
    namespace: Mapping[str, Any], *questions: str, keyword: str = "", probes: Any = GIVEN
) -> tuple[CheckResult, ...]:
    """The verdicts of the hidden checks of these questions, or of all, on a student's functions.

    ``keyword`` selects some of the checks, as pytest's ``-k`` does. ``probes`` answers in place of
    the given module where student code could have put something else.
    """
    checks = HiddenChecks(
        ASSIGNMENT,
        reference=load_module("reference", ASSIGNMENT.reference),
        given=GIVEN,
        helper=HELPER,
        transport=lambda: LocalTransport(namespace, probes),
    )
    options = ["--noconftest", "--import-mode=prepend", "--strict-markers", "--capture=no",
               "-c", os.devnull, f"--rootdir={HIDDEN}"]  # fmt: skip
    options += [f"-pno:{name}" for name in _UNWANTED]
    if keyword:
        options += ["-k", keyword]
    paths = [str(p) for q in questions for p in sorted(HIDDEN.glob(f"test_{q}*.py"))]
    options += paths or [str(HIDDEN)]
    profile = hypothesis.settings.get_current_profile_name()
    threads = torch.get_num_threads()
    load_profile()
    torch.set_num_threads(1)  # as the engine does; tiny tensors gain nothing from a second one
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            pytest.main(options, plugins=[checks])
    finally:
        hypothesis.settings.load_profile(profile)
        torch.set_num_threads(threads)
    if checks.errors:
        raise RuntimeError("\n".join(checks.errors))
    return checks.results


def failed(results: Sequence[CheckResult]) -> set[str]:
    """The ids of the checks that a program did not pass; an error of a check is an error here."""
    for check in results:
        if check.verdict is Verdict.ERROR:
            raise RuntimeError(f"{check.id}: {check.detail}")
    return {check.id for check in results if check.verdict is not Verdict.PASSED}
