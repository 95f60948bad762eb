"""run_autograder: whatever happens, a valid results.json and exit code 0.

A small assignment, this machine's Python, Gradescope's folders in a temporary one; the real zip in
a system of its own is tried by tests/container.
"""

import json
import os
import shutil
import signal
import stat
from pathlib import Path
from typing import Any

import pytest
from support.gradescope_folders import (
    ENDLESS,
    HALF,
    RIGHT,
    Folders,
    kill_when_there,
    lay_out,
)

from autograder.results import APOLOGY


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return lay_out(tmp_path / "autograder")


def assert_is_our_failure(document: dict[str, Any]) -> str:
    """No score anywhere, a sentence for the student; what the staff reads."""
    assert "score" not in document
    assert all("score" not in test for test in document["tests"])
    assert "ubmit again" in document["output"]
    assert {test["visibility"] for test in document["tests"]} == {"hidden"}
    assert document["extra_data"]["status"] == "internal_error"
    assert document["stdout_visibility"] == "hidden"
    return "\n".join(test["output"] for test in document["tests"])


def test_a_submission_is_graded_and_otter_has_run(folders: Folders) -> None:
    folders.submit(answers__py=HALF)
    document, printed = folders.run()
    assert document["score"] == 3
    assert [test["score"] for test in document["tests"]] == [3, 0]
    assert document["execution_time"] >= 1
    assert "Score: 3 of 7" in printed
    assert "Total Score: 3.000 / 7.000" in printed, "Otter's own summary"


def test_the_folders_are_closed_and_left_as_they_were(folders: Folders) -> None:
    folders.submit(answers__py=RIGHT)
    before = {path: path.stat().st_mtime for path in folders.root.rglob("*") if path.is_file()}
    folders.run()
    for name in ("source", "submission", "results"):
        assert stat.S_IMODE((folders.root / name).stat().st_mode) == 0o700
    after = {path: path.stat().st_mtime for path in folders.root.rglob("*") if path.is_file()}
    assert {path: time for path, time in after.items() if path != folders.results} == before
    assert stat.S_IMODE(folders.results.stat().st_mode) == 0o600


SPY = """
import os


def one():
    found = []
    for folder in {folders!r}:
        try:
            found += os.listdir(folder)
        except OSError:
            pass
    return 1 if not found else found
"""


def test_a_submission_sees_none_of_the_folders(folders: Folders) -> None:
    names = [str(folders.root / name) for name in ("source", "submission", "results", ".")]
    names += [str(folders.root / "source" / "hidden")]
    folders.submit(answers__py=SPY.format(folders=names))
    document, _ = folders.run()
    assert document["tests"][0]["score"] == 3, document["tests"][0]["output"]


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({}, "holds no file"),
        ({"answers__ipynb": "{"}, "is not a complete notebook"),
        ({"one__ipynb": "{}", "two__ipynb": "{}"}, "only one can be graded"),
        ({"answers__pdf": "%PDF"}, "neither answers.ipynb nor answers.py"),
    ],
)
def test_what_cannot_be_graded_has_a_zero_and_a_sentence(
    files: dict[str, str], sentence: str, folders: Folders
) -> None:
    folders.submit(**files)
    document, _ = folders.run()
    assert document["score"] == 0
    assert sentence in document["output"]


METADATA = {
    "nested beyond all bounds": '{"a":' * 100_000 + "1" + "}" * 100_000,
    "group": json.dumps({"id": 7, "users": [{"email": "a@b"}, {"email": "c@d"}], "assignment": {}}),
    "late, with previous submissions": json.dumps(
        {"created_at": "2026-11-22T23:00:00", "assignment": {"due_date": "2026-11-01T00:00:00"},
         "previous_submissions": [{"score": 7, "results": {"tests": []}}]}
    ),
    "broken": "{",
    "a list": "[]",
    "none": None,
}  # fmt: skip


@pytest.mark.parametrize("metadata", METADATA.values(), ids=METADATA)
def test_whatever_gradescope_says_of_a_submission_it_is_graded(
    metadata: str | None, folders: Folders
) -> None:
    path = folders.root / "submission_metadata.json"
    path.unlink() if metadata is None else path.write_text(metadata, encoding="utf-8")
    folders.submit(answers__py=RIGHT)
    document, printed = folders.run()
    assert document["score"] == 7
    assert "Total Score: 7.000" in printed


def test_a_failed_installation_leaves_the_sentence(folders: Folders) -> None:
    folders.environment["AUTOGRADER_PYTHON"] = "/nonexistent/python"
    document, printed = folders.run()
    assert assert_is_our_failure(document)
    assert document["output"] == APOLOGY
    assert "/nonexistent/python" in printed


def test_a_request_to_end_is_answered_with_a_sentence(folders: Folders) -> None:
    folders.submit(answers__py=ENDLESS)
    process = folders.start()
    kill_when_there(process, "autograder.worker.zygote", 0)
    os.kill(process.pid, signal.SIGTERM)
    document, _ = folders.finish(process)
    assert "interrupted from outside" in assert_is_our_failure(document)


KILLED = {
    "the program that run_autograder starts": "-m autograder.gradescope",
    "the grader": "-m autograder grade",
    "the zygote": "autograder.worker.zygote",
}


@pytest.mark.parametrize("name", KILLED.values(), ids=KILLED)
def test_a_killed_process_of_ours_is_never_a_zero(name: str, folders: Folders) -> None:
    folders.submit(answers__py=ENDLESS)
    process = folders.start()
    kill_when_there(process, name, signal.SIGKILL)
    document, _ = folders.finish(process)
    assert assert_is_our_failure(document)


def test_when_otters_kernel_dies_the_score_stands(folders: Folders) -> None:
    folders.submit(answers__py=HALF)
    process = folders.start()
    kill_when_there(process, "ipykernel_launcher", signal.SIGKILL)
    document, printed = folders.finish(process)
    assert document["score"] == 3
    assert "Otter: Otter ended with status" in printed, printed


def test_when_otter_cannot_start_the_score_stands(folders: Folders) -> None:
    (folders.root / "source" / "otter_config.json").write_text("{", encoding="utf-8")
    folders.submit(answers__py=HALF)
    document, printed = folders.run()
    assert document["score"] == 3
    assert "Otter: " in printed


def test_a_folder_in_the_place_of_results_json_is_removed(folders: Folders) -> None:
    (folders.results / "inner").mkdir(parents=True)
    folders.submit(answers__py=RIGHT)
    document, _ = folders.run()
    assert document["score"] == 7


def test_a_link_instead_of_a_folder_is_not_followed(folders: Folders, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o755)
    (elsewhere / "answers.py").write_text(RIGHT, encoding="utf-8")
    (folders.root / "submission").rmdir()
    (folders.root / "submission").symlink_to(elsewhere)
    document, _ = folders.run()
    assert "is a link" in assert_is_our_failure(document)
    assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o755


NAMES = """
def one():
    raise ValueError("\\ud800\\x00\\x1b[31m" + "<b>" * 100_000)
"""


def test_whatever_a_submission_says_results_json_can_be_read(folders: Folders) -> None:
    folders.submit(answers__py=NAMES)
    document, _ = folders.run()
    assert document["score"] == 0
    text = json.dumps(document, ensure_ascii=False)
    assert len(text.encode("utf-8")) < 100_000
    assert "<b><b>" not in text


def test_when_nobody_reads_the_output_the_score_stands(folders: Folders) -> None:
    folders.submit(answers__py=HALF)
    process = folders.start("sh", "-c", '"$0" > /dev/full 2>&1')
    process.communicate(timeout=120)
    document = json.loads(folders.results.read_text(encoding="utf-8"))
    assert document["score"] == 3


def test_past_the_deadline_there_is_no_score_but_what_was_graded(folders: Folders) -> None:
    path = folders.root / "source" / "assignment.toml"
    limits = "\n[limits]\ncall_cpu_s = 100\nquestion_cpu_s = 100\n"
    path.write_text(path.read_text(encoding="utf-8") + limits, encoding="utf-8")
    folders.submit(answers__py=ENDLESS)
    document, _ = folders.run()
    staff = assert_is_our_failure(document)
    assert "not finished in time" in document["output"]
    assert "past the deadline" in staff
    assert "qa: 3 of 3 points in 1 checks" in staff


def test_a_broken_check_is_for_the_staff(folders: Folders) -> None:
    with (folders.root / "source" / "hidden" / "test_all.py").open("a", encoding="utf-8") as file:
        file.write("raise RuntimeError('a fault of the staff')\n")
    folders.submit(answers__py=RIGHT)
    document, printed = folders.run()
    assert "a fault of the staff" in assert_is_our_failure(document)
    assert "a fault of the staff" not in document["output"]
    assert "a fault of the staff" in printed


def test_a_broken_configuration_is_for_the_staff(folders: Folders) -> None:
    (folders.root / "source" / "assignment.toml").write_text("title = ", encoding="utf-8")
    folders.submit(answers__py=RIGHT)
    document, _ = folders.run()
    assert "is not valid TOML" in assert_is_our_failure(document)


# A full disk: a file system of a few kB in a mount namespace, for root where that is allowed.
FULL = """
mount -t tmpfs -o size={size} tmpfs "$FULL" || exit 77
{before}
"$0"
code=$?
cp "{results}" "{kept}"
exit $code
"""


@pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("unshare") is None, reason="mounts a small file system"
)
@pytest.mark.parametrize(
    ("where", "size", "before", "graded"),
    [
        ("results", "2m", "", True),
        ("results", "8k", "", False),
        ("tmp", "8k", "", False),
        # From the start: Python takes another folder for what is temporary.
        ("tmp", "4m", 'head -c 4m /dev/zero > "$FULL/full" 2>/dev/null', True),
    ],
)
def test_on_a_full_disk_there_is_a_sentence(
    where: str, size: str, before: str, graded: bool, folders: Folders
) -> None:
    full, kept = folders.root / where, folders.root / "kept.json"
    full.mkdir(exist_ok=True)
    folders.environment["FULL"] = str(full)
    if where == "tmp":
        folders.environment["TMPDIR"] = str(full)
    folders.submit(answers__py=RIGHT)
    script = FULL.format(size=size, before=before, results=folders.results, kept=kept)
    process = folders.start("unshare", "--mount", "sh", "-c", script)
    printed, _ = process.communicate(timeout=120)
    if process.returncode == 77:
        pytest.skip("no mount namespace here")
    assert process.returncode == 0, printed
    document = json.loads(kept.read_text(encoding="utf-8"))
    if graded:
        assert document["score"] == 7
    else:
        assert_is_our_failure(document)
