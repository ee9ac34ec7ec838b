"""The journal of one intake process: append, sync, read on, release."""

import logging
import os
from itertools import pairwise
from pathlib import Path

from haidang.data.ingest.journal import lock, records
from haidang.data.ingest.journal.checkpoint import Checkpoint
from haidang.data.ingest.journal.reading import Reader
from haidang.data.ingest.journal.records import LARGE, LargeFile
from haidang.data.ingest.journal.segments import Segment, listed
from haidang.foundation.core.durable import sync_folder

log = logging.getLogger(__name__)

SEGMENT_BYTES = 64 * 1024 * 1024


class Journal(Reader):
    """Own a folder of segments. One thread appends and syncs; any thread may read on.

    Opening takes the folder's lock (JournalBusyError) and cuts off what a crash left torn.
    """

    def __init__(self, folder: Path, segment_bytes: int = SEGMENT_BYTES) -> None:
        self._lock = lock.take(folder)
        flushed = Checkpoint.read(folder).flushed
        super().__init__(folder, listed(folder) or [Segment.at(folder, flushed)], {}, flushed)
        self.large.mkdir(exist_ok=True)
        self._segment_bytes = segment_bytes
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        self._new_names = False
        self._open_all()
        self._sweep_large(max(flushed, self.start))

    def reader(self) -> Reader:
        """Return a reader of what is durable now, for the process that reads on."""
        return Reader(self.folder, list(self._segments), dict(self._ends), self.durable)

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

    def turn(self) -> None:
        """Begin a new segment, so that what the lake holds can be released."""
        if self.durable > self._segments[-1].start:
            self._rotate()

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
