"""Examines one submission: cells, then every hidden check; complete, or saying why not."""

import contextlib
import io
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest

from autograder.config import Assignment
from autograder.examine.modules import load_module, load_package
from autograder.examine.plugin import HiddenChecks
from autograder.examine.reproducible import load_profile
from autograder.host.question import QuestionTransport
from autograder.host.sandbox import Sandbox
from autograder.host.worker import CellReport, Worker
from autograder.intake import Source
from autograder.results import CheckResult, GradingResult, Status, Verdict, internal_error

__all__ = ["Examiner", "run_checks"]


@dataclass(frozen=True)
class Examiner:
    """Holds what all examinations share, loaded once: reference, given module, sandbox."""

    assignment: Assignment
    reference: ModuleType
    given: ModuleType | None
    helper: ModuleType | None
    sandbox: Sandbox

    @classmethod
    def load(cls, assignment: Assignment, sandbox: Sandbox) -> "Examiner":
        """Load the staff's modules; a `ConfigError` names the one that cannot be loaded."""
        given, helper = assignment.layout.given, assignment.helper
        return cls(
            assignment=assignment,
            reference=load_module("reference", assignment.reference),
            given=load_package(given.parent, given.name) if given.is_dir() else None,
            helper=load_package(helper.folder, helper.package) if helper else None,
            sandbox=sandbox,
        )

    def examine(
        self,
        name: str,
        source: Source,
        keyword: str = "",
        on_verdict: Callable[[CheckResult], None] | None = None,
    ) -> GradingResult:
        """Grade one submission. Run it in a process of its own: pytest leaves traces behind.

        ``on_verdict`` is told of each check as it ends, for the case that the end never comes.
        """
        start, cpu = time.monotonic(), os.times()
        with self.sandbox.place() as place:
            worker = Worker(place, source, self.assignment.module)
            try:
                reports = worker.run_cells()
                checks = HiddenChecks(
                    self.assignment,
                    reference=self.reference,
                    given=self.given,
                    helper=self.helper,
                    transport=lambda: QuestionTransport(worker),
                    missing_hint=next(iter(_notes(source, reports)), ""),
                    on_verdict=on_verdict,
                )
                log = run_checks(checks, self.assignment.layout.hidden, keyword)
                checks.close()
                output, spent_s = worker.output.text(), worker.spent_s
            finally:
                worker.close()
        now = os.times()
        broken = [c.detail for c in checks.results if c.verdict is Verdict.ERROR]
        faults = [*checks.errors, *checks.points_mismatches, *broken]
        if faults or not checks.results:
            detail = "\n\n".join(faults) or f"no checks were found\n{log}"
            return internal_error(name, detail)
        return GradingResult(
            submission=name,
            status=Status.GRADED,
            checks=checks.results,
            notes=(*source.notes, *_notes(source, reports)),
            output=output,
            digest=source.digest,
            cpu_s=round(sum(now[:4]) - sum(cpu[:4]) + spent_s, 3),
            wall_s=round(time.monotonic() - start, 3),
        )


def run_checks(
    checks: HiddenChecks, hidden: Path, keyword: str = "", *, collect_only: bool = False
) -> str:
    """Run pytest over the hidden checks; the verdicts are in ``checks``, the log is returned."""
    load_profile()
    os.environ.pop("PYTEST_ADDOPTS", None)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    sys.dont_write_bytecode = True  # the folder of the checks may be read-only, or shared
    options = ["-q", "--noconftest", "--import-mode=prepend", "--strict-markers", "--tb=short",
               "-p", "no:cacheprovider", "-p", "no:faulthandler", "-p", "no:stepwise",
               # These cost a fifth of the time: garbage collections at the end, log handlers.
               "-p", "no:unraisableexception", "-p", "no:threadexception", "-p", "no:logging",
               "-c", os.devnull, f"--rootdir={hidden}"]  # fmt: skip
    if keyword:
        options += ["-k", keyword]
    if collect_only:
        options += ["--collect-only"]
    log = io.StringIO()
    with contextlib.redirect_stdout(log), contextlib.redirect_stderr(log):
        pytest.main([*options, str(hidden)], plugins=[checks])
    return log.getvalue()[-4000:]


def _notes(source: Source, reports: Sequence[CellReport]) -> list[str]:
    """What a student should know of the cells."""
    return [
        f"{source.name if source.language == 'module' else f'Cell {report.cell}'}: "
        f"{report.error.rstrip('.')}."
        for report in reports
        if report.error
    ][:20]
