"""Reporting values, proposing thresholds and plans, and deciding on them."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Literal

from django.utils import timezone
from ninja import Field, Schema, Status
from pydantic import FiniteFloat

from haidang.foundation.access import api as access
from haidang.foundation.org import api as org
from haidang.insight.indicators import api as indicators
from haidang.insight.indicators.queries import decided, waiting
from haidang.insight.indicators.routes.common import MOST, page_of, router

_OLDEST = date(1975, 1, 1)


class ValueIn(Schema):
    """`period` is any day of the period that the value is of."""

    unit: str
    period: date = Field(ge=_OLDEST)
    value: FiniteFloat
    status: Literal["preliminary", "official", "estimate"] = "preliminary"
    note: str = Field("", max_length=1000)


class ValuesIn(Schema):
    """Many values of an indicator with one note; a unit and period stands once."""

    values: list[ValueIn] = Field(min_length=1, max_length=5000)
    note: str = Field("", max_length=1000)


class DecisionsIn(Schema):
    """One decision on many waiting values; a refusal needs its reason in `note`."""

    ids: list[int] = Field(min_length=1, max_length=5000)
    accept: bool
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


class ManyMadeOut(Schema):
    ids: list[int]


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
        period=_midnight(body.period),
        by=request.scope,
        **body.dict(include={"value", "status", "note"}),
    )
    return Status(201, {"id": made})


@router.post(
    "/indicators/{code}/values/batch",
    response={201: ManyMadeOut},
    auth=access.SessionOrKey("indicators.report"),
    summary="Nhập số liệu của nhiều đơn vị, nhiều kỳ",
)
def report_values(request: Any, code: str, body: ValuesIn) -> Status[dict[str, list[int]]]:
    """Nhận tất cả hoặc không nhận giá trị nào; tối đa 5.000 giá trị một lần."""
    typed = [
        indicators.TypedValue(org.unit(one.unit).id, _midnight(one.period), one.value, one.status)
        for one in body.values
    ]
    made = indicators.report_values(typed, indicator=code, by=request.scope, note=body.note)
    return Status(201, {"ids": made})


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


@router.get("/indicator-values", response=WaitingValuePage, summary="Số liệu chờ duyệt")
def list_waiting_values(request: Any, limit: int = 100, offset: int = 0) -> Any:
    """Số liệu tài khoản được duyệt hoặc đã nhập, cũ nhất trước."""
    found, start = waiting.typed_values(request.scope), max(offset, 0)
    part = found[start : start + min(max(limit, 1), MOST)]
    return {"total": found.count(), "items": waiting.typed_rows(part, request.scope)}


@router.post(
    "/indicator-values/{int:id}/decision",
    response={204: None},
    auth=access.SessionOrKey("indicators.approve"),
    summary="Duyệt hoặc trả lại số liệu",
)
def decide_value(request: Any, id: int, body: DecisionIn) -> Status[None]:
    return decide_values(request, DecisionsIn(ids=[id], **body.dict()))


@router.post(
    "/indicator-values/decisions",
    response={204: None},
    auth=access.SessionOrKey("indicators.approve"),
    summary="Duyệt hoặc trả lại nhiều số liệu",
)
def decide_values(request: Any, body: DecisionsIn) -> Status[None]:
    """Quyết định tất cả hoặc không số liệu nào."""
    act = indicators.approve_values if body.accept else indicators.return_values
    act(body.ids, by=request.scope, note=body.note)
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
        return page_of(waiting.proposals(request.scope), limit, offset)
    found, start = decided.decided(request.scope), max(offset, 0)
    part = found[start : start + min(max(limit, 1), MOST)]
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
