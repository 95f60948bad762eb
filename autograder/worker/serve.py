"""The worker: runs a submission's cells, then forks one process a question, which serves calls.

The protocol. Both sides send frames (`autograder.wire.frames`) over a Unix stream socket; every
answer repeats the request's ``id``, which the grader draws anew for each. A worker first sends
``{"ready": true}``, once it is confined.

To the worker itself:

- ``{"op": "cells", "id", "language", "module", "only": [...], "limits": {...}}``, the cells as a
  JSON list in the payload: run them; of those whose index is in ``only``, nothing but the
  definitions. Before each cell comes ``{"id", "cell": i}``, at the end ``{"id", "done": true,
  "reports": [...]}``, where a report is ``{"cell": i, "error": text or null, "notes": [...]}`` and
  stands only where there is something to say.
- ``{"op": "question", "id"}`` and then one byte with one descriptor: fork, and let the child serve
  calls on that descriptor. Answer: ``{"id", "done": true}``.

To a question's process:

- ``{"op": "call", "id", "name", "args": [...], "kwargs": {...}, "echo": bool, "probe": bool}``:
  call the student's function of this name, or with ``probe`` the given module's. Answer: ``{"id",
  "value": ...}`` or ``{"id", "raised": {type, bases, message, traceback}}``; with ``echo`` also
  ``"arguments"``, the arguments as they are after the call. Networks stay here, see
  `autograder.wire.kept`.
"""

import builtins
import contextlib
import json
import os
import random
import signal
import socket
import sys
import tempfile
from types import ModuleType
from typing import Any, NoReturn

import numpy as np
import torch

from autograder.sandbox.confine import Confinement, confine
from autograder.sandbox.syscalls import PR_SET_PDEATHSIG, prctl
from autograder.wire import frames
from autograder.wire.decode import decode, parse
from autograder.wire.encode import Encoder
from autograder.wire.kept import Kept
from autograder.wire.state import MISSING, state_of
from autograder.worker import one_process
from autograder.worker.cells import CellRunner, student_traceback

__all__ = ["become_worker", "prepare"]

_WIRE = 3  # beside standard input, output and error
_MAX_PAYLOAD = 1 << 30
_MAX_REPORTS = 500
_BUILTIN_ERRORS = {
    kind: name
    for name, kind in vars(builtins).items()
    if isinstance(kind, type) and issubclass(kind, BaseException)
}


def prepare() -> None:
    """What only the zygote can do for its workers, which cannot read ``/proc`` or ``/sys``.

    It runs no tensor operation: a pool of threads would not survive the fork.
    """
    torch.set_num_threads(1)
    torch.backends.cpu.get_cpu_capability()  # torch looks at the processor once, and remembers


def become_worker(
    rules: Confinement, wire: int, output: int, *, parent: int, given: ModuleType | None
) -> NoReturn:
    """Confine this freshly forked process, then serve until the grader closes the wire."""
    status = 1
    try:
        null = os.open(os.devnull, os.O_RDONLY)
        spare = os.dup(wire), os.dup(output)  # clear of the numbers that are written next
        for source, target in ((null, 0), (spare[1], 1), (spare[1], 2), (spare[0], _WIRE)):
            os.dup2(source, target)
        os.chdir(rules.private)
        os.umask(0o077)
        private = ("HOME", "TMPDIR", "MPLCONFIGDIR", "IPYTHONDIR", "TORCH_HOME", "XDG_CACHE_HOME")
        os.environ.update(dict.fromkeys(private, rules.private))
        tempfile.tempdir = rules.private  # the zygote's imports have made it remember another
        confine(rules, parent=parent, keep=(0, 1, 2, _WIRE))
        _seed()
        one_process.install()
        _Worker(socket.socket(fileno=_WIRE), given).serve()
        status = 0
    except BaseException as error:
        os.write(2, f"the worker ended: {type(error).__name__}: {error}\n".encode())
    finally:
        os._exit(status)  # no atexit handler, no finalizer: they would be student code


def _seed() -> None:
    """One random state for all submissions, so that code that draws without a seed repeats."""
    random.seed(0)
    np.random.seed(0)
    torch.manual_seed(0)


class _Wire:
    """Frames over a socket, and nothing else."""

    def __init__(self, sock: socket.socket) -> None:
        self.socket = sock

    def read(self) -> tuple[dict[str, Any], memoryview] | None:
        head = self._exactly(frames.HEADER.size)
        if head is None:
            return None
        text, payload = frames.lengths(head, _MAX_PAYLOAD)
        body = self._exactly(text + payload)
        if body is None:
            return None
        return parse(body[:text]), memoryview(body)[text:]

    def _exactly(self, size: int) -> bytes | None:
        parts = bytearray()
        while len(parts) < size:
            part = self.socket.recv(min(size - len(parts), 1 << 20))
            if not part:
                return None
            parts += part
        return bytes(parts)

    def write(self, header: dict[str, Any], payload: bytes = b"") -> None:
        self.socket.sendall(frames.pack(header, payload))


class _Worker:
    """Holds the namespace in which the cells ran."""

    def __init__(self, sock: socket.socket, given: ModuleType | None) -> None:
        self._wire = _Wire(sock)
        self._given = given
        self._runner: CellRunner | None = None
        self._children: list[int] = []

    def serve(self) -> None:
        self._wire.write({"ready": True})
        while (request := self._wire.read()) is not None:
            header, payload = request
            if header["op"] == "cells":
                self._cells(header, json.loads(bytes(payload)))
            else:
                self._question(header)

    def _cells(self, header: dict[str, Any], cells: list[str]) -> None:
        self._runner = CellRunner(header["language"], header["module"], header["limits"])
        reports: list[dict[str, Any]] = []
        for index, source in enumerate(cells):
            self._wire.write({"id": header["id"], "cell": index})
            report = self._runner.run(index, source, definitions_only=index in header["only"])
            if (report["error"] or report["notes"]) and len(reports) < _MAX_REPORTS:
                reports.append(report)
            _flush()
        self._wire.write({"id": header["id"], "done": True, "reports": reports})

    def _question(self, header: dict[str, Any]) -> None:
        _, descriptors, _, _ = socket.recv_fds(self._wire.socket, 1, 1)
        _flush()
        parent, state = os.getpid(), random.getstate()
        pid = os.fork()
        if pid == 0:
            prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            random.setstate(state)  # Python seeds it anew in every fork
            self._wire.socket.close()  # a question must not be able to speak for the worker
            if os.getppid() == parent:
                _Question(
                    socket.socket(fileno=descriptors[0]), self._namespace(), self._given
                ).serve()
            os._exit(0)
        for descriptor in descriptors:
            os.close(descriptor)
        self._children = [child for child in self._children if not _has_ended(child)] + [pid]
        self._wire.write({"id": header["id"], "done": True})

    def _namespace(self) -> dict[str, Any]:
        return {} if self._runner is None else self._runner.namespace


class _Question:
    """Serves calls in a process of its own."""

    def __init__(
        self, sock: socket.socket, namespace: dict[str, Any], given: ModuleType | None
    ) -> None:
        self._wire = _Wire(sock)
        self._namespace = namespace
        self._given = given
        self._kept = Kept()

    def serve(self) -> None:
        while (request := self._wire.read()) is not None:
            header, payload = request
            answer, encoder = self._call(header, payload)
            _flush()
            self._wire.write({**answer, "id": header["id"]}, encoder.payload)

    def _call(self, header: dict[str, Any], payload: memoryview) -> tuple[dict[str, Any], Encoder]:
        special = {"provided": self._build, "kept": lambda node: self._kept[node["v"]]}
        args = [decode(node, payload, special) for node in header["args"]]
        kwargs = {key: decode(node, payload, special) for key, node in header["kwargs"].items()}
        if header["probe"]:
            function = getattr(self._given, header["name"])
        else:
            function = self._namespace.get(header["name"])
        encoder = Encoder(self._kept.node)
        if function is None:
            return _raised(MISSING, (), "", ""), encoder
        try:
            answer = {"value": encoder.encode(function(*args, **kwargs))}
        except BaseException as error:
            encoder, answer = Encoder(self._kept.node), _describe(error)
        if header["echo"]:
            try:
                answer["arguments"] = self._echo([*args, *kwargs.values()], encoder)
            except BaseException as error:
                encoder, answer = Encoder(self._kept.node), _describe(error)
        return answer, encoder

    def _build(self, node: dict[str, Any]) -> Any:
        return getattr(self._given, node["factory"])(**node["v"])

    @staticmethod
    def _echo(values: list[Any], encoder: Encoder) -> list[Any]:
        def state(value: Any) -> dict[str, Any] | None:
            if isinstance(value, np.ndarray | torch.Tensor) or not callable(value):
                return None
            found = state_of(value)
            arrays = {key: encoder.encode(array) for key, array in found.arrays.items()}
            return {"!": "state", "training": found.training, "v": {"!": "dict", "v": arrays}}

        return [state(value) or encoder.encode(value) for value in values]


def _describe(error: BaseException) -> dict[str, Any]:
    kind = type(error)
    bases = [_BUILTIN_ERRORS[base] for base in kind.__mro__ if base in _BUILTIN_ERRORS]
    try:
        message = str(error)[:500]
    except BaseException:
        message = "(its message could not be made)"
    return _raised(kind.__name__[:100], bases, message, student_traceback(error))


def _raised(kind: str, bases: Any, message: str, traceback: str) -> dict[str, Any]:
    found = {"type": kind, "bases": list(bases), "message": message, "traceback": traceback}
    return {"raised": found}


def _has_ended(pid: int) -> bool:
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        return True


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(BaseException):  # a student may have replaced it
            stream.flush()
