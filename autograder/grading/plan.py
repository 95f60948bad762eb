"""Looks, before anything is graded, whether the checks can be collected and their points add up.

Found out once, and said to the person who can mend it, rather than of every submission.
"""

from typing import Any

from autograder.checking.reply import Reply
from autograder.errors import ConfigError, UsageError
from autograder.examine.examiner import Examiner, run_checks
from autograder.examine.plugin import HiddenChecks

__all__ = ["check_plan"]


def check_plan(examiner: Examiner, keyword: str = "") -> None:
    """Raise ConfigError for faulty checks, and UsageError for a keyword that selects none.

    The modules of the checks stay imported, so that no submission's fork has to do that again.
    """
    hidden = examiner.assignment.layout.hidden
    checks = HiddenChecks(
        examiner.assignment,
        reference=examiner.reference,
        given=examiner.given,
        helper=examiner.helper,
        transport=_Nobody,
    )
    run_checks(checks, hidden, keyword, collect_only=True)
    if checks.was_interrupted:  # Ctrl-C, which pytest takes for the end of the checks
        raise KeyboardInterrupt
    if faults := [*checks.errors, *checks.points_mismatches]:
        raise ConfigError(f"{hidden}: " + "\n".join(faults))
    if checks.was_refused or not checks.results:
        if keyword:
            raise UsageError(f"No check matches -k {keyword!r}; give a part of a check's id.")
        raise ConfigError(f"{hidden}: no checks were found.")


class _Nobody:
    """No submission: nothing is called while checks are collected."""

    def call(self, *_: Any, **__: Any) -> Reply:
        """Never happens."""
        raise NotImplementedError

    def close(self) -> None:
        """Nothing to end."""
