"""Prints a digest of every call that the hidden checks make: the examples that hypothesis draws.

``python drawn_examples.py ROOT [MODULE]``: ROOT is an assignment's folder, in any layout; MODULE is
a file to import first. Calls are answered by the reference, in this process, and nothing shrinks.
"""

import copy
import hashlib
import importlib
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import autograder
from autograder.checking import Provided
from autograder.checking.reply import Raised, Reply
from autograder.config import load_assignment
from autograder.examine.examiner import run_checks
from autograder.examine.modules import load_module, load_package
from autograder.examine.plugin import HiddenChecks
from autograder.results import Verdict
from autograder.wire.encode import Encoder
from autograder.wire.state import state_of


class Recorder:
    """Answers with the reference, and remembers what it was asked."""

    def __init__(self, reference: Any) -> None:
        self._reference = reference
        self.digest = hashlib.sha256()
        self.calls = 0

    def close(self) -> None:
        """Nothing was started."""

    def call(
        self,
        name: str,
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        *,
        echo: bool = False,
        **_: bool,
    ) -> Reply:
        encoder = Encoder(lambda v: {"provided": str(v)} if isinstance(v, Provided) else None)
        header = [name, encoder.encode(tuple(args)), encoder.encode(dict(kwargs)), echo]
        self.digest.update(json.dumps(header).encode() + encoder.payload)
        self.calls += 1
        return self._answer(name, args, kwargs)

    def _answer(self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Reply:
        mine = [v.build() if isinstance(v, Provided) else copy.deepcopy(v) for v in args]
        try:
            value = getattr(self._reference, name)(*mine, **kwargs)
        except Exception as error:
            bases = tuple(kind.__name__ for kind in type(error).__mro__)
            kind = type(error).__name__
            return Reply(raised=Raised(type_name=kind, builtin_bases=bases, message=str(error)))
        after = [
            state_of(own) if isinstance(sent, Provided) else own
            for sent, own in zip(args, mine, strict=True)
        ]
        return Reply(value=value, arguments=(*after, *kwargs.values()))


def main(root: Path, unrelated: Path | None) -> None:
    """Run every hidden check against the reference; print what was drawn, and by which engine."""
    if unrelated is not None:
        sys.path.insert(0, str(unrelated.parent))
        importlib.import_module(unrelated.stem)
    assignment = load_assignment(root)
    reference = load_module("reference", assignment.reference)
    recorder = Recorder(reference)
    checks = HiddenChecks(
        assignment,
        reference=reference,
        given=load_package(assignment.layout.given.parent, "given"),
        transport=lambda: recorder,
    )
    log = run_checks(checks, assignment.layout.hidden)
    wrong = [c.detail for c in checks.results if c.verdict is not Verdict.PASSED]
    if checks.errors or wrong or not checks.results:
        sys.exit("\n".join([*checks.errors, *wrong, log]))
    engine = str(Path(autograder.__file__).parents[1])
    answer = {"digest": recorder.digest.hexdigest(), "calls": recorder.calls, "engine": engine}
    print(json.dumps(answer))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
