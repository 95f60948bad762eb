"""Attacks on the machine's space: memory, disk, processes, output."""

import os

import pytest
from conftest import looks_into_workers, until_stopped

LOOKS_INTO_WORKERS = pytest.mark.skipif(
    not looks_into_workers(), reason="without CAP_SYS_PTRACE shared memory counts for each process"
)

GREED = {
    "numpy": "import numpy\ndef attack():\n    return numpy.ones(2_500_000_000).sum()",
    "torch": "import torch\ndef attack():\n    return float(torch.ones(5_000_000_000).sum())",
    "bytes": "def attack():\n    return len([bytearray(10**9) for _ in range(20)])",
    "text": "def attack():\n    return len('x' * 20 * 10**9)",
}


@pytest.mark.parametrize("attack", GREED.values(), ids=GREED)
def test_twenty_gigabytes_are_refused(submit, attack):
    reply = submit(attack, memory_mb=6000, call_cpu_s=20, question_cpu_s=20).call()
    assert reply.raised.type_name in {"MemoryError", "RuntimeError", "_ArrayMemoryError"}


SPREAD = {
    "small pieces": """
def attack():
    pieces = []
    while True: pieces.append(bytearray(1 << 20))
""",
    "a shared mapping": """
import mmap, time
def attack():
    page = mmap.mmap(-1, 1 << 30)
    for i in range(0, 1 << 30, 4096): page[i] = 1
    time.sleep(60)
""",
    "a shared mapping that is not resident": """
import mmap, time
def attack():
    page = mmap.mmap(-1, 1 << 30)
    for i in range(0, 1 << 30, 1 << 24):
        page[i:i + (1 << 24)] = bytes(1 << 24)
        page.madvise(mmap.MADV_DONTNEED, i, 1 << 24)
    time.sleep(60)
""",
    "many processes, after the call has ended": """
import os, time
def attack():
    time.sleep(0.01)
    if once.pop("now", False):
        for _ in range(6):
            if os.fork() == 0:
                memory = bytearray(b"x") * (100 << 20)
                time.sleep(60)
once = {"now": True}
""",
    "a thread, its first thread ended": """
import ctypes, os, threading
def grow():
    pieces = []
    while True: pieces.append(bytearray(1 << 20))
def attack():
    threading.Thread(target=grow).start()
    ctypes.CDLL(None).syscall(60 if os.uname().machine == "x86_64" else 93, 0)
""",
}


@pytest.mark.parametrize("attack", SPREAD.values(), ids=SPREAD)
def test_memory_is_counted_wherever_it_is_hidden(submit, attack):
    submission = submit(attack, memory_mb=400, call_cpu_s=20, question_cpu_s=60, sleep_s=20)
    assert "400 MB of memory" in until_stopped(submission, 1000)


def test_a_thread_that_the_cells_left_counts_in_every_question(submit):
    grow = """
import threading, time
pieces = []
go = threading.Event()
def grow():
    go.wait()
    while True: pieces.append(bytearray(1 << 20)); time.sleep(0.001)
threading.Thread(target=grow).start()
threading.Timer(0.2, go.set).start()
def attack():
    time.sleep(60)
"""
    submission = submit(grow, memory_mb=500, call_cpu_s=20, question_cpu_s=60, sleep_s=20)
    assert submission.stopped().reason == "memory"


@LOOKS_INTO_WORKERS
def test_memory_shared_with_honest_children_is_not_counted_twice(submit):
    honest = """
import os, time
memory = bytearray(b"x") * (100 << 20)
def attack():
    for _ in range(8):
        if os.fork() == 0:
            time.sleep(0.7)
            os._exit(0)
    for _ in range(8): os.wait()
    return 1
"""
    submission = submit(honest, memory_mb=800)
    assert submission.value() == 1


HOARDS = {
    "a large file": """f = open('x', 'wb')
        for _ in range(40): f.write(bytes(1 << 20)); f.flush()""",
    "many large files": "for i in range(9): open(str(i), 'wb').write(bytes(3 << 20))",
    "many files": "for i in range(2000): open(str(i), 'w').close()",
    "many folders": "for i in range(2000): os.mkdir(str(i))",
    "nested folders": "for i in range(2000): os.mkdir('d'); os.chdir('d')",
    "folders too deep for a path": "for i in range(40): os.mkdir('d' * 200); os.chdir('d' * 200)",
    "files without a name": """for i in range(9):
            f = open('x', 'wb'); f.write(bytes(3 << 20)); f.flush()
            os.unlink('x'); keep.append(f)""",
    "files that never had one": """for i in range(9):
            f = os.open('.', os.O_TMPFILE | os.O_RDWR); os.write(f, bytes(3 << 20))""",
    "files that are only mapped": """for i in range(9):
            f = os.open('.', os.O_TMPFILE | os.O_RDWR); os.ftruncate(f, 3 << 20)
            place = libc.mmap(None, 3 << 20, 3, 1, f, 0)
            ctypes.memset(place, 1, 3 << 20)
            libc.msync(place, 3 << 20, 4)
            os.close(f)""",
}


@pytest.mark.parametrize("hoard", HOARDS.values(), ids=HOARDS)
def test_the_disk_cannot_be_filled(submit, hoard):
    attack = f"""
import ctypes, os, time
libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + 3 * [ctypes.c_int] + [ctypes.c_long]
libc.msync.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
keep = []
def attack():
    try:
        {hoard}
    except OSError as error:
        if error.errno != 27: raise
        return "refused by the limit on a file's size"
    time.sleep(60)
"""
    if "f = o" in hoard and not looks_into_workers() and hoard != HOARDS["a large file"]:
        pytest.skip("as root without CAP_SYS_PTRACE, files without a name cannot be seen")
    submission = submit(attack, call_cpu_s=20, question_cpu_s=60, sleep_s=20)
    if hoard == HOARDS["a large file"]:
        assert submission.value() == "refused by the limit on a file's size"
    else:
        assert submission.stopped().reason == "disk"


def test_a_closed_folder_is_no_place_to_hide(submit):
    attack = "import os, time\ndef attack():\n    os.mkdir('closed', 0)\n    time.sleep(60)"
    stopped = submit(attack, sleep_s=1).stopped()
    assert stopped.reason == ("sleeping" if os.geteuid() == 0 else "disk")


def test_a_process_bomb_is_bounded(submit):
    bomb = """
import os, time
def attack():
    n = 0
    try:
        while n < 5000:
            if os.fork() == 0: time.sleep(60)
            n += 1
    except BlockingIOError:
        pass
    time.sleep(1)
    return n
"""
    submission = submit(bomb, processes=24)
    if os.geteuid() == 0:
        assert submission.value() < 24
    else:  # the user's other processes count, too; so the watch decides
        assert submission.stopped().reason == "processes"


def test_threads_are_bounded_as_processes_are(submit):
    bomb = """
import threading, time
def attack():
    n = 0
    try:
        while n < 5000:
            threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
            n += 1
    except RuntimeError:
        pass
    time.sleep(1)
    return n
"""
    submission = submit(bomb, processes=24)
    if os.geteuid() == 0:
        assert submission.value() < 24
    else:
        assert submission.stopped().reason == "processes"


FLOODS = {
    "print": "print('x' * 1000)",
    "standard error": "import sys; sys.stderr.write('x' * 1000)",
    "the descriptor": "import os; os.write(1, b'x' * 4096)",
    "a child": """import os
        if os.fork() == 0: os.write(2, b'x' * 4096); os._exit(0)
        os.wait()""",
}


@pytest.mark.parametrize("flood", FLOODS.values(), ids=FLOODS)
def test_a_flood_of_output_is_read_and_dropped(submit, flood):
    attack = f"def attack():\n    for _ in range(300):\n        {flood}\n    return 1"
    submission = submit(attack, call_cpu_s=20, question_cpu_s=20)
    assert submission.value() == 1
    assert 10_000 < len(submission.output) < 20_000
    assert "more bytes" in submission.output


def test_an_endless_flood_is_stopped_by_its_cpu_time(submit):
    submission = submit("def attack():\n    while True: print('x' * 1000)")
    assert submission.stopped().reason == "cpu_time"


def test_output_cannot_fool_a_terminal(submit):
    submission = submit(r"def attack():" "\n    print('\\x1b]0;title\\x07\\x1b[2J\\rgood')")
    submission.call()
    assert "good" in submission.output
    assert not set("\x1b\x07\r") & set(submission.output)
