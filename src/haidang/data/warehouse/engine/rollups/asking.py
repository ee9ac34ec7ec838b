"""Answering with roll-ups: cells of whole hours, and rows where no cell serves.

A cell is a series' hour in one file. It serves if it lies wholly within the question and no reading
of that series and hour was ever revised. Everything else is read as rows: of files without a
roll-up, of the hours that a question cuts, of series and hours with a revision. A row is then
a cell of its own, so that both are added up alike. All is read at one snapshot.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from haidang.data.warehouse import rules
from haidang.data.warehouse.engine import aggregates, filters, newest
from haidang.data.warehouse.engine.blocks import questions
from haidang.data.warehouse.engine.blocks.listing import ALL, NOTHING
from haidang.data.warehouse.engine.rollups.listing import File, Listing

if TYPE_CHECKING:
    import pyarrow as pa

_HOUR = timedelta(hours=1)
NAMES = ("device", "metric", "status", "unit")
_BUCKETS = (None, "hour", "day", "month")
# Before, days of Vietnam do not begin at whole hours everywhere; after, years are out of reach.
_FIRST, _LAST = datetime(1980, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
_EVER = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
_MEASURES = {
    ("count", "*"): "coalesce(sum(readings), 0)::BIGINT",
    ("count", "value"): "coalesce(sum(counted), 0)::BIGINT",
    ("sum", "value"): "sum(total)",
    ("avg", "value"): "sum(total) / sum(counted)",
    ("min", "value"): "min(low)",
    ("max", "value"): "max(high)",
}
_SERIES = ("device", "metric")
MOST_REVISED = 50_000  # cells; where there are more, rows are as quick
_LISTED = 200  # devices that are named one by one, so that parts of files are passed over
_STRETCHES = 8
_GAIN = 2  # times the rows that are read beside cells, at least, in all files
_HOUR_OF_TIME = "time_bucket(INTERVAL 1 hour, time)"


@dataclass(frozen=True)
class Span:
    """The time that a question is about, and the whole hours within; ends outside."""

    start: datetime
    end: datetime
    first: datetime
    last: datetime

    @property
    def head(self) -> tuple[datetime, datetime]:
        return self.start, self.first

    @property
    def tail(self) -> tuple[datetime, datetime]:
        return self.last, self.end

    @property
    def whole(self) -> str:
        """Return the condition of the whole hours."""
        return f"time >= {_sql(self.first)} AND time < {_sql(self.last)}"


@dataclass(frozen=True)
class Revised:
    """Of the cells in which a reading was revised: which devices, which hours."""

    devices: frozenset[str]
    hours: frozenset[datetime]

    def stretches(self) -> list[str]:
        """Return conditions of rows that may lie in such cells; no row meets two."""
        is_short = len(self.devices) <= _LISTED
        series = f" AND device IN ({_texts(self.devices)})" if is_short else ""
        return [
            f"time >= {_sql(first)} AND time < {_sql(last + _HOUR)}{series}"
            for first, last in _stretches(sorted(self.hours))
        ]


class TooManyRevisedError(Exception):
    """So many cells were revised that rows are as quick."""


def revised(cells: "pa.Table") -> Revised | None:
    """Return what revised cells say, None where there are none. Raises TooManyRevisedError."""
    if cells.num_rows > MOST_REVISED:
        raise TooManyRevisedError
    devices, hours = (frozenset(cells[name].unique().to_pylist()) for name in ("device", "time"))
    return Revised(devices, hours) if hours else None


def _stretches(hours: Sequence[datetime]) -> list[tuple[datetime, datetime]]:
    """Return the few stretches of time that hold some hours and the least else."""
    gaps = range(1, len(hours))
    widest = sorted(gaps, key=lambda at: hours[at - 1] - hours[at])[: _STRETCHES - 1]
    starts = [0, *sorted(at for at in widest if hours[at] - hours[at - 1] > _HOUR)]
    return [
        (hours[start], hours[end - 1])
        for start, end in zip(starts, [*starts[1:], len(hours)], strict=True)
    ]


def span(question: aggregates.Question) -> Span | None:
    """Return when cells could answer a question; None where only rows can."""
    names = {name for name, _, _ in question.where} | set(question.group)
    if not names <= {*NAMES, "time"} or "time" in question.group:
        return None
    if question.bucket not in _BUCKETS or not set(question.measures) <= _MEASURES.keys():
        return None
    within = _within([one for one in question.where if one[0] == "time"])
    return None if within is None else _whole(*within)


def _within(where: Sequence[tuple[str, str, Any]]) -> tuple[datetime, datetime] | None:
    start, end = _EVER
    for _, operator, given in where:
        text = given.isoformat() if isinstance(given, datetime) else str(given)
        moment = questions.microseconds(text)
        if moment is None or operator not in questions.ORDERED:
            return None
        low, high = questions.span(operator, moment)
        start = max(start, _moment(low) if low != ALL else start)
        end = min(end, _moment(high) if high != NOTHING else end)
    return start, end


def _moment(microseconds: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)


def _whole(start: datetime, end: datetime) -> Span | None:
    first = max(start, _FIRST)
    last = min(end, _LAST)
    if first.minute or first.second or first.microsecond:
        first = _hour_of(first) + _HOUR
    last = _hour_of(last)
    return Span(start, end, first, last) if first < last else None


def _hour_of(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def measure(function: str, name: str) -> str:
    """Return an aggregate over cells."""
    return _MEASURES[function, name]


def cells(info: rules.TableInfo, span: Span, now: Listing, revised: Revised | None) -> str | None:
    """Return a query of cells that stand for all newest rows of a span; None: no roll-up serves.

    The asking cursor knows the revised cells as the table `revised`.
    """
    met = [one for one in now.files.values() if one.meets(span.start, span.end)]
    bare = [one for one in met if one.name not in now.rolled]
    if not _gains(span, bare, met):
        return None
    parts = [_kept(info, span, now.orphans, revised)]
    beside = _beside(info, span, bare, met, revised)
    if beside:
        parts.append(_as_cells(newest.relation(info, newest.Hidden(), beside)))
    return " UNION ALL ".join(parts)


def _gains(span: Span, bare: Sequence[File], met: Sequence[File]) -> bool:
    """Tell whether cells spare the most rows: a file of which some hour is cut is read whole."""
    cut = [one for one in met if one.meets(*span.head) or one.meets(*span.tail)]
    read = sum(one.rows for one in {*bare, *cut})
    return len(bare) < len(met) and read * _GAIN <= sum(one.rows for one in met)


def _kept(
    info: rules.TableInfo, span: Span, orphans: Collection[str], revised: Revised | None
) -> str:
    unrevised = " ANTI JOIN revised USING (device, metric, time)" if revised else ""
    return (
        f"SELECT {rules.listed([*NAMES, 'time'])}, readings, counted, total, low, high FROM"
        f" (SELECT * FROM lake.{rules.quoted(info.hours)}"
        f" WHERE {span.whole} AND {_outside(orphans)}){unrevised}"
    )


def _as_cells(rows: str) -> str:
    return (
        f"SELECT {rules.listed([*NAMES, 'time'])}, 1::BIGINT, (value IS NOT NULL)::BIGINT,"
        f" value, value, value FROM ({rows})"
    )


def _beside(
    info: rules.TableInfo,
    span: Span,
    bare: Sequence[File],
    met: Sequence[File],
    revised: Revised | None,
) -> str:
    """Return a query of the base table's rows that no cell stands for; "" if there is none."""
    rolled = _outside([one.name for one in bare])
    parts = [f"NOT ({rolled}) AND {_times(bare)}"] if bare else []
    if any(one.meets(*span.head) for one in met):
        parts.append(f"{rolled} AND time < {_sql(span.first)}")
    if any(one.meets(*span.tail) for one in met):
        parts.append(f"{rolled} AND time >= {_sql(span.last)}")
    queries = [_rows(info, part) for part in parts]
    if revised:
        stretches = [_rows(info, f"{rolled} AND {part}") for part in revised.stretches()]
        queries.append(
            f"SELECT {_listed(info)} FROM"
            f" (SELECT *, {_HOUR_OF_TIME} AS hour FROM ({' UNION ALL '.join(stretches)}))"
            " SEMI JOIN (SELECT device, metric, time AS hour FROM revised)"
            " USING (device, metric, hour)"
        )
    return " UNION ALL ".join(queries)


def _rows(info: rules.TableInfo, condition: str) -> str:
    return f"SELECT {_listed(info)} FROM lake.{rules.quoted(info.table)} WHERE {condition}"


def revised_cells(
    info: rules.TableInfo, span: Span, builder: filters.Builder, question: aggregates.Question
) -> str:
    """Return a query of the revised cells that a question is about: device, metric, time."""
    where = builder.where([one for one in question.where if one[0] in _SERIES])
    return (
        f"SELECT DISTINCT device, metric, {_HOUR_OF_TIME} AS time"
        f" FROM lake.{rules.quoted(info.revisions)} WHERE {span.whole} AND {where}"
        f" LIMIT {MOST_REVISED + 1}"
    )


def _outside(names: Collection[str]) -> str:
    """Return the condition of rows of other files than these."""
    return f"NOT list_contains([{_texts(names)}], parse_filename(filename))" if names else "true"


def _texts(words: Iterable[str]) -> str:
    return ", ".join("'" + word.replace("'", "''") + "'" for word in sorted(words))


def _times(files: Sequence[File]) -> str:
    """Return bounds of the rows of files, so that others are passed over."""
    first, last = [one.first for one in files], [one.last for one in files]
    low = "true" if None in first else f"time >= {_sql(min(filter(None, first)))}"
    high = "true" if None in last else f"time <= {_sql(max(filter(None, last)))}"
    return f"{low} AND {high}"


def _listed(info: rules.TableInfo) -> str:
    return rules.listed([*info.names, "_batch", "_row"])


def _sql(moment: datetime) -> str:
    return f"TIMESTAMPTZ '{moment.isoformat()}'"
