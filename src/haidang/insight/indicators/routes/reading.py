"""Indicators, figures, series and the lineage of a figure."""

from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone
from ninja import Schema

from haidang.foundation.org import api as org
from haidang.insight.indicators import api as indicators
from haidang.insight.indicators.queries import lineage
from haidang.insight.indicators.routes.common import aware, router
from haidang.insight.indicators.rules.lineage import Part, Step

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


class RestatedOut(Schema):
    """What stood when the period was closed, and when late data last changed it."""

    at: datetime
    value: float | None
    headline: float | None
    state: str


class PointOut(Schema):
    start: datetime
    end: datetime
    label: str
    value: float | None
    headline: float | None
    state: str
    status: str
    revision: int
    restated: RestatedOut | None = None


class IndicatorPage(Schema):
    total: int
    items: list[IndicatorOut]


class SeriesOut(Schema):
    indicator: str
    unit_code: str
    points: list[PointOut]
    reason: str = ""


class PartOut(Schema):
    """Rows of one batch; where they came from is empty outside the account's scope."""

    batch: int
    rows: int
    run: int | None
    source: str
    file_name: str
    sha256: str
    loaded_by: str
    approved_by: str


class TypedOut(Schema):
    value: float
    typed_by: str
    typed_at: datetime
    is_approved: bool | None
    decided_by: str
    decided_at: datetime | None


class ReferenceOut(Schema):
    """What a figure came with, such as an approved report: its title, page and persons."""

    title: str
    url: str
    lines: list[str]


class LineageOut(Schema):
    """What a figure rests on; `value` is null where it may not be seen or there is none."""

    indicator: str
    unit: str
    value: float | None
    version: int
    method: str
    expression: str
    dataset: str
    inputs: list["LineageOut"]
    parts: list[PartOut]
    typed: list[TypedOut]
    reference: ReferenceOut | None
    has_more: bool


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
    return indicators.figure(code, where.id, request.scope, aware(period))


@router.get("/indicators/{code}/series", response=SeriesOut, summary="Diễn biến của một chỉ tiêu")
def get_series(
    request: Any,
    code: str,
    unit: str = "",
    start: datetime | None = None,
    end: datetime | None = None,
    on_map: date | None = None,
) -> Any:
    """Return the periods of a unit that begin in [start, end); by default the last 90 days.

    Each period is on the map of its time; with `on_map` all are on the map of that day, divided
    values as estimates, and `reason` says why periods of other maps are missing.
    """
    where = org.unit(unit) if unit else org.root()
    until = aware(end) or timezone.now()
    since = aware(start) or until - timedelta(days=90)
    since = max(since, until - timedelta(days=_MOST_DAYS))
    said = {"indicator": code, "unit_code": where.code}
    if on_map is None:
        points = indicators.series(code, where.id, request.scope, since, until)
        return said | {"points": points}
    found = indicators.course(code, where.id, request.scope, since, until, day=on_map)
    return said | {"points": found.points, "reason": found.reason}


@router.get("/figures/{code}/{unit}/lineage", response=LineageOut, summary="Nguồn gốc số liệu")
def get_lineage(
    request: Any, code: str, unit: str, period: datetime | None = None, page: int = 1
) -> Any:
    """Định nghĩa, số liệu thành phần, các lô mới nhất trước (mười lô một trang), người nhập."""
    where = org.unit(unit).id
    return _step(lineage.lineage(code, where, request.scope, aware(period), page=page))


def _step(step: Step) -> dict[str, Any]:
    how, figure = step.definition, step.figure
    return {
        "indicator": how.code,
        "unit": figure.unit_code if figure else "",
        "value": figure.value if figure else None,
        "inputs": [_step(one) for one in step.inputs],
        "parts": [_part(one) for one in step.parts],
        "typed": step.typed,
        "reference": step.reference,
        "has_more": step.has_more,
        **{name: getattr(how, name) for name in ("version", "method", "expression", "dataset")},
    }


def _part(part: Part) -> dict[str, Any]:
    run = part.origin
    names = ("source", "file_name", "sha256", "loaded_by", "approved_by")
    told = {name: getattr(run, name) if run else "" for name in names}
    return {"batch": part.batch, "rows": part.rows, "run": run and run.run_id, **told}
