"""The way to the lake: what was parsed goes through the commit door, exactly once.

Every quarter of a second the waiting parts become one batch per source. The journal's checkpoint
fixes range and batch numbers first; after a crash the same range goes under the same numbers.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.db import DataError, close_old_connections, connection

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest.actions import streams
from haidang.data.ingest.errors import SourceNotFoundError
from haidang.data.ingest.evaluators import STATUSES
from haidang.data.ingest.intake import keeping, notices, parking, redo
from haidang.data.ingest.intake.checks import Checked, Columns
from haidang.data.ingest.intake.refine import Part, joined
from haidang.data.ingest.intake.registry import Registry
from haidang.data.ingest.journal import Checkpoint, Intent, Reader, Record
from haidang.data.warehouse import api as warehouse

if TYPE_CHECKING:
    import pyarrow as pa

log = logging.getLogger(__name__)

EVERY = 0.25  # seconds from one flush to the next
_ROWS = 400_000  # of one flush
_ROWS_WAITING = 1_200_000
_PAUSES = (0.5, 1.0, 2.0, 5.0, 10.0)
_TRIES = 6  # after which one source's refused batch is parked


class Lake(threading.Thread):
    """Carries parts to the lake, in order."""

    def __init__(
        self, journal: Reader, registry: Registry, on_turn: Callable[[], None] = lambda: None
    ) -> None:
        """`on_turn` hears after every attempt, whatever came of it."""
        super().__init__(name="lake", daemon=True)
        self.flushed = Checkpoint.read(journal.folder).flushed
        self.failure = ""
        self.rows = 0
        self._journal = journal
        self._registry = registry
        self._on_turn = on_turn
        self._parts: list[Part] = []
        self._current: list[Part] = []  # what a failed flush must repeat, no more and no less
        self._waiting_rows = 0
        self._change = threading.Condition()
        self._stopping = False
        self._stop_asked = threading.Event()

    def put(self, part: Part) -> None:
        """Take a part; wait while too much is waiting."""
        with self._change:
            self._change.wait_for(lambda: self._waiting_rows < _ROWS_WAITING or self._stopping)
            self._parts.append(part)
            self._waiting_rows += part.rows
            self._change.notify_all()

    def stop(self) -> None:
        """End after everything that waits has landed, or at the next failure."""
        with self._change:
            self._stopping = True
            self._change.notify_all()
        self._stop_asked.set()

    def run(self) -> None:
        tries = 0
        while True:
            with self._change:
                self._change.wait_for(lambda: self._parts or self._stopping)
                if not self._parts:
                    break
            started = time.monotonic()
            is_done = self._try(tries)
            self._on_turn()
            if is_done:
                tries = 0
                self._stop_asked.wait(max(0.0, EVERY - (time.monotonic() - started)))
            elif self._stopping:
                break
            else:
                self._stop_asked.wait(_PAUSES[min(tries, len(_PAUSES) - 1)])
                tries += 1
        warehouse.close()
        connection.close()

    def _try(self, tries: int) -> bool:
        parts = self._current = self._current or self._some()
        try:
            self.flush(parts, park=tries >= _TRIES)
        except Exception as error:
            log.exception("the lake does not take a flush; it will be tried again")
            self.failure = f"{type(error).__name__}: {error}"[:300]
            close_old_connections()
            return False
        with self._change:
            del self._parts[: len(parts)]
            self._current = []
            self._waiting_rows -= sum(part.rows for part in parts)
            self._change.notify_all()
        self.failure = ""
        return True

    def _some(self) -> list[Part]:
        """Return the waiting parts that go together: a part with an intent goes alone."""
        some: list[Part] = []
        rows = 0
        for part in self._parts:
            if some and (part.intent or some[0].intent or rows + part.rows > _ROWS):
                break
            some.append(part)
            rows += part.rows
        return some

    def flush(self, parts: Sequence[Part], *, park: bool = False) -> None:
        """Bring a range to the lake and move the checkpoint. May be repeated after any failure."""
        sources = {source for part in parts for source in part.streams}
        merged = {
            source: joined(one for part in parts for one in part.streams.get(source, ()))
            for source in sorted(sources)
        }
        merged = {source: one for source, one in merged.items() if one.read}
        is_again = self._fix(parts, merged)
        intent = Checkpoint.read(self._journal.folder).intent
        batches = intent.batches if intent else {}
        landed = self._commit(merged, batches, park=park)
        for source, checked in merged.items():
            try:
                self._record(source, batches[source], checked, landed.get(source), is_again)
            except (DataError, SourceNotFoundError):
                if not park:
                    raise
                log.exception("source %s: waiting readings are parked", source)
                parking.park_waiting(self._journal, source, batches[source], checked.waiting)
        notices.take(self._journal, [one for part in parts for one in part.notices])
        self._advance(parts)
        self.rows += sum(checked.read for checked in merged.values())

    def _fix(self, parts: Sequence[Part], merged: Mapping[str, Checked]) -> bool:
        """Fix range and numbers before anything lands; tell whether they were fixed before."""
        end = parts[-1].end
        known = Checkpoint.read(self._journal.folder).intent
        again = known is not None and known.end == end
        numbers = dict(known.batches) if again and known else {}
        missing = [source for source in merged if source not in numbers]
        if missing or not again:
            numbers |= {source: warehouse.next_batch() for source in missing}
            Checkpoint(self.flushed, Intent(end, numbers)).write(self._journal.folder)
        return again

    def _commit(
        self, merged: Mapping[str, Checked], batches: Mapping[str, int], *, park: bool
    ) -> dict[str, warehouse.Landed]:
        """Commit all sources together; when that has failed often, each alone, parking the bad."""
        whole = {
            source: self._batch(batches[source], source, checked)
            for source, checked in merged.items()
            if len(checked.accepted) and source in self._registry.sources
        }
        if not park:
            landed = _landed(list(whole.values()))
        else:
            landed = {}
            for source, batch in whole.items():
                landed |= self._alone(source, batch)
        for source, one in redo.grown(whole, landed).items():
            landed[source] = redo.added(landed[source], _landed([one])[source])
        return landed

    def _alone(self, source: str, batch: warehouse.Batch) -> dict[str, warehouse.Landed]:
        try:
            return _landed([batch])
        except Exception as error:
            if warehouse.is_passing(error):
                raise
            log.exception("source %s: batch %d is parked", source, batch.id)
            parking.park(self._journal, batch)
            return {}

    def _batch(self, number: int, source: str, checked: Checked) -> warehouse.Batch:
        return warehouse.Batch(
            id=number,
            dataset=self._registry.sources[source].dataset,
            source=source,
            rows=table(checked.accepted, self._registry),
            counts={"read": checked.read, "quarantined": len(checked.waiting)},
            received_at=datetime.now(UTC),
        )

    def _record(
        self,
        source: str,
        batch: int,
        checked: Checked,
        landed: warehouse.Landed | None,
        is_again: bool,
    ) -> None:
        if is_again and redo.is_recorded(source, batch, waits=bool(checked.waiting)):
            return
        accepted, duplicate = (landed.accepted, landed.duplicate) if landed else (0, 0)
        counts = {
            "read": accepted + duplicate + len(checked.waiting),
            "accepted": accepted,
            "duplicate": duplicate,
            "quarantined": len(checked.waiting),
            "revised": landed.revised if landed else 0,
        }
        waiting = [(n, keeping.fitted(row, batch), why) for n, row, why in checked.waiting]
        found = self._registry.sources.get(source)
        streams.record(
            batch=batch,
            source=source,
            dataset=found.dataset if found else "",
            counts=counts,
            quarantined=waiting,
        )

    def _advance(self, parts: Sequence[Part]) -> None:
        end = parts[-1].end
        Checkpoint(end).write(self._journal.folder)
        self.flushed = end
        large: list[Record] = [record for part in parts for record in part.records]
        self._journal.forget(large)
        self._journal.release(end)


def _landed(batches: list[warehouse.Batch]) -> dict[str, warehouse.Landed]:
    """Commit; make the table of a dataset that has none yet."""
    if not batches:
        return {}
    try:
        found = warehouse.commit(batches)
    except warehouse.UnknownTableError:
        for dataset in {batch.dataset for batch in batches}:
            warehouse.ensure_table(catalogue.contract(dataset))
        found = warehouse.commit(batches)
    return {one.source: one for one in found}


def table(columns: Columns, registry: Registry) -> "pa.Table":
    """Return readings as rows of their dataset."""
    import pyarrow as pa

    def named(indexes: "pa.Array", names: Sequence[str]) -> "pa.Array":
        return pa.DictionaryArray.from_arrays(indexes, pa.array(names, pa.string())).cast(
            pa.string()
        )

    return pa.table(
        {
            "device": named(columns.device, registry.devices),
            "metric": named(columns.metric, registry.metrics),
            "time": pa.array(columns.time).cast(pa.timestamp("us", tz="UTC")),
            "value": columns.value,
            "status": named(columns.status.astype("int32"), STATUSES),
            "unit": named(columns.unit, registry.units),
        }
    )
