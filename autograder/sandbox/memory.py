"""What the kernel says of this machine's, or this container's, memory.

In a small container the kernel may be faster than the grader's own watch, and end a process for
want of memory. It takes a worker first (`autograder.sandbox.confine`), and counts it in the control
group; else it would look as if the submission had ended by itself.
"""

from collections.abc import Iterator
from pathlib import Path

__all__ = ["memory_bytes", "oom_kills"]

_GROUPS = Path("/sys/fs/cgroup")


def oom_kills() -> int:
    """How many processes of this control group the kernel has ended; 0 where it does not say."""
    for text in _read("memory.events", "memory.oom_control"):
        fields = text.split()
        if "oom_kill" in fields[:-1]:
            return int(fields[fields.index("oom_kill") + 1])
    return 0


def memory_bytes() -> int:
    """The memory there is: the machine's, or what the control group may use of it."""
    sizes = [int(t) for t in _read("memory.max", "memory.limit_in_bytes") if t.strip().isdigit()]
    for line in Path("/proc/meminfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("MemTotal:"):
            sizes.append(int(line.split()[1]) << 10)
    return min(sizes)


def _read(version2: str, version1: str) -> Iterator[str]:
    """The texts of a file of this control group, named as either version of them does."""
    try:
        lines = Path("/proc/self/cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, group = line.split(":", 2)
        if controllers == "":
            folder, name = _GROUPS, version2
        elif controllers == "memory":
            folder, name = _GROUPS / "memory", version1
        else:
            continue
        # In a container the group may be mounted as if it were the root.
        for path in (folder / group.lstrip("/") / name, folder / name):
            try:
                yield path.read_text(encoding="utf-8")
            except OSError:
                continue
            break
