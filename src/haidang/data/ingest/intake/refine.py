"""From journal records to checked readings: parsed once, for the fast path and the lake."""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

import numpy as np

from haidang.data.ingest.intake.checks import Checked, Columns, Limits, check
from haidang.data.ingest.intake.formats import PARSERS
from haidang.data.ingest.intake.notes import NGSI, Note
from haidang.data.ingest.intake.notices import Notice
from haidang.data.ingest.intake.points import Points, Reason, Request, Unread, shown
from haidang.data.ingest.intake.registry import Registry
from haidang.data.ingest.journal import Intent, Reader, Record

log = logging.getLogger(__name__)


@dataclass
class Part:
    """Checked readings of a range of the journal, by source."""

    end: int
    records: list[Record]
    streams: dict[str, list[Checked]] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)
    intent: Intent | None = None

    @property
    def rows(self) -> int:
        return sum(len(one.accepted) for stream in self.streams.values() for one in stream)


class Refiner:
    """Parses and checks. Owned by one thread."""

    def __init__(self, registry: Registry, limits: Callable[[str], Limits]) -> None:
        self.registry = registry
        self._limits = limits

    def refine(self, journal: Reader, records: list[Record]) -> Part:
        """Parse and check every record of a range; nothing is left out."""
        grouped: defaultdict[tuple[str, str], list[Request]] = defaultdict(list)
        notes: dict[bytes, Note] = {}
        part = Part(records[-1].end, [r for r in records if r.kind])
        for record in records:
            note = notes.get(record.note) or notes.setdefault(record.note, Note.decode(record.note))
            body = _body(journal, record)
            if note.format == NGSI:
                part.notices.append(Notice(note.source, body, record.end))
                continue
            request = Request(note.extra, body, record.received)
            grouped[note.source, note.format].append(request)
        for (source, form), requests in grouped.items():
            checked = self._check(source, requests, _parse(form, requests))
            part.streams.setdefault(source, []).append(checked)
        return part

    def _check(self, source: str, requests: list[Request], points: Points) -> Checked:
        if any(name not in self.registry.refs for name in points.devices):
            self.registry.refresh(unknown=True)
        received = np.array([request.received for request in requests], np.int64)
        return check(points, received, source, self.registry, self._limits_of(source))

    def _limits_of(self, source: str) -> Limits:
        found = self.registry.sources.get(source)
        if found is None:
            return Limits()
        return replace(self._limits(found.dataset), max_age_days=found.max_age_days)


def _body(journal: Reader, record: Record) -> bytes:
    """Return a record's body; of a lost or changed file, what was acknowledged about it."""
    try:
        return journal.body(record)
    except (FileNotFoundError, ValueError):
        log.critical("journal: a large body is lost: %r", record.body)
        return b"lost: " + record.body


def _parse(form: str, requests: list[Request]) -> Points:
    """Parse requests together; if that fails, each alone, so that one cannot stop the others."""
    try:
        return PARSERS[form](requests)
    except Exception:
        if len(requests) == 1:
            log.exception("a %s request cannot be parsed", form)
            return _unreadable(requests[0])
    return _join([_parse(form, [request]) for request in requests])


def _unreadable(request: Request) -> Points:
    reason = Reason("", "unreadable", "Không đọc được nội dung gửi đến.")
    points = PARSERS["lines"]([])
    points.unread.append(Unread(0, 1, shown(request.body), reason))
    return points


def _join(singles: list[Points]) -> Points:
    """Join the parses of single requests into one."""
    devices, metrics = _table(s.devices for s in singles), _table(s.metrics for s in singles)
    texts = [(s, at) for s in singles for at in range(len(s))]
    numbers = enumerate(singles)
    return Points(
        devices=list(devices),
        metrics=list(metrics),
        device=_mapped([(s.device, [devices[n] for n in s.devices]) for s in singles]),
        metric=_mapped([(s.metric, [metrics[n] for n in s.metrics]) for s in singles]),
        time=np.concatenate([s.time for s in singles]),
        value=np.concatenate([s.value for s in singles]),
        status=np.concatenate([s.status for s in singles]),
        request=np.concatenate([np.full(len(s), i, np.int32) for i, s in enumerate(singles)]),
        number=np.concatenate([s.number for s in singles]),
        unread=[Unread(i, u.number, u.text, u.reason) for i, s in numbers for u in s.unread],
        text_of=lambda index: texts[index][0].text_of(texts[index][1]),
    )


def _table(names: Iterable[Iterable[str]]) -> dict[str, int]:
    table: dict[str, int] = {}
    for some in names:
        for name in some:
            table.setdefault(name, len(table))
    return table


def _mapped(
    columns: list[tuple["np.typing.NDArray[np.int32]", list[int]]],
) -> "np.typing.NDArray[np.int32]":
    return np.concatenate([np.array(table or [0], np.int32)[column] for column, table in columns])


def joined(streams: Iterable[Checked]) -> Checked:
    """Join what became of several ranges of one source."""
    parts = list(streams)
    names = ("device", "metric", "unit", "time", "value", "status")
    columns = (np.concatenate([getattr(p.accepted, name) for p in parts]) for name in names)
    return Checked(
        sum(p.read for p in parts), Columns(*columns), [row for p in parts for row in p.waiting]
    )
