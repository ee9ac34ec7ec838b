"""Reading the lake within a scope, and what the database knows of it."""

from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Count, Max, Min, Sum

from haidang.data.catalogue import api as catalogue
from haidang.data.protection import api as protection
from haidang.data.warehouse import errors, models, rules
from haidang.data.warehouse.engine import (
    expressions,
    filters,
    newest,
    reading,
    selecting,
    tables,
)
from haidang.data.warehouse.permissions import QUERY
from haidang.foundation.org import api as org

if TYPE_CHECKING:
    import ibis

    from haidang.foundation.access.api import Scope


@dataclass(frozen=True)
class ErasedRef:
    """Rows of a batch that a removal took away; `lines` says where the first of them stood."""

    batch: int
    dataset: str
    removal: str
    rows: int
    lines: list[int]
    at: datetime
    is_over: bool = False  # its time of keeping was over; else the law had it removed


def next_batch() -> int:
    """Return a new batch number; numbers order revisions and are never used twice."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('warehouse_batch')")
        return int(cursor.fetchone()[0])


def landed(batches: Iterable[int]) -> dict[int, rules.Landed]:
    """Return what became of those batches that have landed, by number."""
    found = models.LandedBatch.objects.filter(batch__in=list(batches))
    return {row.batch: _landed(row) for row in found}


def newest_batches(dataset: str, limit: int = 20) -> list[rules.Landed]:
    """Return the batches of a dataset with the highest numbers, newest first."""
    found = models.LandedBatch.objects.filter(dataset=dataset).order_by("-batch")
    return [_landed(row) for row in found[:limit]]


def erased_rows(batches: Iterable[int]) -> list[ErasedRef]:
    """Return what the law had removed of some batches, oldest first."""
    found = models.ErasedRows.objects.filter(batch__in=list(batches)).order_by("at", "batch")
    names = [one.name for one in fields(ErasedRef) if one.name != "is_over"]
    rows = [ErasedRef(*row) for row in found.values_list(*names)]
    over = protection.expired_among(one.removal for one in rows) if rows else frozenset()
    return [replace(one, is_over=one.removal in over) for one in rows]


def batches_between(source: str, first: int, last: int) -> list[int]:
    """Return the batches of a source that landed with numbers from first to last."""
    found = models.LandedBatch.objects.filter(source=source, batch__range=(first, last))
    return list(found.order_by("batch").values_list("batch", flat=True))


def batches_after(batch: int, datasets: Iterable[str]) -> list[rules.Since]:
    """Return, by dataset and source, what landed with a higher number than a batch's."""
    found = models.LandedBatch.objects.filter(dataset__in=list(datasets), batch__gt=batch)
    rows = found.values_list("dataset", "source").order_by("dataset", "source")
    summed = rows.annotate(Count("pk"), Sum("accepted"), Min("landed_at"), Max("landed_at"))
    return [rules.Since(*row) for row in summed]


def batches_seen(dataset: str, *, scope: "Scope", limit: int = 20) -> list[rules.Landed]:
    """Return the newest batches among those that hold a row the scope may see."""
    seen = view(dataset, scope, None, frozenset())
    if seen.units is None:
        return newest_batches(dataset, limit)
    found = reading.aggregate(
        seen, measures=[("count", "*")], group=["_batch"], bucket=None, where=(),
        order=["-_batch"], limit=limit,
    )  # fmt: skip
    ids = [row[0] for row in found.rows]
    rows = landed(ids)
    return [rows[one] for one in ids if one in rows]


def batch_seen(dataset: str, batch: int, *, scope: "Scope") -> rules.Landed:
    """Return a batch that holds a row the scope may see. Raises UnknownBatchError."""
    found = landed([batch]).get(batch)
    if found is None or found.dataset != dataset:
        raise errors.UnknownBatchError(batch=batch)
    seen = view(dataset, scope, None, frozenset())
    if seen.units is not None and not reading.count(seen, [("_batch", "=", batch)]):
        raise errors.UnknownBatchError(batch=batch)
    return found


def _landed(row: models.LandedBatch) -> rules.Landed:
    return rules.Landed(
        row.batch,
        row.dataset,
        row.source,
        row.accepted,
        row.duplicate,
        row.revised,
        row.landed_at,
        row.counts,
    )


def info(dataset: str) -> rules.TableInfo:
    """Return what the lake knows of a dataset's table. Raises UnknownTableError."""
    row = models.LakeTable.objects.filter(dataset=dataset).first()
    if row is None:
        raise errors.UnknownTableError(dataset=dataset)
    return rules.TableInfo(
        row.dataset,
        row.kind,
        tuple((name, kind) for name, kind in row.columns),
        tuple(row.key),
        row.unit_field,
        row.time_field,
        row.sector,
        row.owner_unit_id,
        row.commits,
        row.revised,
        row.repeated,
        None if row.erased else row.accepted - row.revised,
    )


def cannot_follow(contract: catalogue.ContractSpec) -> str:
    """Return why a dataset's table could not follow a contract; "" where it could."""
    try:
        return tables.cannot_follow(info(contract.dataset), contract)
    except errors.UnknownTableError:
        return ""


def table(
    dataset: str,
    *,
    scope: "Scope",
    as_known_on: datetime | None = None,
    without: Set[int] = frozenset(),
) -> "ibis.Table":
    """Return the newest value per key that the scope may see, as an Ibis expression.

    Columns: the contract's, `_batch` and `_row`. `as_known_on` leaves out what landed after that
    moment; `without` leaves out batches (not approved, rejected). Run it with `execute`.
    """
    return expressions.table(view(dataset, scope, as_known_on, without))


def rows(
    dataset: str,
    *,
    scope: "Scope",
    columns: Sequence[str] | None = None,
    where: Sequence[filters.Condition] = (),
    order: Sequence[str] = (),
    limit: int | None = None,
    offset: int = 0,
    as_known_on: datetime | None = None,
    without: Set[int] = frozenset(),
    purpose: str = "",
) -> reading.Rows:
    """Return rows as `table` would hold them, without the weight of Ibis.

    `where` is a list of (column, operator, value) with = != < <= > >= in contains empty; `order`
    names columns, "-name" downwards. Raises BadQueryError, UnknownTableError.
    """
    seen = view(dataset, scope, as_known_on, without, purpose=purpose)
    names = tuple(columns) if columns is not None else (*seen.names, "_batch", "_row")
    return reading.rows(seen, columns=names, where=where, order=order, limit=limit, offset=offset)


def sees_all(dataset: str, scope: "Scope") -> bool:
    """Tell whether the scope may see every row of a dataset. Raises UnknownTableError."""
    return seen_units(info(dataset), scope) is None


def select_input(
    dataset: str, *, as_known_on: datetime | None = None, without: Set[int] = frozenset()
) -> selecting.Input:
    """Return a dataset as a statement reads it: newest rows, no personal data, no scope.

    Whoever lets a statement run has asked `sees_all`. Raises UnknownTableError.
    """
    known = info(dataset)
    closed = catalogue.personal_fields(dataset)
    names = [name for name in known.names if name not in closed]
    return selecting.input_of(known, _hidden(known, as_known_on, without), names)


def count(
    dataset: str,
    *,
    scope: "Scope",
    where: Sequence[filters.Condition] = (),
    as_known_on: datetime | None = None,
    without: Set[int] = frozenset(),
) -> int:
    """Return how many rows `rows` would find."""
    return reading.count(view(dataset, scope, as_known_on, without), where)


def aggregate(
    dataset: str,
    *,
    scope: "Scope",
    measures: Sequence[tuple[str, str]],
    group: Sequence[str] = (),
    bucket: str | None = None,
    where: Sequence[filters.Condition] = (),
    order: Sequence[str] = (),
    limit: int | None = None,
    without: Set[int] = frozenset(),
    purpose: str = "",
) -> reading.Rows:
    """Return aggregates such as ("avg", "value"), named avg_value, by columns and time bucket.

    Functions: avg count first last max min sum; buckets: minute minute5 hour day month.
    """
    return reading.aggregate(
        view(dataset, scope, None, without, purpose=purpose),
        measures=measures,
        group=group,
        bucket=bucket,
        where=where,
        order=order,
        limit=limit,
    )


@dataclass(frozen=True)
class LastValue:
    """The newest reading of one device and metric."""

    device: str
    metric: str
    time: datetime
    value: float | None
    status: str | None
    unit: str | None
    batch: int


def last_values(
    dataset: str,
    *,
    scope: "Scope",
    devices: Iterable[str] | None = None,
    metrics: Iterable[str] | None = None,
    without: Set[int] = frozenset(),
    status: str = "",
) -> list[LastValue]:
    """Return the newest readings that the scope may see; a few seconds behind the lake.

    `status` "stopped" leaves out what measures.
    """
    units = seen_units(info(dataset), scope)
    found = models.LastReading.objects.filter(dataset=dataset).exclude(batch__in=without)
    if units is not None:
        found = found.filter(unit__in=units)
    if devices is not None:
        found = found.filter(device__in=list(devices))
    if status == "stopped":
        found = found.exclude(status="measuring").exclude(status=None)
    if metrics is not None:
        found = found.filter(metric__in=list(metrics))
    names = [one.name for one in fields(LastValue)]
    return [LastValue(*row) for row in found.order_by("device", "metric").values_list(*names)]


def last_heard(dataset: str, devices: Iterable[str]) -> dict[str, tuple[datetime, datetime]]:
    """Return per device its newest reading's own time and when that landed, in one query.

    For the platform's own watch over devices: it asks for no scope. Devices that never spoke are
    left out.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LAST_HEARD, [dataset, list(devices)])
        return {device: (time, landed_at) for device, time, landed_at in cursor.fetchall()}


_LAST_HEARD = """
SELECT DISTINCT ON (one.device) one.device, one.time, COALESCE(landed.landed_at, one.time)
FROM warehouse_lastreading one LEFT JOIN warehouse_landed landed ON landed.batch = one.batch
WHERE one.dataset = %s AND one.device = ANY(%s)
ORDER BY one.device, one.time DESC
"""


def view(
    dataset: str,
    scope: "Scope",
    as_known_on: datetime | None,
    without: Set[int],
    *,
    purpose: str = "",
    way: str = "query",
) -> reading.View:
    """Return what the scope may see of a table; several questions may be asked of one view.

    Personal data is masked unless the scope may see it and, where that is needed, a purpose is
    stated; who sees it is noted with the `way`. Raises UnknownTableError.
    """
    known = info(dataset)
    hidden = _hidden(known, as_known_on, without)
    glass = protection.glass(known.dataset, known.owner_unit_id, known.sector, scope, purpose)
    return reading.View(known, seen_units(known, scope), hidden, glass, way)


_withheld: list[Callable[[str], frozenset[int]]] = []


def withhold(batches: Callable[[str], frozenset[int]]) -> None:
    """Have an upper domain say which batches of a dataset nobody has approved."""
    _withheld.append(batches)


def withheld(dataset: str) -> frozenset[int]:
    """Return the batches that readers are not shown unless they ask for them."""
    return frozenset().union(*(batches(dataset) for batches in _withheld))


def seen_units(known: rules.TableInfo, scope: "Scope") -> frozenset[str] | None:
    """Return the codes of the visible units; None when every row is visible."""
    found: set[int] = set()
    for one in scope.coverages(QUERY):
        if one.sectors is not None and known.sector not in one.sectors:
            continue
        if one.units is None:
            return None
        found |= one.units
    if not known.unit_field:
        return None if known.owner_unit_id in found else frozenset()
    return frozenset(unit.code for unit in org.units(found).values())


def _hidden(
    known: rules.TableInfo, as_known_on: datetime | None, without: Set[int]
) -> newest.Hidden:
    if as_known_on is None:
        return newest.Hidden(None, frozenset(without))
    batches = models.LandedBatch.objects.filter(dataset=known.dataset)
    on_time = batches.filter(landed_at__lte=as_known_on)
    last = on_time.aggregate(last=Max("batch"))["last"] or 0
    late = batches.filter(landed_at__gt=as_known_on, batch__lte=last)
    return newest.Hidden(last, frozenset(without) | set(late.values_list("batch", flat=True)))
