"""torch's compiler stays out of workers, and is there for what asks for it by name."""

import json
import subprocess
import sys
from typing import Any

TRAIN = """
import json, sys, torch
{install}
torch.manual_seed(0)
model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ReLU(), torch.nn.Linear(4, 2))
data, labels = torch.randn(20, 3), torch.randint(0, 2, (20,))
found = {{}}
for kind in (torch.optim.Adam, torch.optim.SGD, torch.optim.AdamW, torch.optim.RMSprop):
    optimizer = kind(model.parameters(), lr=0.05)
    optimizer.add_param_group({{"params": [torch.zeros(1, requires_grad=True)]}})
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 2)
    for _ in range(5):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(data), labels).backward()
        optimizer.step()
        scheduler.step()
    optimizer.load_state_dict(optimizer.state_dict())
found["weights"] = [p.tolist() for p in model.parameters()]
found["loaded"] = "torch._dynamo.eval_frame" in sys.modules
{then}
print(json.dumps(found))
"""
INSTALL = "from autograder.worker.compiler import install; install()"


def train(install: str = "", then: str = "") -> Any:
    """What comes of a training in a process of its own."""
    script = TRAIN.format(install=install, then=then)
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_training_does_not_load_the_compiler_and_comes_to_the_same() -> None:
    real, found = train(), train(INSTALL)
    assert (real["loaded"], found["loaded"]) == (True, False)
    assert found["weights"] == real["weights"]


def test_what_is_compiled_stays_as_it_is_and_loads_no_compiler() -> None:
    compiled = (
        "found['same'] = torch.compile(model) is model\n"
        "before = model(data)\n"
        "model.compile(dynamic=True)\n"
        "found['in_place'] = torch.equal(model(data), before)\n"
        "@torch.compile\ndef double(x): return 2 * x\n"
        "@torch.compile(mode='max-autotune')\ndef triple(x): return 3 * x\n"
        "found['decorated'] = [double(2), triple(2)]\n"
        "found['loaded'] = 'torch._dynamo.eval_frame' in sys.modules\n"
    )
    found = train(INSTALL, compiled)
    assert found["same"]
    assert found["in_place"]
    assert found["decorated"] == [4, 6]
    assert not found["loaded"]


def test_who_asks_for_more_gets_the_real_one() -> None:
    asked = (
        "run = torch._dynamo.optimize('eager')(model)\n"
        "found['same'] = torch.equal(run(data), model(data))\n"
        "found['backends'] = 'inductor' in torch._dynamo.list_backends()\n"
        "import torch._dynamo.config\n"
        "found['real'] = torch._dynamo.disable.__module__\n"
        "optimizer.step()\n"
    )
    found = train(INSTALL, asked)
    assert found["same"]
    assert found["backends"]
    assert found["real"].startswith("torch._dynamo")


def test_a_part_of_it_can_be_imported_first() -> None:
    found = train(
        INSTALL, "from torch._dynamo import eval_frame\nfound['name'] = eval_frame.__name__"
    )
    assert found["name"] == "torch._dynamo.eval_frame"


def test_what_it_has_not_is_no_attribute() -> None:
    then = (
        "found['dunder'] = hasattr(torch._dynamo, '__wrapped__')\n"
        "found['still'] = 'torch._dynamo.eval_frame' in sys.modules\n"
        "found['name'] = hasattr(torch._dynamo, 'no_such_name')\n"
    )
    found = train(INSTALL, then)
    assert (found["dunder"], found["still"], found["name"]) == (False, False, False)
