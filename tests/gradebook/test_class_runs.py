"""`autograder grade` on a class: what is graded stays graded, whatever happens in between."""

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.gradescope_folders import ENDLESS, HALF, RIGHT
from support.small_class import PROGRAMS, SmallClass, copy_of, lay_out, stop

KILLS = 20
SOON_S = 10
"""Two seconds are promised, and it is a tenth of one; the machine may have other things to do."""


@pytest.fixture
def small(tmp_path: Path) -> SmallClass:
    return lay_out(tmp_path)


def graded_at(small: SmallClass) -> dict[str, str]:
    """What was committed, in a form that no second grading would come to again."""
    return graded_in(small.grades)


def graded_in(grades: Path) -> dict[str, str]:
    path = grades / "gradebook.sqlite"
    if not path.is_file():
        return {}
    connection = sqlite3.connect(path, timeout=30)
    try:
        rows = connection.execute("SELECT submission, graded_at || result FROM results").fetchall()
    except sqlite3.OperationalError:  # killed before the tables were there
        return {}
    finally:
        connection.close()
    return dict(rows)


def test_a_second_run_grades_nothing_and_writes_the_same(small: SmallClass) -> None:
    small.run()
    before, committed = (small.grades / "grades.csv").read_bytes(), graded_at(small)
    done = small.run()
    assert "5 of 5 are graded already; --fresh grades them anew" in done.stderr
    assert (small.grades / "grades.csv").read_bytes() == before
    assert graded_at(small) == committed
    assert small.table("changes.csv") == []


def test_only_what_changed_is_graded_anew(small: SmallClass) -> None:
    small.run()
    committed = graded_at(small)
    small.submit("half 0.py", RIGHT)
    small.submit("late.py", HALF)
    done = small.run()
    now = graded_at(small)
    assert {name for name in now if now[name] != committed.get(name)} == {"half 0.py", "late.py"}
    assert small.table("changes.csv") == [
        {"submission": "half 0.py", "column": "score", "from": "3", "to": "7",
         "why": "the submission changed"},
        {"submission": "half 0.py", "column": "qb", "from": "0", "to": "4",
         "why": "the submission changed"},
        {"submission": "late.py", "column": "status", "from": "", "to": "graded",
         "why": "was not there before"},
        {"submission": "late.py", "column": "score", "from": "", "to": "3",
         "why": "was not there before"},
    ]  # fmt: skip
    assert "score 3 -> 7, qb 0 -> 4" in done.stdout


@pytest.mark.parametrize("change", ["check", "config", "reference", "fresh"])
def test_a_change_of_what_grades_grades_all_anew(small: SmallClass, change: str) -> None:
    small.run()
    committed, options = graded_at(small), []
    if change == "check":
        small.change_a_check()
    elif change == "config":
        path = small.assignment / "assignment.toml"
        path.write_text(path.read_text() + "\n[limits]\ncell_cpu_s = 4.0\n")
    elif change == "reference":
        path = small.assignment / "solutions" / "answers.py"
        path.write_text(path.read_text() + "\n\nTHREE = 3\n")
    else:
        options = ["--fresh"]
    done = small.run(*options)
    assert "graded already" not in done.stderr
    now = graded_at(small)
    assert now.keys() == committed.keys()
    assert not {
        name for name in now if now[name] == committed[name] and "rejected" not in now[name]
    }
    changed = {row["submission"] for row in small.table("changes.csv")}
    assert changed == ({"half 0.py", "right 0.py"} if change == "check" else set())


def test_what_does_not_grade_changes_nothing(small: SmallClass) -> None:
    small.run()
    committed = graded_at(small)
    (small.assignment / "README.md").write_text("For instructors.\n")
    (small.assignment / "hidden" / ".test_all.py.swp").write_text("an editor's")
    (small.assignment / "hidden" / "__pycache__").mkdir(exist_ok=True)
    (small.assignment / "hidden" / "__pycache__" / "x.pyc").write_bytes(b"x")
    small.run()
    assert graded_at(small) == committed


def test_changes_are_counted_from_what_was_published(small: SmallClass) -> None:
    small.run()
    small.submit("half 0.py", RIGHT)
    small.run()
    assert len(small.table("changes.csv")) == 2
    small.run()
    assert len(small.table("changes.csv")) == 2, "nothing was published yet"
    assert "5 submissions" in small.run(command="publish").stdout
    assert small.table("changes.csv") == []
    small.submit("half 0.py", PROGRAMS["none"])
    small.run()
    assert {(r["column"], r["from"], r["to"]) for r in small.table("changes.csv")} == {
        ("score", "7", "0"), ("qa", "3", "0"), ("qb", "4", "0")
    }  # fmt: skip


def test_an_override_is_applied_on_every_run_and_shown_everywhere(small: SmallClass) -> None:
    small.run()
    (small.grades / "overrides.csv").write_text(
        'submission,question,score,reason,by\nhalf 0.py,qb,2.5,"2 < 3, nearly",Ada\n'
        "empty 0.py,qa,1,sent by mail,Ada\ngone.py,qa,1,why,Ada\n",
        encoding="utf-8",
    )
    sentence = "qb: 2.5 instead of 0, set by Ada: 2 < 3, nearly"
    for options in ([], ["--fresh"]):
        done = small.run(*options)
        rows = {row["submission"]: row for row in small.table()}
        half, empty = rows["half 0.py"], rows["empty 0.py"]
        assert (half["score"], half["qa"], half["qb"]) == ("5.5", "3", "2.5")
        assert half["message"] == f"{sentence}."
        assert (empty["status"], empty["score"], empty["qa"]) == ("rejected", "1", "1")
        assert "overrides.csv sets a score for 'gone.py', which is no submission" in done.stderr
        assert "2 < 3, nearly" in done.stdout
        results = json.loads((small.grades / "results" / "half 0.py.json").read_text())
        assert results["score"] == 5.5
        assert sentence.replace("<", "&lt;") in results["output"]
    assert {row["why"] for row in small.table("changes.csv")} == {
        sentence, "qa: 1 instead of 0, set by Ada: sent by mail"
    }  # fmt: skip
    machine = json.loads(small.run("--format", "json").stdout)
    assert [o["by"] for result in machine for o in result["overrides"]] == ["Ada", "Ada"]
    (small.grades / "overrides.csv").unlink()
    small.run()
    assert small.scores()["half 0.py"] == "3"
    assert small.table("changes.csv") == []


def test_a_look_at_one_student_leaves_the_class_as_it_is(small: SmallClass) -> None:
    small.run()
    before = small.table()
    half = small.submit("half 0.py", RIGHT)
    process = small.start(paths=[half])
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert "Score: 7 of 7" in out
    assert [row for row in small.table() if row not in before] == [
        {**before[1], "score": "7", "qb": "4"}
    ]
    assert len(small.table()) == len(before)


def test_an_override_reaches_all_files_by_a_look_at_another(small: SmallClass) -> None:
    small.run()
    text = "submission,question,score,reason,by\nhalf 0.py,qb,2,as agreed,Anna\n"
    (small.grades / "overrides.csv").write_text(text)
    small.run_on("right 0.py", "none 0.py")
    assert small.scores()["half 0.py"] == "5"
    assert json.loads((small.grades / "results" / "half 0.py.json").read_text())["score"] == 5
    (small.grades / "overrides.csv").write_text(text + "hlaf 0.py,qa,1,as agreed,Anna\n")
    said = small.run(command="publish").stdout
    assert "overrides.csv sets a score for 'hlaf 0.py', which is no submission here" in said
    assert "5 submissions (4 graded, 1 rejected)" in said


def test_an_export_has_what_grades_csv_has(small: SmallClass) -> None:
    small.run()
    text = "submission,question,score,reason,by\nhalf 0.py,qb,2,as agreed,Anna\n"
    (small.grades / "overrides.csv").write_text(text)
    small.run(str(small.root / "scores.csv"), command="export")
    assert "5" in {row["score"] for row in small.table("../scores.csv")}
    assert small.scores()["half 0.py"] == "5"
    assert {row["column"] for row in small.table("changes.csv")} == {"score", "qb"}


def test_processor_time_is_that_of_the_students_code_too(tmp_path: Path) -> None:
    small = lay_out(tmp_path, copies=0)
    busy = "import time\nwhile time.process_time() < 1.5:\n    pass\n"
    small.submit("a.py", "x = 1\n")
    small.submit("b.py", busy)
    found = json.loads(small.run("--format", "json").stdout)
    idle, busy_s = (result["cpu_s"] for result in found)
    assert busy_s - idle > 0.7


def test_a_look_at_some_leaves_the_class_as_it_is(small: SmallClass) -> None:
    small.run()
    before = small.table()
    some = [small.submissions / "right 0.py", small.submissions / "none 0.py"]
    process = small.start(paths=[*some, some[0].parent / ".." / "class" / some[0].name])
    error = process.communicate(timeout=300)[1]
    assert "3 others of the class stay in grades.csv as they are" in error
    assert small.table() == before


def test_a_late_one_named_beside_one_of_the_class_joins_it(small: SmallClass) -> None:
    small.run()
    late = small.submit("late.py")
    small.start(paths=[late, small.submissions / "half 0.py"]).communicate(timeout=300)
    assert small.scores()["late.py"] == "7"
    assert len(small.table()) == 6


def test_a_file_that_is_no_submission_of_the_class_is_shown_and_not_kept(tmp_path: Path) -> None:
    small = lay_out(tmp_path, copies=0)
    for name in ("anna", "bob", "late/x", "late/y"):
        small.submit(f"{name}/answers.py")
    small.run()
    before = small.table()
    process = small.start(paths=[small.submissions / "anna" / "answers.py"])
    out, error = process.communicate(timeout=300)
    assert process.returncode == 0
    assert "answers.py" in out
    assert "so nothing is written" in error
    assert small.table() == before
    assert not (small.grades / "results" / "answers.py.json").exists()


def test_a_folder_in_a_students_folder_is_nobody_elses(tmp_path: Path) -> None:
    small = lay_out(tmp_path, copies=0)
    for name in ("anna/answers.py", "bob/answers.py"):
        small.submit(name)
    small.run()
    before = small.table()
    small.submit("anna/bob/answers.py", "x = 1\n")
    process = small.start(paths=[small.submissions / "anna"])
    error = process.communicate(timeout=300)[1]
    assert process.returncode == 2
    assert "is one submission of the class" in error
    assert small.table() == before


def test_publishing_writes_what_it_publishes(small: SmallClass) -> None:
    small.run()
    (small.grades / "overrides.csv").write_text(
        "submission,question,score,reason,by\nhalf 0.py,qb,4,late,Ada\n"
    )
    small.run(command="publish")
    assert small.scores()["half 0.py"] == "7"
    small.run()
    assert small.table("changes.csv") == []


def test_who_is_no_longer_there_is_said(small: SmallClass) -> None:
    small.run()
    (small.submissions / "half 0.py").unlink()
    done = small.run()
    assert "1 that grades.csv had are not among these; the gradebook keeps them" in done.stderr
    assert "half 0.py" not in small.scores()
    assert [(r["column"], r["from"], r["to"]) for r in small.table("changes.csv")] == [
        ("status", "graded", ""), ("score", "3", "")
    ]  # fmt: skip
    small.submit("half 0.py", PROGRAMS["half"])
    small.run()
    assert small.table("changes.csv") == []


def test_a_wrong_override_is_named_before_anything_is_graded(small: SmallClass) -> None:
    small.grades.mkdir()
    (small.grades / "overrides.csv").write_text("submission,question,score,reason,by\nx,qz,1,y,z\n")
    done = small.run(code=2)
    assert "overrides.csv, line 2: there is no question 'qz', only qa, qb" in done.stderr
    assert not (small.grades / "grades.csv").exists()


def test_a_class_may_lie_around_its_grades(small: SmallClass) -> None:
    moved = SmallClass(small.root)
    for _ in range(2):
        process = moved.start("--output", str(small.submissions / "grades"))
        _, err = process.communicate(timeout=120)
        assert process.returncode == 0
        assert "grades" not in err.replace("--fresh grades", "")
    grades = (small.submissions / "grades" / "grades.csv").read_text()
    assert len(grades.splitlines()) == 6


def test_kills_at_any_moment_lose_nothing_and_grade_nothing_twice(tmp_path: Path) -> None:
    small = lay_out(tmp_path, copies=12)
    undisturbed = copy_of(small, tmp_path / "undisturbed")
    undisturbed.run()
    draw = random.Random(6)
    kills, known = 0, {}
    while kills < KILLS:
        process = small.start()
        if draw.random() < 0.7 and len(known) < 50:  # between two results, or while one is written
            have = len(list(small.grades.glob("results/**/*.json")))
            small.wait_for(have + 1, process)
            time.sleep(draw.uniform(0, 0.3))
        else:
            time.sleep(draw.uniform(0, 3))
        kills += process.poll() is None
        stop(process)
        now = graded_at(small)
        assert {name: now.get(name) for name in known} == known, "lost, or graded twice"
        known = now
        if len(known) == 60:
            small.submit(f"right {draw.randrange(12)}.py", RIGHT + "\n" * kills)
            known = {}  # one of them may be graded again
    small.run()
    for path in (small, undisturbed):
        assert len(path.table()) == 60
    assert small.table() == undisturbed.table()


@pytest.mark.parametrize("moment", [0.0, 0.7, 1.5, 3.0, "first", "stuck"])
def test_ctrl_c_stops_soon_and_says_how_to_go_on(tmp_path: Path, moment: float | str) -> None:
    small = lay_out(tmp_path, copies=6)
    if moment == "stuck":
        shutil.rmtree(small.submissions)
        small.submit("a right.py")
        for number in range(4):
            small.submit(f"endless {number}.py", ENDLESS)
    process = small.start()
    if isinstance(moment, str):
        small.wait_for(1, process)
    else:
        small.wait_until_it_loads(process)
        time.sleep(moment)
    error = stop(process, signal.SIGINT, within_s=SOON_S)
    assert process.returncode == 130
    assert "Traceback" not in error
    assert "autograder: interrupted." in error
    if isinstance(moment, str):
        count = len(small.table())
        assert count >= 1
        assert f"{count} of {30 if moment == 'first' else 5} are graded and saved" in error
        assert "To go on, run the same again." in error
    if moment == "first":
        assert len(small.run().stdout.splitlines()) > 30
        assert len(small.table()) == 30


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_to_be_ended_or_to_lose_the_terminal_is_the_same(tmp_path: Path, number: int) -> None:
    small = lay_out(tmp_path, copies=6)
    before = signal.signal(number, signal.SIG_DFL)  # under nohup a hangup is ignored, and stays so
    try:
        process = small.start()
    finally:
        signal.signal(number, before)
    small.wait_for(1, process)
    assert "To go on, run the same again." in stop(process, number, within_s=SOON_S)
    assert process.returncode == 130
    assert small.table()


def test_ctrl_c_while_the_checks_are_read_is_no_fault_of_theirs(tmp_path: Path) -> None:
    small = lay_out(tmp_path)
    reading = tmp_path / "reading"
    path = small.assignment / "hidden" / "test_all.py"
    path.write_text(
        f"import pathlib, time\npathlib.Path({str(reading)!r}).touch()\ntime.sleep(60)\n"
        + path.read_text()
    )
    process = small.start()
    while not reading.exists():
        time.sleep(0.01)
    error = stop(process, signal.SIGINT, within_s=SOON_S)
    assert process.returncode == 130
    assert "interrupted. 0 of 5 are graded and saved. To go on, run the same again." in error


def test_a_second_run_into_the_same_folder_is_refused(tmp_path: Path) -> None:
    small = lay_out(tmp_path, copies=6)
    first = small.start()
    small.wait_for(1, first)
    refused = small.run(code=2)
    assert f"Another run is writing to {small.grades}" in refused.stderr
    assert first.communicate(timeout=120)[0]
    assert first.returncode == 0
    assert len(small.table()) == 30


HARM = """
mount -t tmpfs -o size=2m none "$GRADES" || exit 77
grade() { "$PYTHON" -m autograder grade "$CLASS" --output "$GRADES"; }
keep() { mkdir "$KEPT/$1"; cp -r "$GRADES/." "$KEPT/$1"; }
grade >/dev/null || exit 1
keep before
cp "$CLASS/right 0.py" "$CLASS/late.py"
HARM
grade >/dev/null 2>"$KEPT/error"; echo $? >"$KEPT/code"
keep after
UNDO
grade >/dev/null
keep end
"""


@pytest.mark.parametrize(
    ("harm", "undo", "sentence"),
    [
        ('head -c 3m /dev/zero >"$GRADES/full" 2>/dev/null', 'rm "$GRADES/full"', "make room"),
        ('mount -o remount,ro "$GRADES"', 'mount -o remount,rw "$GRADES"', "Read-only file system"),
    ],
    ids=["full disk", "read-only folder"],
)
def test_what_cannot_be_written_is_a_sentence_and_destroys_nothing(
    small: SmallClass, harm: str, undo: str, sentence: str
) -> None:
    kept = small.root / "kept"
    kept.mkdir()
    small.grades.mkdir()
    script = HARM.replace("HARM", harm).replace("UNDO", undo)
    paths = {"GRADES": small.grades, "CLASS": small.submissions, "KEPT": kept,
             "AUTOGRADER_ROOT": small.assignment, "PYTHON": sys.executable}  # fmt: skip
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", script],
        env={**os.environ, **{name: str(path) for name, path in paths.items()}},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 77 or "unshare" in done.stderr:
        pytest.skip("no mount namespace here")
    error = (kept / "error").read_text()
    assert (kept / "code").read_text() == "2\n", error
    assert sentence in error
    assert "Traceback" not in error
    before, after, end = (
        (kept / name / "grades.csv").read_text() for name in ("before", "after", "end")
    )
    assert after == before
    assert "late.py,graded,7" not in before
    assert "late.py,graded,7" in end
    assert graded_in(kept / "after") == graded_in(kept / "before")
