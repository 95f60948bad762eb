"""Lets a process keep the memory that it frees, for what it will need next."""

import ctypes

__all__ = ["keep_freed_memory"]

_KEPT_BYTES = 32 << 20
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # from glibc's <malloc.h>


def keep_freed_memory() -> None:
    """Keep up to 32 MB, in this process and its forks; nothing where the C library is not glibc.

    By default glibc may give memory back after each step of a training and take it anew for the
    next: a million page faults, and a fifth of the time.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_TRIM_THRESHOLD, _KEPT_BYTES)
        mallopt(_M_MMAP_THRESHOLD, _KEPT_BYTES)
