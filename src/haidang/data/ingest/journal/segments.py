"""Segment files: named by the position of their first record, with a header that repeats it."""

import mmap
import os
import struct
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

from haidang.data.ingest.journal import records

_MAGIC = b"HDJRNL01"
_HEADER = struct.Struct("<8sQI")
HEADER_BYTES = _HEADER.size
SUFFIX = ".segment"


@dataclass(frozen=True)
class Segment:
    """One file and the position where its records begin."""

    path: Path
    start: int

    @classmethod
    def at(cls, folder: Path, start: int) -> "Segment":
        return cls(folder / f"{start:020d}{SUFFIX}", start)

    def create(self) -> int:
        """Make the file with its header and return a descriptor open for appending."""
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        os.write(descriptor, _header(self.start))
        os.fsync(descriptor)
        return descriptor

    def sound(self) -> int:
        """Return how many bytes of whole, unharmed records the file begins with."""
        if self.path.stat().st_size < HEADER_BYTES:
            return 0
        with self.path.open("rb") as opened, closing_map(opened.fileno()) as mapped:
            if mapped[:HEADER_BYTES] != _header(self.start):
                return 0
            with memoryview(mapped) as whole, whole[HEADER_BYTES:] as body:
                return records.sound(body)

    def reopen(self) -> tuple[int, int]:
        """Cut a torn tail off; return the descriptor and the position after the last record."""
        good = self.sound()
        if not good:
            return self.create(), self.start
        descriptor = os.open(self.path, os.O_RDWR | os.O_CLOEXEC)
        os.ftruncate(descriptor, HEADER_BYTES + good)
        os.fsync(descriptor)
        os.lseek(descriptor, 0, os.SEEK_END)
        return descriptor, self.start + good

    def offset(self, position: int) -> int:
        return HEADER_BYTES + position - self.start


def closing_map(descriptor: int) -> mmap.mmap:
    return mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ)


def listed(folder: Path) -> list[Segment]:
    """Return the folder's segments, oldest first."""
    return [Segment(path, int(path.stem)) for path in sorted(folder.glob(f"*{SUFFIX}"))]


def _header(start: int) -> bytes:
    named = struct.pack("<8sQ", _MAGIC, start)
    return named + struct.pack("<I", crc32(named))
