"""The few system calls that Python has no function for, by ctypes."""

import ctypes
import os

__all__ = ["PR_SET_CHILD_SUBREAPER", "PR_SET_DUMPABLE", "PR_SET_NO_NEW_PRIVS", "PR_SET_PDEATHSIG",
           "prctl", "syscall"]  # fmt: skip

# From <linux/prctl.h>.
PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38

_libc = ctypes.CDLL(None, use_errno=True)


def _checked(result: int) -> int:
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return result


def syscall(number: int, *args: object) -> int:
    """``syscall(2)``; raises OSError. Arguments are ctypes values, bytes or ``None``."""
    return _checked(_libc.syscall(ctypes.c_long(number), *args))


def prctl(option: int, value: int) -> None:
    """``prctl(2)`` with one argument; raises OSError."""
    zero = ctypes.c_ulong(0)
    _checked(_libc.prctl(option, ctypes.c_ulong(value), zero, zero, zero))
