"""An assignment's folder, and what its `assignment.toml` says; parsed once, then only read."""

from autograder.config.model import (
    DEADLINE_S,
    Assignment,
    Gradescope,
    Helper,
    Layout,
    Limits,
    Question,
    Show,
    Written,
)
from autograder.config.read import find_root, load_assignment

__all__ = ["DEADLINE_S", "Assignment", "Gradescope", "Helper", "Layout", "Limits", "Question",
           "Show", "Written", "find_root", "load_assignment"]  # fmt: skip
