"""Datasets for other programs: /api/v1/datasets."""

import datetime as dt
from decimal import Decimal
from typing import Any

from ninja import Field, Router, Schema, Status
from pydantic import ConfigDict

from haidang.data.catalogue import api, queries, rules
from haidang.data.catalogue.permissions import MANAGE, VIEW
from haidang.foundation.access.api import ScopedRequest, SessionOrKey

router = Router(tags=["Danh mục dữ liệu"], auth=SessionOrKey(VIEW))
MOST = 500


class DatasetOut(Schema):
    """A dataset as lists show it."""

    code: str
    title: str
    description: str
    kind: str
    sector: str | None
    version: int


class DatasetsOut(Schema):
    total: int
    items: list[DatasetOut]


class FieldOut(Schema):
    """One column, in the words of Table Schema."""

    name: str
    title: str
    type: str
    unit_of_measure: str
    required: bool
    key: bool
    codes: tuple[str, ...]
    minimum: Decimal | None
    maximum: Decimal | None
    pattern: str
    personal_data: str


class ContractOut(DatasetOut):
    """A dataset with the newest version of its contract."""

    fields: list[FieldOut]
    unit_field: str | None
    time_field: str | None


class ChangeOut(Schema):
    """One difference between two versions; `is_breaking`: rows taken before may be refused now."""

    field: str
    title: str
    what: str
    before: str
    after: str
    is_breaking: bool


class VersionOut(Schema):
    """One version of a contract, and what tells it from the one before."""

    version: int
    valid_from: dt.date
    made_at: dt.datetime
    made_by: str
    reason: str
    is_in_force: bool
    is_breaking: bool
    changes: list[ChangeOut]


class FieldIn(Schema):
    """Một trường của phiên bản mới."""

    model_config = ConfigDict(extra="forbid")

    name: str
    title: str
    type: rules.FieldType = "string"
    unit_of_measure: str = ""
    required: bool = False
    key: bool = False
    codes: tuple[str, ...] = ()
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    pattern: str = ""
    personal_data: str = ""


class VersionIn(Schema):
    """Phiên bản mới: toàn bộ các trường, lý do, ngày hiệu lực (bỏ trống: hôm nay)."""

    model_config = ConfigDict(extra="forbid")

    fields: list[FieldIn] = Field(min_length=1, max_length=500)
    reason: str = Field(min_length=1, max_length=500)
    valid_from: dt.date | None = None
    seen: int | None = None


@router.get("/datasets", response=DatasetsOut, summary="Danh mục bộ dữ liệu")
def list_datasets(
    request: ScopedRequest, q: str = "", sector: str = "", limit: int = 100, offset: int = 0
) -> DatasetsOut:
    found = queries.visible(request.scope, sector=sector, search=q)
    first = max(offset, 0)
    page = found[first : first + min(max(limit, 1), MOST)]
    return DatasetsOut(total=found.count(), items=[_out(queries.ref_of(row)) for row in page])


@router.get("/datasets/{code}", response=ContractOut, summary="Một bộ dữ liệu và cấu trúc của nó")
def show_dataset(request: ScopedRequest, code: str) -> ContractOut:
    ref = queries.visible_one(request.scope, code)
    return _contract_out(ref, queries.contract(code))


def _contract_out(ref: queries.DatasetRef, spec: rules.ContractSpec) -> ContractOut:
    return ContractOut(
        **_out(ref).dict() | {"version": spec.version},
        fields=[FieldOut(**vars(field)) for field in spec.fields],
        unit_field=spec.unit_field,
        time_field=spec.time_field,
    )


@router.get(
    "/datasets/{code}/versions",
    response=list[VersionOut],
    summary="Các phiên bản hợp đồng dữ liệu, mới nhất trước",
)
def list_versions(request: ScopedRequest, code: str) -> Any:
    queries.visible_one(request.scope, code)
    return queries.versions(code)


@router.get(
    "/datasets/{code}/versions/{int:old}/differences/{int:new}",
    response=list[ChangeOut],
    summary="Khác biệt giữa hai phiên bản hợp đồng",
)
def show_differences(request: ScopedRequest, code: str, old: int, new: int) -> Any:
    queries.visible_one(request.scope, code)
    return rules.differences(queries.contract(code, old), queries.contract(code, new))


@router.post(
    "/datasets/{code}/versions",
    response={201: ContractOut},
    auth=SessionOrKey(MANAGE),
    summary="Ban hành phiên bản mới của hợp đồng dữ liệu",
)
def post_version(request: ScopedRequest, code: str, body: VersionIn) -> Status[ContractOut]:
    """Mọi thay đổi là một phiên bản mới, ghi người, lúc và lý do; không sửa phiên bản cũ."""
    ref = queries.visible_one(request.scope, code)
    made = api.revise(
        dataset=code,
        fields=[rules.FieldSpec(**field.model_dump()) for field in body.fields],
        reason=body.reason,
        valid_from=body.valid_from,
        seen=body.seen,
        by=request.scope,
    )
    return Status(201, _contract_out(ref, made))


def _out(ref: queries.DatasetRef) -> DatasetOut:
    return DatasetOut(**{name: getattr(ref, name) for name in DatasetOut.model_fields})
