"""assignment.toml: what is read, and the sentence for each mistake."""

from pathlib import Path

import pytest

from autograder.config import Helper, Layout, Limits, Show, find_root, load_assignment
from autograder.errors import ConfigError, UsageError

MINIMAL = """
title = "A title"
module = "answers"
[[questions]]
id = "q1"
title = "The first"
points = 3
[[questions]]
id = "q2"
title = "The second"
points = 4
graded = false
show = "title"
"""


def _write(folder: Path, text: str) -> Path:
    (folder / "lab").mkdir(exist_ok=True)
    (folder / "lab" / "__init__.py").touch()
    (folder / "assignment.toml").write_text(text, encoding="utf-8")
    return folder


def test_questions_points_and_defaults(tmp_path: Path) -> None:
    assignment = load_assignment(_write(tmp_path, MINIMAL))
    assert [q.id for q in assignment.questions] == ["q1", "q2"]
    assert assignment.max_score == 3, "only graded questions count"
    assert [q.show for q in assignment.questions] == [Show.COUNTEREXAMPLE, Show.TITLE]
    assert assignment.limits == Limits()
    assert assignment.reference == tmp_path / "solutions" / "answers.py"


def test_limits_keep_their_types(tmp_path: Path) -> None:
    text = MINIMAL + "[limits]\ncall_cpu_s = 3\nmemory_mb = 500\n"
    limits = load_assignment(_write(tmp_path, text)).limits
    assert (limits.call_cpu_s, limits.memory_mb) == (3, 500)
    assert isinstance(limits.memory_mb, int)


def test_feedback_for_all_questions_can_be_tightened(tmp_path: Path) -> None:
    assignment = load_assignment(_write(tmp_path, MINIMAL + '[feedback]\nshow = "nothing"\n'))
    assert [q.show for q in assignment.questions] == [Show.NOTHING, Show.TITLE]


def test_written_questions_and_the_helper(tmp_path: Path) -> None:
    text = MINIMAL + (
        '[helper]\npackage = "lab"\nleft_out = ["lab.plots"]\n'
        '[[written]]\nid = "w"\ntitle = "Why"\npoints = 5\n'
    )
    assignment = load_assignment(_write(tmp_path, text))
    assert assignment.helper == Helper(package="lab", folder=tmp_path, left_out=("lab.plots",))
    assert [(w.id, w.points) for w in assignment.written] == [("w", 5)]
    assert assignment.max_score == 3, "written answers are kept apart"


def test_a_helper_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere is missing: helper\.package names it"):
        load_assignment(_write(tmp_path, MINIMAL + "[helper]\npackage = 'nowhere'\n"))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("title = ", "is not valid TOML"),
        ('title = "A"', "'module' is missing"),
        (MINIMAL.replace("points = 3", 'points = "3"'), "questions[0].points must be of type int"),
        (MINIMAL.replace("points = 3", "points = true"), "questions[0].points must be of type int"),
        (MINIMAL.replace("points = 3", "points = -3"), "questions[0].points must not be negative"),
        (MINIMAL.replace("points = 3", ""), "questions[0].points is missing"),
        (MINIMAL.replace('"q2"', '"q1"'), "an id of its own"),
        (MINIMAL.replace('"answers"', '"my answers"'), "module must be a Python module's name"),
        (MINIMAL.replace('"title"\n', '"all"\n'), "questions[1].show must be one of"),
        (MINIMAL + "[limits]\ncall_cpu = 3\n", "unknown key limits.call_cpu; known are cell_cpu_s"),
        (MINIMAL + "[limits]\ncall_cpu_s = 0\n", "limits.call_cpu_s must be greater than 0"),
        (MINIMAL + "[limits]\ncall_cpu_s = inf\n", "limits.call_cpu_s must be greater than 0"),
        (MINIMAL + "[limits]\nprocesses = 0.9\n", "limits.processes must be of type int"),
        (MINIMAL.replace('"q1"', '"score"'), "no question can be called 'score'"),
        (MINIMAL + "[limits]\ncall_cpu_s = nan\n", "limits.call_cpu_s must be greater than 0"),
        (MINIMAL + "[limits]\ncall_cpu_s = '3'\n", "limits.call_cpu_s must be of type float"),
        ("colour = 1\n" + MINIMAL, "unknown key colour"),
        (MINIMAL + "[helper]\npackage = 'a b'\n", "helper.package must be a Python package's name"),
        (MINIMAL + "[helper]\npackage = 'lab'\nleft_out = ['b.c']\n", "'b.c' is not in lab"),
        (MINIMAL + "[[written]]\nid = 'w'\ntitle = 'W'\n", "written[0].points is missing"),
        (MINIMAL + "[[written]]\nid = 'q1'\ntitle = 'W'\npoints = 1\n", "an id of its own"),
    ],
)
def test_a_mistake_is_named_with_file_and_key(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_assignment(_write(tmp_path, text))
    assert sentence in str(caught.value)
    assert "assignment.toml" in str(caught.value)


def test_both_layouts_are_found(tmp_path: Path) -> None:
    package = Layout.of(_write(tmp_path, MINIMAL))
    assert package.hidden == tmp_path / "hidden"
    (tmp_path / "assignment").mkdir()
    (tmp_path / "assignment" / "assignment.toml").write_text(MINIMAL, encoding="utf-8")
    assert Layout.of(tmp_path).hidden == tmp_path / "tests" / "hidden"


def test_the_folder_named_by_the_environment_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOGRADER_ROOT", str(_write(tmp_path, MINIMAL)))
    assert find_root() == tmp_path.resolve()
    monkeypatch.setenv("AUTOGRADER_ROOT", str(tmp_path / "nowhere"))
    with pytest.raises(UsageError, match="set AUTOGRADER_ROOT"):
        find_root()


def test_this_assignment_is_in_order() -> None:
    assignment = load_assignment()
    assert [q.id for q in assignment.questions] == [
        "q1a", "q1b", "q1c", "q1d", "q1e", "q2a", "q2b", "q2d"
    ], "the columns of grades.csv"  # fmt: skip
    assert assignment.max_score == sum(q.points for q in assignment.questions if q.graded)
