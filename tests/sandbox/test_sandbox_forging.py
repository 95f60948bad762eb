"""Attacks on the wire: forged, malformed, repeated, late and huge answers."""

import contextlib
import json
import math
import os
import struct
from typing import Any

import numpy as np
import pytest
import torch
from conftest import until_stopped
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.checking.reply import WorkerStopped
from autograder.host.answer import read_reply
from autograder.wire.decode import parse
from autograder.wire.encode import ARRAY_DTYPES, Encoder
from autograder.wire.frames import HEADER, MAX_JSON, ProtocolError, TooLargeError, lengths

# What a submission finds out about its own process: the socket, and the request under way.
FORGER = """
import json, os, socket, stat, struct, sys, time

def wire():
    for number in range(3, 64):
        try:
            if stat.S_ISSOCK(os.fstat(number).st_mode):
                return number
        except OSError:
            pass

def request():
    frame = sys._getframe()
    while "header" not in frame.f_locals:
        frame = frame.f_back
    return frame.f_locals["header"]["id"]

def frame(header, payload=b""):
    text = json.dumps(header).encode()
    return struct.pack("<II", len(text), len(payload)) + text + payload

def honest():
    return 7
"""

FORGERIES = {
    "garbage": "os.write(wire(), bytes(range(256)) * 16)",
    "a huge length": "os.write(wire(), struct.pack('<II', 1 << 31, 1 << 31)); time.sleep(60)",
    "an answer without id": "os.write(wire(), frame({'value': 1}))",
    "an answer with an id of its own": "os.write(wire(), frame({'id': '0' * 32, 'value': 1}))",
    "JSON of another kind": "os.write(wire(), frame([1, 2]))",
    "deep JSON": "os.write(wire(), struct.pack('<II', 200000, 0) + b'[' * 200000)",
    "a long number": "os.write(wire(), frame({'id': request(), 'value': 0})[:-2] + b'1' * 99999)",
    "not UTF-8": "os.write(wire(), struct.pack('<II', 4, 0) + b'\\xff\\xfe\\xfd\\xfc')",
    "the end of the wire": "os.close(wire())",
    "half a frame, then nothing": "os.write(wire(), b'\\1\\0'); time.sleep(60)",
    "an array outside of the payload": """os.write(wire(), frame({'id': request(), 'value':
        {'!': 'array', 'd': '<f8', 's': [1 << 27], 'o': 0}}))""",
    "an exception that is none": "os.write(wire(), frame({'id': request(), 'raised': [[]]}))",
    "its own descriptors": "os.dup2(1, wire())",
}


@pytest.mark.parametrize("forgery", FORGERIES.values(), ids=FORGERIES)
def test_a_forged_answer_stops_its_question(submit, forgery):
    submission = submit(f"{FORGER}\ndef attack():\n    {forgery}\n    return 1", sleep_s=0.5)
    assert submission.stopped().reason in {"protocol", "crashed", "sleeping", "too_large"}
    assert submission.value("honest") == 7


@pytest.mark.parametrize("arguments", ["", ", 'arguments': []", ", 'arguments': [1, 1]"])
def test_an_answer_without_the_arguments_stops_its_question(submit, arguments):
    attack = f"os.write(wire(), frame({{'id': request(), 'value': 1{arguments}}}))\n    return 1"
    submission = submit(f"{FORGER}\ndef attack(x):\n    {attack}")
    with pytest.raises(WorkerStopped) as caught:
        submission.call("attack", 7, echo=True)
    assert caught.value.reason == "protocol"


def test_an_answer_in_advance_is_only_an_answer(submit):
    """It holds what the function might have returned; the second one is nobody's."""
    attack = "os.write(wire(), frame({'id': request(), 'value': 42}))\n    return 43"
    submission = submit(f"{FORGER}\ndef attack():\n    {attack}")
    assert submission.value() == 42
    assert submission.stopped("honest").reason == "protocol"
    assert submission.value("honest") == 7


def test_an_answer_of_one_byte_at_a_time_is_stopped(submit):
    drip = """
    for byte in frame({'id': request(), 'value': 1}):
        os.write(wire(), bytes([byte]))
        time.sleep(0.4)
"""
    submission = submit(f"{FORGER}\ndef attack():{drip}", sleep_s=0.9, question_cpu_s=2)
    assert submission.stopped().reason == "sleeping"


def test_a_fork_that_answers_too_stops_the_question(submit):
    """Sooner or later the second answer is there when another one is due."""
    forks = "import os\ndef attack():\n    os.fork()\n    return 1\ndef honest():\n    return 7"
    submission = submit(forks, question_cpu_s=20)
    assert submission.value() == 1
    assert "nobody asked for" in until_stopped(submission, 100_000, "honest")
    assert submission.value("honest") == 7


def test_a_process_that_takes_no_requests_is_stopped(submit):
    deaf = "import os, threading, time\ndef attack(x):\n    os.write(wire(), frame("
    submission = submit(FORGER + deaf + "{'id': request(), 'value': 1}))\n    time.sleep(60)")
    assert submission.value("attack", np.ones(3)) == 1
    assert submission.stopped("attack", np.ones(3)).reason == "sleeping"


def test_descriptors_sent_over_the_wire_arrive_nowhere(submit):
    send = "s = socket.socket(fileno=os.dup(wire())); socket.send_fds(s, [b'x'], [1])"
    submission = submit(f"{FORGER}\ndef attack():\n    {send}\n    return 1")
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    assert submission.call().raised.type_name == "PermissionError"
    assert len(os.listdir("/proc/self/fd")) == before + 1  # noqa: PTH208 - the question's socket


def test_cells_that_forge_their_own_end_gain_nothing(submit):
    forged = f"{FORGER}\nos.write(3, frame({{'id': request(), 'done': True, 'reports': 5}}))"
    submission = submit(forged, "def later():\n    return 2")
    assert submission.stopped("honest").reason == "crashed"  # the true end is nobody's answer now
    wrong = f"{FORGER}\nos.write(3, frame({{'id': request(), 'cell': -1}}))"
    assert submit(wrong, "def later():\n    return 2").value("later") == 2


def test_an_answer_over_the_limit_is_too_large(submit):
    code = (
        "import numpy\ndef attack():\n    return numpy.ones(2_000_000)\ndef honest():\n    return 7"
    )
    submission = submit(code)
    stopped = submission.stopped()
    assert (stopped.reason, stopped.sentence) == ("too_large", "The answer is larger than 8 MB.")
    assert submission.value("honest") == 7


# The decoder by itself

PAYLOAD = memoryview(bytes(range(256)) * 4)

sides = st.integers(-1, 20) | st.just(1 << 40)
tags = st.sampled_from(["array", "tensor", "scalar", "list", "tuple", "dict", "int", "opaque",
                        "state", "provided", "", None, 0])  # fmt: skip
arrays = st.fixed_dictionaries({
    "!": st.sampled_from(["array", "tensor", "scalar"]),
    "d": st.sampled_from([*sorted(ARRAY_DTYPES), "O", "|V8", ">f8", "<U9", 5, None, []]),
    "s": st.lists(sides, max_size=10) | st.integers(),
    "o": st.integers(-5, 2000) | st.none(),
})  # fmt: skip
texts = st.text(max_size=9) | st.sampled_from(["\ud800", "0x_1", "-0x1", "zz", "1" * 1200])
leaves = st.none() | st.booleans() | st.integers() | st.floats() | texts | arrays
nodes = st.recursive(
    leaves,
    lambda inner: (
        st.fixed_dictionaries({"!": tags, "v": inner | st.lists(inner, max_size=4)})
        | st.fixed_dictionaries({"!": st.just("dict"), "v": st.dictionaries(texts, inner)})
        | st.lists(inner, max_size=3)
    ),
    max_leaves=12,
)
raised = st.fixed_dictionaries({"type": nodes, "bases": nodes | st.lists(nodes, max_size=3),
                                "message": nodes, "traceback": nodes})  # fmt: skip
answers = st.fixed_dictionaries(
    {}, optional={"value": nodes, "raised": raised | nodes, "arguments": st.lists(nodes) | nodes}
)

PLAIN = {bool, int, float, str, list, tuple, dict, type(None), np.ndarray, torch.Tensor}


def plain(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(map(plain, value))
    if isinstance(value, dict):
        return all(map(plain, value.values()))
    return (
        type(value) in PLAIN
        or isinstance(value, np.generic)
        or type(value).__module__ in {"autograder.checking.reply", "autograder.wire.state"}
    )


@settings(max_examples=400, deadline=None, derandomize=True, database=None)
@given(answers)
def test_whatever_is_answered_becomes_plain_data_or_a_protocol_error(answer):
    try:
        reply = read_reply(parse(json.dumps(answer).encode()), PAYLOAD)
    except ProtocolError:
        return
    assert plain(reply.value)
    assert plain(reply.arguments)


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(st.binary(max_size=200))
def test_whatever_bytes_come_the_header_is_an_object_or_a_protocol_error(text):
    with contextlib.suppress(ProtocolError):
        assert isinstance(parse(text), dict)


def test_a_header_cannot_ask_for_the_same_bytes_again_and_again():
    """Else a thousand short nodes would make a thousand copies of one large array."""
    array = {"!": "array", "d": "|u1", "s": [len(PAYLOAD)], "o": 0}
    assert read_reply({"value": array}, PAYLOAD).value.shape == (len(PAYLOAD),)
    for answer in (
        {"value": {"!": "list", "v": [array] * 2}},
        {"value": array, "arguments": [array]},
        {"value": {"!": "dict", "v": {"a": array, "b": array}}},
    ):
        with pytest.raises(ProtocolError, match="share their bytes"):
            read_reply(answer, PAYLOAD)


def test_deeply_nested_text_is_refused_before_it_is_printed():
    nested: list[Any] = []
    for _ in range(800):
        nested = [nested]
    for answer in (
        {"raised": {"type": nested, "bases": []}},
        {"value": {"!": "opaque", "v": nested}},
        {"value": nested},
    ):
        with pytest.raises(ProtocolError):
            read_reply(answer, PAYLOAD)


def test_lengths_are_checked_before_anything_is_read():
    for head in ((MAX_JSON + 1, 0), (0, 9), (0xFFFFFFFF, 0xFFFFFFFF)):
        with pytest.raises(TooLargeError):
            lengths(HEADER.pack(*head), 8)
    with pytest.raises(struct.error):
        lengths(b"123", 8)


def test_what_the_encoder_makes_the_decoder_takes():
    values = [None, True, -1, 1 << 80, 0.5, math.inf, "é", [1, (2, {"a": 3})], np.float32(1.5),
              np.arange(6.0).reshape(2, 3), np.array(True), torch.ones(2, 3), np.zeros((0, 3)),
              torch.ones(3)[::2], np.ones((3, 2), order="F")]  # fmt: skip
    encoder = Encoder()
    tree = encoder.encode(values)
    back = read_reply({"value": parse(json.dumps({"v": tree}).encode())["v"]},
                      memoryview(encoder.payload)).value  # fmt: skip
    for was, now in zip(values, back, strict=True):
        assert type(was) is type(now)
        plain_value = isinstance(was, int | float | str | list | None)
        assert was == now if plain_value else np.array_equal(was, now)
