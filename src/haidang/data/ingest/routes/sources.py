"""Routes of sources: add one, change one."""

import datetime as dt
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Field, Schema, Status
from pydantic import ConfigDict

from haidang.data.ingest import api
from haidang.data.ingest.queries import listing
from haidang.data.ingest.routes.common import router, scope_of
from haidang.foundation.access.api import SessionOrKey
from haidang.foundation.org import api as org


class SourceOut(Schema):
    """Một nguồn dữ liệu."""

    code: str
    title: str
    kind: str
    dataset: str
    supplier: str
    sector: str
    cycle: str
    max_age_days: int
    is_automatic: bool
    is_life_safety: bool
    is_active: bool


class SourceIn(Schema):
    """Nguồn mới; `supplier` là mã đơn vị, `mapping` là bản khai cột."""

    model_config = ConfigDict(extra="forbid")

    code: str
    title: str
    kind: Literal["file", "http", "mqtt", "form"]
    dataset: str
    supplier: str
    reason: str = Field(min_length=1, max_length=500)
    sector: str = ""
    cycle: str = ""
    deadline: dt.time = dt.time(17, 0)
    max_age_days: int | None = None
    mapping: dict[str, Any] = {}
    encoding: str = ""
    delimiter: str = ""
    is_life_safety: bool = False
    is_active: bool = True


class SourceChangeIn(Schema):
    """Chỉ ghi những mục cần đổi, và lý do."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=1, max_length=500)
    title: str = ""
    cycle: str = ""
    deadline: dt.time = dt.time(17, 0)
    max_age_days: int | None = None
    mapping: dict[str, Any] = {}
    encoding: str = ""
    delimiter: str = ""
    is_life_safety: bool = False
    is_active: bool = True


@router.post(
    "/sources",
    response={201: SourceOut},
    auth=SessionOrKey("ingest.manage"),
    summary="Thêm nguồn dữ liệu",
)
def post_source(request: HttpRequest, body: SourceIn) -> Status[dict[str, Any]]:
    """Thêm nguồn dữ liệu của một đơn vị trong phạm vi của tài khoản."""
    given = body.model_dump()
    supplier = org.unit(given.pop("supplier"))
    made = api.create_source(supplier_unit_id=supplier.id, by=scope_of(request), **given)
    return Status(201, _source(made))


@router.patch(
    "/sources/{code}",
    response=SourceOut,
    auth=SessionOrKey("ingest.manage"),
    summary="Sửa nguồn dữ liệu",
)
def patch_source(request: HttpRequest, code: str, body: SourceChangeIn) -> dict[str, Any]:
    """Sửa nguồn dữ liệu; mã, bộ dữ liệu và đơn vị cung cấp không đổi được."""
    listing.source_seen(scope_of(request), code)
    changes = body.model_dump(exclude_unset=True)
    return _source(api.change_source(source=code, by=scope_of(request), **changes))


def _source(made: api.SourceRef) -> dict[str, Any]:
    return {**vars(made), "supplier": org.unit_by_id(made.supplier_unit_id).code}
