"""`autograder build`: what is in the zip, what is not, and that its bytes never change."""

import hashlib
import json
import os
import shutil
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from support.repository import ROOT, copy_assignment

from autograder.config import load_assignment
from autograder.errors import ConfigError
from autograder.package.archive import read_zip, zip_bytes
from autograder.package.build import build
from autograder.package.otter_zip import PLUGIN


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small assignment in the repository's layout, to be broken."""
    root = copy_assignment(tmp_path / "checkout")
    monkeypatch.setenv("AUTOGRADER_ROOT", str(root))
    return root


def names(package: Path) -> set[str]:
    with zipfile.ZipFile(package) as archive:
        return set(archive.namelist())


def test_a_second_build_elsewhere_gives_the_same_bytes(
    package: Path, checkout: Path, tmp_path: Path
) -> None:
    os.utime(checkout / "otter_config.json")  # times must not matter
    done = subprocess.run(
        ["sh", "-c", 'umask 077; exec "$0" -m autograder build --output here', sys.executable],
        cwd=tmp_path,
        env={**os.environ, "AUTOGRADER_ROOT": str(checkout), "PYTHONHASHSEED": "7"},
        check=False,
    )
    assert done.returncode == 0
    for name in ("autograder.zip", "student_template.zip"):
        digests = [
            hashlib.sha256((folder / name).read_bytes()).hexdigest()
            for folder in (package.parent, tmp_path / "here")
        ]
        assert digests[0] == digests[1]


def test_the_students_zip_is_one_folder_with_all_of_the_template(package: Path) -> None:
    template = ROOT / "student_template"
    files = {
        f"cnn_principles/{path.relative_to(template).as_posix()}": path.read_bytes()
        for path in template.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert read_zip((package.parent / "student_template.zip").read_bytes()) == files


def test_the_zip_is_closed_to_other_users(package: Path) -> None:
    assert stat.S_IMODE(package.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(package.stat().st_mode) == 0o600


def test_the_zip_holds_what_otter_and_the_grader_need(package: Path) -> None:
    found = names(package)
    hidden = {f"hidden/{path.name}" for path in (ROOT / "tests" / "hidden").glob("*.py")}
    needed = {"setup.sh", "run_autograder", "constraints.txt", "otter_config.json",
              "assignment.toml", "given/__init__.py", "solutions/cnn_principles.py"}  # fmt: skip
    assert needed | hidden <= found
    assert len([name for name in found if name.endswith(".whl")]) == 1


def test_nothing_but_a_stub_lies_where_otter_copies_it_to_the_student(package: Path) -> None:
    copied = {name for name in names(package) if name.split("/")[0] in {"files", "tests"}}
    assert copied == {"tests/stub.py"}


def test_the_scripts_are_our_own_and_the_versions_those_of_the_lock(package: Path) -> None:
    files = read_zip(package.read_bytes())
    for name in ("setup.sh", "run_autograder"):
        assert files[name] == (ROOT / "autograder" / "package" / "image" / name).read_bytes()
    assert files["constraints.txt"] == (ROOT / "requirements.lock").read_bytes()
    assert not {"environment.yml", "run_otter.py"} & files.keys(), "only Otter's scripts read them"


def test_the_wheel_holds_the_engine_and_nothing_of_the_assignment(unpacked: Path) -> None:
    (wheel,) = unpacked.glob("*.whl")
    modules = {name for name in names(wheel) if ".dist-info/" not in name}
    engine = ROOT / "autograder"
    sources = [*engine.rglob("*.py"), *engine.glob("*/files/*")]
    assert modules == {path.relative_to(ROOT).as_posix() for path in sources}


def test_the_zip_is_an_assignment_in_the_layout_of_a_package(unpacked: Path) -> None:
    assignment = load_assignment(unpacked)
    assert assignment.layout.hidden == unpacked / "hidden"
    assert assignment.reference.is_file()
    assert assignment.layout.given.is_dir()
    assert {path.name for path in assignment.secrets()} == {
        "hidden", "solutions", "tests", "assignment.toml", "given"
    }  # fmt: skip


def test_otter_is_told_of_the_plugin_and_makes_no_pdf(unpacked: Path) -> None:
    config = json.loads((unpacked / "otter_config.json").read_text(encoding="utf-8"))
    assert config["plugins"] == [PLUGIN]
    assert config["pdf"] is False


def break_plugins(root: Path) -> None:
    (root / "otter_config.json").write_text('{"plugins": []}', encoding="utf-8")


def break_json(root: Path) -> None:
    (root / "otter_config.json").write_text("{", encoding="utf-8")


def ask_for_a_pdf(root: Path) -> None:
    path = root / "otter_config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**config, "pdf": True}), encoding="utf-8")


def remove_config(root: Path) -> None:
    (root / "otter_config.json").unlink()


def remove_master(root: Path) -> None:
    (root / "assignment" / "cnn_principles.py").unlink()


def remove_checks(root: Path) -> None:
    shutil.rmtree(root / "tests" / "hidden")


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (break_plugins, r"otter_config.json: plugins must name 'autograder.otter_plugin"),
        (ask_for_a_pdf, r"otter_config.json: pdf is not supported: a PDF of the student's"),
        (break_json, r"otter_config.json: is not valid JSON"),
        (remove_config, r"otter_config.json: cannot be read: No such file"),
        (remove_master, r"cnn_principles.py: cannot be read: No such file"),
        (remove_checks, r"test_q1a.py: there is no hidden check of q1a"),
    ],
)
def test_a_broken_assignment_is_named_in_a_sentence(
    damage, sentence: str, checkout: Path, tmp_path: Path
) -> None:
    damage(checkout)
    with pytest.raises(ConfigError, match=sentence):
        build(tmp_path / "dist")
    assert not (tmp_path / "dist").exists(), "nothing is left half done"


def test_an_archive_depends_on_names_and_contents_only() -> None:
    files = {"b": b"#!/bin/sh\n", "a/c": b"text"}
    data = zip_bytes(files)
    assert data == zip_bytes(dict(reversed(files.items())))
    assert read_zip(data) == files


def test_scripts_in_an_archive_can_be_run(package: Path) -> None:
    with zipfile.ZipFile(package) as archive:
        programs = {i.filename for i in archive.infolist() if i.external_attr >> 16 & 0o111}
    assert programs == {"setup.sh", "run_autograder"}
