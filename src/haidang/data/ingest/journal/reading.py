"""Reading on in a journal: in the process that appends to it, or in one that it tells."""

import os
import threading
from itertools import pairwise
from pathlib import Path
from zlib import crc32

from haidang.data.ingest.journal import records
from haidang.data.ingest.journal.records import LARGE, LargeFile, Record
from haidang.data.ingest.journal.segments import Segment, listed


class Reader:
    """The durable records of a folder of segments. Any thread may read and release.

    `ends` says of damaged segments where their last sound record ends.
    """

    def __init__(
        self, folder: Path, segments: list[Segment], ends: dict[int, int], durable: int
    ) -> None:
        self.folder = folder
        self.large = folder / "large"
        self.durable = durable
        self._segments = segments
        self._ends = ends
        self._guard = threading.Lock()

    def extend(self, durable: int, last: int) -> None:
        """Hear from the process that appends: what is durable, where its last segment begins."""
        if last > self._segments[-1].start:
            with self._guard:
                found = [one for one in listed(self.folder) if one.start <= last]
                self._ends = {a.start: b.start for a, b in pairwise(found)} | self._ends
                self._segments = found
        self.durable = durable

    @property
    def start(self) -> int:
        """The oldest position still kept."""
        return self._segments[0].start

    @property
    def last(self) -> int:
        """The position at which the newest segment begins."""
        return self._segments[-1].start

    @property
    def kept(self) -> int:
        """Return how many bytes of records are still on the disk."""
        return self.durable - self.start

    def read(self, position: int, limit: int) -> list[Record]:
        """Return durable records from `position` on, about `limit` bytes of them, at least one."""
        segment, following = self._holding(position)
        end = self._ends.get(segment.start, self.durable)
        if position >= end:
            return self.read(following, limit) if following else []
        with segment.path.open("rb") as opened:
            wanted = min(max(limit, records.OVERHEAD), end - position)
            data = os.pread(opened.fileno(), wanted, segment.offset(position))
            first = records.size_at(data)
            if first > len(data):
                data = os.pread(opened.fileno(), first, segment.offset(position))
        return list(records.decode(data, position))

    def body(self, record: Record) -> bytes:
        """Return a record's body, read from its own file if it has one."""
        if record.kind != LARGE:
            return record.body
        file = LargeFile.decode(record.body)
        data = (self.large / file.name).read_bytes()
        if len(data) != file.size or crc32(data) != file.checksum:
            raise ValueError(f"{file.name} is not what was acknowledged")
        return data

    def release(self, position: int) -> None:
        """Delete whole segments before `position`, which the lake holds."""
        with self._guard:
            while len(self._segments) > 1 and self._segments[1].start <= position:
                self._segments.pop(0).path.unlink(missing_ok=True)

    def forget(self, taken: list[Record]) -> None:
        """Delete the large files of records that the lake holds."""
        for record in taken:
            if record.kind == LARGE:
                (self.large / LargeFile.decode(record.body).name).unlink(missing_ok=True)

    def _holding(self, position: int) -> tuple[Segment, int]:
        """Return the segment of `position` and where the next one begins (0: there is none)."""
        with self._guard:
            following = 0
            for segment in reversed(self._segments):
                if segment.start <= position:
                    return segment, following
                following = segment.start
        raise ValueError(f"position {position} was released")
