"""The same attacks as an ordinary user, and who is refused without Landlock."""

import os
import platform
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import ROOT, is_root, public_folder, submitted

from autograder.errors import IsolationError
from autograder.sandbox import layers
from autograder.sandbox.layers import Layers

USER = 61799  # no account has it, and no worker
ROOT_ONLY = pytest.mark.skipif(not is_root(), reason="only root can become another user")
THEMES = (
    "secrets",
    "escape",
    "kill",
    "time",
    "space",
)  # what does not depend on the user is left out


@pytest.fixture(scope="module")
def checkout(whole_sandbox):
    """A clone and an environment that belong to an ordinary user."""
    with public_folder() as folder:
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        for name in ("autograder", "assignment", "solutions", "tests/hidden", "tests/sandbox"):
            shutil.copytree(ROOT / name, folder / "clone" / name)
        shutil.copy(ROOT / "pyproject.toml", folder / "clone")
        subprocess.run(["git", "init", "-q", folder / "clone"], check=True)
        source = Path(whole_sandbox.runtime.needed[1]).parent  # readable by all, maybe a mirror
        site = folder / "env" / "lib" / version / "site-packages"
        site.mkdir(parents=True)
        for entry in source.iterdir():
            if "editable" not in entry.name and not entry.name.startswith(("autograder", "cnn_")):
                (site / entry.name).symlink_to(entry)
        (site / "autograder").symlink_to(folder / "clone" / "autograder")
        interpreter = Path(whole_sandbox.runtime.python).resolve()
        (folder / "env" / "bin").mkdir()
        (folder / "env" / "bin" / version).symlink_to(interpreter)
        (folder / "env" / "pyvenv.cfg").write_text(
            f"home = {interpreter.parent}\n", encoding="utf-8"
        )
        (folder / "home").mkdir()
        subprocess.run(["chown", "-R", f"{USER}:{USER}", folder], check=True)
        yield folder


def as_user(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    home = str(checkout / "home")
    return subprocess.run(
        [checkout / "env" / "bin" / version, *arguments],
        cwd=checkout / "clone",
        env={"HOME": home, "PATH": "/usr/bin:/bin", "TMPDIR": home},
        user=USER,
        group=USER,
        extra_groups=[],
        capture_output=True,
        text=True,
        check=False,
    )


@ROOT_ONLY
@pytest.mark.parametrize("theme", THEMES)
def test_the_attacks_fail_as_an_ordinary_user_too(checkout, whole_sandbox, theme):
    if not whole_sandbox.layers.landlock_abi:
        pytest.skip("as an ordinary user, grading is refused without Landlock")
    ran = as_user(checkout, "-m", "pytest", "-q", "-p", "no:cacheprovider",
                  f"tests/sandbox/test_sandbox_{theme}.py")  # fmt: skip
    assert ran.returncode == 0, ran.stdout[-6000:] + ran.stderr[-2000:]
    assert " passed" in ran.stdout


WITHOUT_LANDLOCK = """
import ctypes, errno, os, struct, sys
# Landlock's three calls become unknown ones, as on an old kernel.
code = b"".join(struct.pack("HBBI", *op) for op in [
    (0x20, 0, 0, 0), (0x35, 0, 2, 444), (0x25, 1, 0, 446), (0x06, 0, 0, 0x50000 | errno.ENOSYS),
    (0x06, 0, 0, 0x7FFF0000)])
class Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))
libc = ctypes.CDLL(None)
assert libc.prctl(38, 1, 0, 0, 0) == 0
assert libc.prctl(22, 2, ctypes.byref(Program(len(code) // 8, code)), 0, 0) == 0
os.execv(sys.executable, [sys.executable, "-m", *sys.argv[1:]])
"""


@ROOT_ONLY
def test_an_ordinary_user_without_landlock_is_refused(checkout):
    submission = "solutions/cnn_principles.py"
    grade = ("-c", WITHOUT_LANDLOCK, "autograder", "grade", submission)
    refused = as_user(checkout, *grade)
    assert refused.returncode == 2, refused.stderr
    assert "no Landlock" in refused.stderr
    assert "--unsafe" in refused.stderr
    graded = as_user(checkout, *grade, "--unsafe")
    assert graded.returncode == 0, graded.stderr
    assert "graded" in graded.stdout


@ROOT_ONLY
def test_root_without_landlock_grades_and_the_uid_holds(checkout):
    """The kernel's refusal of Landlock is real here; the attack is graded, and finds nothing."""
    attack = checkout / "clone" / "attack.py"
    secret = checkout / "clone" / "solutions" / "cnn_principles.py"
    attack.write_text(f"exec(open({str(secret)!r}).read())\n", encoding="utf-8")
    command = [sys.executable, "-c", WITHOUT_LANDLOCK, "autograder", "grade", attack,
               "--output", checkout / "grades", "--format", "json"]  # fmt: skip

    def grade() -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "AUTOGRADER_ROOT": str(checkout / "clone")}
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    refused = grade()
    assert refused.returncode == 2, refused.stderr
    assert "could read" in refused.stderr  # the clone is another user's, so it is not closed
    subprocess.run(["chown", "-R", "0:0", checkout / "clone"], check=True)
    graded = grade()
    assert graded.returncode == 0, graded.stderr
    assert '"score": 0' in graded.stdout
    assert "PermissionError" in graded.stdout


@pytest.mark.parametrize(
    ("uid", "abi", "seccomp", "suffice"),
    [(True, 7, True, True), (True, 0, True, True), (False, 1, True, True), (False, 0, True, False),
     (True, 7, False, False), (False, 7, False, False)],
)  # fmt: skip
def test_layers_that_do_not_suffice_are_refused_unless_told_otherwise(uid, abi, seccomp, suffice):
    found = Layers(uid=uid, landlock_abi=abi, seccomp=seccomp)
    assert found.suffice == suffice
    found.require(unsafe=True)
    if suffice:
        found.require(unsafe=False)
    else:
        with pytest.raises(IsolationError, match="--unsafe"):
            found.require(unsafe=False)


@pytest.mark.parametrize("system", ["darwin", "win32"])
def test_other_systems_are_refused(monkeypatch, system):
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(platform, "system", lambda: "Elsewhere")
    with pytest.raises(IsolationError, match="only be confined on Linux, and this is Elsewhere"):
        layers.probe_layers()


def test_a_secret_that_leaks_is_reported_but_graded_with_unsafe(whole_sandbox):
    leaky = replace(whole_sandbox, secrets=(Path(whole_sandbox.runtime.needed[0]),))
    with pytest.raises(IsolationError, match="could read"), leaky.place():
        pass
    with submitted(replace(leaky, unsafe=True), "def attack():\n    return 1") as submission:
        assert submission.value() == 1
