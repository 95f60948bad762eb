"""Calls of one question, each question in a fork of the worker that ran the cells.

A question whose process ends gets a new one for its next call, so that a check that kills it costs
that check. A function that was stopped twice is not called again, since it would only cost time;
the others are. Long calls (trainings) have limits of their own: one for each, and one for all of a
submission.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from autograder.checking.provided import Provided
from autograder.checking.reply import Opaque, Reply, StopReason, WorkerStopped
from autograder.host.answer import read_reply
from autograder.host.channel import Channel
from autograder.host.watch import Watch
from autograder.host.worker import Worker
from autograder.wire.encode import Encoder
from autograder.wire.frames import ProtocolError

__all__ = ["QuestionTransport"]

_MAX_STOPS = 2  # of one function, before its further calls are not tried


class QuestionTransport:
    """See `autograder.checking.reply.Transport`."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._channel: Channel | None = None
        self._process = 0  # of how many so far
        self._stops: dict[str, list[WorkerStopped]] = defaultdict(list)
        self._last: WorkerStopped | None = None
        self._watch = worker.watch("the question", worker.limits.question_cpu_s)
        self._charged_s = 0.0  # of what the watch has seen

    def call(
        self,
        name: str,
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        *,
        echo: bool = False,
        probe: bool = False,
        long: bool = False,
    ) -> Reply:
        """Call the student's function, or a probe, in the question's process."""
        stops = self._stops[name]
        if len(stops) >= _MAX_STOPS:
            last = stops[-1]
            raise WorkerStopped(last.reason, f"{last.sentence} Further calls were not tried.")
        encoder = Encoder(self._special)
        header = {
            "op": "call",
            "name": name,
            "args": [encoder.encode(value) for value in args],
            "kwargs": {key: encoder.encode(value) for key, value in kwargs.items()},
            "echo": echo,
            "probe": probe,
        }
        try:
            return self._request(name, header, encoder.payload, long=long)
        except ProtocolError as error:
            stopped = WorkerStopped(StopReason.PROTOCOL, f"Unreadable answer: {error}.")
        except WorkerStopped as problem:
            stopped = problem
        stops.append(stopped)
        self._last = stopped
        self._process += 1
        self.close()
        raise stopped

    def _request(self, name: str, header: dict[str, Any], payload: bytes, *, long: bool) -> Reply:
        limits, left = self._worker.limits, self._worker.long_left_s
        if self._worker.left_s <= 0:
            raise WorkerStopped(
                StopReason.CPU_TIME,
                f"{name} was not called: the {limits.submission_cpu_s:g} s of CPU time that a "
                "submission may take in all are used up.",
            )
        if long and left <= 0:
            raise WorkerStopped(
                StopReason.CPU_TIME,
                f"{name} was not called: the {limits.long_calls_cpu_s:g} s of CPU time that all "
                "such calls of a submission may take are used up.",
            )
        limit = min(limits.long_call_cpu_s, left) if long else limits.call_cpu_s
        limit = min(limit, self._worker.left_s)

        def begin() -> Watch:
            self._watch.begin(name, limit, apart=long)
            return self._watch

        if self._channel is None:
            self._channel = self._worker.fork(self._watch)
        try:
            answer, body = next(self._channel.request(header, payload, begin))
        finally:
            if long:
                spent = self._watch.set_apart()
                self._worker.long_left_s -= spent
            else:
                spent, self._charged_s = self._watch.spent_s - self._charged_s, self._watch.spent_s
            self._worker.left_s -= spent
        reply = read_reply(answer, body, process=self._process)
        sent = len(header["args"]) + len(header["kwargs"])
        if header["echo"] and (reply.arguments is None or len(reply.arguments) != sent):
            raise ProtocolError("the arguments are missing")
        return reply

    def _special(self, value: Any) -> dict[str, Any] | None:
        """How objects cross that are no plain data: by name, or by number."""
        if isinstance(value, Provided):
            keywords = Encoder().encode(value.keywords)
            return {"!": "provided", "factory": value.factory, "v": keywords}
        if not isinstance(value, Opaque) or value.number is None:
            return None
        if self._last is not None and value.process != self._process:
            raise WorkerStopped(
                self._last.reason, f"{self._last.sentence} What it had made is lost."
            )
        return {"!": "kept", "v": value.number}

    def close(self) -> None:
        """End the question's process, and whatever it started."""
        if self._channel is not None:
            self._channel.close()
            self._channel = None
