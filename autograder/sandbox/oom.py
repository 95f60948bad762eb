"""Whether the kernel ends processes here for want of memory.

In a small container the kernel may be faster than the grader's own watch. It takes a worker first
(`autograder.sandbox.confine`), and counts it in the control group; else it would look as if the
submission had ended by itself.
"""

from pathlib import Path

__all__ = ["oom_kills"]

_GROUPS = Path("/sys/fs/cgroup")


def oom_kills() -> int:
    """How many processes of this control group it has ended so; 0 where it does not say."""
    try:
        lines = Path("/proc/self/cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0
    for line in lines:
        _, controllers, group = line.split(":", 2)
        if controllers == "":  # version 2
            folder, name = _GROUPS, "memory.events"
        elif controllers == "memory":
            folder, name = _GROUPS / "memory", "memory.oom_control"
        else:
            continue
        # In a container the group may be mounted as if it were the root.
        for path in (folder / group.lstrip("/") / name, folder / name):
            counted = _counted(path)
            if counted is not None:
                return counted
    return 0


def _counted(path: Path) -> int | None:
    try:
        fields = path.read_text(encoding="utf-8").split()
        return int(fields[fields.index("oom_kill") + 1])
    except (OSError, ValueError):
        return None
