"""Which isolation layers this machine offers, and whether they are enough."""

import os
import platform
import sys
from dataclasses import dataclass

from autograder.errors import IsolationError
from autograder.sandbox import landlock, seccomp
from autograder.sandbox.uids import root_can_set_uids

__all__ = ["Layers", "probe_layers"]


@dataclass(frozen=True, kw_only=True)
class Layers:
    """The layers that are active here."""

    uid: bool
    landlock_abi: int
    seccomp: bool

    @property
    def suffice(self) -> bool:
        """A uid of its own or Landlock keeps files apart; seccomp is needed beside either."""
        return self.seccomp and (self.uid or self.landlock_abi > 0)

    def require(self, *, unsafe: bool) -> None:
        """Raise `IsolationError` when student code could not be confined, unless ``unsafe``."""
        if self.suffice or unsafe:
            return
        if not self.seccomp:
            why = "This kernel or processor offers no seccomp filter that is known here"
        else:
            why = "This is not root and the kernel has no Landlock"
        raise IsolationError(
            f"{why}, so a submission could read the hidden checks or change grades. Run as root "
            "in a container, or on Linux 5.13 or newer with Landlock; for code that you trust, "
            "give --unsafe."
        )


def probe_layers() -> Layers:
    """Look at this machine; refuse systems that have no process isolation at all."""
    if sys.platform != "linux":
        raise IsolationError(
            f"Student code can only be confined on Linux, and this is {platform.system()}. "
            "Use a Linux machine, a virtual machine, WSL 2 or a container."
        )
    if os.geteuid() == 0 and not root_can_set_uids():
        raise IsolationError(
            "This is root without the right to change files and processes to another user's (a "
            "user namespace, or capabilities that were dropped), so submissions could not be kept "
            "apart. Run this as an ordinary user, or as root with CAP_CHOWN, CAP_SETUID and "
            "CAP_SETGID."
        )
    return Layers(
        uid=os.geteuid() == 0,
        landlock_abi=landlock.abi(),
        seccomp=seccomp.supported() and _has_seccomp(),
    )


def _has_seccomp() -> bool:
    """The kernel names its actions where it has filters; install() would fail loudly otherwise."""
    try:
        with open("/proc/self/status", encoding="ascii") as status:  # noqa: PTH123
            return any(line.startswith("Seccomp:") for line in status)
    except OSError:
        return False
