"""What an assignment is: questions, limits, and where its files lie. Frozen, and without behaviour.

The same assignment lives in two layouts: the repository (``assignment/assignment.toml``,
``tests/hidden/``) and the package that is uploaded to Gradescope, where everything lies at the top
(``assignment.toml``, ``hidden/``). Nothing outside of this module knows the difference.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

__all__ = ["DEADLINE_S", "Assignment", "Gradescope", "Helper", "Layout", "Limits", "Question",
           "Show", "Written"]  # fmt: skip


class Show(StrEnum):
    """How much of a failed check a student is shown; from nothing to all of it."""

    NOTHING = "nothing"
    TITLE = "title"
    COUNTEREXAMPLE = "counterexample"

    def is_less_than(self, other: "Show") -> bool:
        """Whether this shows less than ``other``."""
        levels = list(Show)
        return levels.index(self) < levels.index(other)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What student code may use. CPU seconds decide; wall time is a backstop for a stuck worker."""

    cell_cpu_s: float = 5.0
    cells_cpu_s: float = 20.0
    call_cpu_s: float = 10.0
    question_cpu_s: float = 30.0
    long_call_cpu_s: float = 60.0
    long_calls_cpu_s: float = 180.0
    submission_cpu_s: float = 200.0
    sleep_s: float = 10.0
    wall_factor: float = 4.0
    memory_mb: int = 2000
    address_space_mb: int = 4096
    disk_mb: int = 64
    files: int = 2000
    processes: int = 64
    open_files: int = 256
    output_kb: int = 64
    answer_mb: int = 64


DEADLINE_S = 3600.0
"""Wall time for one submission, unless another is asked for: nothing of ours may hang for ever."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """One question of the assignment, and the points its hidden checks add up to."""

    id: str
    title: str
    points: int
    graded: bool = True
    show: Show = Show.COUNTEREXAMPLE
    show_published: Show = Show.COUNTEREXAMPLE  # once Gradescope's grades are published


@dataclass(frozen=True, kw_only=True)
class Written:
    """A question that is answered in words, and graded by hand."""

    id: str
    title: str
    points: int


@dataclass(frozen=True, kw_only=True)
class Gradescope:
    """What is special to Gradescope.

    ``deadline_s`` is wall time, from the start to results.json, and less than the timeout that is
    chosen there; ``leaderboard`` names a column, and the figure of a check that it shows.
    """

    deadline_s: float = 480.0
    torch_index: str = ""
    leaderboard: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Helper:
    """The package that students are given and import.

    Grading has it loaded in every worker, but for the modules ``left_out``: experiments and
    figures, whose calls then do nothing.
    """

    package: str
    folder: Path
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Where an assignment's files lie below ``root``; ``assignment`` is the instructor's folder."""

    root: Path
    assignment: Path
    config: Path
    hidden: Path
    reference_dir: Path
    given: Path

    @classmethod
    def of(cls, root: Path) -> "Layout":
        """The repository's layout if ``root`` has it, else the uploaded package's."""
        if (root / "assignment" / "assignment.toml").is_file():
            assignment, hidden = root / "assignment", root / "tests" / "hidden"
        else:
            assignment, hidden = root, root / "hidden"
        return cls(
            root=root,
            assignment=assignment,
            config=assignment / "assignment.toml",
            hidden=hidden,
            reference_dir=root / "solutions",
            given=assignment / "given",
        )


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """Everything the engine knows of the subject."""

    layout: Layout
    title: str
    module: str
    questions: tuple[Question, ...]
    written: tuple[Written, ...] = ()
    limits: Limits = field(default_factory=Limits)
    gradescope: Gradescope = field(default_factory=Gradescope)
    preload: tuple[str, ...] = ()
    helper: Helper | None = None
    hidden: Mapping[str, Any] = field(default_factory=dict)

    @property
    def graded(self) -> tuple[Question, ...]:
        """The questions that count."""
        return tuple(q for q in self.questions if q.graded)

    @property
    def max_score(self) -> int:
        """The points of all questions that count."""
        return sum(q.points for q in self.graded)

    @property
    def reference(self) -> Path:
        """The reference solutions, a module."""
        return self.layout.reference_dir / f"{self.module}.py"

    def secrets(self) -> tuple[Path, ...]:
        """What student code must never be able to read: all of the folder that can hold answers."""
        root = self.layout.root
        names = (".git", "assignment", "solutions", "tests", "hidden", "dist", "grades",
                 "assignment.toml", "given")  # fmt: skip
        return tuple(path for name in names if (path := root / name).exists())
