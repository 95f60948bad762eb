"""The hooks that Otter calls, in this order, while its working folder is the submission's copy.

- construction, also by ``otter generate`` and ``otter assign``, without any submission: does
  nothing;
- `before_grading`: removes ``.OTTER_LOG``, which Otter would unpickle;
- `before_execution`: has the file graded, removes the student's files, and gives Otter an empty
  notebook to run in its kernel;
- `after_grading`: fills Otter's results; `generate_report`: prints the staff's view.

Where ``$AUTOGRADER_RESULT`` is set, the submission is graded elsewhere, as on Gradescope: then
`after_grading` waits for the file of this name, which holds the result.

An exception in a hook leaves a student without any results.json, so what goes wrong becomes the
message of an internal error. Two steps are exceptions, and stop Otter: when ``.OTTER_LOG`` or the
student's files cannot be removed, going on would mean to run the student's code.
"""

import json
import os
import shutil
import sys
import time
import traceback
from pathlib import Path
from typing import Any

import nbformat
from otter.plugins import AbstractOtterPlugin

from autograder.config import Assignment, load_assignment
from autograder.errors import AutograderError, InternalError
from autograder.launch import RESULT, grade_apart
from autograder.otter_plugin.fill import fill
from autograder.outlets.table import submission_report
from autograder.results import GradingResult, Status, internal_error

__all__ = ["SandboxPlugin"]

_EVERY_S = 0.05
_LOG = ".OTTER_LOG"
_OTTERS_OWN = {"tests"}  # what Otter itself put into the submission's folder, and needs


class SandboxPlugin(AbstractOtterPlugin):  # type: ignore[misc]  # Otter has no types
    """Student code is never run by Otter: ``autograder grade`` decides, this reports."""

    def __init__(
        self, submission_path: str | None, submission_metadata: Any, plugin_config: Any
    ) -> None:
        super().__init__(submission_path, submission_metadata, plugin_config)
        self._folder: Path | None = None  # Otter's: source/, submission/, results/
        self._assignment: Assignment | None = None
        self._graded = _failed("Otter never asked for the submission to be graded.")

    def before_grading(self, config: Any) -> None:
        """Remove Otter's log of what the student did, which is a pickle of the student's making."""
        self._folder = Path(config.autograder_dir).resolve()
        log = self._folder / "submission" / _LOG
        if log.is_symlink() or not log.is_dir():
            log.unlink(missing_ok=True)

    def before_execution(self, submission: Any) -> Any:
        """Grade the file, whatever Otter made of it; a notebook without cells is the answer."""
        del submission
        if not os.environ.get(RESULT):
            self._grade()
        self._take_away()
        return nbformat.v4.new_notebook()

    def after_grading(self, results: Any) -> None:
        """Replace what Otter found in its empty kernel."""
        if os.environ.get(RESULT):
            self._grade()
        try:
            fill(results, self._graded, self._assignment)
        except Exception:
            self._graded = _failed(traceback.format_exc(limit=-6))
            fill(results, self._graded, None)

    def generate_report(self) -> str:
        """The table of `autograder grade`, for the staff; standard output is hidden from students.

        Otter prints it before it writes results.json, so it must be printable.
        """
        if os.environ.get(RESULT):
            return ""  # who made the result has shown it
        report = f"{self._graded.status}: {self._graded.detail}"
        if self._assignment is not None and self._graded.status is not Status.INTERNAL_ERROR:
            report = submission_report(self._assignment, self._graded)
        encoding = sys.stdout.encoding or "utf-8"
        return report.encode(encoding, "backslashreplace").decode(encoding)

    def _grade(self) -> None:
        try:
            self._graded = self._result()
        except AutograderError as error:
            self._graded = _failed(str(error))
        except Exception:
            self._graded = _failed(traceback.format_exc(limit=-6))

    def _result(self) -> GradingResult:
        if self._folder is None or not self.submission_path:
            raise InternalError("Otter named no submission.")
        root = _root(self._folder / "source")
        self._assignment = load_assignment(root)
        finished = os.environ.get(RESULT)
        if finished:
            while not Path(finished).exists():  # whoever makes it ends us if it never comes
                time.sleep(_EVERY_S)
            return GradingResult.from_json(json.loads(Path(finished).read_text(encoding="utf-8")))
        return grade_apart(Path(self.submission_path), root)

    def _take_away(self) -> None:
        """Remove the student's files: Otter's kernel starts beside them, and imports from there.

        A ``numexpr.py`` would do, which pandas tries to import, and could then write the results.
        The folder is a copy of the submission that Otter or Gradescope made.
        """
        if self._folder is None:
            return
        for path in (self._folder / "submission").iterdir():
            if path.is_dir() and not path.is_symlink():
                if path.name not in _OTTERS_OWN:
                    shutil.rmtree(path)
            else:
                path.unlink()


def _failed(detail: str) -> GradingResult:
    return internal_error("", detail)


def _root(source: Path) -> Path:
    """The assignment that travelled in the zip, else the one that is named for a trial."""
    named = os.environ.get("AUTOGRADER_ROOT")
    if (source / "assignment.toml").is_file():
        return source
    if named:
        return Path(named)
    raise InternalError(f"{source} holds no assignment.toml: make the zip with `autograder build`.")
