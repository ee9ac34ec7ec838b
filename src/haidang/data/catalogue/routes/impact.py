"""What depends on a thing, for other programs: /api/v1/impact."""

from typing import Any

from ninja import Router, Schema

from haidang.data.catalogue.permissions import VIEW
from haidang.data.catalogue.queries import impact
from haidang.foundation.access.api import ScopedRequest, SessionOrKey

router = Router(tags=["Danh mục dữ liệu"], auth=SessionOrKey(VIEW))


class DependantOut(Schema):
    """Một thứ phụ thuộc; title trống khi ngoài phạm vi được xem."""

    kind: str
    kind_label: str
    code: str
    title: str
    note: str
    rests_on: list[str]


class ImpactOut(Schema):
    title: str
    is_cut: bool
    items: list[DependantOut]


@router.get(
    "/impact/{kind}/{code}", response=ImpactOut, auth=SessionOrKey(VIEW),
    summary="Nếu thay đổi thì ảnh hưởng gì",
)  # fmt: skip
def get_impact(request: ScopedRequest, kind: str, code: str) -> dict[str, Any]:
    """kind: source, device, dataset, field (mã bộ.trường), pipeline, indicator."""
    found = impact.impact(kind, code, request.scope)
    items = [
        {"kind": one.kind, "kind_label": impact.word(one.kind),
         "code": one.code if one.title else "", "title": one.title, "note": one.note,
         "rests_on": [f"{up.kind}:{up.code}" for up in found.parents[one.thing]]}
        for one in found.found
    ]  # fmt: skip
    return {"title": found.subject.title, "is_cut": found.is_cut, "items": items}
