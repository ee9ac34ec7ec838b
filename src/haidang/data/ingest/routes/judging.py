"""Routes of quality rules: list, declare, try, switch, outcomes."""

import datetime as dt
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Field, Schema, Status
from pydantic import ConfigDict

from haidang.data.ingest import api
from haidang.data.ingest.queries import judging
from haidang.data.ingest.routes.common import router, scope_of
from haidang.foundation.access.api import SessionOrKey
from haidang.foundation.org import api as org

VIEW = SessionOrKey("ingest.view")
MANAGE = SessionOrKey("catalogue.manage")


class RuleOut(Schema):
    """Một quy tắc chất lượng."""

    id: int
    dataset: str
    title: str
    kind: str
    settings: dict[str, Any]
    severity: str
    is_active: bool
    made_at: dt.datetime
    made_label: str


class RuleIn(Schema):
    """Quy tắc mới; chưa bật. `owner` là mã đơn vị, bỏ trống: đơn vị cung cấp."""

    model_config = ConfigDict(extra="forbid")

    title: str = Field(min_length=1, max_length=200)
    kind: Literal["compare", "sum", "codes", "reference", "total", "jump"]
    settings: dict[str, Any]
    severity: Literal["warn", "block"] = "warn"
    owner: str = ""
    reason: str = Field(min_length=1, max_length=500)


class SwitchIn(Schema):
    model_config = ConfigDict(extra="forbid")

    on: bool
    reason: str = Field(min_length=1, max_length=500)


class TriedOut(Schema):
    """Kết quả chạy thử: mỗi dòng là (lô, dòng, câu nói rõ)."""

    checked: int
    failed: int
    rows: list[tuple[int, int, str]]


class OutcomeOut(Schema):
    """Quy tắc tìm thấy gì ở một lượt nạp; `rows` là các dòng đầu tiên không đạt."""

    run_id: int
    received_at: dt.datetime
    severity: str
    checked: int
    failed: int
    rows: list[int]
    fault: str


@router.get(
    "/datasets/{code}/rules", response=list[RuleOut], auth=VIEW, summary="Quy tắc chất lượng"
)
def get_rules(request: HttpRequest, code: str) -> Any:
    """Các quy tắc của một bộ dữ liệu, đang bật trước."""
    judging.dataset_seen(scope_of(request), code)
    return [one.rule for one in judging.rules_of(scope_of(request), code)]


@router.post(
    "/datasets/{code}/rules",
    response={201: RuleOut},
    auth=MANAGE,
    summary="Khai quy tắc chất lượng (chưa bật)",
)
def post_rule(request: HttpRequest, code: str, body: RuleIn) -> Status[Any]:
    """Chạy thử bằng POST …/try rồi bật bằng POST …/switch."""
    judging.dataset_seen(scope_of(request), code)
    given = body.model_dump()
    owner = given.pop("owner")
    owner_id = org.unit(owner).id if owner else None
    made = api.declare_rule(dataset=code, owner_unit_id=owner_id, by=scope_of(request), **given)
    return Status(201, made)


@router.post(
    "/datasets/{code}/rules/{int:rule_id}/try",
    response=TriedOut,
    auth=MANAGE,
    summary="Chạy thử quy tắc trên các dòng mới nhất",
)
def post_try(request: HttpRequest, code: str, rule_id: int) -> Any:
    """Cho biết dòng nào sẽ không đạt; không ghi gì."""
    found = judging.rule_seen(scope_of(request), code, rule_id)
    return api.try_rule(rule=found, scope=scope_of(request))


@router.post(
    "/datasets/{code}/rules/{int:rule_id}/switch",
    response=RuleOut,
    auth=MANAGE,
    summary="Bật hoặc tắt quy tắc",
)
def post_switch(request: HttpRequest, code: str, rule_id: int, body: SwitchIn) -> Any:
    """Áp dụng từ lượt nạp sau; có lý do."""
    judging.rule_seen(scope_of(request), code, rule_id)
    return api.switch_rule(rule=rule_id, on=body.on, reason=body.reason, by=scope_of(request))


@router.get(
    "/datasets/{code}/rules/{int:rule_id}/outcomes",
    response=list[OutcomeOut],
    auth=VIEW,
    summary="Kết quả của quy tắc qua các lượt nạp gần nhất",
)
def get_outcomes(request: HttpRequest, code: str, rule_id: int) -> list[dict[str, Any]]:
    """Lượt cũ nhất trước, trong phạm vi của tài khoản."""
    found = judging.rule_seen(scope_of(request), code, rule_id)
    one = judging.followed(scope_of(request), [found])[0]
    return [{**vars(bar.outcome), "received_at": bar.outcome.run.received_at} for bar in one.bars]
