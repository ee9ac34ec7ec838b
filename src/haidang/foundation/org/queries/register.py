"""The register: all units with all their versions, in memory, reloaded when its stamp changes.

Outside a transaction the stamp is asked at most once a second, so a page may ask a thousand
questions for one query; inside a transaction it is asked each time, so that a transaction reads
its own writes and a rolled-back write is never remembered.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache

from django.db import connection, transaction
from django.utils import timezone

from haidang.foundation.org.models import (
    BoundarySheet,
    ChangePart,
    ChangeSet,
    CompetenceVersion,
    Neighbour,
    Place,
    RegisterStamp,
    Sector,
    Unit,
    UnitAlias,
    UnitVersion,
)
from haidang.foundation.org.rules import crosswalk, timeline, tree, values
from haidang.foundation.org.rules.crosswalk import Crosswalk
from haidang.foundation.org.rules.timeline import Span
from haidang.foundation.org.rules.values import UnitRef

TRUST_SECONDS = 1.0


@dataclass(frozen=True)
class Day:
    """The units of one day and the tree that they form."""

    units: Mapping[int, UnitRef]

    @cached_property
    def parents(self) -> dict[int, int | None]:
        return {
            unit.id: unit.parent_id if unit.parent_id in self.units else None
            for unit in self.units.values()
        }

    @cached_property
    def below(self) -> dict[int | None, list[int]]:
        return tree.children(self.parents)


class Register:
    """Everything about units as it stood at one stamp."""

    def __init__(self, stamp: int) -> None:
        self.stamp = stamp
        self.timelines, self._places_in_dictionary = _timelines()
        self.codes = dict(UnitAlias.objects.values_list("code", "unit_id"))
        self.code_of = dict(Unit.objects.values_list("pk", "code"))
        self.codes |= {code: unit for unit, code in self.code_of.items()}
        self.sectors = [
            values.SectorRef(code, name)
            for code, name in Sector.objects.order_by("order", "code").values_list("code", "name")
        ]
        self.places = {
            unit: values.Place(lat, lon)
            for unit, lat, lon in Place.objects.values_list("unit_id", "latitude", "longitude")
        }
        self.neighbours = _neighbours()
        self.competences = _competences()
        self.changes = _changes(self.codes)
        self.sheets = _sheets()
        self.on = lru_cache(maxsize=16)(self._on)
        self.crosswalk = lru_cache(maxsize=16)(self._crosswalk)

    def _on(self, day: date) -> Day:
        found = (timeline.at(spans, day) for spans in self.timelines.values())
        held = [span for span in found if span is not None]
        held.sort(key=lambda span: self._places_in_dictionary[span.value.id, span.start])
        return Day({span.value.id: span.value for span in held})

    @cached_property
    def turns(self) -> list[date]:
        """The days on which some unit begins, changes or ends."""
        spans = [span for spans in self.timelines.values() for span in spans]
        return sorted({span.start for span in spans} | {span.end for span in spans if span.end})

    def era(self, day: date) -> int:
        """Return how many changes of the map lie before the end of a day."""
        return sum(change.on <= day for change in self.changes)

    def _crosswalk(self, start: int, end: int) -> Crosswalk:
        """Return the crosswalk from one era to another. Raises ValueError."""
        days = [date.min, *(change.on for change in self.changes)]
        steps = [change.step for change in self.changes]
        return crosswalk.between(steps, days[start], days[end])

    def unit(self, unit_id: int, on: date | None) -> UnitRef | None:
        """Return a unit as of `on`; without a day, as it is today or was at last."""
        if on is not None:
            return self.on(on).units.get(unit_id)
        today = self.on(timezone.localdate()).units.get(unit_id)
        last = timeline.last(self.timelines.get(unit_id, ()))
        return today or (last.value if last is not None else None)


class _Own(threading.local):
    """What the transaction of this thread sees; never shown to others."""

    held: Register | None = None


_own = _Own()
_lock = threading.Lock()
_held: Register | None = None
_asked_at = float("-inf")


def current() -> Register:
    """Return the register in force."""
    if connection.in_atomic_block:
        return _as_seen_inside()
    if _held is not None and time.monotonic() - _asked_at < TRUST_SECONDS:
        return _held
    with _lock:
        return _asked_again()


def forget() -> None:
    """Have the next reader ask the stamp again; called when a write commits."""
    global _asked_at
    _asked_at = float("-inf")


def _as_seen_inside() -> Register:
    stamp = _stamp()
    for known in (_held, _own.held):
        if known is not None and known.stamp == stamp:
            return known
    _own.held = Register(stamp)
    return _own.held


def _asked_again() -> Register:
    global _held, _asked_at
    asked_at = time.monotonic()
    if _held is None or _held.stamp != _stamp():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            _held = Register(_stamp())
    _asked_at = asked_at
    return _held


def _stamp() -> int:
    return RegisterStamp.objects.values_list("value", flat=True).first() or 0


def _timelines() -> tuple[dict[int, list[Span[UnitRef]]], dict[tuple[int, date], int]]:
    """Return the spans of each unit, the first first, and the place of each among all names."""
    found: defaultdict[int, list[Span[UnitRef]]] = defaultdict(list)
    rows = UnitVersion.objects.select_related("unit").order_by("sort_key", "unit_id", "valid")
    places = {}
    for place, row in enumerate(rows):
        found[row.unit_id].append(Span(row.valid.lower, row.valid.upper, ref_of(row)))
        places[row.unit_id, row.valid.lower] = place
    for spans in found.values():
        spans.sort(key=lambda span: span.start)
    return dict(found), places


def _changes(codes: Mapping[str, int]) -> list[values.MapChange]:
    """Return the sets of changes in force, in the order of their days."""
    parts: defaultdict[int, list[crosswalk.Part]] = defaultdict(list)
    applied = ChangeSet.objects.filter(state=ChangeSet.State.APPLIED).order_by("on")
    rows = ChangePart.objects.filter(change__change_set__in=applied).select_related("change")
    for row in rows.order_by("pk"):
        part = crosswalk.Part(row.change.unit_id, codes[row.target], row.size)
        parts[row.change.change_set_id].append(part)
    return [
        values.MapChange(
            row.pk, row.title, row.on, row.applied_at, row.traces,
            crosswalk.Step(row.on, tuple(parts[row.pk]), row.pk, row.reverses_id or 0),
        )
        for row in applied
        if row.applied_at is not None
    ]  # fmt: skip


def ref_of(row: UnitVersion) -> UnitRef:
    """Return the value that others see of a version."""
    return UnitRef(
        id=row.unit_id,
        code=row.unit.code,
        name=row.name,
        short_name=row.short_name,
        level=row.level_id,
        kind=row.kind,
        relation=row.relation,
        parent_id=row.parent_id,
        designation=row.designation,
    )


def _neighbours() -> dict[int, frozenset[int]]:
    found: defaultdict[int, set[int]] = defaultdict(set)
    for first, second in Neighbour.objects.values_list("first_id", "second_id"):
        found[first].add(second)
        found[second].add(first)
    return {unit: frozenset(others) for unit, others in found.items()}


def _sheets() -> list[values.SheetRef]:
    rows = BoundarySheet.objects.filter(state=BoundarySheet.State.IN_USE).order_by("-on", "-pk")
    return [values.SheetRef(row.pk, row.on, row.source, row.decision) for row in rows]


def _competences() -> dict[tuple[int, str], list[Span[int]]]:
    found: defaultdict[tuple[int, str], list[Span[int]]] = defaultdict(list)
    for row in CompetenceVersion.objects.select_related("competence").order_by("valid"):
        key = (row.competence.unit_id, row.competence.sector_id)
        found[key].append(Span(row.valid.lower, row.valid.upper, row.competent_id))
    return dict(found)
