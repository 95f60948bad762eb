"""The fork server: a process with torch loaded that forks workers, and has never seen a check.

It is exec'd fresh with a minimal environment, so that nothing of the grader is in its memory, and
it speaks over one Unix socket (SOCK_SEQPACKET, JSON messages). On the main socket:

- first ``{"preload": [...], "given": path, "helper": {...}}``; answer ``{"ready": true}`` or
  ``{"error": text}``;
- ``{"op": "slot"}`` with one descriptor: a socket for one client, whose workers end with it.

On a slot's socket, one worker at a time:

- ``{"op": "spawn", "confinement": {...}}`` with two descriptors (wire, output): ``{"pid": n}``;
- ``{"op": "kill"}``: ``{"killed": true}``, once the whole process group is dead and reaped;
- ``{"op": "probe", "confinement": {...}, "secret": [...], "needed": [...]}``: what a worker could
  read of the first and not read of the second: ``{"leaks": [...], "missing": [...]}``, or
  ``{"error": text}`` when it cannot be confined so.

An ``{"error": text}`` may also answer a spawn: the system gave no process. When the grader dies,
the zygote kills all workers and ends.
"""

import dataclasses
import gc
import importlib
import json
import os
import selectors
import signal
import socket
import sys
from pathlib import Path
from typing import Any

from autograder.sandbox.confine import Confinement, confine
from autograder.sandbox.syscalls import (
    PR_SET_CHILD_SUBREAPER,
    PR_SET_DUMPABLE,
    PR_SET_PDEATHSIG,
    prctl,
)
from autograder.worker import compiler, serve, stand_ins
from autograder.worker.allocator import keep_freed_memory

_MAX_MESSAGE = 1 << 17


@dataclasses.dataclass
class _Slot:
    """One client of the zygote and its worker."""

    socket: socket.socket
    pid: int | None = None


class Zygote:
    """Serves forks until its main socket closes."""

    def __init__(self, control: socket.socket, given: Any) -> None:
        self._control = control
        self._given = given
        self._selector = selectors.DefaultSelector()
        self._selector.register(control, selectors.EVENT_READ, None)
        self._pid = os.getpid()

    def run(self) -> None:
        """Answer until the grader is gone; then end all workers."""
        try:
            self._serve()
        finally:
            for key in list(self._selector.get_map().values()):
                if key.data is not None:
                    self._kill(key.data)

    def _serve(self) -> None:
        while True:
            for key, _ in self._selector.select(timeout=1.0):
                if key.data is None:
                    message, descriptors = _receive(self._control)
                    if message is None:
                        return
                    self._open_slot(descriptors[0])
                else:
                    self._answer(key.data)
            self._reap_orphans()

    def _open_slot(self, descriptor: int) -> None:
        slot = _Slot(socket.socket(fileno=descriptor))
        self._selector.register(slot.socket, selectors.EVENT_READ, slot)

    def _answer(self, slot: _Slot) -> None:
        message, descriptors = _receive(slot.socket)
        try:
            if message is None:
                self._kill(slot)
                self._selector.unregister(slot.socket)
                slot.socket.close()
            else:
                _send(slot.socket, self._do(slot, message, descriptors))
        except BrokenPipeError:  # the client went away; its socket's end is the next event
            return
        finally:
            for descriptor in descriptors:
                os.close(descriptor)

    def _do(self, slot: _Slot, message: dict[str, Any], descriptors: list[int]) -> dict[str, Any]:
        try:
            if message["op"] == "spawn":
                rules = Confinement.from_json(message["confinement"])
                return {"pid": self._spawn(slot, rules, descriptors)}
            if message["op"] == "probe":
                return self._probe(message)
        except OSError as error:  # no process, no pipe: this client's trouble, not all clients'
            return {"error": str(error)}
        self._kill(slot)
        return {"killed": True}

    def _fork(self) -> int:
        """Fork; the child keeps none of the zygote's sockets and handlers."""
        pid = os.fork()
        if pid == 0:
            self._selector.close()
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            gc.unfreeze()
        return pid

    def _spawn(self, slot: _Slot, rules: Confinement, descriptors: list[int]) -> int:
        self._kill(slot)
        pid = self._fork()
        if pid == 0:
            wire, output = descriptors
            serve.become_worker(rules, wire, output, parent=self._pid, given=self._given)
        slot.pid = pid
        return pid

    def _kill(self, slot: _Slot) -> None:
        """Kill the worker's process group and reap all of it; when this returns, nothing is left.

        Its processes cannot leave the group, and a signal to a group reaches each that is being
        forked meanwhile. As subreaper this process is the last parent of them all: a process that
        dies hands on its children before it can be reaped itself, so once no child is left in the
        group, no process is. The leader is reaped after the signals: until then its pid is its own.
        """
        if slot.pid is None:
            return
        pid, slot.pid = slot.pid, None
        for send in (os.killpg, os.kill):  # it may not have a group yet
            try:
                send(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        os.waitpid(pid, 0)
        while True:
            try:
                os.waitid(os.P_PGID, pid, os.WEXITED)
            except ChildProcessError:
                return

    def _reap_orphans(self) -> None:
        """Reap what the workers left behind: as subreaper this process inherits it."""
        workers = {k.data.pid for k in self._selector.get_map().values() if k.data is not None}
        while True:
            try:
                found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            except ChildProcessError:
                return
            if found is None or found.si_pid in workers:  # a worker is reaped when it is killed
                return
            os.waitpid(found.si_pid, 0)

    def _probe(self, message: dict[str, Any]) -> dict[str, Any]:
        """Ask a confined child that never runs student code."""
        read_end, write_end = os.pipe()
        pid = self._fork()
        if pid == 0:
            rules = Confinement.from_json(message["confinement"])
            answer: dict[str, Any]
            try:
                confine(rules, parent=self._pid, keep=(write_end,))
                answer = {
                    "leaks": [path for path in message["secret"] if _can_read(path)],
                    "missing": [path for path in message["needed"] if not _can_read(path)],
                }
                if not _can_write(rules.private):
                    answer["missing"].append(rules.private)
            except OSError as error:
                answer = {"error": str(error)}
            os.write(write_end, json.dumps(answer).encode())
            os._exit(0)
        os.close(write_end)
        with os.fdopen(read_end, "rb") as pipe:
            text = pipe.read()
        os.waitpid(pid, 0)
        return dict(json.loads(text)) if text else {"error": "the probe died"}


def _can_read(path: str) -> bool:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return False
    os.close(descriptor)
    return True


def _can_write(folder: str) -> bool:
    path = Path(folder) / ".probe"
    try:
        path.write_text("probe", encoding="ascii")
        path.unlink()
    except OSError:
        return False
    return True


def _receive(sock: socket.socket) -> tuple[dict[str, Any] | None, list[int]]:
    try:
        text, descriptors, _, _ = socket.recv_fds(sock, _MAX_MESSAGE, 2)
    except ConnectionResetError:  # it was killed before it read our last answer
        return None, []
    return (json.loads(text) if text else None), descriptors


def _send(sock: socket.socket, message: dict[str, Any]) -> None:
    sock.send(json.dumps(message).encode())


def _load_package(folder: str, name: str) -> Any:
    """Import a package of the assignment; no worker can import anything from its folder later."""
    sys.path.insert(0, folder)
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(folder)


def _load_helper(helper: dict[str, Any]) -> None:
    """Load the package that students are given, so that theirs is never looked for.

    Its experiments are left out: stand-ins take their names, and do nothing when called.
    """
    for name in helper["left_out"]:
        stand_ins.absorb(name)
    _load_package(helper["folder"], helper["package"])


def main(descriptor: int) -> None:
    """Load everything, say so, serve."""
    # When the grader is killed, or asks for it: not SIGKILL, for there are workers to be ended.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the grader's to handle
    control = socket.socket(fileno=descriptor)
    message, _ = _receive(control)
    if message is None:
        return
    try:
        for name in message["preload"]:
            importlib.import_module(name)
        compiler.install()
        keep_freed_memory()
        if message["helper"]:
            _load_helper(message["helper"])
        given = _load_package(*os.path.split(message["given"])) if message["given"] else None
        serve.prepare()
    except Exception as error:
        _send(control, {"error": f"{type(error).__name__}: {error}"})
        return
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    prctl(PR_SET_DUMPABLE, 0)
    gc.collect()
    gc.freeze()  # the collector would otherwise write to, and so copy, every shared page
    _send(control, {"ready": True})
    try:
        Zygote(control, given).run()
    finally:
        os._exit(0)  # to take torch apart would take a third of a second


if __name__ == "__main__":
    main(int(sys.argv[1]))
