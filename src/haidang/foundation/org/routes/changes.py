"""Sets of changes of the map for other programs: seen, approved, applied, undone, taken back."""

from datetime import date, datetime
from typing import Any

from django.utils import timezone
from ninja import Field, Router, Schema, Status

from haidang.foundation.core import gate
from haidang.foundation.core.errors import NotAllowedError
from haidang.foundation.core.gate import ScopedRequest
from haidang.foundation.org.actions import applying, drafting
from haidang.foundation.org.models import ChangeSet
from haidang.foundation.org.permissions import APPROVE, MANAGE, VIEW
from haidang.foundation.org.queries import changes as known
from haidang.foundation.org.queries import units
from haidang.foundation.org.rules import changes as rules

router = Router(tags=["Đơn vị"], auth=gate.session_or_key(VIEW))


class ChangeSetOut(Schema):
    """Một đợt sắp xếp; `problems`: chỗ phải sửa của bản thảo; `blockers`: vì sao không hoàn tác
    thẳng được; `reverses`: đợt mà đợt này đưa trở lại như trước."""

    id: int
    title: str
    on: date
    state: str
    drafted_by_label: str
    approved_by_label: str
    applied_at: datetime | None
    reverses_id: int | None
    problems: list[str] = []
    blockers: list[str] = []


class WhyIn(Schema):
    reason: str = Field(min_length=1, max_length=500)


class WayBackIn(Schema):
    """`on`: ngày trở lại, sau ngày có hiệu lực của đợt."""

    on: date = Field(ge=date(1900, 1, 1), le=date(2199, 12, 31))


@router.get("/map-changes", response=list[ChangeSetOut], summary="Các đợt sắp xếp")
def list_changes(request: ScopedRequest) -> list[ChangeSet]:
    rows = known.change_sets()
    return list(rows if _takes_part(request) else rows.filter(state=ChangeSet.State.APPLIED))


@router.get("/map-changes/{int:set_id}", response=ChangeSetOut, summary="Một đợt sắp xếp")
def show_changes(request: ScopedRequest, set_id: int) -> dict[str, Any]:
    return _told(request, set_id)


@router.post(
    "/map-changes/{int:set_id}/approve",
    response=ChangeSetOut,
    auth=gate.session_or_key(APPROVE),
    summary="Duyệt bản thảo do người khác soạn",
)
def post_approval(request: ScopedRequest, set_id: int) -> dict[str, Any]:
    _require(request, APPROVE)
    drafting.approve(change_set=set_id, by=request.scope.actor)
    return _told(request, set_id)


@router.post(
    "/map-changes/{int:set_id}/apply",
    response=ChangeSetOut,
    auth=gate.session_or_key(MANAGE),
    summary="Áp dụng đợt đã duyệt",
)
def post_application(request: ScopedRequest, set_id: int) -> dict[str, Any]:
    _require(request, MANAGE)
    applying.apply(change_set=set_id, by=request.scope.actor, now=timezone.now())
    return _told(request, set_id)


@router.post(
    "/map-changes/{int:set_id}/undo",
    response=ChangeSetOut,
    auth=gate.session_or_key(MANAGE),
    summary="Hoàn tác khi chưa có gì dựa vào địa giới mới",
)
def post_undoing(request: ScopedRequest, set_id: int, body: WhyIn) -> dict[str, Any]:
    """Đã có thì trả lỗi kèm danh sách; lối ra là lập đợt trở lại."""
    _require(request, MANAGE)
    by, now = request.scope.actor, timezone.now()
    applying.undo(change_set=set_id, by=by, reason=body.reason, now=now)
    return _told(request, set_id)


@router.post(
    "/map-changes/{int:set_id}/reverse",
    response={201: ChangeSetOut},
    auth=gate.session_or_key(MANAGE),
    summary="Lập bản thảo đợt trở lại như trước",
)
def post_way_back(request: ScopedRequest, set_id: int, body: WayBackIn) -> Status[dict[str, Any]]:
    """Người thứ hai duyệt rồi mới áp dụng; số liệu ghi trong thời gian đó chuyển về đơn vị cũ."""
    _require(request, MANAGE)
    made = drafting.reverse(change_set=set_id, on=body.on, by=request.scope.actor)
    return Status(201, _told(request, made))


def _told(request: ScopedRequest, set_id: int) -> dict[str, Any]:
    """Return a set as its reader may see it: drafts and blockers are for who prepares them."""
    row, takes_part = known.change_set(set_id), _takes_part(request)
    if row.state != ChangeSet.State.APPLIED and not takes_part:
        raise NotAllowedError
    plain = ("title", "on", "state", "drafted_by_label", "approved_by_label", "applied_at")
    told = {"id": row.pk} | {name: getattr(row, name) for name in (*plain, "reverses_id")}
    if row.state == ChangeSet.State.DRAFT:
        plan = known.plan_of(row)
        return told | {"problems": rules.problems(plan, known.standing(plan.on))}
    if row.state == ChangeSet.State.APPLIED and takes_part:
        return told | {"blockers": applying.blockers(row)}
    return told


def _takes_part(request: ScopedRequest) -> bool:
    root = units.root().id
    return request.scope.allows(MANAGE, root) or request.scope.allows(APPROVE, root)


def _require(request: ScopedRequest, capability: str) -> None:
    request.scope.require(capability, units.root().id)
