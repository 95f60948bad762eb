"""Starts the zygote and opens slots on it; the protocol is in `autograder.worker.zygote`."""

import json
import os
import socket
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from autograder.config import Helper
from autograder.errors import InternalError
from autograder.sandbox.confine import Confinement
from autograder.sandbox.runtime import Runtime

__all__ = ["Slot", "ZygoteServer"]

_START_S = 180.0  # loading torch from a cold disk
_ANSWER_S = 60.0
_PROBED = 400  # paths in one message


class _Link:
    """One JSON question, one JSON answer."""

    def __init__(self, sock: socket.socket) -> None:
        self.socket = sock

    def ask(self, message: dict[str, Any], descriptors: Sequence[int] = ()) -> dict[str, Any]:
        self.send(message, descriptors)
        return self.receive(_ANSWER_S)

    def send(self, message: dict[str, Any], descriptors: Sequence[int] = ()) -> None:
        self.socket.settimeout(_ANSWER_S)
        try:
            socket.send_fds(self.socket, [json.dumps(message).encode()], list(descriptors))
        except OSError as error:
            raise InternalError(f"the zygote does not answer: {error}") from None

    def receive(self, wait_s: float) -> dict[str, Any]:
        self.socket.settimeout(wait_s)
        try:
            answer = self.socket.recv(1 << 17)
        except OSError as error:
            raise InternalError(f"the zygote does not answer: {error}") from None
        if not answer:
            raise InternalError("the zygote ended")
        return dict(json.loads(answer))


class Slot:
    """A client's place in the zygote: one worker at a time, which ends with the slot."""

    def __init__(self, sock: socket.socket) -> None:
        self._link = _Link(sock)

    def spawn(self, rules: Confinement, wire: int, output: int) -> int:
        """Fork and confine a worker; its pid, which is also its session."""
        answer = self._link.ask({"op": "spawn", "confinement": asdict(rules)}, (wire, output))
        if "error" in answer:
            raise InternalError(f"no worker could be started: {answer['error']}")
        return int(answer["pid"])

    def kill(self) -> None:
        """End the worker and all of its processes, if there are any."""
        self._link.ask({"op": "kill"})

    def probe(
        self, rules: Confinement, secret: Sequence[str], needed: Sequence[str]
    ) -> tuple[list[str], list[str]]:
        """What a worker confined so could read of the first, and not read of the second."""
        leaks: list[str] = []
        missing: list[str] = []
        for start in range(0, max(len(secret), 1), _PROBED):  # a message has a limit
            message = {
                "op": "probe",
                "confinement": asdict(rules),
                "secret": list(secret[start : start + _PROBED]),
                "needed": list(needed),
            }
            answer = self._link.ask(message)
            if "error" in answer:
                raise InternalError(f"a worker could not be confined: {answer['error']}")
            leaks += answer["leaks"]
            missing += answer["missing"]
        return leaks, missing

    def close(self) -> None:
        """Give the place up; the zygote kills what is left in it."""
        self._link.socket.close()


class ZygoteServer:
    """The zygote process; starts it, and after `wait` opens slots, also for forked processes."""

    def __init__(
        self,
        runtime: Runtime,
        preload: Sequence[str],
        given: Path | None = None,
        helper: Helper | None = None,
    ) -> None:
        self._python = runtime.python
        self._loads = {
            "preload": list(preload),
            "given": str(given) if given else "",
            "helper": asdict(helper) | {"folder": str(helper.folder)} if helper else None,
        }
        self._start()

    def _start(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        # Nothing of this process's environment: it may hold names, paths and tokens.
        environment = {
            "PATH": "/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "HOME": "/nonexistent",
            "MPLBACKEND": "Agg",
            "MPLCONFIGDIR": _font_cache(),
            "PYTHONHASHSEED": "0",
            "OMP_NUM_THREADS": "1",
            "MKL_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
        }
        with theirs:
            self._process = subprocess.Popen(
                [
                    self._python,
                    "-I",
                    "-B",
                    "-m",
                    "autograder.worker.zygote",
                    str(theirs.fileno()),
                ],
                env=environment,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                pass_fds=(theirs.fileno(),),
            )
        self._link = _Link(ours)
        self._link.send(self._loads)

    def wait(self) -> None:
        """Until everything is loaded."""
        try:
            answer = self._link.receive(_START_S)
        except InternalError:
            self._process.kill()
            _, text = self._process.communicate()
            raise InternalError(
                f"the zygote did not start: {text.decode(errors='replace')[-500:]}"
            ) from None
        if "error" in answer:
            raise InternalError(f"the zygote did not start: {answer['error']}")

    def revive(self) -> None:
        """Start it anew if it has ended, as when memory ran out; for the process that made it."""
        if self._process.poll() is not None:
            self.close()
            self._start()
            self.wait()

    @property
    def pid(self) -> int:
        """The zygote's process id."""
        return self._process.pid

    def open_slot(self) -> Slot:
        """A place for one submission at a time."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            message = json.dumps({"op": "slot"}).encode()
            try:
                socket.send_fds(self._link.socket, [message], [theirs.fileno()])
            except OSError as error:
                ours.close()
                raise InternalError(f"the zygote is gone: {error}") from None
        return Slot(ours)

    def close(self) -> None:
        """End the zygote and all workers."""
        self._link.socket.close()
        self._process.terminate()  # a process forked from this one may hold the socket open
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stderr is not None:
            self._process.stderr.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self.close()


def _font_cache() -> str:
    """Matplotlib keeps its list of fonts here; without it every start would scan them anew."""
    if os.geteuid() == 0:
        return "/var/cache/autograder/matplotlib"
    try:
        return str(Path.home() / ".cache" / "autograder" / "matplotlib")
    except RuntimeError:  # a user without a home
        return str(Path(tempfile.gettempdir()) / f"autograder-fonts-{os.geteuid()}")
