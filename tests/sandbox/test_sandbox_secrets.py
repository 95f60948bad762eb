"""Attacks on what a submission must not read: files, processes, its own memory."""

import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import TOKEN, is_root, submitted

from autograder.errors import IsolationError
from autograder.host.sandbox import _close as close

REFUSED = {"PermissionError", "FileNotFoundError"}


def reading(path):
    return f"result = open({str(path)!r}, 'rb').read(9)"


SECRETS = ["tests/hidden/test_q1a.py", "solutions/cnn_principles.py", "assignment/assignment.toml",
           ".git/config", ".git/HEAD"]  # fmt: skip


@pytest.mark.parametrize("name", SECRETS)
def test_a_submission_cannot_read_the_checks_and_the_reference(probe, root, name):
    path = root / name
    assert path.read_bytes()
    assert probe(reading(path)) in REFUSED
    assert probe(f"import os; result = os.listdir({str(path.parent)!r})") in REFUSED
    assert probe(f"import os; os.link({str(path)!r}, 'here')") in {*REFUSED, "OSError"}
    link = f"{path.parent.name}-{path.name}"
    assert probe(f"import os; os.symlink({str(path)!r}, {link!r}); open({link!r})") in REFUSED


def test_a_submission_cannot_read_results_and_other_submissions(sandbox, public):
    result = public / "grades" / "results" / "other.json"
    result.parent.mkdir(parents=True)
    result.write_text("secret", encoding="utf-8")
    (public / "grades").chmod(0o700)
    code = f"def attack():\n    return open({str(result)!r}).read()"
    with submitted(sandbox, code) as first, submitted(sandbox, code) as second:
        assert first.call().raised.type_name in REFUSED
        other = first.place.confinement.private
        look = f"import os\ndef attack():\n    return os.listdir({other!r})"
        with submitted(sandbox, look) as third:
            assert third.call().raised.type_name in REFUSED
        assert second.call().raised.type_name in REFUSED


def test_a_submission_cannot_look_into_other_processes(probe):
    parent = os.getpid()
    for file in ("environ", "mem", "maps", "fd/0", "root/etc/hostname", "cwd/pyproject.toml"):
        assert probe(reading(f"/proc/{parent}/{file}")) in REFUSED
        assert probe("import os\n" + reading(f"/proc/' + str(os.getppid()) + '/{file}")) in REFUSED
    assert probe(f"import os; result = os.listdir('/proc/{parent}/fd')") in REFUSED
    assert probe(f"import os; os.chdir('/proc/{parent}/cwd'); open('pyproject.toml')") in REFUSED


def test_with_landlock_there_is_no_proc_at_all(sandbox, probe):
    if not sandbox.layers.landlock_abi:
        pytest.skip("without Landlock the list of processes can be read; see what is not covered")
    for path in ("/proc/self/environ", "/proc/self/maps", "/proc/1/cmdline", "/proc/version",
                 "/etc/passwd", "/sys/kernel/mm", "/dev/shm"):  # fmt: skip
        assert probe(reading(path)) in REFUSED
        assert probe(f"import os; result = os.listdir({path!r})") in {
            *REFUSED,
            "NotADirectoryError",
        }


def test_memory_of_other_processes_is_out_of_reach(probe):
    attack = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
buffer = ctypes.create_string_buffer(64)
result = []
for call in ((101, 16, {pid}, 0, 0), (310, {pid}, buffer, 1, buffer, 1, 0), (434, {pid}, 0),
             (438, 3, 0, 0), (312, {pid}, {pid}, 0, 0, 0)):
    result.append(libc.syscall(*call) == -1 and ctypes.get_errno() == 1)
"""
    if os.uname().machine != "x86_64":
        pytest.skip("the numbers of these calls are those of x86-64")
    assert probe(attack.format(pid=os.getpid())) == [True] * 5
    assert probe(attack.format(pid="os.getppid()")) == [True] * 5


def test_the_environment_of_the_grader_does_not_reach_a_submission(probe):
    environment = probe("import os; result = [f'{k}={v}' for k, v in os.environ.items()]")
    assert os.environ["GRADER_TOKEN"] == TOKEN
    assert not any(TOKEN in line for line in environment)
    assert not any("AUTOGRADER" in line or "PYTEST" in line for line in environment)


def test_a_submission_finds_no_check_in_its_own_memory(probe, root):
    """Frames, garbage collector, modules, arguments: all that Python shows of a process."""
    hidden = sorted(path.stem for path in (root / "tests" / "hidden").glob("*.py"))
    assert hidden
    backwards = [word[::-1] for word in (*hidden, "derandomize", "returns_array", "mark.points")]
    texts = probe(f"""
import gc, sys
result, seen, frame = [], set(), sys._getframe()
pending = [sys.modules, sys.argv, sys.orig_argv, *gc.get_objects()]
while frame:
    pending.append(frame.f_locals)
    frame = frame.f_back
while pending:
    thing = pending.pop()
    if id(thing) not in seen:
        seen.add(id(thing))
        if isinstance(thing, str) and any(word in thing[::-1] for word in {backwards}):
            result.append(thing[:200])
        elif isinstance(thing, (dict, list, tuple, set, frozenset)):
            pending.extend(gc.get_referents(thing))
""")
    assert texts == []
    modules = set(probe("import sys; result = sorted(sys.modules)"))
    assert not modules & {"pytest", "hypothesis", "reference", "autograder.examine",
                          "autograder.results", "autograder.config", *hidden}  # fmt: skip


def test_a_submission_inherits_no_descriptor_but_its_own(probe):
    kinds = probe("""
import os, stat
result = []
for number in range(256):
    try:
        mode = os.fstat(number).st_mode
    except OSError:
        continue
    kind = "pipe" if stat.S_ISFIFO(mode) else "socket" if stat.S_ISSOCK(mode) else oct(mode)
    result.append(kind if not stat.S_ISCHR(mode) else "device")
""")
    assert sorted(kinds) == ["device", "pipe", "pipe", "socket"]


def test_file_names_cannot_be_watched(probe):
    if os.uname().machine != "x86_64":
        pytest.skip("the numbers of these calls are those of x86-64")
    watch = "import ctypes; result = ctypes.CDLL(None).syscall({}, 0)"
    assert [probe(watch.format(number)) for number in (253, 294)] == [-1, -1]


# What is verified before a worker starts


def test_without_landlock_a_readable_clone_is_closed_to_others(sandbox_without_landlock):
    root = sandbox_without_landlock.secrets[0].parent
    modes = {name: stat.S_IMODE((root / name).stat().st_mode)
             for name in (".git", "solutions", "assignment", "tests")}  # fmt: skip
    assert set(modes.values()) == {0o700}


def test_a_secret_that_cannot_be_closed_is_refused(public, sandbox_without_landlock):
    (public / "solutions").mkdir()
    secret = replace(sandbox_without_landlock, secrets=(public / "solutions",))
    with pytest.raises(IsolationError, match=r"could read .*solutions.*chmod"), secret.place():
        pass


def test_a_folder_that_is_everybodys_is_refused_and_not_closed(public, sandbox_without_landlock):
    shared = public / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    close((shared,), keep_open=())
    assert stat.S_IMODE(shared.stat().st_mode) == 0o1777
    secret = replace(sandbox_without_landlock, secrets=(shared,))
    with pytest.raises(IsolationError, match=r"could read .*shared"), secret.place():
        pass


def test_a_folder_above_what_others_need_is_not_closed(public):
    needed = public / "home" / "python" / "os.py"
    needed.parent.mkdir(parents=True)
    for folder in (public / "home", needed.parent):
        folder.chmod(0o755)
    close((public / "home", needed.parent), keep_open=(needed.parent,))
    assert stat.S_IMODE((public / "home").stat().st_mode) == 0o755
    assert stat.S_IMODE(needed.parent.stat().st_mode) == 0o755
    close((public / "home",), keep_open=(public,))
    assert stat.S_IMODE((public / "home").stat().st_mode) == 0o700


def test_a_thousand_secrets_are_all_probed(whole_sandbox, tmp_path):
    """Their names are more than one message to the zygote holds."""
    names = [tmp_path / f"{'x' * 180}{i}" for i in range(1500)]
    with replace(whole_sandbox, secrets=tuple(names)).place():
        pass
    readable = Path(whole_sandbox.runtime.needed[0])
    leaky = replace(whole_sandbox, secrets=(*names, readable))
    with pytest.raises(IsolationError, match=r"could read .*os\.py"), leaky.place():
        pass


def test_the_worker_can_read_its_interpreter(probe, whole_sandbox):
    """Where it lies under a closed home folder, it runs from a mirror."""
    assert probe("import wave, sqlite3, torch.nn.utils.prune; result = 'imported'") == "imported"
    if is_root():
        needed = [Path(path) for path in whole_sandbox.runtime.needed]
        for path in needed:
            assert all(folder.stat().st_mode & 0o005 for folder in path.parents)


def test_an_interpreter_that_cannot_be_read_is_refused(whole_sandbox):
    runtime = replace(whole_sandbox.runtime, needed=("/nonexistent/os.py",))
    closed = replace(whole_sandbox, runtime=runtime)
    with pytest.raises(IsolationError, match=r"cannot read /nonexistent/os\.py"), closed.place():
        pass
