"""What an open page hears: small notes sent on commit to every web process (LISTEN/NOTIFY)."""

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg
from django.db import connection, connections

CHANNEL = "haidang_live"
RESYNC = "resync"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Note:
    """One thing told. The topic "resync" means: notes were lost, ask for everything again."""

    topic: str
    unit: int | None = None
    sector: str | None = None
    ids: Mapping[str, Any] = field(default_factory=dict)

    def written(self) -> str:
        return json.dumps(
            {"topic": self.topic, "unit": self.unit, "sector": self.sector, **self.ids}
        )


def tell(topic: str, *, unit: int | None, sector: str | None, **ids: Any) -> None:
    """Tell open pages that something changed; they ask for it again under their own scope.

    `topic` is "figure", "alert", "ticket" …; unit and sector say who may hear. Sent on commit,
    dropped on rollback. At most 8,000 bytes: ids, never data.
    """
    tell_all([Note(topic, unit, sector, ids)])


def tell_all(notes: Sequence[Note]) -> None:
    """Tell many things in one statement, in their order; otherwise as `tell`."""
    if not notes:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_notify(%s, note) FROM unnest(%s::text[]) AS note",
            [CHANNEL, [note.written() for note in notes]],
        )


class Listener:
    """One open page's bounded queue. A page too slow to read loses notes, and is told so."""

    def __init__(self, size: int) -> None:
        self._queue: asyncio.Queue[Note] = asyncio.Queue(size)

    async def next(self) -> Note:
        """Return the next note, waiting for it."""
        return await self._queue.get()

    def waiting(self) -> bool:
        """Tell whether `next` would answer at once."""
        return not self._queue.empty()

    def put(self, note: Note) -> None:
        """Add a note; when the queue is full, all that waits is replaced by a "resync"."""
        if self._queue.full():
            while not self._queue.empty():
                self._queue.get_nowait()
            note = Note(RESYNC)
        self._queue.put_nowait(note)


class Hub:
    """One LISTEN connection per process, opened with the first page, shared by all."""

    def __init__(self, queue_size: int = 256) -> None:
        self._queue_size = queue_size
        self._listeners: set[Listener] = set()
        self._task: asyncio.Task[None] | None = None

    @contextlib.asynccontextmanager
    async def listen(self) -> AsyncIterator[Listener]:
        """Hear every note from now on, in this event loop."""
        listener = Listener(self._queue_size)
        self._listeners.add(listener)
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())
        try:
            yield listener
        finally:
            self._listeners.discard(listener)

    async def close(self) -> None:
        """Close the connection; for the process's end."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            try:
                await self._receive()
            except psycopg.Error:
                _log.warning("The live hub lost its database connection and tries again")
                await asyncio.sleep(1)

    async def _receive(self) -> None:
        parameters = connections["default"].get_connection_params()
        known = {"dbname", "user", "password", "host", "port"}
        kept = {key: value for key, value in parameters.items() if key in known}
        async with await psycopg.AsyncConnection.connect(**kept, autocommit=True) as listening:
            await listening.execute(f"LISTEN {CHANNEL}")
            # What was told while nobody listened is unknown: pages ask again.
            self._spread(Note(RESYNC))
            async for notification in listening.notifies():
                self._spread(_read(notification.payload))

    def _spread(self, note: Note) -> None:
        for listener in self._listeners:
            listener.put(note)


hub = Hub()


def _read(payload: str) -> Note:
    told = json.loads(payload)
    return Note(told.pop("topic"), told.pop("unit"), told.pop("sector"), told)
