"""The typed API of alerts under /api/v1/alerts."""

from datetime import datetime, timedelta
from typing import Any, Literal

from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from haidang.action.alerts import actions, errors, queries, rules
from haidang.foundation.access import api as access
from haidang.foundation.org import api as org

router = Router(tags=["Cảnh báo"])


class AlertPage(Schema):
    """`total` counts what matches; `items` holds the asked part."""

    total: int
    items: list[queries.AlertRef]


class AlertFilter(Schema):
    state: Literal["unclosed", "open", "acknowledged", "closed", "all"] = "unclosed"
    severity: int | None = None
    sector: str = ""
    cause: str = ""
    unit: str = ""
    limit: int = 50
    offset: int = 0


class CloseIn(Schema):
    outcome: Literal["true", "false", "duplicate", "data_fault"]
    note: str


class EpisodeOut(Schema):
    raised_at: datetime
    cleared_at: datetime | None
    count: int


class BacktestIn(Schema):
    """A rule to be tried: which states raise and clear it, how long it must last."""

    indicator: str
    unit: str
    raises: list[str] = ["critical"]
    clears: list[str] = ["normal"]
    hold_minutes: int = 0
    days: int = 365


@router.post(
    "/alerts/backtest",
    response=list[EpisodeOut],
    auth=access.SessionOrKey("alerts.view"),
    summary="Chạy thử một quy tắc trên số liệu cũ",
)
def backtest(request: Any, body: BacktestIn) -> list[rules.Episode]:
    if not body.raises or set(body.raises) & set(body.clears):
        raise errors.RuleStatesError
    criteria = rules.Criteria(
        frozenset(body.raises),
        frozenset(body.clears),
        timedelta(minutes=min(max(body.hold_minutes, 0), 60 * 24 * 365)),
    )
    return queries.backtest(
        indicator=body.indicator,
        unit_id=org.unit(body.unit).id,
        criteria=criteria,
        scope=request.scope,
        now=timezone.now(),
        days=min(max(body.days, 1), 3660),
    )


@router.get(
    "/alerts",
    response=AlertPage,
    auth=access.SessionOrKey("alerts.view"),
    summary="Danh sách cảnh báo, nặng nhất trước",
)
def list_alerts(request: Any, asked: Query[AlertFilter]) -> dict[str, object]:
    listing = queries.Listing(
        state=asked.state,
        severity=asked.severity,
        sector=asked.sector,
        cause=asked.cause,
        unit_id=org.unit(asked.unit).id if asked.unit else None,
    )
    rows = queries.find(request.scope, listing)
    start, size = max(asked.offset, 0), min(max(asked.limit, 1), 500)
    return {"total": rows.count(), "items": queries.refs(rows[start : start + size])}


@router.get(
    "/alerts/{int:id}",
    response=queries.AlertRef,
    auth=access.SessionOrKey("alerts.view"),
    summary="Một cảnh báo",
)
def get_alert(request: Any, id: int) -> queries.AlertRef:
    return queries.alert(id, request.scope)


@router.post(
    "/alerts/{int:id}/acknowledge",
    response=queries.AlertRef,
    auth=access.SessionOrKey("alerts.handle"),
    summary="Tiếp nhận cảnh báo",
)
def acknowledge(request: Any, id: int) -> queries.AlertRef:
    actions.acknowledge(alert=id, by=request.scope, now=timezone.now())
    return queries.alert(id, request.scope)


@router.post(
    "/alerts/{int:id}/close",
    response=queries.AlertRef,
    auth=access.SessionOrKey("alerts.handle"),
    summary="Đóng cảnh báo với kết luận",
)
def close(request: Any, id: int, body: CloseIn) -> queries.AlertRef:
    actions.close(
        alert=id, outcome=body.outcome, note=body.note, by=request.scope, now=timezone.now()
    )
    return queries.alert(id, request.scope)


class RuleIn(Schema):
    """A version of a rule. Codes of sector and place; "" leaves them open."""

    code: str = Field(pattern=r"^[-a-zA-Z0-9_]{1,50}$")
    kind: Literal["state_change", "absence", "device"]
    name: str = Field(min_length=1, max_length=200)
    raises: list[str]
    clears: list[str] = []
    severity: Literal[1, 2, 3, 4]
    reason: str
    subject: str = ""
    sector: str = ""
    unit: str = ""
    hold_minutes: int = 0


class RuleOut(Schema):
    code: str
    number: int
    name: str
    kind: str
    raises: list[str]
    clears: list[str]
    severity: int
    reason: str
    subject: str
    sector: str
    unit: str
    hold_minutes: int
    valid_from: datetime
    valid_to: datetime | None
    is_current: bool

    @staticmethod
    def resolve_sector(row: queries.RuleRow) -> str:
        return row.sector_code

    @staticmethod
    def resolve_unit(row: queries.RuleRow) -> str:
        return row.unit_code

    @staticmethod
    def resolve_hold_minutes(row: queries.RuleRow) -> int:
        return int(row.hold.total_seconds()) // 60


class RetireIn(Schema):
    reason: str


@router.get(
    "/alert-rules",
    response=list[RuleOut],
    auth=access.SessionOrKey("alerts.view"),
    summary="Mọi bản của các quy tắc, bản có hiệu lực trước",
)
def list_rules(request: Any) -> list[queries.RuleRow]:
    return queries.rule_rows(now=timezone.now())


@router.post(
    "/alert-rules",
    response={201: RuleOut},
    auth=access.SessionOrKey("alerts.manage"),
    summary="Ban hành một bản mới của quy tắc",
)
def define_rule(request: Any, body: RuleIn) -> Status[queries.RuleRow]:
    actions.define_rule(
        code=body.code,
        kind=body.kind,
        owner_id=queries.centre(),
        reason=body.reason,
        by=request.scope,
        now=timezone.now(),
        name=body.name,
        raises=body.raises,
        clears=body.clears,
        severity=body.severity,
        subject=body.subject,
        sector=org.sector(body.sector).code if body.sector else None,
        unit_id=org.unit(body.unit).id if body.unit else None,
        hold=timedelta(minutes=min(max(body.hold_minutes, 0), 60 * 24 * 365)),
    )
    return Status(201, queries.current_rule(body.code, now=timezone.now()))


@router.post(
    "/alert-rules/{slug:code}/retire",
    response=RuleOut,
    auth=access.SessionOrKey("alerts.manage"),
    summary="Ngừng một quy tắc",
)
def retire_rule(request: Any, code: str, body: RetireIn) -> queries.RuleRow:
    actions.retire_rule(code=code, reason=body.reason, by=request.scope, now=timezone.now())
    return queries.current_rule(code, now=timezone.now())
