"""From `assignment.toml` to an `Assignment`; a `ConfigError` names the file and the key."""

import math
import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from autograder.config.model import (
    Assignment,
    Gradescope,
    Helper,
    Layout,
    Limits,
    Question,
    Show,
    Written,
)
from autograder.errors import ConfigError, UsageError

__all__ = ["find_root", "load_assignment"]

_SHOWN = {"show": str, "show_published": str}
_COLUMNS = frozenset({"submission", "status", "score", "max_score", "message", "total", "name",
                      "email", "sid", "number", "seen"})  # fmt: skip
_MIN_DEADLINE_S, _MAX_DEADLINE_S = 60, 2400


def find_root() -> Path:
    """The assignment's folder.

    $AUTOGRADER_ROOT, else the checkout that this package runs from, else the current folder. Never
    a folder further up: it might hold a student's files.
    """
    named = os.environ.get("AUTOGRADER_ROOT")
    candidates = [Path(named)] if named else [Path(__file__).resolve().parents[2], Path.cwd()]
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
             "feedback": dict, "limits": dict, "gradescope": dict, "questions": list,
             "written": list}  # fmt: skip
    _check(raw, known, path, "")
    for key in ("title", "module", "questions"):
        if key not in raw:
            raise ConfigError(f"{path}: the key {key!r} is missing.")
    if not raw["module"].isidentifier():
        raise ConfigError(f"{path}: module must be a Python module's name, not {raw['module']!r}.")
    feedback = raw.get("feedback", {})
    _check(feedback, _SHOWN, path, "feedback.")
    questions = tuple(_question(q, path, i, feedback) for i, q in enumerate(raw["questions"]))
    written = tuple(_written(w, path, i) for i, w in enumerate(raw.get("written", ())))
    ids = [*(q.id for q in questions), *(w.id for w in written)]
    if not questions:
        raise ConfigError(f"{path}: there is no question; write at least one under [[questions]].")
    for name in ids:
        if name in _COLUMNS:
            raise ConfigError(
                f"{path}: no question can be called {name!r}, for a column of grades.csv is."
            )
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
        gradescope=_gradescope(raw.get("gradescope", {}), path),
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


def _question(raw: Any, path: Path, index: int, feedback: Mapping[str, str]) -> Question:
    where = f"questions[{index}]."
    known = {"id": str, "title": str, "points": int, "graded": bool, **_SHOWN}
    _check(raw, known, path, where)
    _require(raw, ("id", "title", "points"), path, where)
    show, show_published = _shown(raw, feedback, path, where)
    return Question(
        id=raw["id"],
        title=raw["title"],
        points=raw["points"],
        graded=raw.get("graded", True),
        show=show,
        show_published=show_published,
    )


def _require(raw: Mapping[str, Any], keys: Iterable[str], path: Path, where: str) -> None:
    for key in keys:
        if key not in raw:
            raise ConfigError(f"{path}: {where}{key} is missing.")
    if raw["points"] < 0:
        raise ConfigError(f"{path}: {where}points must not be negative.")


def _limits(raw: dict[str, Any], path: Path) -> Limits:
    kinds = {f.name: f.type for f in fields(Limits)}
    _check(
        raw, {key: int if kind is int else float for key, kind in kinds.items()}, path, "limits."
    )
    for key, value in raw.items():
        if not (value > 0 and math.isfinite(value)):
            raise ConfigError(f"{path}: limits.{key} must be greater than 0, and finite.")
    return Limits(**raw)


def _gradescope(raw: dict[str, Any], path: Path) -> Gradescope:
    known = {"deadline_s": float, "torch_index": str, "leaderboard": dict}
    _check(raw, known, path, "gradescope.")
    deadline_s = raw.get("deadline_s", Gradescope.deadline_s)
    if not _MIN_DEADLINE_S <= deadline_s <= _MAX_DEADLINE_S:
        raise ConfigError(
            f"{path}: gradescope.deadline_s must be from {_MIN_DEADLINE_S} to {_MAX_DEADLINE_S}: "
            "no less than it takes to start, and within the longest timeout that Gradescope has."
        )
    leaderboard = raw.get("leaderboard", {})
    _check(leaderboard, dict.fromkeys(leaderboard, str), path, "gradescope.leaderboard.")
    return Gradescope(
        deadline_s=float(deadline_s),
        torch_index=raw.get("torch_index", ""),
        leaderboard=leaderboard,
    )


def _shown(
    raw: Mapping[str, str], feedback: Mapping[str, str], path: Path, where: str
) -> tuple[Show, Show]:
    """What a question shows at once, and once grades are published: by default no less."""
    show = _show(raw.get("show", feedback.get("show", Show.COUNTEREXAMPLE)), path, f"{where}show")
    later = raw.get("show_published", feedback.get("show_published"))
    if later is None:
        return show, show
    show_published = _show(later, path, f"{where}show_published")
    if show_published.is_less_than(show):
        raise ConfigError(
            f"{path}: {where}show_published is {later!r}, which is less than {str(show)!r}, what "
            "is shown before; what was seen once cannot be taken back."
        )
    return show, show_published


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
