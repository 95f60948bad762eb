"""One socket to a worker: a request goes out, its answer comes back, and nothing is believed.

While it waits, the grader looks at the limits and drains the worker's output, so that a full pipe
blocks nobody.
"""

import os
import secrets
import select
import socket
from collections.abc import Callable, Iterator
from typing import Any

from autograder.checking.reply import StopReason, WorkerStopped
from autograder.finding import printable
from autograder.host.watch import Watch
from autograder.sandbox.memory import oom_kills
from autograder.wire import frames
from autograder.wire.decode import parse

__all__ = ["Channel", "Output"]


class Output:
    """What a worker printed: the first bytes are kept, the rest is read and counted."""

    def __init__(self, limit: int) -> None:
        self._read_end, self.write_end = os.pipe()
        os.set_blocking(self._read_end, False)
        self._limit = limit
        self._kept = bytearray()
        self.dropped = 0

    def fileno(self) -> int:
        """For poll."""
        return self._read_end

    def drain(self) -> None:
        """Read what is there, but not without end: a flood goes on while we read."""
        for _ in range(64):
            try:
                part = os.read(self._read_end, 1 << 16)
            except BlockingIOError:
                return
            if not part:
                return
            room = max(0, self._limit - len(self._kept))
            self._kept += part[:room]
            self.dropped += len(part[room:])

    def text(self) -> str:
        """What was kept, and how much was not."""
        self.drain()
        kept = printable(self._kept.decode(errors="replace"))
        return kept + (f"\n... and {self.dropped} more bytes" if self.dropped else "")

    def close(self) -> None:
        """Close both ends."""
        os.close(self._read_end)
        os.close(self.write_end)


class Channel:
    """Requests and answers over one socket."""

    def __init__(self, sock: socket.socket, output: Output, max_payload: int) -> None:
        self._socket = sock
        self._output = output
        self._max_payload = max_payload
        self._oom_kills = oom_kills()
        self._poll = select.poll()
        self._poll.register(sock, select.POLLIN)
        self._poll.register(output, select.POLLIN)

    def request(
        self,
        header: dict[str, Any],
        payload: bytes,
        watch: Callable[[], Watch],
        *,
        descriptor: int | None = None,
    ) -> Iterator[tuple[dict[str, Any], memoryview]]:
        """Send a request and give its answers, of which the caller takes as many as are due.

        ``watch`` begins the watch of the first answer, and of each that follows.
        """
        token = secrets.token_hex(16)
        try:
            self._socket.sendall(frames.pack({**header, "id": token}, payload))
            if descriptor is not None:
                socket.send_fds(self._socket, [b"d"], [descriptor])
        except OSError:
            raise self._ended() from None
        while True:
            try:
                answer, body = self._receive(watch())
            except frames.TooLargeError:
                limit = f"The answer is larger than {self._max_payload >> 20} MB."
                raise WorkerStopped(StopReason.TOO_LARGE, limit) from None
            except frames.ProtocolError as error:
                raise WorkerStopped(StopReason.PROTOCOL, f"Unreadable answer: {error}.") from None
            if answer.get("id") != token:
                raise WorkerStopped(StopReason.PROTOCOL, "An answer that nobody asked for.")
            yield answer, body

    def greeting(self, watch: Watch) -> bool:
        """Whether a new worker says that it is confined, which it does before student code runs."""
        try:
            return self._receive(watch)[0] == {"ready": True}
        except (WorkerStopped, frames.ProtocolError):
            return False

    def _receive(self, watch: Watch) -> tuple[dict[str, Any], memoryview]:
        text, payload = frames.lengths(self._exactly(frames.HEADER.size, watch), self._max_payload)
        body = self._exactly(text + payload, watch)
        return parse(body[:text]), memoryview(body)[text:]

    def _exactly(self, size: int, watch: Watch) -> bytes:
        parts = bytearray()
        while len(parts) < size:
            events = dict(self._poll.poll(watch.pause_s * 1000))
            if self._output.fileno() in events:
                self._output.drain()
            if self._socket.fileno() in events:
                part = self._read(size - len(parts))
                if not part:
                    raise self._ended()
                parts += part
            if watch.is_due():
                watch.look()
        return bytes(parts)

    def _ended(self) -> WorkerStopped:
        """Why nobody answers any more."""
        if oom_kills() > self._oom_kills:
            sentence = "The process used up the memory of this machine and was stopped."
            return WorkerStopped(StopReason.MEMORY, sentence)
        return WorkerStopped(StopReason.CRASHED, "The process ended by itself.")

    def _read(self, size: int) -> bytes:
        try:
            return self._socket.recv(min(size, 1 << 20))
        except ConnectionResetError:
            return b""

    def close(self) -> None:
        """Close the socket; a worker that waits for a request then ends."""
        self._socket.close()
