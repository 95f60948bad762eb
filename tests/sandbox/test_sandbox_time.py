"""Attacks on the machine's time: endless, asleep, hidden in others, ended and begun again."""

import time

import pytest
from conftest import until_stopped

from autograder.checking.reply import WorkerStopped

SWALLOW = """
import signal
def swallow(work):
    for number in range(1, 65):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    while True:
        try:
            while True:
                work()
        except BaseException:
            pass
"""

ENDLESS = {
    "a loop": "def attack():\n    while True: pass",
    "a power": "def attack():\n    return 10 ** 10 ** 9",
    "a regular expression": """
import re
def attack():
    return re.match('(a+)+$', 'a' * 60 + 'b')
""",
    "products of matrices": """
import torch
a = torch.ones(700, 700)
def attack():
    while True: a @ a
""",
    "swallowed exceptions": f"{SWALLOW}\ndef attack():\n    swallow(lambda: 1)",
    "threads": """
import threading
def spin():
    while True: pass
def attack():
    for _ in range(4): threading.Thread(target=spin).start()
    spin()
""",
    "a thread, its first thread ended": """
import ctypes, os, threading
def spin():
    while True: pass
def attack():
    threading.Thread(target=spin).start()
    ctypes.CDLL(None).syscall(60 if os.uname().machine == "x86_64" else 93, 0)
""",
    "a child": """
import os, time
def attack():
    if os.fork() == 0:
        while True: pass
    time.sleep(60)
""",
    "an exception's text": """
class Odd(BaseException):
    def __str__(self):
        while True: pass
def attack():
    raise Odd
""",
    "an iterator over itself": "def attack():\n    return sum(iter(int, 1))",
}


@pytest.mark.parametrize("attack", ENDLESS.values(), ids=ENDLESS)
def test_what_never_ends_is_stopped_by_its_cpu_time(submit, attack):
    stopped = submit(attack).stopped()
    assert (stopped.reason, "1 s of CPU time" in stopped.sentence) == ("cpu_time", True)


@pytest.mark.parametrize("attack", ["a loop", "a power", "swallowed exceptions", "a child"])
def test_a_cell_that_never_ends_costs_only_itself(submit, attack):
    endless = ENDLESS[attack] + "\nattack()"
    submission = submit("def honest():\n    return 1", endless, "def later():\n    return 2")
    assert (submission.value("honest"), submission.value("later")) == (1, 2)
    assert [report.cell for report in submission.reports] == [2]


def test_many_cells_use_no_more_than_the_time_of_all(submit):
    """Each is a little below its own limit, and hides its time from the worker's own clock."""
    lie = "import time\ntime.process_time = lambda: 0.0"
    cell = "start = time.thread_time()\nwhile time.thread_time() - start < 0.6: pass"
    submission = submit(lie, *[cell] * 40, "def attack():\n    return 1")
    assert submission.value() == 1
    first = submission.reports[0]
    assert "used up the CPU time of all cells" in first.error
    assert first.cell > 2
    assert [report.cell for report in submission.reports] == list(range(first.cell, 43))


def test_processes_that_end_between_two_looks_are_bounded_by_wall_time(submit):
    chain = """
import os, signal, time
def attack():
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        if os.fork() == 0:
            start = time.process_time()
            while time.process_time() - start < 0.02: pass
            os._exit(0)
        time.sleep(0.02)
"""
    stopped = submit(chain, wall_factor=1, sleep_s=1).stopped()
    assert stopped.reason in {"cpu_time", "wall_time"}


def test_what_sleeps_is_stopped(submit):
    asleep = "import time, threading\ndef attack():\n    time.sleep(60)"
    assert submit(asleep, sleep_s=0.5).stopped().reason == "sleeping"
    lock = "import threading\ndef attack():\n    l = threading.Lock(); l.acquire(); l.acquire()"
    assert submit(lock, sleep_s=0.5).stopped().reason == "sleeping"
    vfork = """
import ctypes, time
def attack():
    if ctypes.CDLL(None).vfork() < 1:
        time.sleep(60)
"""
    assert submit(vfork, sleep_s=0.5).stopped().reason == "sleeping"
    alarm = "import signal, time\ndef attack():\n    signal.pause()"
    assert submit(alarm, sleep_s=0.5).stopped().reason == "sleeping"


def test_sleeping_a_little_in_every_call_is_stopped_as_well(submit):
    submission = submit("import time\ndef attack():\n    time.sleep(0.4)", question_cpu_s=1)
    start = time.monotonic()
    assert "did nothing for most of the question" in until_stopped(submission, 200)
    assert time.monotonic() - start < 60


def test_short_calls_add_up_to_the_time_of_the_question(submit):
    work = """
import time
def attack():
    end = time.process_time() + 0.03
    while time.process_time() < end: pass
"""
    assert "CPU time of the question" in until_stopped(submit(work, question_cpu_s=1), 500)


def test_after_three_stops_further_calls_are_not_tried(submit):
    submission = submit("import os\ndef attack():\n    os._exit(3)")
    for _ in range(3):
        assert submission.stopped().reason == "crashed"
    assert "Further calls were not tried" in submission.stopped().sentence


def test_a_worker_that_ends_again_and_again_is_not_started_for_ever(submit):
    """A thread of the cells ends the worker itself a little later, each time."""
    suicide = """
import os, threading, time
def later():
    time.sleep(0.3)
    os._exit(1)
threading.Thread(target=later).start()
def attack():
    time.sleep(0.6)
    return 1
"""
    submission = submit(suicide)
    for _ in range(6):
        submission.next_question()
        assert submission.stopped().reason == "crashed"


ENDS = {
    "exit": "import os; os._exit(0)",
    "segmentation fault": "import ctypes; ctypes.string_at(0)",
    "abort": "import os; os.abort()",
    "overflow of the C stack": """import sys; sys.setrecursionlimit(10**9)
    a = None
    for _ in range(10**6): a = [a]
    repr(a)""",
    "closing everything": "import os; os.closerange(0, 256)",
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_a_process_that_ends_itself_is_a_stop_and_the_next_call_gets_a_new_one(submit, end):
    code = f"def attack():\n    {end}\ndef honest():\n    return 1"
    submission = submit(code, call_cpu_s=20, question_cpu_s=20)
    assert submission.stopped().reason == "crashed"
    assert submission.value("honest") == 1


NAP = """
import time
def nap():
    end = time.monotonic() + 60
    while time.monotonic() < end:
        time.sleep(0.3)
        for _ in range(1_000_000): pass
def quick():
    return 1
"""


def test_naps_in_long_calls_use_up_their_time_as_well(submit) -> None:
    submission = submit(NAP, long_call_cpu_s=2, long_calls_cpu_s=3, sleep_s=20)
    start = time.monotonic()
    for _ in range(3):
        with pytest.raises(WorkerStopped):
            submission.question.call("nap", [], {}, long=True)
        submission.next_question()
    assert time.monotonic() - start < 40
    with pytest.raises(WorkerStopped, match="used up"):
        submission.question.call("quick", [], {}, long=True)
    assert submission.question.call("quick", [], {}).value == 1


def test_a_submission_has_a_time_for_everything(submit) -> None:
    spin = "def spin():\n    while True: pass\ndef quick():\n    return 1"
    submission = submit(spin, call_cpu_s=1, question_cpu_s=10, submission_cpu_s=3)
    for _ in range(4):
        with pytest.raises(WorkerStopped):
            submission.question.call("spin", [], {})
        submission.next_question()
    with pytest.raises(WorkerStopped, match="may take in all are used up"):
        submission.question.call("quick", [], {})
