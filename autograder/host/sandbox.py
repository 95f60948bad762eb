"""Everything one run of the grader needs to start workers: zygote, layers, limits, secrets."""

import os
import stat
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from autograder.config import Assignment, Limits
from autograder.errors import IsolationError
from autograder.host.private import private_folder
from autograder.host.run_folder import run_folder
from autograder.host.zygote import Slot, ZygoteServer
from autograder.sandbox.confine import Confinement
from autograder.sandbox.layers import Layers, probe_layers
from autograder.sandbox.runtime import Runtime, find_runtime
from autograder.sandbox.uids import lease_uid

__all__ = ["Place", "Sandbox", "open_sandbox"]

_LISTED = 200  # entries of a secret folder that are probed one by one


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where one submission's workers run: verified, its own, and removed afterwards."""

    slot: Slot
    confinement: Confinement
    limits: Limits


@dataclass(frozen=True, kw_only=True)
class Sandbox:
    """Starts places for submissions, also in processes forked from this one."""

    zygote: ZygoteServer
    runtime: Runtime
    layers: Layers
    limits: Limits
    secrets: tuple[Path, ...]
    folder: Path
    unsafe: bool

    @contextmanager
    def place(self) -> Iterator[Place]:
        """A slot, a user id and a private folder, after checking that they hide every secret."""
        slot = self.zygote.open_slot()
        try:
            with lease_uid() as uid, private_folder(self.folder, uid) as folder:
                rules = self._confinement(folder, uid)
                self._verify(slot, rules)
                try:
                    yield Place(slot=slot, confinement=rules, limits=self.limits)
                finally:  # nothing of the submission may run while its folder and its uid are freed
                    slot.kill()
        finally:
            slot.close()

    def _confinement(self, folder: Path, uid: int | None) -> Confinement:
        limits = self.limits
        return Confinement(
            private=str(folder),
            readable=self.runtime.readable,
            uid=uid,
            landlock=self.layers.landlock_abi > 0,
            seccomp=self.layers.seccomp,
            # A backstop per process behind the watch, which counts the whole session.
            cpu_s=int(
                2 * (limits.cells_cpu_s + limits.question_cpu_s + limits.long_calls_cpu_s) + 5
            ),
            address_space_mb=limits.address_space_mb,
            disk_mb=limits.disk_mb,
            processes=limits.processes,
            open_files=limits.open_files,
        )

    def _verify(self, slot: Slot, rules: Confinement) -> None:
        secret = [str(path) for root in self.secrets for path in _samples(root)]
        leaks, missing = slot.probe(rules, secret, self.runtime.needed)
        if missing:
            raise IsolationError(
                f"A worker cannot read {missing[0]}, which it needs; use a Python and a "
                "temporary folder that all users may enter."
            )
        if leaks and not self.unsafe:
            raise IsolationError(
                f"A submission could read {leaks[0]}. Take read access from other users "
                f"(chmod -R go= {leaks[0]}), or move it."
            )


@contextmanager
def open_sandbox(
    assignment: Assignment,
    *,
    also_secret: Sequence[Path] = (),
    unsafe: bool = False,
    meanwhile: Callable[[], None] = lambda: None,
) -> Iterator[Sandbox]:
    """Check the layers, close the secrets, start the zygote; raises `IsolationError`.

    ``also_secret`` are folders beside the assignment's own: results, other submissions.
    ``meanwhile`` is called while the zygote loads torch.
    """
    layers = probe_layers()
    layers.require(unsafe=unsafe)
    secrets = (*assignment.secrets(), *also_secret)
    runtime = find_runtime()
    if layers.uid and not layers.landlock_abi:
        _close(secrets, keep_open=(*runtime.needed, tempfile.gettempdir()))
    with run_folder() as folder:
        if layers.uid:
            folder.chmod(0o711)  # each worker's folder below is closed to the others
        given = assignment.layout.given if assignment.layout.given.is_dir() else None
        with ZygoteServer(runtime, assignment.preload, given, assignment.helper) as zygote:
            meanwhile()
            zygote.wait()
            sandbox = Sandbox(
                zygote=zygote,
                runtime=runtime,
                layers=layers,
                limits=assignment.limits,
                secrets=secrets,
                folder=folder,
                unsafe=unsafe,
            )
            with sandbox.place():  # what is wrong here is said once, and not of each submission
                pass
            yield sandbox


def _samples(root: Path) -> Iterator[Path]:
    """What is probed of a secret: itself, and what lies directly in it."""
    yield root
    if root.is_dir():
        try:
            yield from sorted(root.iterdir())[:_LISTED]
        except OSError:
            return


def _close(secrets: Sequence[Path], keep_open: Sequence[str | Path]) -> None:
    """Without Landlock, file modes alone hide the secrets: take all rights from other users.

    Not from /tmp and its like, nor from a folder above what others need: these are refused later.
    """
    for path in secrets:
        mode = path.stat().st_mode
        if mode & stat.S_ISVTX or any(Path(p).is_relative_to(path.resolve()) for p in keep_open):
            continue
        if path.stat().st_uid == os.geteuid() and mode & 0o077:
            path.chmod(stat.S_IMODE(mode) & 0o700)
