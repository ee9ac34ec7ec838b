"""The fast path: follows the journal tick by tick, judges readings, hands them on to the lake."""

import logging
import threading
from typing import Any

from django.db import close_old_connections, connection, transaction

from haidang.data.ingest import evaluators
from haidang.data.ingest.evaluators import Evaluator, Readings
from haidang.data.ingest.intake.checks import Columns
from haidang.data.ingest.intake.lake import Lake
from haidang.data.ingest.intake.refine import Part, Refiner, joined
from haidang.data.ingest.journal import Checkpoint, Reader, Record

log = logging.getLogger(__name__)

TICK = 0.02  # seconds in which readings gather before they are judged together
CHUNK = 4 * 1024 * 1024  # bytes of the journal parsed at once
_IDLE = 0.5
_RELOAD_AFTER = 30.0


class Fast(threading.Thread):
    """Parses what became durable, runs the evaluators in one transaction, feeds the lake."""

    def __init__(self, journal: Reader, refiner: Refiner, lake: Lake) -> None:
        super().__init__(name="fast", daemon=True)
        self.parsed = max(Checkpoint.read(journal.folder).flushed, journal.start)
        self._journal = journal
        self._refiner = refiner
        self._lake = lake
        self._wake = threading.Event()
        self._stop_asked = threading.Event()
        self._evaluators: dict[str, Evaluator] = {}
        self._stale: set[str] = set()
        self._listening = False
        self._is_first = True
        self._are_built = False

    def wake(self) -> None:
        """Say that something became durable."""
        self._wake.set()

    def stop(self) -> None:
        """End after everything that is durable now has been handed to the lake."""
        self._stop_asked.set()
        self._wake.set()

    def run(self) -> None:
        while not self._stop_asked.is_set() or self.parsed < self._journal.durable:
            try:
                self._turn()
            except Exception:
                log.exception("fast path: will try again")
                close_old_connections()
                self._listening = False
                if self._stop_asked.wait(1.0):
                    return
        connection.close()

    def _turn(self) -> None:
        if self.parsed >= self._journal.durable and not self._wake.wait(_IDLE):
            self._hear(0)
            return
        self._wake.clear()
        if not self._stop_asked.is_set():
            self._stop_asked.wait(TICK)
        self._hear(0)
        self._refiner.registry.refresh()
        while self.parsed < self._journal.durable:
            self._take(*self._next())

    def _next(self) -> tuple[list[Record], Any]:
        """Return the next records; after a crash first exactly the range that was on its way."""
        intent = Checkpoint.read(self._journal.folder).intent if self._is_first else None
        intent = intent if intent is not None and intent.end > self.parsed else None
        if intent is None:
            return self._journal.read(self.parsed, CHUNK), None
        records: list[Record] = []
        at = self.parsed
        while at < intent.end and (found := self._journal.read(at, CHUNK)):
            records += [record for record in found if record.end <= intent.end]
            at = found[-1].end
        return records, intent

    def _take(self, records: list[Record], intent: Any) -> None:
        part = self._refiner.refine(self._journal, records)
        part.intent = intent
        self._prepare()
        self._judge(part)
        self.parsed = part.end
        self._is_first = False
        self._lake.put(part)

    def _prepare(self) -> None:
        if not self._are_built:
            self._are_built = True
            self._evaluators = evaluators.build()
            self._stale = set(self._evaluators)
        for name in list(self._stale):
            self._evaluators[name].load()
            self._stale.discard(name)

    def _hear(self, timeout: float) -> None:
        """Note which evaluators were told to load again."""
        connection.ensure_connection()
        raw: Any = connection.connection
        if not self._listening:
            with connection.cursor() as cursor:
                cursor.execute(f'LISTEN "{evaluators.CHANNEL}"')
            self._listening = True
            self._stale = set(self._evaluators)
        # All of them first: while it hands them out the connection is held, and loading asks it.
        for note in list(raw.notifies(timeout=timeout)):
            if note.payload in self._evaluators:
                self._stale.add(note.payload)
            elif note.payload == "devices":
                self._refiner.registry.load()

    def _judge(self, part: Part) -> None:
        if not part.streams:  # notifications alone
            return
        columns = joined(one for stream in part.streams.values() for one in stream).accepted
        if not len(columns):
            return
        readings = self._readings(columns)
        changes = {}
        for name, evaluator in self._evaluators.items():
            try:
                changes[name] = evaluator.evaluate(readings)
            except Exception:
                log.exception("evaluator %s cannot judge a tick", name)
        wanted = {name: one for name, one in changes.items() if one is not None}
        if wanted:
            self._apply(wanted)

    def _apply(self, changes: dict[str, Any]) -> None:
        """Write all changes in one transaction; if that fails, each alone. The lake mends later."""
        try:
            with transaction.atomic():
                for name, one in changes.items():
                    self._evaluators[name].apply(one)
        except Exception:
            log.exception("evaluators %s cannot write a tick", sorted(changes))
            close_old_connections()
            if len(changes) > 1:
                for name, one in changes.items():
                    self._apply({name: one})

    def _readings(self, columns: Columns) -> Readings:
        registry = self._refiner.registry
        return Readings(
            devices=registry.devices,
            metrics=registry.metrics,
            units=registry.units,
            device=columns.device,
            metric=columns.metric,
            unit=columns.unit,
            time=columns.time,
            value=columns.value,
            status=columns.status,
        )
