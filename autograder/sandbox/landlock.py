"""Landlock: an unprivileged process gives up all files but a few, for itself and its children.

Source: the kernel's ``Documentation/userspace-api/landlock.rst``. Each ABI version added rights;
what this kernel does not know is left out, and the ABI is reported.
"""

import ctypes
import os
import struct
from collections.abc import Iterable
from enum import IntFlag
from pathlib import Path

from autograder.sandbox.syscalls import syscall

__all__ = ["Access", "abi", "restrict"]

# The same numbers on every architecture.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_QUERY_VERSION = 1
_RULE_PATH_BENEATH = 1


class Access(IntFlag):
    """Rights to files, as in <linux/landlock.h>."""

    EXECUTE = 1 << 0
    WRITE_FILE = 1 << 1
    READ_FILE = 1 << 2
    READ_DIR = 1 << 3
    REMOVE_DIR = 1 << 4
    REMOVE_FILE = 1 << 5
    MAKE_CHAR = 1 << 6
    MAKE_DIR = 1 << 7
    MAKE_REG = 1 << 8
    MAKE_SOCK = 1 << 9
    MAKE_FIFO = 1 << 10
    MAKE_BLOCK = 1 << 11
    MAKE_SYM = 1 << 12
    REFER = 1 << 13
    TRUNCATE = 1 << 14
    IOCTL_DEV = 1 << 15

    READ = READ_FILE | READ_DIR
    DEVICE = READ_FILE | WRITE_FILE
    PRIVATE = (
        READ | WRITE_FILE | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG | MAKE_SYM | TRUNCATE
    )
    OF_A_FILE = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV


_SINCE_ABI = {2: Access.REFER, 3: Access.TRUNCATE, 5: Access.IOCTL_DEV}
_NET_TCP = 0b11  # bind and connect, ABI 4
_SCOPE = 0b11  # abstract unix sockets and signals, ABI 6


def abi() -> int:
    """The kernel's Landlock ABI, 0 when there is none."""
    try:
        return syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_QUERY_VERSION))
    except OSError:
        return 0


def restrict(rules: Iterable[tuple[Path, Access]]) -> None:
    """Leave this process nothing but ``rules``: a folder stands for all below it.

    Paths that do not exist are passed over. Raises OSError where Landlock is missing.
    """
    version = abi()
    handled = Access(Access.REFER - 1)
    for since, right in _SINCE_ABI.items():
        if version >= since:
            handled |= right
    attributes = struct.pack(
        "QQQ", handled, _NET_TCP if version >= 4 else 0, _SCOPE if version >= 6 else 0
    )
    attributes = attributes[: 24 if version >= 6 else 16 if version >= 4 else 8]
    ruleset = syscall(
        _CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), ctypes.c_uint32(0)
    )
    try:
        for path, access in rules:
            _allow(ruleset, path, access & handled)
        syscall(_RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint32(0))
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: Path, access: Access) -> None:
    try:
        beneath = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not path.is_dir():
            access &= Access.OF_A_FILE
        rule = struct.pack("<Qi", access, beneath)
        syscall(
            _ADD_RULE,
            ctypes.c_int(ruleset),
            ctypes.c_int(_RULE_PATH_BENEATH),
            rule,
            ctypes.c_uint32(0),
        )
    finally:
        os.close(beneath)
