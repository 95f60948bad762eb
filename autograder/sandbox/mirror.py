"""Copies of Python installations that all users may read, made of hard links where possible.

A run holds a lock on the mirror that it uses, until its process ends; a mirror is removed only
under a lock of one's own, when its environment has changed or is gone.
"""

import fcntl
import hashlib
import os
import shutil
import sys
import sysconfig
import tempfile
from pathlib import Path

from autograder.errors import IsolationError

__all__ = ["VERSION", "use_mirror"]

VERSION = f"python{sys.version_info.major}.{sys.version_info.minor}"

_MIRRORS = Path("/var/cache/autograder")
_SOURCE = "mirror-of"  # a file in each mirror that names its environment
_DRAFT = ".draft-"
_held: dict[Path, int] = {}  # the locks of this process


def use_mirror(site_packages: Path) -> Path:
    """A mirror of the running Python with these packages; made when there is none yet.

    Its layout is that of an ordinary installation: ``bin/pythonX.Y``, ``lib/pythonX.Y/``. Raises
    IsolationError where it cannot be made.
    """
    root = _MIRRORS / _fingerprint(site_packages)
    if _hold(root):
        return root
    try:
        _MIRRORS.mkdir(mode=0o755, parents=True, exist_ok=True)
        _remove_outdated()
        _make(root, site_packages)
    except OSError as error:
        if not root.is_dir():  # else another run was faster
            raise IsolationError(
                f"The worker's user cannot read the Python at {sys.executable}, and it could not "
                f"be mirrored to {_MIRRORS}: {error}. Use a Python and a folder that all users "
                "can read."
            ) from None
    if not _hold(root):
        raise IsolationError(f"{root} was removed by another run; start this one again.")
    return root


def _make(root: Path, site_packages: Path) -> None:
    draft = Path(tempfile.mkdtemp(dir=_MIRRORS, prefix=_DRAFT))
    _hold(draft)
    try:
        draft.chmod(0o755)
        stdlib = Path(sysconfig.get_path("stdlib"))
        _link_tree(stdlib, draft / "lib" / VERSION, skip={"site-packages", "test", "__pycache__"})
        for shared in Path(sys.base_prefix, "lib").glob("libpython*"):
            _link(str(shared.resolve()), str(draft / "lib" / shared.name))
        _link_tree(site_packages, draft / "lib" / VERSION / "site-packages", skip=set())
        (draft / "bin").mkdir()
        _link(str(Path(sys.executable).resolve()), str(draft / "bin" / VERSION))
        (draft / _SOURCE).write_text(sys.prefix, encoding="utf-8")
        draft.rename(root)
    except OSError:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    finally:
        os.close(_held.pop(draft))


def _hold(mirror: Path) -> bool:
    """Lock ``mirror`` for use until this process ends; whether it is there."""
    if mirror in _held:
        return True
    try:
        descriptor = os.open(mirror, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    if not mirror.is_dir():  # removed while we waited
        os.close(descriptor)
        return False
    _held[mirror] = descriptor
    return True


def _remove_outdated() -> None:
    """Remove mirrors of environments that changed or are gone, and drafts of runs that died."""
    for mirror in _MIRRORS.iterdir():
        source = mirror / _SOURCE
        if source.is_file():
            prefix = source.read_text(encoding="utf-8")
            if prefix != sys.prefix and Path(prefix).exists():
                continue
        elif not mirror.name.startswith(_DRAFT):
            continue
        descriptor = os.open(mirror, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(mirror, ignore_errors=True)
        except BlockingIOError:  # in use
            continue
        finally:
            os.close(descriptor)


def _fingerprint(site_packages: Path) -> str:
    """Changes when the environment does: its place, its Python, its distributions."""
    facts = [sys.prefix, sys.version, os.path.realpath(sys.executable)]
    for info in sorted(site_packages.iterdir()):
        if info.name.endswith((".dist-info", ".pth")):
            facts.append(f"{info.name} {info.stat().st_mtime_ns}")
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]


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
