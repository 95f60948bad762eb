"""A seccomp filter: system calls that no solution of an assignment needs fail with EPERM.

A deny list, not an allow list: numpy and torch use many calls, and a new version must not fail a
student. Files are Landlock's and the uid's matter; this filter closes what those leave open:
other processes, the network, kernel interfaces, and ways out of the process group.
Source of the numbers: the kernel's syscall tables of the two architectures.
"""

import ctypes
import errno
import platform
import signal
import struct

from autograder.sandbox.syscalls import syscall

__all__ = ["install", "program", "supported"]

_AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_SECCOMP_CALL = {"x86_64": 317, "aarch64": 277}
_X32_BIT = 0x40000000

_ARCHITECTURES = ("x86_64", "aarch64")
_DENIED: dict[str, tuple[int, int | None]] = {
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
    "vfork": (58, None),  # only good for these, and its parent would look busy while it waits
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
    # attributes of files, which Landlock leaves to the owner: the same uid may be the grader's own
    "chmod": (90, None),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "chown": (92, None),
    "lchown": (94, None),
    "fchown": (93, 55),
    "fchownat": (260, 54),
    "utime": (132, None),
    "utimes": (235, None),
    "futimesat": (261, None),
    "utimensat": (280, 88),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "setxattrat": (463, 463),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
    "removexattrat": (466, 466),
    "file_setattr": (469, 469),
    "truncate": (76, 45),
    "inotify_init": (253, None),
    "inotify_init1": (294, 26),
    # the network and other channels to the outside
    "socket": (41, 198),
    "connect": (42, 203),
    "bind": (49, 200),
    "listen": (50, 201),
    "accept": (43, 202),
    "accept4": (288, 242),
    "sendmsg": (46, 211),  # descriptors on the way would be files that nobody sees
    "sendmmsg": (307, 269),
    "shmget": (29, 194),
    "shmat": (30, 196),
    "shmctl": (31, 195),
    "msgget": (68, 186),
    "msgsnd": (69, 189),
    "msgrcv": (70, 188),
    "msgctl": (71, 187),
    "semget": (64, 190),
    "semop": (65, 193),
    "semctl": (66, 191),
    "semtimedop": (220, 192),
    "mq_open": (240, 180),
    "mq_unlink": (241, 181),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    # kernel interfaces with a history of bugs, and the kernel's log
    "syslog": (103, 116),
    "modify_ldt": (154, None),
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
_CLONE, _PRLIMIT, _FCNTL, _IOCTL, _PRCTL = (56, 220), (302, 261), (72, 25), (16, 29), (157, 167)
_SOCKETPAIR, _OPEN, _OPENAT = (53, 199), (2, None), (257, 56)
# What takes its flags in memory, where a filter cannot look: libc falls back to the older call.
_UNKNOWN = {"clone3": (435, 435), "openat2": (437, 437)}

_CLONE_FLAGS = 0x7E02C000  # CLONE_NEWNS and its like, CLONE_PARENT, CLONE_VFORK
_F_SETOWN, _F_SETSIG, _F_SETOWN_EX = 8, 10, 15  # let the kernel send a signal to any process
_FIOSETOWN, _SIOCSPGRP, _TIOCSTI = 0x8901, 0x8902, 0x5412
_PDEATHSIG, _DUMPABLE, _SUBREAPER, _SCHED_CORE = 1, 4, 36, 62  # of prctl
_O_ACCMODE, _O_TRUNC = 0o3, 0o1000
_AF_UNIX, _SOCK_STREAM, _SOCK_TYPE = 1, 1, 0xF

# Offsets in struct seccomp_data, of the lower half of an argument.
_NR, _ARCH, _ARG0, _ARG1, _ARG2 = 0, 4, 16, 24, 32
# Opcodes of classic BPF.
_LOAD, _AND, _RETURN = 0x20, 0x54, 0x06
_JUMP_EQ, _JUMP_GE, _JUMP_SET = 0x15, 0x35, 0x45
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

    def when(call: tuple[int, int | None], *body: bytes) -> None:
        """Run ``body`` for this call; it ends in a decision."""
        number = call[column]
        if number is not None:
            code.extend([_op(_JUMP_EQ, number, 0, len(body)), *body])

    def refuse(argument: int, *values: int, mask: int = 0xFFFFFFFF) -> list[bytes]:
        """Deny these values of an argument, of which the call reads the lower half."""
        tests = [part for value in values for part in (_op(_JUMP_EQ, value, 0, 1), deny)]
        return [_op(_LOAD, argument), _op(_AND, mask), *tests]

    def require(argument: int, value: int, mask: int = 0xFFFFFFFF) -> list[bytes]:
        """Deny all but one value."""
        return [_op(_LOAD, argument), _op(_AND, mask), _op(_JUMP_EQ, value, 1, 0), deny]

    for call in _DENIED.values():
        when(call, deny)
    for call in _UNKNOWN.values():
        when(call, _op(_RETURN, _ERRNO | errno.ENOSYS))
    when(_CLONE, _op(_LOAD, _ARG0), _op(_JUMP_SET, _CLONE_FLAGS, 0, 1), deny, allow)
    when(_FCNTL, *refuse(_ARG1, _F_SETOWN, _F_SETSIG, _F_SETOWN_EX), allow)
    when(_IOCTL, *refuse(_ARG1, _FIOSETOWN, _SIOCSPGRP, _TIOCSTI), allow)
    # Limits of oneself (pid 0) only: the grader's may be in reach for the same uid.
    when(_PRLIMIT, *require(_ARG0, 0), allow)
    # A worker ends with its parent, and cannot change its mind.
    ends_with_parent = require(_ARG1, signal.SIGKILL)
    when(
        _PRCTL,
        *refuse(_ARG0, _DUMPABLE, _SUBREAPER, _SCHED_CORE),
        _op(_JUMP_EQ, _PDEATHSIG, 0, len(ends_with_parent)),
        *ends_with_parent,
        allow,
    )
    # A datagram socket of a pair could be pointed at any other socket of the system.
    when(_SOCKETPAIR, *require(_ARG0, _AF_UNIX), *require(_ARG1, _SOCK_STREAM, _SOCK_TYPE), allow)
    # Landlock before ABI 3 lets a file be emptied that was opened for reading.
    emptied = (_O_TRUNC, _O_TRUNC | _O_ACCMODE)
    for opens, flags in ((_OPEN, _ARG1), (_OPENAT, _ARG2)):
        when(opens, *refuse(flags, *emptied, mask=_O_TRUNC | _O_ACCMODE), allow)
    return b"".join([*code, allow])


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def install() -> None:
    """Put the filter on this process and all it forks; needs no_new_privs. Raises OSError."""
    machine = platform.machine()
    code = program(machine)
    argument = _Program(len(code) // 8, code)
    set_mode_filter = ctypes.c_uint(1)
    syscall(_SECCOMP_CALL[machine], set_mode_filter, ctypes.c_uint(0), ctypes.byref(argument))
