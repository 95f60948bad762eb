"""Hostile functions graded for real: each costs its own question only, and is never our fault."""

import sys
import threading
from collections.abc import Iterator, Mapping

import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from support.local import POINTS, UNTRAINED, UNTRAINED_SCORE

from autograder.checking.reply import StopReason, WorkerStopped
from autograder.examine.examiner import Examiner
from autograder.examine.reproducible import load_profile
from autograder.grading.inputs import Submission
from autograder.grading.pool import grade_all
from autograder.results import GradingResult, Status, Verdict

ATTACKED, TRAINED = "q1e", {"q2a", "q2d"}
pytestmark = pytest.mark.skipif(ATTACKED not in POINTS, reason="the question is left out")

# What takes the place of `output_size`.
HOSTILE = {
    "exits": "import os; os._exit(0)",
    "raises SystemExit": "raise SystemExit(0)",
    "raises KeyboardInterrupt": "raise KeyboardInterrupt",
    "raises its own BaseException": "raise type('Stop', (BaseException,), {'__str__': 5})",
    "raises what the grader raises": """import autograder.checking.reply as r
    raise r.WorkerStopped(r.StopReason.CRASHED, 'x')""",
    "raises a failure": "from autograder.checking import Failure; raise Failure('passed')",
    "crashes": "import ctypes; ctypes.string_at(0)",
    "recurses": "return output_size(size, k)",
    "never ends": "while True: pass",
    "sleeps": "import time; time.sleep(60)",
    "swallows all": """import signal
    for n in range(1, 65):
        try: signal.signal(n, signal.SIG_IGN)
        except (OSError, ValueError): pass
    while True:
        try:
            while True: pass
        except BaseException: pass""",
    "takes memory": "import numpy; return numpy.ones(2_500_000_000)",
    "floods": "[print('x' * 10**6) for _ in range(50)]; return -1",
    "forks": """import os
    for _ in range(20):
        try: os.fork()
        except OSError: pass
    return -1""",
    "leaves a daemon": "import os, time\n    if os.fork() == 0: time.sleep(600)\n    return -1",
    "writes to the wire": "import os; [os.write(n, b'x' * 99) for n in (3, 4, 5)]; return -1",
    "patches the libraries": """import numpy, torch, json, builtins
    for m in (numpy, torch, json): vars(m).clear()
    return -1""",
    "patches the tests": """import sys, types
    for n in ('pytest', 'hypothesis'): sys.modules[n] = types.ModuleType(n)
    return -1""",
    "always agrees": """class Yes(int):
        def __eq__(self, other): return True
        __ne__ = lambda self, other: False
        __hash__ = int.__hash__
    return Yes(-1)""",
    "agrees as an array": """class Yes:
        shape, dtype, ndim, size = (), 'int64', 0, 1
        __class__ = int
        def __eq__(self, other): return True
        def __sub__(self, other): return 0
        __rsub__ = __abs__ = lambda self, *a: 0
        def __index__(self): return size - k + 1
    return Yes()""",
    "is random": "import random; return random.randrange(9)",
    "is a generator": "yield size - k + 2",
    "is async": "return -1\nasync def _(): pass",
    "nests": "a = []; a.append(a); return a",
    "fills the disk": "[open(str(i), 'w').close() for i in range(5000)]; return -1",
    "leaves files": """open('wide', 'w').write('x')
    for i in range(290): open(str(i), 'w').close()
    return -1""",
    "nests folders": """import os
    for _ in range(250): os.mkdir('d'); os.chdir('d')
    return -1""",
    "closes its folder": "import os; os.chmod('.', 0); return -1",
    "looks for the answer": """import sys, gc
    for o in gc.get_objects():
        if isinstance(o, dict) and 'expected' in o: return o['expected']
    f = sys._getframe()
    while f.f_back: f = f.f_back
    return f.f_globals.get('output_size', lambda *a: -1)(size, k) if 0 else -1""",
    "reads the reference": f"exec(open({str(ROOT)!r} + '/solutions/cnn_principles.py').read())",
}  # fmt: skip

ODD = [
    "None", "True", "float('nan')", "float('inf')", "-float('inf')", "10 ** 400", "10 ** 1200",
    "-10 ** 400", "1e308", "'text'", "'\\ud800'", "b''", "[]", "()", "{}", "[[1, 2], [3]]",
    "[[]]", "[10 ** 400]", "[None]", "['1']", "[torch.ones(2), torch.ones(3)]",
    "[np.ones(2), 1]", "np.zeros((0, 5))", "np.zeros(())", "np.zeros((1,) * 8)",
    "np.array(np.nan)", "np.full((3, 3), np.nan)", "np.full((3, 3), np.inf)",
    "np.full((3, 3), 1e308)", "np.array(2 ** 63, 'u8')", "np.array([1 + 2j])",
    "np.array([True])", "np.array([object()])", "np.float16(9e4)", "np.uint8(200)",
    "np.bool_(True)", "torch.tensor(float('nan'))", "torch.tensor(1 + 2j)", "torch.zeros(0)",
    "torch.tensor(True)", "torch.ones(3, device='meta')", "torch.ones(1, dtype=torch.uint64)",
    "np.ones((1, 1, 1, 1))", "np.ones(3, '>i2')", "np.array(['a'])", "{'a': [1, {'b': 2}]}",
    "print", "np", "Exception('x')",
]  # fmt: skip

FUNCTIONS = ("build_conv_matrix", "count_params", "build_unshared_matrix", "unshared_conv2d",
             "output_size", "equivariance_error")  # fmt: skip


def replaced(body: str) -> str:
    return f"{UNTRAINED}\n\ndef output_size(size, k):\n    {body}\n"


def odd_answers(first: int) -> str:
    """Functions that all give one odd answer after the other, each call the next one."""
    functions = [f"def {name}(*a, **k): return eval(next(answers))" for name in FUNCTIONS]
    turned = ODD[first:] + ODD[:first]
    head = f"import itertools\nimport numpy as np, torch\nanswers = itertools.cycle({turned!r})"
    return "\n".join([head, *functions])


@pytest.fixture(scope="module")
def grade(assignment, whole_sandbox, tmp_path_factory):
    """Grade texts side by side; results by name."""
    examiner = Examiner.load(assignment, whole_sandbox)
    for path in assignment.layout.hidden.glob("*.py"):
        sys.modules.pop(path.stem, None)  # of the repository, where another test ran them

    def grade(texts: Mapping[str, str]) -> dict[str, GradingResult]:
        folder = tmp_path_factory.mktemp("submissions")
        submissions = []
        for i, (name, text) in enumerate(texts.items()):
            path = folder / f"{i}.py"
            path.write_text(text, encoding="utf-8")
            submissions.append(Submission(name, path))
        return {r.submission: r for r in grade_all(examiner, submissions, jobs=2)}

    return grade


@pytest.fixture(scope="module")
def hostile(grade):
    return grade({name: replaced(body) for name, body in HOSTILE.items()})


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_function_costs_its_own_question_only(hostile, assignment, name):
    result = hostile[name]
    assert result.status is Status.GRADED, result.detail
    untrained = [q for q in assignment.graded if q.id not in TRAINED]
    scores = {q.id: result.question_score(q) for q in untrained}
    full = {q.id: q.points for q in untrained}
    assert scores.pop(ATTACKED) == 0
    full.pop(ATTACKED)
    assert scores == full


def test_the_text_of_the_attacks_is_right_but_for_the_attack(grade, assignment):
    result = grade({"right": replaced("return size - k + 1 if 1 <= k <= size else int('no')")})
    trained = sum(q.points for q in assignment.graded if q.id in TRAINED)
    assert result["right"].score == assignment.max_score - trained


def test_no_answer_is_the_graders_fault(grade):
    """Whatever a function returns, a check says that it is wrong; it never breaks."""
    results = grade({str(first): odd_answers(first) for first in range(0, len(ODD), 4)})
    broken = {name: r.detail for name, r in results.items() if r.status is not Status.GRADED}
    assert broken == {}
    assert {check.verdict for r in results.values() for check in r.checks} >= {Verdict.FAILED}


HOSTILE_CELLS = {
    "a process that ends": "import os; os._exit(0)",
    "a loop": "while True: pass",
    "a closed folder": "import os\nos.mkdir('d', 0)\nos._exit(0)",
    "no modules": "import sys\nsys.modules.clear()",
    "no fork": "import os\nos.fork = None",
    "many threads": """
import threading, time
for _ in range(99): threading.Thread(target=time.sleep, args=(99,)).start()
""",
    "a forged end": """
import os
for n in range(3, 9):
    try: os.write(n, b'x' * 999)
    except OSError: pass
""",
    "another worker": "import sys\nsys.modules['autograder.worker.serve']._Worker._question = None",
}


def test_hostile_cells_are_never_the_graders_fault(grade):
    results = grade({name: f"{UNTRAINED}\n\n{cell}\n" for name, cell in HOSTILE_CELLS.items()})
    assert [r.detail for r in results.values() if r.status is not Status.GRADED] == []
    full = {name for name, r in results.items() if r.score == UNTRAINED_SCORE}
    assert {"a process that ends", "a loop", "a closed folder", "a forged end"} <= full


# A stop inside of hypothesis


def test_a_stopped_worker_ends_a_check_at_once():
    """No further example, no shrinking: each would cost another time limit."""
    load_profile()
    calls = []

    @settings(max_examples=50)
    @given(st.integers())
    def check(number):
        calls.append(number)
        if len(calls) == 3:
            raise WorkerStopped(StopReason.CPU_TIME, "It was stopped.")

    with pytest.raises(WorkerStopped):
        check()
    assert len(calls) == 3
    assert threading.active_count() >= 1


@pytest.fixture(autouse=True)
def _profile() -> Iterator[None]:
    before = settings.default
    yield
    assert before is not None
    settings.register_profile("before", before)
    settings.load_profile("before")
