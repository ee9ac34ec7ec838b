"""How a record lies in a segment: checksum, sizes, moment, then note and body."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple
from zlib import crc32

INLINE, LARGE = 0, 1

_CHECKSUM = struct.Struct("<I")
_HEAD = struct.Struct("<IHBq")  # body bytes, note bytes, kind, received (µs UTC)
_BOTH = struct.Struct("<IIHBq")
_LARGE = struct.Struct("<QI")
OVERHEAD = _BOTH.size


class Record(NamedTuple):
    """One request as it came. `note` says source and format; equal notes are parsed together."""

    note: bytes
    body: bytes
    received: int
    kind: int
    end: int


@dataclass(frozen=True)
class LargeFile:
    """A body in a file of its own: its name in the journal's folder, size and checksum."""

    name: str
    size: int
    checksum: int

    def encode(self) -> bytes:
        return _LARGE.pack(self.size, self.checksum) + self.name.encode("ascii")

    @classmethod
    def decode(cls, body: bytes) -> "LargeFile":
        size, checksum = _LARGE.unpack_from(body)
        return cls(body[_LARGE.size :].decode("ascii"), size, checksum)


def encode(note: bytes, body: bytes, received: int, kind: int = INLINE) -> bytes:
    """Return the bytes of one record."""
    head = _HEAD.pack(len(body), len(note), kind, received) + note
    return _CHECKSUM.pack(crc32(body, crc32(head))) + head + body


def decode(data: bytes, position: int) -> Iterator[Record]:
    """Yield the whole records of `data`, which begins at `position`; trust their checksums."""
    at, size = 0, len(data)
    unpack, overhead = _BOTH.unpack_from, OVERHEAD
    while at + overhead <= size:
        _, body_size, note_size, kind, received = unpack(data, at)
        note_at = at + overhead
        body_at = note_at + note_size
        at = body_at + body_size
        if at > size:
            return
        yield Record(data[note_at:body_at], data[body_at:at], received, kind, position + at)


def size_at(data: bytes) -> int:
    """Return the size of the record whose head `data` holds."""
    _, body_size, note_size, _, _ = _BOTH.unpack_from(data)
    return OVERHEAD + int(note_size) + int(body_size)


def sound(data: memoryview) -> int:
    """Return how many bytes at the start of `data` are whole records with right checksums."""
    at = 0
    while at + OVERHEAD <= len(data):
        checksum, body_size, note_size, _, _ = _BOTH.unpack_from(data, at)
        end = at + OVERHEAD + note_size + body_size
        if end > len(data):
            return at
        with data[at + _CHECKSUM.size : end] as checked:
            if crc32(checked) != checksum:
                return at
        at = end
    return at
