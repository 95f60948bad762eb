"""Prints a digest of every call that the hidden checks make: the examples that hypothesis draws.

``python drawn_examples.py ROOT [MODULE]``: ROOT is an assignment's folder, in any layout; MODULE is
a file to import first. Calls are answered by the reference, in this process, and nothing shrinks.
"""

import hashlib
import importlib
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import autograder
from autograder.checking import Provided
from autograder.checking.local import LocalTransport
from autograder.checking.reply import Opaque, Reply
from autograder.config import load_assignment
from autograder.examine.examiner import run_checks
from autograder.examine.modules import load_module, load_package
from autograder.examine.plugin import HiddenChecks
from autograder.results import Verdict
from autograder.wire.encode import Encoder

# Training draws nothing.
UNTRAINED = "not run_network and not run_training and not random_features"


class Recorder(LocalTransport):
    """Answers with the reference, and remembers what it was asked."""

    def __init__(self, reference: ModuleType, given: ModuleType) -> None:
        super().__init__(vars(reference), given)
        self.digest = hashlib.sha256()
        self.calls = 0

    def call(self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any], **how: bool) -> Reply:
        if not how.get("probe"):  # probes are sent what networks gave, which nobody drew
            encoder = Encoder(_special)
            header = [name, encoder.encode(tuple(args)), encoder.encode(dict(kwargs)), sorted(how)]
            self.digest.update(json.dumps(header).encode() + encoder.payload)
            self.calls += 1
        return super().call(name, args, kwargs, **how)


def _special(value: Any) -> dict[str, Any] | None:
    return {"special": str(value)} if isinstance(value, Provided | Opaque) else None


def main(root: Path, unrelated: Path | None) -> None:
    """Run every hidden check against the reference; print what was drawn, and by which engine."""
    if unrelated is not None:
        sys.path.insert(0, str(unrelated.parent))
        importlib.import_module(unrelated.stem)
    assignment = load_assignment(root)
    reference = load_module("reference", assignment.reference)
    given, helper = assignment.layout.given, assignment.helper
    provided = load_package(given.parent, given.name)
    recorder = Recorder(reference, provided)
    checks = HiddenChecks(
        assignment,
        reference=reference,
        given=provided,
        helper=load_package(helper.folder, helper.package) if helper else None,
        transport=lambda: recorder,
    )
    log = run_checks(checks, assignment.layout.hidden, UNTRAINED)
    wrong = [c.detail for c in checks.results if c.verdict is not Verdict.PASSED]
    if checks.errors or wrong or not checks.results:
        sys.exit("\n".join([*checks.errors, *wrong, log]))
    engine = str(Path(autograder.__file__).parents[1])
    answer = {"digest": recorder.digest.hexdigest(), "calls": recorder.calls, "engine": engine}
    print(json.dumps(answer))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
