"""The given module makes the same maps wherever it is asked: also where student code ran before."""

import json
import subprocess
import sys

import pytest
import torch
from support.local import ASSIGNMENT

from autograder.examine.modules import load_package

FACTORIES = {
    "identity": {},
    "constant": {"value": 2.0},
    "circular_conv": {"seed": 1, "inputs": 2, "outputs": 3},
    "padded_conv": {"seed": 1, "inputs": 2, "outputs": 3, "size": 5},
    "conv_relu_conv": {"seed": 1, "inputs": 2},
    "mlp": {"seed": 1, "outputs": 3},
    "position_weights": {},
    "checkerboard": {},
    "one_pixel": {"row": 2, "column": 1},
    "scaled_pixel": {"row": 2, "column": 1, "factor": 3.0},
    "network": {"seed": 1},
    "signed_network": {"seed": 1},
}
NETWORKS = {"network", "signed_network"}


@pytest.fixture(scope="module")
def given():
    return load_package(ASSIGNMENT.layout.given.parent, "given")


def images(name, dtype=torch.float32):
    channels = 1 if name in NETWORKS else 2
    return torch.arange(-40.0, -40 + 2 * channels * 30).reshape(2, channels, 5, 6).to(dtype)


def test_every_factory_is_tried_here(given):
    maps = vars(given.maps).values()
    own = [thing for thing in maps if getattr(thing, "__module__", "") == "given.maps"]
    public = {thing.__name__ for thing in own if not thing.__name__.startswith("_")}
    assert public == FACTORIES.keys()


@pytest.mark.parametrize("name", FACTORIES)
def test_maps_keep_batch_sides_and_dtype(given, name):
    for dtype in ("float32", "float64"):
        keywords = FACTORIES[name] | ({"dtype": dtype} if name in NETWORKS else {})
        x = images(name, getattr(torch, dtype))
        maps = getattr(given, name)(**keywords)(x)
        assert maps.dtype == x.dtype
        assert (maps.shape[0], *maps.shape[2:]) == (x.shape[0], *x.shape[2:])


@pytest.mark.parametrize("name", FACTORIES)
def test_maps_treat_each_image_by_itself(given, name):
    f, x = getattr(given, name)(**FACTORIES[name]), images(name)
    with torch.no_grad():
        assert torch.allclose(f(x), torch.cat([f(x[:1]), f(x[1:])]))


@pytest.mark.parametrize("name", FACTORIES)
def test_a_factory_says_in_one_line_what_it_makes(given, name):
    line = getattr(given, name).__doc__.split("\n", 1)[0]
    assert line.endswith(".")
    assert len(line) < 100


@pytest.mark.parametrize("name", sorted(NETWORKS))
def test_networks_come_in_eval_mode_with_weights_and_buffers(given, name):
    network = getattr(given, name)(**FACTORIES[name])
    assert not network.training
    assert all(parameter.requires_grad for parameter in network.parameters())
    assert list(network.buffers())
    assert not torch.equal(network.train()(images(name)), network.eval()(images(name)))


CHANGED = """
import random, sys, numpy as np, torch
torch.set_default_dtype(torch.float64)
torch.set_default_device("meta")
torch.set_grad_enabled(False)
torch.manual_seed(7); np.random.seed(7); random.seed(7)
np.set_printoptions(precision=1); torch.set_printoptions(precision=1)
"""
MAKE = """
import json, sys
sys.path.insert(0, sys.argv[1])
import given.maps as given
import numpy as np, torch
before = torch.get_rng_state().numpy().tobytes(), np.random.get_state()[1].tobytes()
for name, keywords, values in json.loads(sys.argv[2]):
    x = torch.from_numpy(np.array(values, dtype=np.float32))
    maps = getattr(given, name)(**keywords)(x)
    assert maps.device.type == "cpu" and maps.dtype is torch.float32, name
    print(name, maps.detach().numpy().tobytes().hex())
assert before == (torch.get_rng_state().numpy().tobytes(), np.random.get_state()[1].tobytes())
"""


def test_changed_globals_change_nothing():
    problems = json.dumps([(n, k, images(n).tolist()) for n, k in FACTORIES.items()])
    outputs = [
        subprocess.run(
            [sys.executable, "-c", before + MAKE, str(ASSIGNMENT.layout.assignment), problems],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for before in ("", CHANGED)
    ]
    assert outputs[0] == outputs[1]
    assert len(outputs[0].splitlines()) == len(FACTORIES)
