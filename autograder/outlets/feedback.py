"""What a student reads about one check, as far as the instructor shows it."""

from autograder.config import Show
from autograder.results import CheckResult, Verdict

__all__ = ["student_feedback"]


def student_feedback(check: CheckResult, show: Show) -> str:
    """The text for a student; a title-only question tells no more than whether the check passed."""
    if show is Show.NOTHING:
        return ""
    if check.verdict is Verdict.PASSED:
        return "Passed."
    if show is Show.TITLE or check.finding is None:
        return "Not passed."
    return check.finding.text()
