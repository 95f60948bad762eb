"""Networks of a submission: they stay in the worker, and trainings have limits of their own."""

import pytest
import torch
from conftest import Submitted

from autograder.checking.reply import Opaque, StopReason, WorkerStopped

NET = """
import torch
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(2, 2)
    def forward(self, x):
        return self.layer(x)
def build():
    return Net()
def same(model):
    return model
def size(model):
    return sum(p.numel() for p in model.parameters())
"""


def call(submission: Submitted, name: str, *args: object, **options: bool) -> object:
    reply = submission.question.call(name, args, {}, **options)
    assert reply.raised is None, reply.raised
    return reply.value


def test_a_network_stays_and_is_an_argument_of_later_calls(submit):
    submission = submit(NET)
    first, second = call(submission, "build"), call(submission, "build")
    assert isinstance(first, Opaque)
    assert (first.type_name, first.number, second.number) == ("Net", 0, 1)
    assert call(submission, "same", first) == first, "the same object has the same number"
    assert call(submission, "size", second) == 6


def test_a_network_is_lost_with_its_process(submit):
    submission = submit(NET, "def attack():\n    import os; os._exit(0)")
    model = call(submission, "build")
    with pytest.raises(WorkerStopped):
        call(submission, "attack")
    with pytest.raises(WorkerStopped, match="What it had made is lost"):
        call(submission, "size", model)
    assert call(submission, "size", call(submission, "build")) == 6


@pytest.mark.parametrize("number", ["-1", "10**9", "'0'", "True", "None"])
def test_a_number_that_nobody_was_given_is_worth_nothing(submit, number):
    """A worker that lies about what it keeps can only break its own calls."""
    lie = f"{{'!': 'opaque', 'v': 'Net', 'n': {number}}}"
    submission = submit(
        NET,
        "def attack():\n    import gc\n    from autograder.wire.kept import Kept\n"
        f"    Kept.node = lambda self, value: {lie}\n    return Net()",
    )
    try:
        model = call(submission, "attack")
        call(submission, "size", model)
    except (WorkerStopped, AssertionError):
        pass
    submission.next_question()
    assert call(submission, "size", call(submission, "build")) == 6


def test_a_long_call_has_a_limit_of_its_own(submit):
    submission = submit(
        "import time\ndef attack(s):\n    end = time.process_time() + s\n"
        "    while time.process_time() < end: pass\n    return 1",
        call_cpu_s=1, question_cpu_s=2, long_call_cpu_s=4, long_calls_cpu_s=60,
    )  # fmt: skip
    with pytest.raises(WorkerStopped) as caught:
        call(submission, "attack", 3)
    assert caught.value.reason is StopReason.CPU_TIME
    assert call(submission, "attack", 3, long=True) == 1
    assert call(submission, "attack", 0.5) == 1, "it counts to no sum of the question"
    with pytest.raises(WorkerStopped, match="took more than 4 s of CPU time"):
        call(submission, "attack", 60, long=True)


def test_all_long_calls_of_a_submission_have_one_sum(submit):
    submission = submit(
        "import time\ndef attack(s):\n    end = time.process_time() + s\n"
        "    while time.process_time() < end: pass\n    return 1",
        long_call_cpu_s=3, long_calls_cpu_s=3.5,
    )  # fmt: skip
    assert call(submission, "attack", 2, long=True) == 1
    submission.next_question()
    with pytest.raises(WorkerStopped, match="took more than"):
        call(submission, "attack", 60, long=True)
    submission.next_question()
    with pytest.raises(WorkerStopped, match="are used up"):
        call(submission, "attack", 0.1, long=True)


def test_more_threads_and_loading_processes_change_nothing(submit):
    submission = submit(
        "import torch\nfrom torch.utils.data import DataLoader, TensorDataset\n"
        "torch.set_num_threads(8)",
        "def attack():\n"
        "    torch.set_num_threads(8)\n"
        "    data = TensorDataset(torch.arange(6.0))\n"
        "    loader = DataLoader(data, 2, num_workers=2, prefetch_factor=4,\n"
        "                        persistent_workers=True)\n"
        "    return [float(batch.sum()) for (batch,) in loader] + [torch.get_num_threads()]",
    )
    assert submission.value() == [1.0, 5.0, 9.0, 1]


def test_a_training_that_takes_too_much_memory_is_told_so(submit):
    submission = submit(
        "import torch\ndef attack():\n    kept = []\n"
        "    for _ in range(100):\n        kept.append(torch.ones(10_000_000))\n    return 1"
    )
    with pytest.raises(WorkerStopped) as caught:
        call(submission, "attack", long=True)
    assert caught.value.reason is StopReason.MEMORY


def test_arguments_of_a_training_cross_whole(submit):
    submission = submit("def attack(images):\n    return images.sum()")
    images = torch.rand(2876, 1, 24, 24)
    value = call(submission, "attack", images, long=True)
    assert torch.allclose(value, images.sum())
