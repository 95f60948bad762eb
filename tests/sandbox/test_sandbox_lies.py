"""Lies about values, and a changed world: what a submission can tell, and whom it convinces."""

import contextlib
import json

import numpy as np
import pytest
import torch
from conftest import submitted, with_limits

from autograder.checking.reply import Opaque, WorkerStopped

LIARS = """
import numpy as np
import torch

class LyingArray(np.ndarray):
    shape = property(lambda self: (9, 9))
    dtype = property(lambda self: np.dtype("i4"))
    size = nbytes = property(lambda self: 81)
    def __eq__(self, other): return True
    def __array__(self, *a, **k): raise RuntimeError
    def __reduce__(self): raise RuntimeError
    def tobytes(self, *a): return b""

class LyingTensor(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        return 5

class LyingInt(int):
    __class__ = property(lambda self: float)
    def __eq__(self, other): return True
    def __ge__(self, other): return True
    __lt__ = __le__ = __gt__ = __ge__
    def __index__(self): return 99
    def __int__(self): return 99
    def __add__(self, other): return 99
    def __repr__(self): return "99"
    __hash__ = None

class LyingFloat(float):
    def __eq__(self, other): return True
    def __float__(self): return 99.0
    def __add__(self, other): return 99.0
    def __repr__(self): return "99.0"

class LyingText(str):
    def __str__(self): return "99"
    def __getitem__(self, i): return "99"
    def encode(self, *a): return b"99"

class Agreeable:
    shape, dtype, ndim = (3, 3), np.dtype("f8"), 2
    __class__ = np.ndarray
    def __eq__(self, other): return True
    def __array__(self, *a, **k): return np.ones((3, 3))
    def __float__(self): return 1.0
    def __len__(self): return 3
    def __getattr__(self, name): return self
    def __call__(self, *a, **k): return self

class LyingType(type):
    def __instancecheck__(cls, thing): return True
    def __eq__(cls, other): return True
    def __hash__(cls): return hash(float)
class Typed(metaclass=LyingType): pass
"""

LIES = {
    "np.ones((2, 2)).view(LyingArray)": np.ones((2, 2)),
    "LyingInt(3)": 3,
    "LyingFloat(0.5)": 0.5,
    "LyingText('abc')": "abc",
    "np.float64(0.5)": np.float64(0.5),
    "np.ones(3, '>f4')": np.ones(3, "f4"),
    "np.ones((3, 3))[::2, ::-1]": np.ones((2, 3)),
    "torch.ones(3, requires_grad=True)": torch.ones(3),
    "torch.nn.Parameter(torch.ones(3))": torch.ones(3),
    "torch.ones(2, 2).T": torch.ones(2, 2),
    "torch.ones(2, dtype=torch.cfloat).conj()": torch.ones(2, dtype=torch.cfloat),
    "float('nan')": float("nan"),
    "-(10 ** 1000)": -(10**1000),
    "np.full((2, 2), np.nan)": np.full((2, 2), np.nan),
    "[[1, 2], [3]]": [[1, 2], [3]],
}

OPAQUE = ["Agreeable()", "Typed()", "Typed", "np.array([object()])", "np.array(['text'])",
          "np.array([None])", "10 ** 2000", "[i for i in range(10)].__iter__()",
          "(i for i in range(3))", "lambda: 1", "attack", "type", "b'bytes'", "{1: 2}", "{1, 2}",
          "1j", "np.longdouble(1)", "np.zeros(3, 'datetime64[s]')", "np.zeros(2, 'i4,f8')",
          "np.zeros((1,) * 9)", "np.ma.masked_array([1.0], [True]).mask.dtype",
          "torch.ones(3, dtype=torch.bfloat16)", "torch.ones(3, device='meta')",
          "torch.eye(3).to_sparse()", "torch.ones(3, dtype=torch.float8_e5m2)",
          "torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.qint8)",
          "torch.ones(3).as_subclass(LyingTensor)", "torch.nn.Linear(2, 2)", "Ellipsis",
          "NotImplemented", "type('x' * 10000, (), {})()"]  # fmt: skip


@pytest.fixture(scope="module")
def liar(whole_sandbox):
    cells = (LIARS, "def attack(text):\n    return eval(text)")
    with submitted(with_limits(whole_sandbox, call_cpu_s=20, question_cpu_s=60), *cells) as liar:
        yield liar


@pytest.mark.parametrize("text", LIES)
def test_a_subclass_that_lies_arrives_as_what_it_holds(liar, text):
    value, truth = liar.value("attack", text), LIES[text]
    assert type(value) is type(truth)
    if isinstance(truth, torch.Tensor):
        assert torch.equal(value, truth)
        assert not value.requires_grad
    elif isinstance(truth, np.ndarray):
        assert (value.dtype, value.shape) == (truth.dtype, truth.shape)
        assert value.flags.writeable
        np.testing.assert_array_equal(value, truth)
    else:
        assert value == truth or value != value  # noqa: PLR0124 - NaN


@pytest.mark.parametrize("text", OPAQUE)
def test_what_is_no_plain_data_arrives_as_a_name(liar, text):
    value = liar.value("attack", text)
    assert isinstance(value, Opaque)
    assert len(value.type_name) <= 200


ENDLESS = ["[0] * 10 ** 6", "[[[[[[0] * 9] * 9] * 9] * 9] * 9] * 9",
           "(l := [], l.append(l))[0]", "(d := {}, d.update(d=d))[0]"]  # fmt: skip


@pytest.mark.parametrize("text", ENDLESS)
def test_what_is_nested_without_end_arrives_cut(liar, text):
    value = liar.value("attack", text)
    assert len(json.dumps(value, default=str)) < 10_000_000
    assert "too long" in str(value) or "nested too deeply" in str(value)


RAISES = {
    "SystemExit": "raise SystemExit(0)",
    "KeyboardInterrupt": "raise KeyboardInterrupt",
    "GeneratorExit": "raise GeneratorExit",
    "StopIteration": "raise StopIteration",
    "Own": "raise type('Own', (BaseException,), {})('x')",
    "Silent": "raise type('Silent', (BaseException,), {'__str__': lambda s: 1 / 0})",
    "Odd": "raise type('Odd', (Exception,), {'__str__': lambda s: 5})",
    "ValueError": "raise ValueError('x' * 10 ** 7)",
    "RecursionError": "def f(): return f()\n    f()",
    "ExceptionGroup": "raise ExceptionGroup('g', [ValueError('x')])",
}


@pytest.mark.parametrize("name", RAISES)
def test_any_exception_is_reported_and_ends_nothing(submit, name):
    submission = submit(f"def attack():\n    {RAISES[name]}\ndef honest():\n    return 1")
    raised = submission.call().raised
    assert raised.type_name == name
    assert "BaseException" in raised.builtin_bases
    assert len(raised.message) <= 500
    assert submission.value("honest") == 1


def test_an_exception_cannot_pass_for_another_by_its_name(submit):
    """What a class is derived from is looked up by identity; its name is only shown."""
    submission = submit("def attack():\n    raise type('ValueError', (Exception,), {})('x')")
    assert submission.call().raised.builtin_bases == ("Exception", "BaseException")


# A changed world

CHANGES = {
    "random states": "random.seed(1); np.random.seed(1); torch.manual_seed(1)",
    "the default dtype": "torch.set_default_dtype(torch.float64)",
    "the default device": "torch.set_default_device('meta')",
    "threads": "torch.set_num_threads(4)",
    "print options": "np.set_printoptions(precision=0); torch.set_printoptions(precision=0)",
    "warnings": "warnings.simplefilter('error')",
    "floating point errors": "np.seterr(all='raise')",
    "the recursion limit": "sys.setrecursionlimit(60)",
    "modules": "sys.modules.clear()",
    "builtins": "[builtins.__dict__.pop(n) for n in ('len', 'isinstance', 'type', 'str')]",
    "os.fork": "os.fork = None",
    "numpy and torch": "np.zeros = np.array = np.ones = torch.zeros = lambda *a, **k: 5",
    "json": "json.dumps = json.loads = lambda *a, **k: '{}'",
    "the folder": "os.rmdir(os.mkdir('gone') or 'gone'); os.chdir('/')",
    "the locale": "locale.setlocale(locale.LC_ALL, 'C')",
    "output": "sys.stdout = sys.stderr = None",
    "gradients": "torch.set_grad_enabled(False); torch.use_deterministic_algorithms(True)",
    "hooks": "sys.settrace(lambda *a: 1 / 0); sys.setprofile(lambda *a: None)",
    "the timer": "signal.signal(14, lambda *a: 1 / 0); signal.setitimer(0, 0.01, 0.01)",
    "its own functions": "globals().update(honest=lambda: 5)",
    "the collector": "gc.disable(); gc.set_threshold(1)",
    "the worker's code": "vars(sys.modules['autograder.worker.serve']).clear()",
}

WORLD = """
import builtins, gc, json, locale, os, random, signal, sys, warnings
import numpy as np
import torch

def honest():
    return [random.random(), np.random.rand(), torch.rand(1).item(), str(torch.get_default_dtype()),
            torch.ones(1).device.type, torch.get_num_threads(), repr(np.ones(2) / 3),
            np.geterr()["over"], sys.getrecursionlimit(), len("abc"), os.path.basename(os.getcwd()),
            torch.is_grad_enabled(), gc.isenabled(), sys.stdout is None, warnings.filters[0][0],
            json.dumps([1]), locale.setlocale(locale.LC_ALL, None), np.zeros(2)]
"""


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_a_function_changes_costs_no_other_question(submit, change):
    submission = submit(WORLD, f"def attack():\n    {change}\n    return 1")
    before = submission.value("honest")
    submission.next_question()
    with contextlib.suppress(WorkerStopped):
        submission.call()
    submission.next_question()
    after = submission.value("honest")
    assert str(after) == str(before)


@pytest.mark.parametrize("change", ["the default dtype", "threads", "print options", "warnings",
                                    "floating point errors", "the recursion limit", "json",
                                    "output", "the collector", "the timer"])  # fmt: skip
def test_what_the_cells_change_costs_no_point_that_it_need_not(submit, change):
    submission = submit(WORLD, CHANGES[change], "def later(x):\n    return x * 2")
    np.testing.assert_array_equal(submission.value("later", np.ones(2)), [2, 2])


REPORT = """
import os, struct, sys, time
frame = sys._getframe()
while not (isinstance(frame.f_locals.get("header"), dict)
           and frame.f_locals["header"].get("op") == "cells"):
    frame = frame.f_back
reports = '[{"cell":%s,"error":"x","notes":[]},{"cell":-1,"error":"y","notes":[]}]' % ("9" * 4300)
text = '{"id":"%s","done":true,"reports":%s}' % (frame.f_locals["header"]["id"], reports)
os.write(3, struct.pack("<II", len(text), 0) + text.encode())
time.sleep(1)
"""


def test_a_forged_report_on_cells_that_do_not_exist_is_dropped(submit) -> None:
    submission = submit(REPORT)
    assert all(report.cell == 1 for report in submission.reports)
