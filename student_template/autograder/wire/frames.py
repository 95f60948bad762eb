"""A frame: two lengths, a JSON header, raw bytes. Lengths are checked before any allocation."""

import json
import struct
from typing import Any

__all__ = ["HEADER", "MAX_JSON", "ProtocolError", "TooLargeError", "lengths", "pack"]

HEADER = struct.Struct("<II")
MAX_JSON = 1 << 20


class ProtocolError(Exception):
    """The bytes are no frame that an honest worker would have sent."""


class TooLargeError(ProtocolError):
    """A frame that announces more bytes than are taken."""


def pack(header: Any, payload: bytes = b"") -> bytes:
    """One frame."""
    text = json.dumps(header, separators=(",", ":")).encode()
    return b"".join((HEADER.pack(len(text), len(payload)), text, payload))


def lengths(head: bytes, max_payload: int) -> tuple[int, int]:
    """The sizes of the JSON header and the payload that follow ``head``."""
    text, payload = HEADER.unpack(head)
    if text > MAX_JSON or payload > max_payload:
        raise TooLargeError(f"a frame of {text + payload} bytes is over the limit")
    return text, payload
