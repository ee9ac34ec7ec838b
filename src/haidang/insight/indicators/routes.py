"""The typed API of indicators under /api/v1/indicators."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from ninja import Router, Schema

from haidang.foundation.access import api as access
from haidang.foundation.org import api as org
from haidang.insight.indicators import api as indicators

router = Router(tags=["Chỉ tiêu"], auth=access.SessionOrKey("indicators.view"))
_MOST_DAYS = 3700


class IndicatorOut(Schema):
    code: str
    name: str
    sector: str
    unit_of_measure: str
    decimals: int
    direction: str
    hazard: bool
    period: str
    method: str
    reporting_level: str
    version: int


class PlanOut(Schema):
    issuer: str
    kind: str
    amount: float
    ratio: float | None
    label: str


class FigureOut(Schema):
    """A figure with its pedigree; `value` is null when there is none."""

    indicator: str
    name: str
    sector: str
    unit_code: str
    unit_name: str
    period_key: str
    period_label: str
    period_start: datetime | None
    period_end: datetime | None
    value: float | None
    unit_of_measure: str
    headline: float | None
    headline_unit: str
    as_of: datetime | None
    reported: int
    expected: int
    status: str
    approval: str
    source_type: str
    state: str
    state_label: str
    revision: int
    lineage: str
    simulated: bool
    newer_pending: bool
    expected_pace: float | None
    targets: list[PlanOut]
    url: str


class PointOut(Schema):
    start: datetime
    end: datetime
    label: str
    value: float | None
    headline: float | None
    state: str
    status: str
    revision: int


class IndicatorPage(Schema):
    total: int
    items: list[IndicatorOut]


class SeriesOut(Schema):
    indicator: str
    unit_code: str
    points: list[PointOut]


@router.get("/indicators", response=IndicatorPage, summary="Danh sách chỉ tiêu")
def list_indicators(request: Any, sector: str = "", limit: int = 100, offset: int = 0) -> Any:
    """Danh mục chỉ tiêu trong phạm vi của tài khoản."""
    found = indicators.indicators(request.scope, sector or None)
    first = max(offset, 0)
    return {"total": len(found), "items": found[first : first + min(max(limit, 1), 500)]}


@router.get("/indicators/{code}/figure", response=FigureOut, summary="Một số liệu của đơn vị")
def get_figure(request: Any, code: str, unit: str = "", period: datetime | None = None) -> Any:
    """Số liệu mới nhất của đơn vị, hoặc của kỳ chứa một thời điểm."""
    where = org.unit(unit) if unit else org.root()
    return indicators.figure(code, where.id, request.scope, _aware(period))


@router.get("/indicators/{code}/series", response=SeriesOut, summary="Diễn biến của một chỉ tiêu")
def get_series(
    request: Any,
    code: str,
    unit: str = "",
    start: datetime | None = None,
    end: datetime | None = None,
) -> Any:
    """Return the periods of a unit that begin in [start, end); by default the last 90 days."""
    where = org.unit(unit) if unit else org.root()
    until = _aware(end) or timezone.now()
    since = _aware(start) or until - timedelta(days=90)
    since = max(since, until - timedelta(days=_MOST_DAYS))
    points = indicators.series(code, where.id, request.scope, since, until)
    return {"indicator": code, "unit_code": where.code, "points": points}


def _aware(moment: datetime | None) -> datetime | None:
    if moment is None or moment.tzinfo:
        return moment
    return timezone.make_aware(moment)
