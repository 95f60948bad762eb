"""One submission in its sandbox: run the cells once, then a fork of that state for each question.

A cell that cannot be interrupted, or that ends the process, costs a fresh start in which only its
definitions run. A question whose process ends gets a new one for its next call, so that a check
that kills it costs that check; a limit on all of a question's time bounds the rest.
"""

import json
import os
import socket
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from autograder.checking.provided import Provided
from autograder.checking.reply import Raised, Reply, StopReason, WorkerStopped
from autograder.errors import InternalError
from autograder.host.channel import Channel, Output, decode_value, printable
from autograder.host.sandbox import Place
from autograder.host.watch import Watch
from autograder.intake import Source
from autograder.sandbox import processes
from autograder.wire.encode import Encoder
from autograder.wire.frames import ProtocolError

__all__ = ["CellReport", "QuestionTransport", "Worker"]

_MAX_STARTS = 6  # fresh starts for cells that end the process
_MAX_STOPS = 3  # processes of one question that may be stopped before the rest is not tried
_GRACE_S = 2.0  # a cell's own alarm comes first


@dataclass(frozen=True, kw_only=True)
class CellReport:
    """What happened when a cell ran; ``cell`` counts from 1."""

    cell: int
    error: str = ""
    notes: tuple[str, ...] = ()


class Worker:
    """A submission's process. `run_cells` first, then `question` as often as needed."""

    def __init__(self, place: Place, source: Source, module: str) -> None:
        self._place = place
        self._source = source
        self._module = module
        self._limits = place.limits
        self._definitions_only: dict[int, str] = {}
        self._skipped: set[int] = set()
        self._pid = 0
        self._channel: Channel | None = None
        self.output = Output(self._limits.output_kb << 10)

    def run_cells(self) -> tuple[CellReport, ...]:
        """Run all cells; what went wrong stands in the reports."""
        for _ in range(_MAX_STARTS):
            self._start()
            cell = -1
            try:
                for answer, _ in self._request_cells():
                    if answer.get("done") is True:
                        # Whatever the cells started runs on in no question.
                        processes.kill_session(self._pid, spare=self._pid)
                        return self._reports(answer.get("reports"))
                    cell = self._cell(answer, cell)
            except WorkerStopped as stopped:
                self._give_up_on(cell, stopped)
        self._skipped = set(range(len(self._source.cells)))
        self._start()
        return self._reports(None)

    def _request_cells(self) -> Any:
        assert self._channel is not None
        cells = ["" if i in self._skipped else text for i, text in enumerate(self._source.cells)]
        header = {
            "op": "cells",
            "language": self._source.language,
            "module": self._module,
            "only": sorted(self._definitions_only),
            "limits": asdict(self._limits),
        }
        return self._channel.request(header, json.dumps(cells).encode(), self._watch_cell)

    def _watch_cell(self) -> Watch:
        return self._watch(self._limits.cell_cpu_s + _GRACE_S, "The cell", spare=0)

    def _watch(self, cpu_s: float, what: str, *, spare: int, total: float = float("inf")) -> Watch:
        return Watch(
            self._limits,
            session=self._pid,
            spare=spare,
            private=self._place.confinement.private,
            cpu_s=cpu_s,
            what=what,
            total_cpu_s=total,
        )

    def _cell(self, answer: Mapping[str, Any], before: int) -> int:
        cell = answer.get("cell")
        if type(cell) is not int or not before < cell < len(self._source.cells):
            raise WorkerStopped(StopReason.PROTOCOL, "The cells were not run in order.")
        return cell

    def _give_up_on(self, cell: int, stopped: WorkerStopped) -> None:
        """Next time run less of this cell; it was running when the process was stopped."""
        cell = max(cell, 0)
        if cell in self._definitions_only:
            self._skipped.add(cell)
        self._definitions_only.setdefault(cell, stopped.sentence)

    def _reports(self, reports: Any) -> tuple[CellReport, ...]:
        """The worker's word on its cells, which is only shown."""
        found = {}
        for report in reports if isinstance(reports, list) else ():
            if isinstance(report, dict) and type(report.get("cell")) is int:
                notes = report.get("notes")
                found[report["cell"]] = CellReport(
                    cell=report["cell"] + 1,
                    error=printable(str(report.get("error") or ""))[:400],
                    notes=tuple(printable(str(n))[:100] for n in notes)
                    if isinstance(notes, list)
                    else (),
                )
        for cell, sentence in self._definitions_only.items():
            found[cell] = CellReport(cell=cell + 1, error=sentence)
        return tuple(found[cell] for cell in sorted(found))

    def question(self) -> "QuestionTransport":
        """A transport whose calls start from the state after the cells."""
        return QuestionTransport(self)

    def fork(self) -> Channel:
        """A fresh process for a question; runs the cells again if the worker itself is gone."""
        for attempt in range(2):
            if attempt or self._channel is None:
                self.run_cells()
            assert self._channel is not None
            if not processes.kill_session(self._pid, spare=self._pid):
                continue
            ours, theirs = socket.socketpair()
            try:
                with theirs:
                    request = self._channel.request(
                        {"op": "question"}, b"", self._watch_fork, descriptor=theirs.fileno()
                    )
                    next(request)
            except WorkerStopped:
                ours.close()
                continue
            ours.settimeout(30)
            return Channel(ours, self.output, self._limits.answer_mb << 20)
        raise WorkerStopped(StopReason.CRASHED, "The submission's process ended by itself.")

    def _watch_fork(self) -> Watch:
        return self._watch(5.0, "The submission", spare=0)

    def watch_call(self, what: str, used_s: float) -> Watch:
        """Watches one call in a question that has used ``used_s`` in processes now gone."""
        limits = self._limits
        left = max(0.0, limits.question_cpu_s - used_s)
        return self._watch(limits.call_cpu_s, what, spare=self._pid, total=left)

    def _start(self) -> None:
        self._stop()
        ours, theirs = socket.socketpair()
        with theirs:
            self._pid = self._place.slot.spawn(
                self._place.confinement, theirs.fileno(), self.output.write_end
            )
        ours.settimeout(30)
        self._channel = Channel(ours, self.output, self._limits.answer_mb << 20)
        if not self._channel.greeting(self._watch(60.0, "The worker", spare=0)):
            raise InternalError(f"a worker did not start: {self.output.text()[-500:]}")

    def _stop(self) -> None:
        if self._channel is None:
            return
        self._place.slot.kill()
        processes.kill_session(self._pid)
        uid = self._place.confinement.uid
        for process in processes.of_uid(uid) if uid is not None else ():
            os.kill(process.pid, 9)
        self._channel.close()
        self._channel = None

    def close(self) -> None:
        """Kill everything."""
        self._stop()
        self.output.close()


class QuestionTransport:
    """Calls of one question; see `autograder.checking.reply.Transport`."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._channel: Channel | None = None
        self._stops = 0
        self._used_s = 0.0
        self._last: WorkerStopped | None = None

    def call(
        self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any], *, echo: bool = False
    ) -> Reply:
        """Call the student's function in the question's process."""
        if self._last is not None and self._stops >= _MAX_STOPS:
            raise WorkerStopped(
                self._last.reason, f"{self._last.sentence} Further calls were not tried."
            )
        encoder = Encoder(_provided)
        header = {
            "op": "call",
            "name": name,
            "args": [encoder.encode(value) for value in args],
            "kwargs": {key: encoder.encode(value) for key, value in kwargs.items()},
            "echo": echo,
        }
        watch = self._worker.watch_call(name, self._used_s)
        try:
            if self._channel is None:
                self._channel = self._worker.fork()
            answer, body = next(
                self._channel.request(header, encoder.payload, lambda: watch)
            )
            return _reply(answer, body)
        except ProtocolError as error:
            stopped = WorkerStopped(StopReason.PROTOCOL, f"Unreadable answer: {error}.")
        except WorkerStopped as problem:
            stopped = problem
        self._stops += 1
        self._used_s += watch.cpu_s
        self._last = stopped
        self.close()
        raise stopped

    def close(self) -> None:
        """End the question's process, and whatever it started."""
        if self._channel is not None:
            self._channel.close()
            self._channel = None


def _provided(value: Any) -> dict[str, Any] | None:
    if not isinstance(value, Provided):
        return None
    return {
        "!": "provided",
        "factory": value.factory,
        "v": Encoder().encode(value.keywords),
    }


def _reply(answer: Mapping[str, Any], body: memoryview) -> Reply:
    raised = answer.get("raised")
    echoed = answer.get("arguments")
    arguments = (
        tuple(decode_value(node, body) for node in echoed) if isinstance(echoed, list) else None
    )
    if raised is None:
        return Reply(value=decode_value(answer.get("value"), body), arguments=arguments)
    if not isinstance(raised, dict) or not isinstance(raised.get("bases"), list):
        raise ProtocolError("a malformed exception")
    return Reply(
        raised=Raised(
            type_name=printable(str(raised.get("type")))[:100],
            builtin_bases=tuple(str(base)[:100] for base in raised["bases"][:50]),
            message=printable(str(raised.get("message")))[:500],
            traceback=printable(str(raised.get("traceback")))[:1500],
        ),
        arguments=arguments,
    )
