"""An assignment's folder: where its files lie, and what `assignment.toml` says.

The same assignment lives in two layouts: the repository (``assignment/assignment.toml``,
``tests/hidden/``) and the package that is uploaded to Gradescope, where everything lies at the top
(``assignment.toml``, ``hidden/``). Nothing outside of this module knows the difference.
"""

import math
import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from typing import Any

from autograder.errors import ConfigError, UsageError

__all__ = ["Assignment", "Helper", "Layout", "Limits", "Question", "Show", "Written", "find_root",
           "load_assignment"]  # fmt: skip


class Show(StrEnum):
    """How much of a failed check a student is shown."""

    COUNTEREXAMPLE = "counterexample"
    TITLE = "title"
    NOTHING = "nothing"


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What student code may use. CPU seconds decide; wall time is a backstop for a stuck worker."""

    cell_cpu_s: float = 5.0
    cells_cpu_s: float = 20.0
    call_cpu_s: float = 10.0
    question_cpu_s: float = 30.0
    long_call_cpu_s: float = 60.0
    long_calls_cpu_s: float = 180.0
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


@dataclass(frozen=True, kw_only=True)
class Question:
    """One question of the assignment, and the points its hidden checks add up to."""

    id: str
    title: str
    points: int
    graded: bool = True
    show: Show = Show.COUNTEREXAMPLE


@dataclass(frozen=True, kw_only=True)
class Written:
    """A question that is answered in words, and graded by hand."""

    id: str
    title: str
    points: int


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


def find_root() -> Path:
    """The assignment's folder.

    $AUTOGRADER_ROOT, else the checkout that this package runs from, else the current folder. Never
    a folder further up: it might hold a student's files.
    """
    named = os.environ.get("AUTOGRADER_ROOT")
    candidates = [Path(named)] if named else [Path(__file__).resolve().parents[1], Path.cwd()]
    for root in candidates:
        if Layout.of(root).config.is_file():
            return root.resolve()
    raise UsageError(
        f"No assignment.toml in {candidates[-1]}: run this in the assignment's folder, "
        "or set AUTOGRADER_ROOT to it."
    )


def load_assignment(root: Path | None = None) -> Assignment:
    """Read and check ``assignment.toml``; a `ConfigError` names the file and the key."""
    layout = Layout.of(find_root() if root is None else root)
    try:
        raw = tomllib.loads(layout.config.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{layout.config}: cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{layout.config}: is not valid TOML: {error}.") from None
    return _parse(raw, layout)


def _parse(raw: dict[str, Any], layout: Layout) -> Assignment:
    path = layout.config
    known = {"title": str, "module": str, "preload": list, "helper": dict, "hidden": dict,
             "feedback": dict, "limits": dict, "questions": list, "written": list}  # fmt: skip
    _check(raw, known, path, "")
    for key in ("title", "module", "questions"):
        if key not in raw:
            raise ConfigError(f"{path}: the key {key!r} is missing.")
    if not raw["module"].isidentifier():
        raise ConfigError(f"{path}: module must be a Python module's name, not {raw['module']!r}.")
    feedback = raw.get("feedback", {})
    _check(feedback, {"show": str}, path, "feedback.")
    show = _show(feedback.get("show", Show.COUNTEREXAMPLE), path, "feedback.show")
    questions = tuple(_question(q, path, i, show) for i, q in enumerate(raw["questions"]))
    written = tuple(_written(w, path, i) for i, w in enumerate(raw.get("written", ())))
    ids = [*(q.id for q in questions), *(w.id for w in written)]
    if not questions:
        raise ConfigError(f"{path}: there is no question; write at least one under [[questions]].")
    for name in ids:
        if ids.count(name) > 1:
            raise ConfigError(
                f"{path}: two questions are called {name!r}; each, written or not, needs an id of "
                "its own."
            )
    return Assignment(
        layout=layout,
        title=raw["title"],
        module=raw["module"],
        questions=questions,
        written=written,
        limits=_limits(raw.get("limits", {}), path),
        preload=tuple(str(name) for name in raw.get("preload", ())),
        helper=_helper(raw["helper"], layout) if "helper" in raw else None,
        hidden=raw.get("hidden", {}),
    )


def _helper(raw: dict[str, Any], layout: Layout) -> Helper:
    _check(raw, {"package": str, "left_out": list}, layout.config, "helper.")
    package = raw.get("package", "")
    if not package.isidentifier():
        raise ConfigError(f"{layout.config}: helper.package must be a Python package's name.")
    if not (layout.assignment / package / "__init__.py").is_file():
        raise ConfigError(f"{layout.assignment / package} is missing: helper.package names it.")
    left_out = tuple(str(name) for name in raw.get("left_out", ()))
    for name in left_out:
        if not name.startswith(f"{package}."):
            raise ConfigError(f"{layout.config}: helper.left_out: {name!r} is not in {package}.")
    return Helper(package=package, folder=layout.assignment, left_out=left_out)


def _written(raw: Any, path: Path, index: int) -> Written:
    where = f"written[{index}]."
    _check(raw, {"id": str, "title": str, "points": int}, path, where)
    _require(raw, ("id", "title", "points"), path, where)
    return Written(id=raw["id"], title=raw["title"], points=raw["points"])


def _question(raw: Any, path: Path, index: int, show: Show) -> Question:
    where = f"questions[{index}]."
    _check(raw, {"id": str, "title": str, "points": int, "graded": bool, "show": str}, path, where)
    _require(raw, ("id", "title", "points"), path, where)
    return Question(
        id=raw["id"],
        title=raw["title"],
        points=raw["points"],
        graded=raw.get("graded", True),
        show=_show(raw.get("show", show), path, f"{where}show"),
    )


def _require(raw: Mapping[str, Any], keys: Iterable[str], path: Path, where: str) -> None:
    for key in keys:
        if key not in raw:
            raise ConfigError(f"{path}: {where}{key} is missing.")
    if raw["points"] < 0:
        raise ConfigError(f"{path}: {where}points must not be negative.")


def _limits(raw: dict[str, Any], path: Path) -> Limits:
    kinds = {f.name: f.type for f in fields(Limits)}
    _check(raw, dict.fromkeys(kinds, float), path, "limits.")
    for key, value in raw.items():
        if not (value > 0 and math.isfinite(value)):
            raise ConfigError(f"{path}: limits.{key} must be greater than 0, and finite.")
    typed: dict[str, Any] = {k: int(v) if kinds[k] is int else v for k, v in raw.items()}
    return Limits(**typed)


def _show(value: str, path: Path, key: str) -> Show:
    try:
        return Show(value)
    except ValueError:
        choices = ", ".join(repr(str(s)) for s in Show)
        raise ConfigError(f"{path}: {key} must be one of {choices}, not {value!r}.") from None


def _check(raw: Any, known: Mapping[str, type], path: Path, where: str) -> None:
    """Refuse unknown keys, and values of another type."""
    if not isinstance(raw, dict):
        raise ConfigError(f"{path}: {where.rstrip('.') or 'the file'} must be a table.")
    for key, value in raw.items():
        if key not in known:
            choices = ", ".join(known)
            raise ConfigError(f"{path}: unknown key {where}{key}; known are {choices}.")
        kind = known[key]
        right = isinstance(value, int | float) if kind is float else isinstance(value, kind)
        if not right or (isinstance(value, bool) and kind is not bool):
            raise ConfigError(f"{path}: {where}{key} must be of type {kind.__name__}.")
