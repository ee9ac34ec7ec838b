"""The typed API of indicators under /api/v1/indicators."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Literal

from django.utils import timezone
from ninja import Field, Router, Schema, Status
from pydantic import FiniteFloat

from haidang.foundation.access import api as access
from haidang.foundation.org import api as org
from haidang.insight.indicators import api as indicators
from haidang.insight.indicators.queries import decided, lineage, waiting
from haidang.insight.indicators.rules.lineage import Part, Step

router = Router(tags=["Chỉ tiêu"], auth=access.SessionOrKey("indicators.view"))
_MOST_DAYS = 3700
_MOST = 500
_OLDEST = date(1975, 1, 1)


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
    reason: str = ""


class ValueIn(Schema):
    """`period` is any day of the period that the value is of."""

    unit: str
    period: date = Field(ge=_OLDEST)
    value: FiniteFloat
    status: Literal["preliminary", "official", "estimate"] = "preliminary"
    note: str = Field("", max_length=1000)


class DecisionIn(Schema):
    """A refusal needs its reason in `note`."""

    accept: bool
    note: str = Field("", max_length=1000)


class ThresholdIn(Schema):
    """For one unit, or with `everywhere` for all units of its level. Lower sides: ranges alone."""

    unit: str
    everywhere: bool = False
    start: date = Field(ge=_OLDEST)
    basis: str = "value"
    watch: FiniteFloat
    critical: FiniteFloat
    watch_low: FiniteFloat | None = None
    critical_low: FiniteFloat | None = None
    hysteresis: FiniteFloat = Field(0, ge=0)
    minimum_seconds: int = Field(0, ge=0, le=86400)
    reason: str = Field(max_length=1000)


class TargetIn(Schema):
    """What an issuer wants of a unit in [start, end)."""

    unit: str
    issuer: str = Field(max_length=100)
    kind: Literal["amount", "level"]
    start: date = Field(ge=_OLDEST)
    end: date = Field(ge=_OLDEST)
    amount: Decimal = Field(max_digits=20, decimal_places=4)
    rank: int = Field(1, ge=1, le=100)
    legal_basis: str = Field("", max_length=300)
    reason: str = Field(max_length=1000)


class MadeOut(Schema):
    id: int


class WaitingValueOut(Schema):
    id: int
    indicator: str
    name: str
    unit_code: str
    unit_name: str
    period_label: str
    value: float
    unit_of_measure: str
    note: str
    typed_by: str
    typed_at: datetime
    can_decide: bool


class WaitingValuePage(Schema):
    total: int
    items: list[WaitingValueOut]


class ProposalOut(Schema):
    """`unit_name` is empty when it is for every unit of a level."""

    id: int
    kind_label: str
    indicator: str
    name: str
    unit_name: str
    facts: list[tuple[str, str]]
    reason: str
    proposed_by: str
    proposed_at: datetime
    can_decide: bool = False
    is_accepted: bool | None = None
    note: str = ""
    decided_by: str = ""
    decided_at: datetime | None = None


class ProposalPage(Schema):
    total: int
    items: list[ProposalOut]


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
    return indicators.figure(code, where.id, request.scope, _aware(period))


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
    until = _aware(end) or timezone.now()
    since = _aware(start) or until - timedelta(days=90)
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
    return _step(lineage.lineage(code, where, request.scope, _aware(period), page=page))


def _step(step: Step) -> dict[str, Any]:
    how, figure = step.definition, step.figure
    return {
        "indicator": how.code,
        "unit": figure.unit_code if figure else "",
        "value": figure.value if figure else None,
        "inputs": [_step(one) for one in step.inputs],
        "parts": [_part(one) for one in step.parts],
        "typed": step.typed,
        "has_more": step.has_more,
        **{name: getattr(how, name) for name in ("version", "method", "expression", "dataset")},
    }


def _part(part: Part) -> dict[str, Any]:
    run = part.origin
    names = ("source", "file_name", "sha256", "loaded_by", "approved_by")
    told = {name: getattr(run, name) if run else "" for name in names}
    return {"batch": part.batch, "rows": part.rows, "run": run and run.run_id, **told}


@router.post(
    "/indicators/{code}/values",
    response={201: MadeOut},
    auth=access.SessionOrKey("indicators.report"),
    summary="Nhập số liệu của một kỳ",
)
def report_value(request: Any, code: str, body: ValueIn) -> Status[dict[str, int]]:
    """Số liệu chờ người thứ hai duyệt; nhập lại trước khi duyệt thì thay thế."""
    made = indicators.report_value(
        indicator=code,
        unit_id=org.unit(body.unit).id,
        period=timezone.make_aware(datetime.combine(body.period, time())),
        by=request.scope,
        **body.dict(include={"value", "status", "note"}),
    )
    return Status(201, {"id": made})


@router.get("/indicator-values", response=WaitingValuePage, summary="Số liệu chờ duyệt")
def list_waiting_values(request: Any, limit: int = 100, offset: int = 0) -> Any:
    """Số liệu tài khoản được duyệt hoặc đã nhập, cũ nhất trước."""
    return _page(waiting.pending_values(request.scope), limit, offset)


@router.post(
    "/indicator-values/{int:id}/decision",
    response={204: None},
    auth=access.SessionOrKey("indicators.approve"),
    summary="Duyệt hoặc trả lại số liệu",
)
def decide_value(request: Any, id: int, body: DecisionIn) -> Status[None]:
    act = indicators.approve_value if body.accept else indicators.reject_value
    act(pending=id, by=request.scope, note=body.note)
    return Status(204, None)


@router.post(
    "/indicators/{code}/thresholds",
    response={201: MadeOut},
    auth=access.SessionOrKey("indicators.define"),
    summary="Đề xuất ngưỡng",
)
def propose_threshold(request: Any, code: str, body: ThresholdIn) -> Status[dict[str, int]]:
    where = org.unit(body.unit)
    made = indicators.propose_threshold(
        indicator=code,
        unit_id=None if body.everywhere else where.id,
        level=where.level if body.everywhere else "",
        by=request.scope,
        **body.dict(exclude={"unit", "everywhere"}),
    )
    return Status(201, {"id": made})


@router.post(
    "/indicators/{code}/targets",
    response={201: MadeOut},
    auth=access.SessionOrKey("indicators.define"),
    summary="Đề xuất kế hoạch, mục tiêu",
)
def propose_target(request: Any, code: str, body: TargetIn) -> Status[dict[str, int]]:
    made = indicators.propose_target(
        indicator=code,
        unit_id=org.unit(body.unit).id,
        amount=str(body.amount),
        by=request.scope,
        **body.dict(exclude={"unit", "amount"}),
    )
    return Status(201, {"id": made})


@router.get("/indicator-proposals", response=ProposalPage, summary="Đề xuất ngưỡng, kế hoạch")
def list_proposals(
    request: Any,
    state: Literal["waiting", "decided"] = "waiting",
    limit: int = 100,
    offset: int = 0,
) -> Any:
    if state == "waiting":
        return _page(waiting.proposals(request.scope), limit, offset)
    found, start = decided.decided(request.scope), max(offset, 0)
    part = found[start : start + min(max(limit, 1), _MOST)]
    return {"total": found.count(), "items": decided.rows(part)}


@router.post(
    "/indicator-proposals/{int:id}/decision",
    response={204: None},
    auth=access.SessionOrKey("indicators.decide"),
    summary="Chấp nhận hoặc trả lại đề xuất",
)
def decide_proposal(request: Any, id: int, body: DecisionIn) -> Status[None]:
    indicators.decide_proposal(proposal=id, by=request.scope, **body.dict())
    return Status(204, None)


def _page(rows: list[Any], limit: int, offset: int) -> dict[str, Any]:
    first = max(offset, 0)
    return {"total": len(rows), "items": rows[first : first + min(max(limit, 1), _MOST)]}


def _aware(moment: datetime | None) -> datetime | None:
    if moment is None or moment.tzinfo:
        return moment
    return timezone.make_aware(moment)
