"""Frames between the web process and intake over the unix socket."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

INLINE, FILE, PING, TURN = 0, 1, 2, 3
DURABLE, DISK_FULL = 0, 1
INLINE_BYTES = 256 * 1024  # larger bodies go through a file of their own

_REQUEST = struct.Struct("<IIHB")  # bytes after this head, request id, note bytes, kind
ANSWER = struct.Struct("<IIBQ")  # bytes after this head, request id, status, position


@dataclass(frozen=True, slots=True)
class Request:
    id: int
    kind: int
    note: bytes
    body: bytes


def encode(id: int, kind: int, note: bytes = b"", body: bytes = b"") -> bytes:
    return _REQUEST.pack(len(note) + len(body), id, len(note), kind) + note + body


def answer(id: int, status: int, position: int, body: bytes = b"") -> bytes:
    return ANSWER.pack(len(body), id, status, position) + body


class Reader:
    """Cuts a byte stream into requests."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[Request]:
        data = self._rest + data if self._rest else data
        at, head = 0, _REQUEST.size
        while at + head <= len(data):
            size, id, note_size, kind = _REQUEST.unpack_from(data, at)
            end = at + head + size
            if end > len(data):
                break
            middle = at + head + note_size
            yield Request(id, kind, data[at + head : middle], data[middle:end])
            at = end
        self._rest = data[at:]


class AnswerReader:
    """Cuts a byte stream into answers: (request id, status, position, body)."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[tuple[int, int, int, bytes]]:
        data = self._rest + data if self._rest else data
        at, head = 0, ANSWER.size
        while at + head <= len(data):
            size, id, status, position = ANSWER.unpack_from(data, at)
            end = at + head + size
            if end > len(data):
                break
            yield id, status, position, data[at + head : end]
            at = end
        self._rest = data[at:]


def socket_path() -> Path:
    """Return where intake listens for the web process."""
    return Path(settings.DATA_DIR) / "run" / "intake.sock"


def journal_root() -> Path:
    """Return the folder that holds every intake's journal."""
    return Path(settings.DATA_DIR) / "journal"


def spool_folder() -> Path:
    """Return where the web process puts large bodies, in the journals' own file system."""
    return Path(settings.DATA_DIR) / "journal" / ".spool"
