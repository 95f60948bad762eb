"""A seccomp filter: system calls that no solution of an assignment needs fail with EPERM.

A deny list, not an allow list: numpy and torch use many calls, and a new version must not fail a
student. Files are Landlock's and the uid's matter; this filter closes what those leave open:
other processes, the network, kernel interfaces, and ways out of the process group.
Source of the numbers: the kernel's syscall tables of the two architectures.
"""

import ctypes
import errno
import platform
import struct

from autograder.sandbox.syscalls import syscall

__all__ = ["install", "program", "supported"]

_AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_SECCOMP_CALL = {"x86_64": 317, "aarch64": 277}
_X32_BIT = 0x40000000

_ARCHITECTURES = ("x86_64", "aarch64")
_DENIED = {
    # other processes: their memory, files, signals, priorities, limits
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "process_mrelease": (448, 448),
    "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438),
    "pidfd_send_signal": (424, 424),
    "kcmp": (312, 272),
    "kill": (62, 129),
    "tkill": (200, 130),
    "tgkill": (234, 131),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "setpriority": (141, 140),
    "sched_setparam": (142, 118),
    "sched_setscheduler": (144, 119),
    "sched_setattr": (314, 274),
    "sched_setaffinity": (203, 122),
    "ioprio_set": (251, 30),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    # leaving the session or process group, by which everything is killed
    "setsid": (112, 157),
    "setpgid": (109, 154),
    # other programs, other roots, other namespaces
    "execve": (59, 221),
    "execveat": (322, 281),
    "unshare": (272, 97),
    "setns": (308, 268),
    "chroot": (161, 51),
    "pivot_root": (155, 41),
    "mount": (165, 40),
    "umount2": (166, 39),
    "fsopen": (430, 430),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "personality": (135, 92),
    # the network and other channels to the outside
    "socket": (41, 198),
    "shmget": (29, 194),
    "shmat": (30, 196),
    "msgget": (68, 186),
    "semget": (64, 190),
    "mq_open": (240, 180),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    # kernel interfaces with a history of bugs
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "fanotify_init": (300, 262),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
}
_CLONE, _CLONE3, _PRLIMIT, _FCNTL, _IOCTL = (56, 220), (435, 435), (302, 261), (72, 25), (16, 29)
_NAMESPACES = 0x7E020000  # CLONE_NEWNS and its like
_F_SETOWN, _F_SETSIG, _F_SETOWN_EX = 8, 10, 15  # let the kernel send a signal to any process
_FIOSETOWN, _SIOCSPGRP, _TIOCSTI = 0x8901, 0x8902, 0x5412

# Offsets in struct seccomp_data.
_NR, _ARCH, _ARG0, _ARG1 = 0, 4, 16, 24
# Opcodes of classic BPF.
_LOAD, _JUMP_EQ, _JUMP_GE, _JUMP_SET, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_DENY = _ERRNO | errno.EPERM


def supported() -> bool:
    """Whether the numbers for this machine are known."""
    return platform.machine() in _ARCHITECTURES


def _op(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value)


def program(machine: str) -> bytes:
    """The filter as BPF instructions of 8 bytes each."""
    column = _ARCHITECTURES.index(machine)
    deny, allow = _op(_RETURN, _DENY), _op(_RETURN, _ALLOW)
    code = [
        _op(_LOAD, _ARCH),
        _op(_JUMP_EQ, _AUDIT_ARCH[machine], 1, 0),
        _op(_RETURN, _KILL),
        _op(_LOAD, _NR),
    ]
    if machine == "x86_64":  # the x32 ABI would reach the same calls under other numbers
        code += [_op(_JUMP_GE, _X32_BIT, 0, 1), deny]
    for numbers in _DENIED.values():
        code += [_op(_JUMP_EQ, numbers[column], 0, 1), deny]
    # The flags of clone3 lie in memory, where a filter cannot look: libc falls back to clone.
    code += [_op(_JUMP_EQ, _CLONE3[column], 0, 1), _op(_RETURN, _ERRNO | errno.ENOSYS)]

    def when(call: tuple[int, int], argument: int, jump: int, refused: tuple[int, ...]) -> None:
        """Deny ``call`` for these values of an argument; its lower half decides."""
        body = [_op(_LOAD, argument)]
        for value in refused:
            body += [_op(jump, value, 0, 1), deny]
        body += [allow]
        code.extend([_op(_JUMP_EQ, call[column], 0, len(body)), *body])

    when(_CLONE, _ARG0, _JUMP_SET, (_NAMESPACES,))
    when(_FCNTL, _ARG1, _JUMP_EQ, (_F_SETOWN, _F_SETSIG, _F_SETOWN_EX))
    when(_IOCTL, _ARG1, _JUMP_EQ, (_FIOSETOWN, _SIOCSPGRP, _TIOCSTI))
    # Limits of oneself (pid 0) only: the grader's may be in reach for the same uid.
    code += [
        _op(_JUMP_EQ, _PRLIMIT[column], 0, 3),
        _op(_LOAD, _ARG0),
        _op(_JUMP_EQ, 0, 1, 0),
        deny,
    ]
    return b"".join([*code, allow])


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def install() -> None:
    """Put the filter on this process and all it forks; needs no_new_privs. Raises OSError."""
    machine = platform.machine()
    code = program(machine)
    argument = _Program(len(code) // 8, code)
    set_mode_filter = ctypes.c_uint(1)
    syscall(
        _SECCOMP_CALL[machine], set_mode_filter, ctypes.c_uint(0), ctypes.byref(argument)
    )
