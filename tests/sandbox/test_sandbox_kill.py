"""Attempts to outlive: after a submission is closed, nothing of it is left."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from conftest import ROOT, is_root, submitted

from autograder.checking.reply import WorkerStopped
from autograder.errors import InternalError, IsolationError
from autograder.host.sandbox import open_sandbox
from autograder.sandbox import processes, uids
from autograder.sandbox.uids import lease_uid

DAEMON = """
import os, signal, time
for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
def daemon():
    if os.fork() == 0:
        if os.fork() == 0:
            try:
                os.setsid()
            except OSError:
                pass
            while True:
                try:
                    time.sleep(60)
                except BaseException:
                    pass
        os._exit(0)
"""

ATTACKS = {
    "a daemon": f"{DAEMON}\ndef attack():\n    daemon()\n    return 1",
    "ten daemons": f"{DAEMON}\ndef attack():\n    for _ in range(10): daemon()\n    return 1",
    "a fork bomb": """
import os
def attack():
    if os.fork() == 0:
        while True:
            try:
                os.fork()
            except OSError:
                pass
    return 1
""",
    "a chain of forks, each process ending at once": """
import os
def attack():
    if os.fork() == 0:
        while os.fork() == 0:
            pass
        os._exit(0)
    return 1
""",
    "threads that outlive the first thread": """
import ctypes, os, threading, time
def attack():
    if os.fork() == 0:
        threading.Thread(target=time.sleep, args=(60,)).start()
        ctypes.CDLL(None).syscall(60 if os.uname().machine == "x86_64" else 93, 0)
    time.sleep(0.1)
    return 1
""",
    "a child that waits for its child": """
import os, time
def attack():
    if os.fork() == 0:
        if os.fork() == 0:
            time.sleep(60)
        os.wait()
    return 1
""",
    "exit handlers": """
import atexit, os, threading, time
atexit.register(time.sleep, 60)
class Sleeper:
    def __del__(self): time.sleep(60)
keep = Sleeper()
def attack():
    atexit.register(time.sleep, 60)
    threading.Thread(target=time.sleep, args=(60,)).start()
    return 1
""",
}


def living(session, uid):
    return [*processes.of_session(session), *(processes.of_uid(uid) if uid is not None else ())]


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_nothing_outlives_its_submission(sandbox, attack):
    with submitted(sandbox, attack) as submission:
        assert submission.value() == 1
        session, rules = submission.session, submission.place.confinement
        assert living(session, rules.uid)
    assert living(session, rules.uid) == []
    assert not Path(rules.private).exists()


@pytest.mark.parametrize("attack", ["a daemon", "a fork bomb"])
def test_nothing_outlives_its_question(submit, attack):
    submission = submit(ATTACKS[attack] + "\ndef honest():\n    return 2")
    assert submission.value() == 1
    submission.next_question()
    assert submission.value("honest") == 2
    alive = [p.pid for p in processes.of_session(submission.session)]
    assert len(alive) == 2
    assert submission.session in alive


def test_what_the_cells_started_runs_on_in_no_question(submit):
    submission = submit(DAEMON, "daemon()", "def attack():\n    return 1")
    assert submission.value() == 1
    assert len(processes.of_session(submission.session)) == 2


def test_what_is_left_is_killed_also_when_grading_fails(whole_sandbox):
    class OurFaultError(Exception):
        pass

    seen = []

    def grade():
        with submitted(whole_sandbox, ATTACKS["a daemon"]) as submission:
            submission.value()
            seen.append((submission.session, submission.place.confinement.uid))
            raise OurFaultError

    with pytest.raises(OurFaultError):
        grade()
    assert living(*seen[0]) == []


GRADER = """
import json, os, sys, time
sys.path[:0] = [{tests!r}, {root!r}]
from conftest import ROOT, submitted
from autograder.config import load_assignment
from autograder.host.sandbox import open_sandbox
with open_sandbox(load_assignment(ROOT)) as sandbox, submitted(sandbox, {attack!r}) as submission:
    submission.value()
    print(json.dumps([submission.session, sandbox.zygote.pid]), flush=True)
    time.sleep(60)
"""


def test_nothing_outlives_a_grader_that_is_killed(public):
    """The zygote hears of it, and ends the workers before itself."""
    code = GRADER.format(
        root=str(ROOT), tests=str(ROOT / "tests/sandbox"), attack=ATTACKS["a daemon"]
    )
    environment = {**os.environ, "TMPDIR": str(public)}
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as grader:
        assert grader.stdout is not None
        session, zygote = json.loads(grader.stdout.readline())
        assert len(processes.of_session(session)) >= 3
        grader.kill()
    deadline = time.monotonic() + 30
    while processes.of_session(session) or ((p := processes.read(zygote)) and p.is_alive):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert list(public.glob("autograder-run-*"))


def test_a_run_removes_what_killed_ones_left_and_nothing_of_those_that_live(
    assignment, public, monkeypatch
):
    monkeypatch.setattr(tempfile, "tempdir", str(public))
    abandoned, file, link = (public / f"autograder-run-{i}" for i in ("dead", "file", "link"))
    (abandoned / "private").mkdir(parents=True)
    (abandoned / "private" / "answer.txt").write_text("a student's")
    file.write_text("not ours")
    link.symlink_to(public)
    with open_sandbox(assignment) as first:
        assert not abandoned.exists()
        with open_sandbox(assignment) as second:
            assert first.folder.is_dir()
            assert second.folder.is_dir()
    assert sorted(path.name for path in public.glob("autograder-run-*")) == [file.name, link.name]


def test_a_zygote_that_died_is_there_for_the_next_submission(assignment):
    with open_sandbox(assignment) as sandbox:
        first = sandbox.zygote.pid
        os.kill(first, signal.SIGKILL)
        os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)
        sandbox.zygote.revive()
        again = sandbox.zygote.pid
        sandbox.zygote.revive()
        assert first != again == sandbox.zygote.pid
        with submitted(sandbox, "def attack():\n    return 1") as submission:
            assert submission.value() == 1


def test_a_zygote_that_dies_takes_its_workers_along(assignment):
    sessions = []

    def grade(sandbox):
        with submitted(sandbox, "def attack():\n    return 1") as submission:
            assert submission.value() == 1
            sessions.append(submission.session)
            os.kill(sandbox.zygote.pid, signal.SIGKILL)

    with open_sandbox(assignment) as sandbox, pytest.raises(InternalError, match="zygote"):
        grade(sandbox)
    deadline = time.monotonic() + 30
    while processes.of_session(sessions[0]):
        assert time.monotonic() < deadline
        time.sleep(0.05)


# User ids


LEASE = """
import sys
from autograder.sandbox import uids
uids.FIRST_UID, uids.LAST_UID = {first}, {last}
with uids.lease_uid() as uid:
    print(uid, flush=True)
    sys.stdin.read()
"""


@pytest.mark.skipif(not is_root(), reason="only root can give a worker a uid of its own")
def test_runs_at_the_same_time_never_share_a_user_id(monkeypatch):
    with lease_uid() as first:
        assert first is not None
        monkeypatch.setattr(uids, "FIRST_UID", first)
        monkeypatch.setattr(uids, "LAST_UID", first)
        with pytest.raises(IsolationError, match="in use by other runs"), lease_uid():
            pass
        pipe = subprocess.PIPE
        command = [sys.executable, "-c", LEASE.format(first=first, last=first + 1)]
        with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as other:
            assert other.stdout is not None
            assert int(other.stdout.readline()) == first + 1
            other.communicate("")
    with lease_uid() as again:
        assert again == first


@pytest.mark.skipif(not is_root(), reason="only root can give a worker a uid of its own")
def test_a_user_id_with_a_living_process_is_not_leased(monkeypatch):
    monkeypatch.setattr(uids, "FIRST_UID", 61150)
    monkeypatch.setattr(uids, "LAST_UID", 61151)
    sleeper = ["setpriv", "--reuid=61150", "--clear-groups", "sleep", "60"]
    with subprocess.Popen(sleeper) as process:
        while not processes.of_uid(61150):
            time.sleep(0.01)
        for _ in range(5):
            with lease_uid() as uid:
                assert uid == 61151
        process.kill()


def test_each_place_has_a_folder_and_as_root_a_user_of_its_own(whole_sandbox):
    with whole_sandbox.place() as first, whole_sandbox.place() as second:
        assert first.confinement.private != second.confinement.private
        if is_root():
            assert first.confinement.uid != second.confinement.uid


# Folders that are hard to remove


@pytest.mark.parametrize("deed", [
    "for _ in range(4000): os.mkdir('d'); os.chdir('d')",
    "for i in range(250): os.mkdir('d' * 250); os.chdir('d' * 250)",
    "os.mkdir('closed'); open('closed/x', 'w'); os.mkdir('closed/none', 0)",
    "os.umask(0o777); os.mkdir('none'); open('file', 'w')",
    "os.symlink('/', 'root'); os.symlink('.', 'loop')",
    "[open(chr(i) * 9, 'w').close() for i in range(1, 250) if i != 47]; open('-rf', 'w')",
    "try: os.mkfifo('fifo')\n    except OSError: pass",
])  # fmt: skip
def test_a_folder_of_any_depth_mode_and_name_is_removed(sandbox, public, deed):
    (public / "kept").write_text("kept", encoding="utf-8")
    with submitted(sandbox, f"import os\ndef attack():\n    {deed}\n    return 1") as submission:
        with contextlib.suppress(WorkerStopped):  # some are over the limit of files
            submission.value()
        private = Path(submission.place.confinement.private)
        assert private.exists()
    assert not private.exists()
    assert (public / "kept").exists()
