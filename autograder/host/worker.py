"""One submission in its sandbox: run the cells once, then a fork of that state for each question.

A cell that cannot be interrupted, or that ends the process, costs a fresh start in which only its
definitions run.
"""

import json
import socket
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from autograder.checking.reply import StopReason, WorkerStopped
from autograder.errors import InternalError
from autograder.finding import printable
from autograder.host import private
from autograder.host.channel import Channel, Output
from autograder.host.sandbox import Place
from autograder.host.watch import Watch
from autograder.intake import Source
from autograder.sandbox import processes

__all__ = ["CellReport", "Worker"]

_MAX_STARTS = 6  # of the cells, when a submission is taken up
_MAX_RESTARTS = 3  # later, because the worker itself is gone
_GRACE_S = 2.0  # a cell's own alarm comes first


@dataclass(frozen=True, kw_only=True)
class CellReport:
    """What happened when a cell ran; ``cell`` counts from 1."""

    cell: int
    error: str = ""
    notes: tuple[str, ...] = ()


class Worker:
    """A submission's process. `run_cells` first, then a `QuestionTransport` a question.

    ``left_s`` is what is left of the CPU seconds for everything, ``long_left_s`` of those for all
    long calls.
    """

    def __init__(self, place: Place, source: Source, module: str) -> None:
        self._place = place
        self._source = source
        self._module = module
        self.limits = place.limits
        self.left_s = place.limits.submission_cpu_s
        self.long_left_s = place.limits.long_calls_cpu_s
        self._definitions_only: dict[int, str] = {}
        self._skipped: set[int] = set()
        self._folder = Path(place.confinement.private)
        self._contents: frozenset[tuple[str, int]] = frozenset()
        self._restarts = 0
        self._pid = 0
        self._channel: Channel | None = None
        self.output = Output(self.limits.output_kb << 10)

    @property
    def spent_s(self) -> float:
        """CPU seconds of all its processes so far."""
        return self.limits.submission_cpu_s - self.left_s

    def run_cells(self) -> tuple[CellReport, ...]:
        """Run all cells; what went wrong stands in the reports."""
        cells = range(len(self._source.cells))
        for start in range(_MAX_STARTS):
            if self.left_s <= 0:
                break
            if start == _MAX_STARTS - 1:
                for cell in cells:
                    self._definitions_only.setdefault(cell, "Only the definitions were kept.")
            channel, cell = self._start(), -1
            limit = min(self.limits.cells_cpu_s + _GRACE_S, self.left_s)
            watch = self.watch("all cells", limit)
            watch.attach(self._pid)
            try:
                for answer, _ in self._request_cells(channel, watch):
                    if answer.get("done") is True:
                        # Whatever the cells started runs on in no question.
                        processes.kill_session(self._pid, spare=self._pid)
                        self._contents = private.contents(self._folder)
                        return self._reports(answer.get("reports"))
                    cell = self._cell(answer, cell)
            except WorkerStopped as stopped:
                self._give_up_on(cell, stopped)
                if watch.is_used_up:
                    for later in cells[max(cell, 0) + 1 :]:
                        self._definitions_only.setdefault(later, stopped.sentence)
            finally:
                self.left_s -= watch.spent_s
        self._skipped = set(cells)
        self._start()
        self._contents = frozenset()
        return self._reports(None)

    def _request_cells(
        self, channel: Channel, watch: Watch
    ) -> Iterator[tuple[dict[str, Any], memoryview]]:
        cells = ["" if i in self._skipped else text for i, text in enumerate(self._source.cells)]
        header = {
            "op": "cells",
            "language": self._source.language,
            "module": self._module,
            "only": sorted(self._definitions_only),
            "limits": asdict(self.limits),
        }

        def begin() -> Watch:
            watch.begin("The cell", self.limits.cell_cpu_s + _GRACE_S)
            return watch

        return channel.request(header, json.dumps(cells).encode(), begin)

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
            if not isinstance(report, dict):
                continue
            cell = report.get("cell")
            if type(cell) is int and 0 <= cell < len(self._source.cells):
                error, notes = report.get("error"), report.get("notes")
                found[cell] = CellReport(
                    cell=cell + 1,
                    error=printable(error)[:400] if isinstance(error, str) else "",
                    notes=tuple(
                        printable(note)[:100]
                        for note in (notes if isinstance(notes, list) else ())
                        if isinstance(note, str)
                    ),
                )
        for cell, sentence in self._definitions_only.items():
            found[cell] = CellReport(cell=cell + 1, error=sentence)
        return tuple(found[cell] for cell in sorted(found))

    def watch(self, whole: str, total_cpu_s: float) -> Watch:
        """A watch over what this worker's processes will do."""
        folder = str(self._folder)
        return Watch(self.limits, folder=folder, whole=whole, total_cpu_s=total_cpu_s)

    def fork(self, watch: Watch) -> Channel:
        """A fresh process for a question, under ``watch``; the worker, if it is gone, is restarted.

        A submission that ends its worker again and again is not started for ever.
        """
        for attempt in range(2):
            if attempt or self._channel is None:
                if self._restarts == _MAX_RESTARTS:
                    break
                self._restarts += 1
                self.run_cells()
            assert self._channel is not None
            if not processes.kill_session(self._pid, spare=self._pid):
                continue
            private.remove_new(self._folder, self._contents)
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
            watch.attach(self._pid, resident=True)
            return self._open(ours)
        raise WorkerStopped(StopReason.CRASHED, "The submission's process ended by itself.")

    def _watch_fork(self) -> Watch:
        watch = self.watch("The submission", 5.0)
        watch.attach(self._pid, resident=True)
        return watch

    def _open(self, ours: socket.socket) -> Channel:
        ours.settimeout(30)
        return Channel(ours, self.output, self.limits.answer_mb << 20)

    def _start(self) -> Channel:
        """A worker that is confined and has run nothing, in a folder with nothing in it."""
        self._stop()
        rules = self._place.confinement
        private.empty(self._folder, rules.uid)
        ours, theirs = socket.socketpair()
        with theirs:
            self._channel = self._open(ours)
            self._pid = self._place.slot.spawn(rules, theirs.fileno(), self.output.write_end)
        watch = self.watch("The worker", 60.0)
        watch.attach(self._pid)
        if not self._channel.greeting(watch):
            raise InternalError(f"a worker did not start: {self.output.text()[-500:]}")
        return self._channel

    def _stop(self) -> None:
        if self._channel is None:
            return
        self._channel.close()
        self._channel = None
        uid = self._place.confinement.uid
        try:
            self._place.slot.kill()
        finally:  # also when the zygote is gone
            if uid is not None and not processes.kill_uid(uid):
                raise InternalError(f"processes of the user {uid} could not be ended")

    def close(self) -> None:
        """Kill everything."""
        self._stop()
        self.output.close()
