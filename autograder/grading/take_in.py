"""From a work item to its source, or to the result that there can only be without one."""

import traceback
from typing import Protocol

from autograder.errors import AutograderError, RejectedError
from autograder.intake import Source
from autograder.results import GradingResult, internal_error, rejected

__all__ = ["WorkItem", "take_in"]


class WorkItem(Protocol):
    """A submission, wherever it comes from."""

    @property
    def name(self) -> str:
        """What it is called."""

    def read(self, module: str) -> Source:
        """What is graded of it; raises RejectedError."""


def take_in(item: WorkItem, module: str) -> Source | GradingResult:
    """What is graded of a submission; a result where there is nothing, or it cannot be read."""
    try:
        return item.read(module)
    except RejectedError as error:
        return rejected(item.name, str(error))
    except AutograderError as error:  # it could not be read here, which the staff can mend
        return internal_error(item.name, str(error), message=str(error))
    except Exception:
        return internal_error(item.name, traceback.format_exc(limit=-6))
