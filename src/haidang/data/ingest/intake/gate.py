"""The gate: whoever waits for durability is answered after one sync for all of them."""

import asyncio
import logging
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from haidang.data.ingest.journal import Journal, LargeFile

log = logging.getLogger(__name__)

RESERVE_BYTES = 128 * 1024 * 1024  # left on the disk for the database to shut down cleanly
_LOOK_EVERY = 1.0

Done = Callable[[OSError | None, int], None]


class Gate:
    """Collect what one turn of the event loop brought, sync it once, answer everybody.

    While a sync runs the kernel's buffers gather the next group, so groups grow with the load.
    """

    def __init__(
        self, journal: Journal, loop: asyncio.AbstractEventLoop, on_durable: Callable[[], None]
    ) -> None:
        self._journal = journal
        self._loop = loop
        self._on_durable = on_durable
        self._waiting: list[Done] = []
        self._room_until = 0.0
        self._has_room = True
        self._is_closed = False

    def close(self) -> None:
        """Sync what waits; refuse everything after."""
        if self._waiting:
            self._commit()
        self._is_closed = True

    def put(self, items: list[tuple[bytes, bytes]], done: Done) -> None:
        """Journal (note, body) pairs that just arrived; call `done` when they are durable."""
        received = time.time_ns() // 1000
        append = self._journal.append
        for note, body in items:
            append(note, body, received)
        self._wait(done)

    def put_file(self, note: bytes, path: Path, file: LargeFile, done: Done) -> None:
        """Journal a body that lies in a synced file."""
        self._journal.append_file(note, path, file, time.time_ns() // 1000)
        self._wait(done)

    def _wait(self, done: Done) -> None:
        if not self._waiting:
            self._loop.call_soon(self._commit)
        self._waiting.append(done)

    def _commit(self) -> None:
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        failure: OSError | None = None
        try:
            self._look_for_leave()
            position = self._journal.sync()
        except OSError as error:
            log.error("journal: %s; %d requests refused", error, len(waiting))
            failure, position = error, 0
            self._journal.drop()
        for done in waiting:
            done(failure, position)
        if failure is None:
            self._on_durable()

    def _look_for_leave(self) -> None:
        if self._is_closed:
            raise OSError(108, "intake stops")
        now = self._loop.time()
        if now > self._room_until:
            self._room_until = now + _LOOK_EVERY
            self._has_room = shutil.disk_usage(self._journal.folder).free > RESERVE_BYTES
        if not self._has_room:
            raise OSError(28, "less than the reserve is left on the disk")
