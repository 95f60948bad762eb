"""The seccomp filter of both architectures, run by a small interpreter of classic BPF."""

import errno
import struct

import pytest

from autograder.sandbox import seccomp

ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
ALLOWED, REFUSED, UNKNOWN, KILLED = (
    0x7FFF0000,
    0x50000 | errno.EPERM,
    0x50000 | errno.ENOSYS,
    1 << 31,
)

# Numbers by architecture: of the calls that are decided by their arguments, and of harmless ones.
CALLS = {"clone": (56, 220), "prctl": (157, 167), "socketpair": (53, 199), "openat": (257, 56),
         "fcntl": (72, 25), "ioctl": (16, 29), "prlimit64": (302, 261), "clone3": (435, 435),
         "openat2": (437, 437), "read": (0, 63), "write": (1, 64), "mmap": (9, 222),
         "futex": (202, 98), "getrandom": (318, 278), "exit_group": (231, 94)}  # fmt: skip


def decide(machine: str, number: int, *arguments: int, arch: int | None = None) -> int:
    """What the filter answers to a call; jumps are forward only, so it ends."""
    native = ARCHITECTURES[machine][1] if arch is None else arch
    full = [*arguments, *[0] * (6 - len(arguments))]
    data = struct.pack("<IIQ6Q", number, native, 0, *full)
    code = list(struct.iter_unpack("<HBBI", seccomp.program(machine)))
    accumulator = at = 0
    while True:
        operation, if_true, if_false, value = code[at]
        at += 1
        match operation:
            case 0x20:
                accumulator = struct.unpack_from("<I", data, value)[0]
            case 0x54:
                accumulator &= value
            case 0x15:
                at += if_true if accumulator == value else if_false
            case 0x35:
                at += if_true if accumulator >= value else if_false
            case 0x45:
                at += if_true if accumulator & value else if_false
            case 0x06:
                return value
            case _:
                pytest.fail(f"opcode {operation}")


@pytest.fixture(params=ARCHITECTURES)
def call(request):
    """``call("name", *arguments)``: what the filter of this architecture answers."""
    column = ARCHITECTURES[request.param][0]
    return lambda name, *arguments: decide(request.param, CALLS[name][column], *arguments)


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_every_call_of_the_list_is_refused(machine):
    column = ARCHITECTURES[machine][0]
    numbers = [call[column] for call in seccomp._DENIED.values() if call[column] is not None]
    assert len(numbers) == len(set(numbers))
    assert {decide(machine, number) for number in numbers} == {REFUSED}


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_calls_of_another_architecture_end_the_process(machine):
    assert decide(machine, 20, arch=0x40000003) == KILLED


def test_what_programs_need_is_allowed(call):
    for name in ("read", "write", "mmap", "futex", "getrandom", "exit_group"):
        assert call(name) == ALLOWED
    assert call("clone", 17) == call("clone", 0x3D0F00) == ALLOWED  # a fork, a thread
    assert call("socketpair", 1, 1 | 0o2004000) == ALLOWED
    assert call("prlimit64", 0, 7) == call("fcntl", 1, 3) == call("ioctl", 1, 0x5401) == ALLOWED
    for flags in (0, 1, 2, 0x241, 0x242, 0x441, 0x410002):  # O_TMPFILE is the last
        assert call("openat", 0, 0, flags) == ALLOWED


def test_arguments_decide_where_they_have_to(call):
    for flag in (0x20000, 0x02000000, 0x10000000, 0x20000000, 0x40000000, 0x8000):
        assert call("clone", flag | 17) == REFUSED
    for option in (4, 36, 62):
        assert call("prctl", option, 0) == REFUSED
    assert [call("prctl", 1, value) for value in (9, 0, 15)] == [ALLOWED, REFUSED, REFUSED]
    assert call("prctl", 15, 0) == ALLOWED
    for family, kind in ((1, 2), (1, 5), (2, 1), (16, 3), (1, 2 | 0o4000)):
        assert call("socketpair", family, kind) == REFUSED
    assert call("openat", 0, 0, 0o1000) == call("openat", 0, 0, 0o1003) == REFUSED
    for command in (8, 10, 15):
        assert call("fcntl", 1, command) == REFUSED
    assert call("prlimit64", 1234, 7) == REFUSED
    assert call("clone3") == call("openat2") == UNKNOWN


def test_the_upper_half_of_an_argument_changes_nothing(call):
    """The kernel reads 32 bits of these; so does the filter."""
    assert call("fcntl", 1, (1 << 40) | 8) == REFUSED
    assert call("prctl", (1 << 40) | 36) == REFUSED
