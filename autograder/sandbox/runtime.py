"""A Python that the worker may read.

As root the worker has another uid, and an interpreter under a home folder of mode 0700 (pyenv under
``/root``, a clone in a private temporary folder) is out of its reach: every lazy import would fail.
Then the installation is mirrored once, by hard links where possible, to a folder that all may read.
The zygote runs from the mirror.
"""

import os
import site
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from autograder.sandbox.mirror import VERSION, use_mirror

__all__ = ["Runtime", "find_runtime"]

_SYSTEM = ("/usr/lib", "/usr/lib64", "/lib", "/lib64", "/usr/local/lib", "/usr/share/zoneinfo",
           "/usr/share/fonts", "/usr/share/fontconfig", "/etc/fonts", "/etc/ld.so.cache",
           "/etc/localtime")  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Runtime:
    """An interpreter, and the paths that must be readable for it."""

    python: str
    readable: tuple[str, ...]
    needed: tuple[str, ...]


def find_runtime() -> Runtime:
    """The running interpreter, or its mirror when another uid could not read it."""
    here = _this_runtime()
    if os.geteuid() != 0 or all(_world_readable(Path(path)) for path in here.needed):
        return here
    return _mirrored_runtime()


def _site_packages() -> Path:
    return Path(sysconfig.get_path("purelib"))


def _this_runtime() -> Runtime:
    stdlib = Path(sysconfig.get_path("stdlib"))
    sites = {_site_packages(), Path(sysconfig.get_path("platlib")), stdlib}
    sites |= {Path(sysconfig.get_path("platstdlib")), Path(sys.base_prefix) / "lib"}
    if not _in_venv():
        sites |= {Path(path) for path in site.getsitepackages()}
    folders = sorted({str(path.resolve()) for path in sites if path.exists()})
    return Runtime(
        python=sys.executable,
        readable=(*folders, *_SYSTEM),
        needed=(str(stdlib.resolve() / "os.py"), str(_site_packages().resolve() / "torch")),
    )


def _in_venv() -> bool:
    return sys.prefix != sys.base_prefix


def _world_readable(path: Path) -> bool:
    """Whether any user may read it, by the mode bits of it and of all folders above."""
    if not path.exists():
        return False
    readable = path.stat().st_mode & 0o004
    return bool(readable) and all(folder.stat().st_mode & 0o001 for folder in path.parents)


def _mirrored_runtime() -> Runtime:
    root = use_mirror(_site_packages())
    lib = root / "lib" / VERSION
    return Runtime(
        python=str(root / "bin" / VERSION),
        readable=(str(root), *_SYSTEM),
        needed=(str(lib / "os.py"), str(lib / "site-packages" / "torch")),
    )
