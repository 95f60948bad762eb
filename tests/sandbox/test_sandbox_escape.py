"""Attacks on what a submission must not touch: files, processes, the network, the kernel."""

import os
import signal
import socket
import subprocess
import sys
import time

import pytest
from conftest import is_root, submitted

REFUSED = {"PermissionError", "FileNotFoundError"}
X86 = pytest.mark.skipif(os.uname().machine != "x86_64", reason="numbers of x86-64")

CALL = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
def call(*arguments):
    return "done" if libc.syscall(*arguments) >= 0 else ctypes.get_errno()
"""


# Files


def test_nothing_outside_of_the_private_folder_can_be_written(probe, public, root):
    for path in (public, root / "solutions", "/", "/etc", "/root", os.path.dirname(os.__file__)):  # noqa: PTH120
        assert probe(f"open('{path}/new', 'w')") in REFUSED
        assert probe(f"import os; os.mkdir('{path}/new')") in REFUSED
        assert probe(f"open('mine', 'w'); import os; os.rename('mine', '{path}/mine')") in {
            *REFUSED,
            "OSError",
        }
    assert list(public.iterdir()) == []


def test_with_landlock_not_even_a_shared_folder_can_be_written(probe, sandbox):
    if not sandbox.layers.landlock_abi:
        pytest.skip("without Landlock everybody's folders are open; see what is not covered")
    for folder in ("/tmp", "/var/tmp", "/dev/shm", "/run/lock"):
        assert probe(f"open('{folder}/attack', 'w')") in REFUSED


def test_results_cannot_be_overwritten_removed_or_locked_away(probe, public):
    result = public / "results.json"
    result.write_text("{}", encoding="utf-8")
    result.chmod(0o644)
    for attack in ("open({0!r}, 'w')", "open({0!r}, 'a')", "import os; os.truncate({0!r}, 0)",
                   "import os; os.unlink({0!r})", "import os; os.chmod({0!r}, 0)",
                   "import os; os.rename({0!r}, 'mine')", "import os; os.utime({0!r})",
                   "import os; os.setxattr({0!r}, 'user.x', b'x')",
                   "import os; os.chown({0!r}, os.getuid(), -1)",
                   "import os; os.open({0!r}, os.O_RDONLY | os.O_TRUNC)",
                   "import os; os.open({0!r}, os.O_ACCMODE | os.O_TRUNC)"):  # fmt: skip
        assert probe(attack.format(str(result))) in {*REFUSED, "OSError"}
    assert result.read_text(encoding="utf-8") == "{}"
    assert result.stat().st_mode & 0o777 == 0o644


def test_the_interpreter_and_its_libraries_cannot_be_changed(probe):
    for attack in ("open(os.__file__, 'w')", "os.chmod(os.__file__, 0)",
                   "f = open(os.__file__); os.fchmod(f.fileno(), 0)", "os.utime(os.__file__)",
                   "os.open(os.__file__, os.O_TRUNC)"):  # fmt: skip
        assert probe(f"import os; {attack}") in REFUSED


def test_the_private_folder_can_be_used_and_is_gone_afterwards(sandbox):
    code = "def attack():\n    open('mine', 'w').write('x')\n    return open('mine').read()"
    with submitted(sandbox, code) as submission:
        folder = submission.place.confinement.private
        assert submission.value() == "x"
        assert os.listdir(folder) == ["mine"]  # noqa: PTH208
    assert not os.path.exists(folder)  # noqa: PTH110


# Other processes


@pytest.fixture
def victim():
    """A process of the grader's user, and what it does not survive: a signal."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process.pid
        assert process.poll() is None
        assert state(process.pid) not in "TZ"
        process.kill()


def state(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:  # noqa: PTH123
        return file.read().rpartition(")")[2].split()[0]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM, 0, 64])
def test_a_submission_cannot_signal_anyone(probe, victim, number):
    for target in (
        f"{victim}",
        "os.getppid()",
        "1",
        "-1",
        "0",
        f"-{os.getpgid(0)}",
        f"{os.getpid()}",
    ):
        assert probe(f"import os; os.kill({target}, {int(number)})") == "PermissionError"
    assert probe(f"import os; os.killpg({os.getpgid(0)}, {int(number)})") == "PermissionError"
    assert probe(f"import signal; signal.raise_signal({int(number)})") in {
        "PermissionError",
        "OSError",
    }


def test_the_kernel_cannot_be_made_to_signal_others(probe, victim):
    """By the owner of a file, of a lease, of a socket, of a terminal."""
    for command in ("F_SETOWN", "F_SETSIG"):
        attack = f"import fcntl; fcntl.fcntl(1, fcntl.{command}, {victim})"
        assert probe(attack) == "PermissionError"
    owner = "import fcntl, struct; fcntl.fcntl(1, 15, struct.pack('ii', 1, {}))"
    assert probe(owner.format(victim)) == "PermissionError"
    for request in (0x8901, 0x8902, 0x5412):
        attack = f"import fcntl, struct; fcntl.ioctl(1, {request}, struct.pack('i', {victim}))"
        assert probe(attack) == "PermissionError"


def test_a_submission_cannot_slow_down_or_limit_others(probe, victim):
    for attack in (f"os.setpriority(os.PRIO_PROCESS, {victim}, 19)", "os.nice(1)",
                   f"os.sched_setaffinity({victim}, [0])",
                   f"os.sched_setscheduler({victim}, os.SCHED_IDLE, os.sched_param(0))",
                   f"import resource as r; r.prlimit({victim}, r.RLIMIT_CPU, (1, 1))"):  # fmt: skip
        assert probe(f"import os; {attack}") in {"PermissionError", "ProcessLookupError"}


def test_a_submission_cannot_raise_its_own_limits(probe):
    for name in ("AS", "CPU", "NPROC", "NOFILE", "FSIZE", "CORE"):
        attack = f"import resource as r; r.setrlimit(r.RLIMIT_{name}, (r.RLIM_INFINITY,) * 2)"
        assert probe(attack) in {"PermissionError", "ValueError"}
    assert probe("open('/proc/self/oom_score_adj', 'w').write('-1000')") in REFUSED


def test_a_submission_cannot_leave_its_session_or_its_parent(probe):
    assert probe("import os; os.setsid()") == "PermissionError"
    assert probe("import os; os.setpgid(0, 0)") == "PermissionError"
    prctl = "import ctypes; result = ctypes.CDLL(None).prctl({}, {}, 0, 0, 0)"
    for option, value in ((1, 0), (1, 15), (4, 1), (36, 1)):  # death signal, dumpable, subreaper
        assert probe(prctl.format(option, value)) == -1
    assert probe(prctl.format(15, "b'x)\\n'")) == 0  # a name is its own business


# Programs, privileges, namespaces


def test_a_submission_can_run_no_program(probe):
    for attack in ("os.execv('/bin/sh', ['sh'])", "os.posix_spawn('/bin/sh', ['sh'], {})",
                   "import subprocess; subprocess.run(['true'])"):  # fmt: skip
        assert probe(f"import os; {attack}") == "PermissionError"
    assert probe("import os; result = os.system('true')") != 0


def test_a_submission_cannot_become_someone_else(probe):
    if is_root():
        assert probe("import os; result = [*os.getresuid(), *os.getresgid()].count(0)") == 0
        assert probe("import os; result = os.getgroups()") == []
        assert probe("import os; os.setuid(0)") == "PermissionError"
        assert probe("import os; os.setgroups([0])") == "PermissionError"
    assert probe("result = open('/proc/self/status').read() if 0 else 'closed'") == "closed"
    no_new_privileges = "import ctypes; result = ctypes.CDLL(None).prctl(39, 0, 0, 0, 0)"
    assert probe(no_new_privileges) == 1


@X86
def test_namespaces_mounts_and_kernel_interfaces_are_closed(probe):
    user_namespace = 0x10000000
    attacks = {
        "clone": f"call(56, {user_namespace} | 17, 0, 0, 0, 0)",
        "unshare": f"call(272, {user_namespace})",
        "chroot": "call(161, b'.')",
        "mount": "call(165, b'none', b'.', b'tmpfs', 0, 0)",
        "bpf": "call(321, 0, 0, 0)",
        "perf_event_open": "call(298, 0, 0, -1, -1, 0)",
        "userfaultfd": "call(323, 0)",
        "io_uring_setup": "call(425, 1, 0)",
        "keyctl": "call(250, 0, -3, 0)",
        "memfd_create": "call(319, b'x', 0)",
        "syslog": "call(103, 3, 0, 0)",
        "shmget": "call(29, 0, 4096, 0o1600)",
        "msgget": "call(68, 0, 0o1600)",
        "semget": "call(64, 0, 1, 0o1600)",
        "mq_open": "call(240, b'x', 66, 0o600, 0)",
        "CLONE_PARENT": "call(56, 0x8000 | 17, 0, 0, 0, 0)",
        "CLONE_VFORK": "call(56, 0x4000 | 17, 0, 0, 0, 0)",
        "vfork": "call(58)",
    }
    found = {name: probe(f"{CALL}\nresult = {attack}") for name, attack in attacks.items()}
    assert found == dict.fromkeys(attacks, 1)
    assert probe(f"{CALL}\nresult = call(435, 0, 0)") == 38  # clone3: libc then uses clone
    assert probe(f"{CALL}\nresult = call(437, -100, b'x', 0, 24)") == 38  # openat2


@X86
def test_other_abis_of_the_processor_do_not_go_around_the_filter(probe, probing):
    assert probe(f"{CALL}\nresult = call(0x40000000 + 41, 2, 1, 0)") == 1  # socket, as x32
    machine_code = bytes.fromhex("b814000000cd80c3")  # mov eax, 20 (getpid); int 0x80; ret
    attack = f"""
import ctypes, mmap
page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
page.write({machine_code!r})
address = ctypes.addressof(ctypes.c_char.from_buffer(page))
result = ctypes.CFUNCTYPE(ctypes.c_int)(address)()
"""
    probing.next_question()
    assert probing.stopped("probe", attack).reason == "crashed"


# Network, and sockets of other processes


def test_a_submission_reaches_no_network(probe):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        attack = f"import socket; socket.create_connection(('127.0.0.1', {port}), 2)"
        assert probe(attack) == "PermissionError"
    for family, kind in ((2, 1), (2, 2), (10, 1), (16, 3), (17, 3), (1, 1), (1, 2), (40, 1)):
        assert probe(f"import socket; socket.socket({family}, {kind})") == "PermissionError"


@pytest.mark.parametrize("abstract", [True, False])
def test_a_pair_of_sockets_cannot_be_turned_on_other_sockets(probe, public, abstract):
    """A datagram socket may be connected anew, also to the log or to another submission."""
    address = f"\0attacked{os.getpid()}" if abstract else str(public / "socket")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.bind(address)
        server.settimeout(0)
        if not abstract:
            (public / "socket").chmod(0o777)
        for kind in ("DGRAM", "SEQPACKET"):
            pair = f"import socket; a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_{kind})"
            assert probe(f"{pair}; a.sendto(b'x', {address!r})") == "PermissionError"
        stream = "import socket; a, b = socket.socketpair()"
        attacks = (f"a.connect({address!r})", "a.bind('mine')", "a.listen()", "a.accept()",
                   f"a.sendto(b'x', {address!r})", "socket.send_fds(a, [b'x'], [1])")  # fmt: skip
        for attack in attacks:
            assert probe(f"{stream}; {attack}") in {"PermissionError", "OSError"}
        assert probe(f"{stream}; a.send(b'x'); result = len(b.recv(9))") == 1
        with pytest.raises(BlockingIOError):
            server.recv(9)


def test_a_submission_finds_a_usable_system(probe):
    """What is closed is closed to attacks, not to students."""
    for honest in ("import threading; t = threading.Thread(target=print); t.start(); t.join()",
                   "import asyncio; asyncio.run(asyncio.sleep(0))",
                   "import tempfile; f = tempfile.TemporaryFile(); f.write(b'x'); f.close()",
                   "import tempfile; tempfile.TemporaryDirectory().cleanup()",
                   "import torch; torch.save(torch.ones(3), 'x'); torch.load('x')",
                   "import torch; m = torch.nn.Linear(2, 2); torch.optim.Adam(m.parameters())",
                   "import matplotlib.pyplot as plt; plt.plot([1]); plt.savefig('x.png')",
                   "import numpy; numpy.save('x.npy', numpy.ones(3)); numpy.load('x.npy')",
                   "import os\nif os.fork() == 0: os._exit(0)\nos.wait()",
                   "import warnings, time, random, json, csv, sqlite3, zoneinfo"):  # fmt: skip
        assert probe(honest) == "done", honest
    assert time.monotonic() > 0
