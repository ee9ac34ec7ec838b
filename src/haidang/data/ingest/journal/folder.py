"""The journal of one intake process: append, sync, read on, release."""

import logging
import os
import threading
from itertools import pairwise
from pathlib import Path
from zlib import crc32

from haidang.data.ingest.journal import lock, records
from haidang.data.ingest.journal.checkpoint import Checkpoint, sync_folder
from haidang.data.ingest.journal.records import LARGE, LargeFile, Record
from haidang.data.ingest.journal.segments import Segment, listed

log = logging.getLogger(__name__)

SEGMENT_BYTES = 64 * 1024 * 1024


class Journal:
    """Own a folder of segments. One thread appends and syncs; any thread may read on.

    Opening takes the folder's lock (JournalBusyError) and cuts off what a crash left torn.
    """

    def __init__(self, folder: Path, segment_bytes: int = SEGMENT_BYTES) -> None:
        self.folder = folder
        self.large = folder / "large"
        self._lock = lock.take(folder)
        self.large.mkdir(exist_ok=True)
        self._segment_bytes = segment_bytes
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        self._new_names = False
        flushed = Checkpoint.read(folder).flushed
        self._segments = listed(folder) or [Segment.at(folder, flushed)]
        self._ends: dict[int, int] = {}
        self._guard = threading.Lock()
        self._open_all()
        self._sweep_large(max(flushed, self.start))

    @property
    def start(self) -> int:
        """The oldest position still kept."""
        return self._segments[0].start

    def append(self, note: bytes, body: bytes, received: int) -> None:
        """Add a record to the waiting group; `sync` makes it durable."""
        self._add(records.encode(note, body, received))

    def append_file(self, note: bytes, path: Path, file: LargeFile, received: int) -> None:
        """Take over a file that its writer has already fsynced, in the same file system."""
        path.rename(self.large / file.name)
        self._new_names = True
        self._add(records.encode(note, file.encode(), received, LARGE))

    def sync(self) -> int:
        """Write and sync the waiting group; return the durable position.

        Raises OSError (a full disk) after taking the whole group back: nothing of it counts.
        """
        group, size = b"".join(self._waiting), self._waiting_bytes
        self._waiting, self._waiting_bytes = [], 0
        try:
            if self._new_names:
                sync_folder(self.large)
                self._new_names = False
            _write_whole(self._descriptor, group)
            os.fdatasync(self._descriptor)
        except OSError:
            os.ftruncate(self._descriptor, self._segments[-1].offset(self.durable))
            os.lseek(self._descriptor, 0, os.SEEK_END)
            raise
        self.durable += size
        if self.durable - self._segments[-1].start >= self._segment_bytes:
            self._rotate()
        return self.durable

    def drop(self) -> None:
        """Forget the waiting group, which nobody will be told is durable."""
        self._waiting, self._waiting_bytes = [], 0

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

    def turn(self) -> None:
        """Begin a new segment, so that what the lake holds can be released."""
        if self.durable > self._segments[-1].start:
            self._rotate()

    @property
    def kept(self) -> int:
        """Return how many bytes of records are still on the disk."""
        return self.durable - self.start

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

    def close(self) -> None:
        """Close the files and give the folder up."""
        os.close(self._descriptor)
        os.close(self._lock)

    def _add(self, encoded: bytes) -> None:
        self._waiting.append(encoded)
        self._waiting_bytes += len(encoded)

    def _open_all(self) -> None:
        """Check every segment before anything is added; only the last may have a torn tail."""
        for segment, following in pairwise(self._segments):
            end = segment.start + segment.sound()
            self._ends[segment.start] = end
            if end != following.start:
                log.critical("journal: %s is damaged after position %d", segment.path, end)
        last = self._segments[-1]
        if last.path.exists():
            self._descriptor, self.durable = last.reopen()
        else:
            self._descriptor, self.durable = last.create(), last.start
            sync_folder(self.folder)

    def _rotate(self) -> None:
        segment = Segment.at(self.folder, self.durable)
        descriptor = segment.create()
        sync_folder(self.folder)
        os.close(self._descriptor)
        self._descriptor = descriptor
        with self._guard:
            self._ends[self._segments[-1].start] = self.durable
            self._segments.append(segment)

    def _holding(self, position: int) -> tuple[Segment, int]:
        """Return the segment of `position` and where the next one begins (0: there is none)."""
        with self._guard:
            following = 0
            for segment in reversed(self._segments):
                if segment.start <= position:
                    return segment, following
                following = segment.start
        raise ValueError(f"position {position} was released")

    def _sweep_large(self, at: int) -> None:
        """Delete files whose record never became durable, or that the lake holds already."""
        if not any(self.large.iterdir()):
            return
        known = set()
        while found := self.read(at, 1 << 20):
            known |= {LargeFile.decode(r.body).name for r in found if r.kind == LARGE}
            at = found[-1].end
        for path in self.large.iterdir():
            if path.name not in known:
                path.unlink()


def _write_whole(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
