"""One thread that keeps asked datasets in memory, at most a second behind the lake."""

import logging
import threading
import time
from dataclasses import dataclass, field

from django.conf import settings
from django.db import close_old_connections, connection, transaction

from haidang.data.catalogue import api as catalogue
from haidang.data.warehouse import errors, queries, rules
from haidang.data.warehouse.engine.blocks import listing, questions
from haidang.data.warehouse.engine.blocks.memory import Memory, State
from haidang.data.warehouse.engine.blocks.rows import BYTES_PER_ROW

log = logging.getLogger(__name__)

EVERY = 0.1  # seconds between two looks at the catalogue
FRESH = 1.0  # seconds after which a state that was not looked at again answers no more
_DESCRIBED_EVERY = 1.0
_FORGOTTEN_AFTER = 600.0  # seconds without a question


@dataclass
class Entry:
    """One dataset: the state that answers, and until when it is true."""

    memory: Memory
    state: State | None = None
    confirmed: float = 0.0
    asked: float = field(default_factory=time.monotonic)
    seen: tuple[object, ...] = ()
    info: rules.TableInfo | None = None
    listed: listing.Listing | None = None
    described: float = 0.0
    is_open: bool = False


class Follower(threading.Thread):
    """Follows every dataset that somebody asks for; forgets one that nobody asks for."""

    def __init__(self, megabytes: int) -> None:
        super().__init__(name="blocks", daemon=True)
        self._room = megabytes * 1024 * 1024 // BYTES_PER_ROW
        self._entries: dict[str, Entry] = {}
        self._wake = threading.Event()
        self._is_stopping = False

    def state(self, dataset: str) -> State | None:
        """Return what answers for a dataset now; None asks for it to be remembered."""
        now = time.monotonic()
        entry = self._entries.get(dataset)
        if entry is None:
            self._entries[dataset] = Entry(Memory(self._room))
            self._wake.set()
            return None
        entry.asked = now
        return entry.state if now - entry.confirmed <= FRESH else None

    def stop(self) -> None:
        self._is_stopping = True
        self._wake.set()

    def run(self) -> None:
        while not self._is_stopping:
            self._wake.wait(EVERY if self._entries else None)
            self._wake.clear()
            for dataset, entry in list(self._entries.items()):
                if time.monotonic() - entry.asked > _FORGOTTEN_AFTER:
                    del self._entries[dataset]
                else:
                    self._follow(dataset, entry)
        connection.close()

    def _follow(self, dataset: str, entry: Entry) -> None:
        try:
            refresh(dataset, entry)
        except errors.UnknownTableError:
            entry.asked = 0.0
        except Exception:
            log.exception("blocks of %s: the lake answers until they can be made", dataset)
            entry.state, entry.seen = None, ()
            close_old_connections()


def refresh(dataset: str, entry: Entry) -> None:
    """Bring an entry up to the lake's newest snapshot. Raises UnknownTableError."""
    began = time.monotonic()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        snapshot = listing.newest_snapshot(cursor)
        if entry.listed is None or snapshot != entry.listed.snapshot:
            entry.info = queries.info(dataset)
            entry.listed = listing.listing(cursor, entry.info)
    # After the snapshot: a batch that nobody has approved is known before its rows land.
    withheld = queries.withheld(dataset)
    if began - entry.described > _DESCRIBED_EVERY:
        entry.info, entry.described = queries.info(dataset), began
        entry.is_open = not catalogue.personal_fields(dataset)
    seen = (snapshot, entry.info, entry.is_open, withheld)
    if seen != entry.seen:
        entry.state, entry.seen = _state(entry, withheld), seen
    entry.confirmed = began


def _state(entry: Entry, withheld: frozenset[int]) -> State | None:
    info, listed = entry.info, entry.listed
    if info is None or listed is None or not entry.is_open:
        return None
    if info.kind != "readings" or set(info.names) != questions.COLUMNS:
        return None
    return entry.memory.state(info, listed, withheld)


_lock = threading.Lock()
_follower: Follower | None = None


def follower() -> Follower | None:
    """Return this process's follower; None where the settings leave no room for blocks."""
    global _follower
    if _follower is None and settings.LAKE_BLOCKS_MB:
        with _lock:
            if _follower is None:
                _follower = Follower(settings.LAKE_BLOCKS_MB)
                _follower.start()
    return _follower


def close() -> None:
    """End the thread and let go of the blocks."""
    global _follower
    if _follower is not None:
        _follower.stop()
        _follower = None
