"""Writing live values: newer ones only, in three statements however many there are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from django.db import connection, transaction

from haidang.foundation.calendar import periods
from haidang.insight.indicators.actions import standing
from haidang.insight.indicators.models import Indicator, Series

# A value that only moved is told at most this often; a state that changed at once.
_TELL_EVERY = timedelta(seconds=3)
_WAKE_EVERY = timedelta(seconds=60)
_Place = tuple[int, int]


@dataclass(frozen=True)
class DeviceValue:
    """A row of DeviceMemory."""

    indicator_id: int
    device: str
    unit_id: int
    time: datetime
    value: float
    watch_since: datetime | None
    critical_since: datetime | None


@dataclass(frozen=True)
class LiveValue:
    """What a live indicator of a unit has become."""

    indicator: Indicator
    unit_id: int
    as_of: datetime
    value: float
    state: str
    watch_since: datetime | None
    critical_since: datetime | None
    reported: int
    expected: int
    is_simulated: bool


@transaction.atomic
def write(devices: Sequence[DeviceValue], units: Sequence[LiveValue], *, now: datetime) -> int:
    """Write what is newer, publish changed states, tell open pages; return how many were newer.

    A state is only taken over from a value at least as new as the known one.
    """
    _write_devices(devices)
    before = _before(units)
    wanted = [one for one in units if _is_newer(one, before)]
    rows = {(row.indicator_id, row.unit_id): row for row in _write_series(wanted, before, now)}
    _tell(wanted, rows, before, now)
    _wake(wanted, before, now)
    return len(wanted)


def _before(units: Sequence[LiveValue]) -> dict[_Place, Series]:
    rows = (
        Series.objects.select_for_update()
        .filter(
            indicator__in={one.indicator.pk for one in units},
            unit__in={one.unit_id for one in units},
        )
        .order_by("id")
    )
    return {(row.indicator_id, row.unit_id): row for row in rows}


def _is_newer(one: LiveValue, before: Mapping[_Place, Series]) -> bool:
    known = before.get((one.indicator.pk, one.unit_id))
    if known is None or one.as_of > known.as_of:
        return True
    return one.as_of == known.as_of and (one.value, one.state) != (known.value, known.state)


_SERIES = (
    "indicator_id", "unit_id", "period_start", "period_end", "value", "as_of", "reported",
    "expected", "state", "state_since", "watch_since", "critical_since", "stale_at",
    "is_simulated", "updated_at",
)  # fmt: skip
_TYPES = (
    "bigint", "bigint", "timestamptz", "timestamptz", "float8", "timestamptz", "int",
    "int", "text", "timestamptz", "timestamptz", "timestamptz", "timestamptz",
    "boolean", "timestamptz",
)  # fmt: skip


def _write_series(
    wanted: Sequence[LiveValue], before: Mapping[_Place, Series], now: datetime
) -> list[Series]:
    if not wanted:
        return []
    columns = list(zip(*(_row(one, before, now) for one in wanted), strict=True))
    casts = ", ".join(f"%s::{type_}[]" for type_ in _TYPES)
    updates = ", ".join(f"{name} = excluded.{name}" for name in _SERIES[2:])
    statement = f"""
        INSERT INTO indicators_series ({", ".join(_SERIES)},
            status, source_type, lineage, revision, newer_pending)
        SELECT *, 'preliminary', 'automatic', '', 1, false FROM unnest({casts})
        ON CONFLICT (indicator_id, unit_id) DO UPDATE SET {updates}
        RETURNING *
    """  # noqa: S608 - constants only
    return list(Series.objects.raw(statement, [list(column) for column in columns]))


def _row(one: LiveValue, before: Mapping[_Place, Series], now: datetime) -> tuple[object, ...]:
    known = before.get((one.indicator.pk, one.unit_id))
    period = periods.of(one.indicator.period, one.as_of)
    since = known.state_since if known and known.state == one.state else one.as_of
    return (
        one.indicator.pk, one.unit_id, period.start, period.end, one.value, one.as_of,
        one.reported, one.expected, one.state, since,
        one.watch_since, one.critical_since, one.as_of + one.indicator.cycle,
        one.is_simulated, now,
    )  # fmt: skip


def _write_devices(devices: Sequence[DeviceValue]) -> None:
    if not devices:
        return
    names = [field.name for field in fields(DeviceValue)]
    columns = [[getattr(one, name) for one in devices] for name in names]
    types = (
        "bigint", "text", "bigint", "timestamptz", "float8", "timestamptz", "timestamptz",
    )  # fmt: skip
    casts = ", ".join(f"%s::{type_}[]" for type_ in types)
    updates = ", ".join(f"{name} = excluded.{name}" for name in names[2:])
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO indicators_devicememory AS kept ({", ".join(names)})
            SELECT * FROM unnest({casts}) AS given({", ".join(names)}) ORDER BY 1, 2
            ON CONFLICT (indicator_id, device) DO UPDATE SET {updates}
            WHERE excluded.time >= kept.time
            """,  # noqa: S608 - constants only
            columns,
        )


def _tell(
    wanted: Sequence[LiveValue],
    rows: Mapping[_Place, Series],
    before: Mapping[_Place, Series],
    now: datetime,
) -> None:
    """Publish every changed state; tell pages of the other values in one statement."""
    moved = []
    for one in wanted:
        place = one.indicator.pk, one.unit_id
        row, known = rows[place], before.get(place)
        old = "no_data" if known is None else known.state
        if row.state != old:
            standing.tell(one.indicator, row, old, now=now)
        elif known is not None and _is_told(one, known):
            moved.append((one.indicator, row))
    standing.tell_pages(moved)


def _is_told(one: LiveValue, known: Series) -> bool:
    """Say whether pages should hear of a value whose state stayed: at most every few seconds."""
    return one.as_of.timestamp() // _every() != known.as_of.timestamp() // _every()


def _every() -> float:
    return _TELL_EVERY.total_seconds()


def _wake(wanted: Sequence[LiveValue], before: Mapping[_Place, Series], now: datetime) -> None:
    """Set the timer of staleness about once a minute; when it fires too early it is set anew."""
    indicators = {one.indicator.pk: one.indicator for one in wanted if _needs_timer(one, before)}
    for indicator in indicators.values():
        standing.wake_when_stale(indicator, now=now)


def _needs_timer(one: LiveValue, before: Mapping[_Place, Series]) -> bool:
    known = before.get((one.indicator.pk, one.unit_id))
    if known is None or known.state == "stale":
        return True
    step = _WAKE_EVERY.total_seconds()
    return one.as_of.timestamp() // step != known.as_of.timestamp() // step
