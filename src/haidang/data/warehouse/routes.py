"""Rows of the lake for other programs, within the caller's scope.

Any other parameter is a condition on a column: `device=tb-01`, `time__gte=2026-11-23T00:00:00Z`,
`device__in=tb-01,tb-02`; suffixes ne lt lte gt gte in contains empty. Rows of batches that nobody
has approved are left out, and `withheld` counts these batches; `unapproved=true` brings them in.
"""

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from ninja import Router

from haidang.data.warehouse import errors, forms, queries
from haidang.data.warehouse.engine import reading
from haidang.data.warehouse.permissions import QUERY
from haidang.foundation.access.api import ScopedRequest, SessionOrKey

router = Router(tags=["Kho dữ liệu"], auth=SessionOrKey(QUERY))
MOST_RECORDS, MOST_GROUPS, MOST_OFFSET = 10_000, 100_000, 10**12
_RECORDS = ("fields", "order", "limit", "offset", "count", "as_known_on", "unapproved", "purpose")
_AGGREGATES = ("group", "bucket", "measures", "order", "limit", "unapproved", "purpose")


@router.get("/datasets/{code}/records", summary="Dòng dữ liệu mới nhất theo khóa")
def records(
    request: ScopedRequest,
    code: str,
    fields: str = "",
    order: str = "",
    limit: int = 100,
    offset: int = 0,
    count: bool = False,
    as_known_on: datetime | None = None,
    unapproved: bool = False,
    purpose: str = "",
) -> HttpResponse:
    """Return rows as objects; `order` names columns, "-time" downwards; `count` adds the total.

    At most 10,000 at once; `more` tells that others follow. Personal data is masked: who may see
    it states a `purpose`; `masked` names the columns that stay so.
    """
    most = min(max(limit, 0), MOST_RECORDS)
    where = forms.conditions(request.GET.dict(), _RECORDS)
    withheld = _withheld(code, unapproved)
    seen = queries.view(code, request.scope, as_known_on, withheld, purpose=purpose, way="api")
    found = reading.rows(
        seen,
        columns=forms.words(fields) or (*seen.names, "_batch", "_row"),
        where=where,
        order=forms.words(order),
        limit=most + 1,
        offset=min(max(offset, 0), MOST_OFFSET),
    )
    total = reading.count(seen, where) if count else None
    items = found.dicts()
    more = len(items) > most
    return _json(
        {
            "dataset": code,
            "total": total,
            "more": more,
            "withheld": len(withheld),
            "masked": sorted(seen.closed),
            "items": items[:most],
        }
    )


@router.get("/datasets/{code}/aggregates", summary="Số liệu gộp theo cột và thời gian")
def aggregates(
    request: ScopedRequest,
    code: str,
    measures: str,
    group: str = "",
    bucket: str = "",
    order: str = "",
    limit: int = MOST_GROUPS,
    unapproved: bool = False,
    purpose: str = "",
) -> HttpResponse:
    """Return e.g. `measures=avg:value,count:*`, `group=device`, `bucket=hour`, as rows.

    Buckets: minute minute5 hour day month (days are Vietnam's). Measures: avg count first last
    max min sum, named avg_value in `order`. At most 100,000 rows; `more` tells of others.
    """
    most = min(max(limit, 0), MOST_GROUPS)
    withheld = _withheld(code, unapproved)
    seen = queries.view(code, request.scope, None, withheld, purpose=purpose, way="api")
    found = reading.aggregate(
        seen,
        measures=[_measure(word) for word in forms.words(measures)],
        group=forms.words(group),
        bucket=bucket or None,
        where=forms.conditions(request.GET.dict(), _AGGREGATES),
        order=forms.words(order),
        limit=most + 1,
    )
    rows, more = found.rows[:most], len(found.rows) > most
    return _json(
        {
            "dataset": code,
            "columns": found.columns,
            "more": more,
            "withheld": len(withheld),
            "rows": rows,
        }
    )


@router.get("/datasets/{code}/last", summary="Giá trị quan trắc mới nhất")
def last(
    request: ScopedRequest,
    code: str,
    device: str = "",
    metric: str = "",
    unapproved: bool = False,
) -> HttpResponse:
    """Return the newest reading of each device and metric (lists with commas narrow them)."""
    withheld = _withheld(code, unapproved)
    found = queries.last_values(
        code,
        scope=request.scope,
        devices=forms.words(device) or None,
        metrics=forms.words(metric) or None,
        without=withheld,
    )
    return _json({"dataset": code, "withheld": len(withheld), "items": found})


def _withheld(code: str, is_wanted: bool) -> frozenset[int]:
    return frozenset() if is_wanted else queries.withheld(code)


def _measure(word: str) -> tuple[str, str]:
    function, _, column = word.partition(":")
    if not column:
        raise errors.BadQueryError(f"Viết phép tính như “avg:value”, không phải “{word}”.")
    return function, column


def _json(body: dict[str, Any]) -> HttpResponse:
    import orjson

    return HttpResponse(
        orjson.dumps(body, option=orjson.OPT_UTC_Z, default=str),
        content_type="application/json; charset=utf-8",
    )
