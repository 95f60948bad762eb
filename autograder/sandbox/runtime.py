"""A Python that the worker may read.

As root the worker has another uid, and an interpreter under a home folder of mode 0700 (pyenv under
``/root``, a clone in a private temporary folder) is out of its reach: every lazy import would fail.
Then the installation is mirrored once, by hard links where possible, to a folder that all may read.
The zygote runs from the mirror.
"""

import hashlib
import os
import shutil
import site
import sys
import sysconfig
import tempfile
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import IsolationError

__all__ = ["Runtime", "find_runtime"]

_SYSTEM = ("/usr/lib", "/usr/lib64", "/lib", "/lib64", "/usr/local/lib", "/usr/share/zoneinfo",
           "/usr/share/fonts", "/usr/share/fontconfig", "/etc/fonts", "/etc/ld.so.cache",
           "/etc/localtime")  # fmt: skip
_MIRRORS = Path("/var/cache/autograder")
_SOURCE = "mirror-of"  # a file in each mirror that names its environment


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
    return _mirror()


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


def _mirror() -> Runtime:
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    root = _MIRRORS / _fingerprint()
    lib = root / "lib" / version
    runtime = Runtime(
        python=str(root / "bin" / version),
        readable=(str(root), *_SYSTEM),
        needed=(str(lib / "os.py"), str(lib / "site-packages" / "torch")),
    )
    if root.is_dir():
        return runtime
    try:
        _MIRRORS.mkdir(mode=0o755, parents=True, exist_ok=True)
        _remove_outdated()
        draft = Path(tempfile.mkdtemp(dir=_MIRRORS, prefix=".draft-"))
        draft.chmod(0o755)
        stdlib = Path(sysconfig.get_path("stdlib"))
        _link_tree(stdlib, draft / "lib" / version, skip={"site-packages", "test", "__pycache__"})
        for shared in Path(sys.base_prefix, "lib").glob("libpython*"):
            _link(str(shared.resolve()), str(draft / "lib" / shared.name))
        _link_tree(_site_packages(), draft / "lib" / version / "site-packages", skip=set())
        (draft / "bin").mkdir()
        _link(str(Path(sys.executable).resolve()), str(draft / "bin" / version))
        (draft / _SOURCE).write_text(sys.prefix, encoding="utf-8")
        draft.rename(root)
    except OSError as error:
        if root.is_dir():  # another run was faster
            return runtime
        raise IsolationError(
            f"The worker's user cannot read the Python at {sys.executable}, and it could not be "
            f"mirrored to {_MIRRORS}: {error}. Use a Python and a folder that all users can read."
        ) from None
    return runtime


def _remove_outdated() -> None:
    """Mirrors of an earlier state of this environment, and of environments that are gone."""
    for mirror in _MIRRORS.iterdir():
        source = mirror / _SOURCE
        if not source.is_file():
            continue
        prefix = source.read_text(encoding="utf-8")
        if prefix == sys.prefix or not Path(prefix).exists():
            shutil.rmtree(mirror, ignore_errors=True)


def _place() -> str:
    return hashlib.sha256(sys.prefix.encode()).hexdigest()[:12]


def _fingerprint() -> str:
    """Changes when the environment does: its place, its Python, its distributions."""
    facts = [sys.version, os.path.realpath(sys.executable)]
    for info in sorted(_site_packages().iterdir()):
        if info.name.endswith((".dist-info", ".pth")):
            facts.append(f"{info.name} {info.stat().st_mtime_ns}")
    return f"{_place()}-{hashlib.sha256(repr(facts).encode()).hexdigest()[:12]}"


def _link_tree(source: Path, target: Path, skip: set[str]) -> None:
    shutil.copytree(
        source,
        target,
        copy_function=_link,
        ignore=lambda _, names: skip & set(names),
        ignore_dangling_symlinks=True,
    )


def _link(source: str, target: str) -> None:
    """A hard link where the file system allows one, and all may read the file; else a copy."""
    status = os.stat(source)  # noqa: PTH116 - called for every file
    if status.st_mode & 0o004:
        try:
            os.link(source, target)
        except OSError:
            pass
        else:
            return
    shutil.copy2(source, target)
    os.chmod(target, status.st_mode | 0o444)  # noqa: PTH101
