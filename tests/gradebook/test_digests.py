"""What makes a submission be graded anew, and what does not."""

import os
import subprocess
import zipfile
from pathlib import Path

import pytest
from support.small_class import lay_out

import autograder
from autograder.config import load_assignment
from autograder.gradebook import digests
from autograder.gradebook.digests import assignment_digest, submission_digest


def test_the_zip_grades_as_the_checkout_does(unpacked: Path) -> None:
    checkout = Path(__file__).resolve().parents[2]
    assert assignment_digest(load_assignment(unpacked)) == assignment_digest(
        load_assignment(checkout)
    )
    with zipfile.ZipFile(next(unpacked.glob("*.whl"))) as wheel:
        for name in wheel.namelist():
            if name.startswith("autograder/"):
                source = Path(autograder.__file__).parents[1] / name
                assert wheel.read(name) == source.read_bytes(), name


def test_unsafe_results_are_not_relied_on_later(tmp_path: Path) -> None:
    assignment = load_assignment(lay_out(tmp_path).assignment)
    assert assignment_digest(assignment) != assignment_digest(assignment, unsafe=True)


@pytest.mark.parametrize("name", digests._LIBRARIES)
def test_another_version_of_a_library_is_another_grader(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assignment = load_assignment(lay_out(tmp_path).assignment)
    before, real = assignment_digest(assignment), digests.version
    monkeypatch.setattr(digests, "version", lambda one: "0.0" if one == name else real(one))
    assert assignment_digest(assignment) != before
    monkeypatch.setattr(digests, "version", lambda one: real(one).partition("+")[0] + "+cpu")
    assert assignment_digest(assignment) == before


def test_of_a_file_its_bytes_count_and_not_its_times(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"x = 1\n")
    before = submission_digest(path)
    os.utime(path, (1, 1))
    assert submission_digest(path) == before
    path.write_bytes(b"x = 2\n")
    assert submission_digest(path) != before


def test_of_a_folder_every_name_and_every_byte_counts(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    (folder / "b").mkdir(parents=True)
    seen = {submission_digest(folder)}
    for change in (
        lambda: (folder / "x").write_bytes(b"12"),
        lambda: (folder / "x").write_bytes(b"1"),
        lambda: (folder / ".hidden").write_bytes(b"2"),
        lambda: (folder / "x").rename(folder / "y"),
        lambda: (folder / "y").rename(folder / "b" / "y"),
        lambda: (folder / "link").symlink_to("/etc/passwd"),
        lambda: os.mkfifo(folder / "pipe"),
    ):
        change()
        digest = submission_digest(folder)
        assert digest not in seen
        seen.add(digest)


def test_a_folder_deeper_than_python_can_go_is_read(tmp_path: Path) -> None:
    top = path = tmp_path / "deep"
    path.mkdir()
    for _ in range(1200):
        path = path / "d"
        path.mkdir()
    try:
        (path / "x").write_bytes(b"1")
        before = submission_digest(top)
        (path / "x").write_bytes(b"2")
        assert submission_digest(top) != before
    finally:  # pytest could not remove it
        subprocess.run(["rm", "-r", str(top)], check=True)


def test_what_cannot_be_read_raises(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        submission_digest(tmp_path / "nothing")


def test_a_linked_check_counts_as_what_it_leads_to(tmp_path: Path) -> None:
    small = lay_out(tmp_path)
    path, elsewhere = small.assignment / "hidden" / "test_all.py", tmp_path / "elsewhere.py"
    assignment = load_assignment(small.assignment)
    before = assignment_digest(assignment)
    path.rename(elsewhere)
    path.symlink_to(elsewhere)
    assert assignment_digest(assignment) == before
    elsewhere.write_text(elsewhere.read_text() + "\n# another\n")
    assert assignment_digest(assignment) != before
    elsewhere.unlink()
    assert assignment_digest(assignment) != before
