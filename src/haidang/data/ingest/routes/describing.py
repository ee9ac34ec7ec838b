"""Routes of describing: a sample in, a proposal out; then the dataset and its source made."""

from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from ninja import Field, Schema, Status
from pydantic import ConfigDict

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest import api
from haidang.data.ingest.actions import describing
from haidang.data.ingest.routes.common import router, scope_of
from haidang.data.ingest.routes.sources import SourceOut
from haidang.foundation.access.api import SessionOrKey
from haidang.foundation.org import api as org


class FieldIn(Schema):
    """Một trường; `heading` là tiêu đề cột trong tệp, để trống khi không có cột riêng."""

    model_config = ConfigDict(extra="forbid")

    name: str
    title: str
    heading: str = ""
    type: catalogue.FieldType = "string"
    unit_of_measure: str = ""
    required: bool = False
    key: bool = False
    codes: list[str] = []
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    personal_data: str = ""


class FieldProposed(FieldIn):
    """Một trường được đề xuất, kèm căn cứ."""

    model_config = ConfigDict(extra="ignore")

    why: str


class ProposalOut(Schema):
    """Đề xuất theo tệp mẫu: các trường, bản khai cột, bảng mã và điều cần biết."""

    headings: list[str]
    fields: list[FieldProposed]
    mapping: dict[str, Any]
    encoding: str
    sheet: str
    rows: int
    notes: list[str]


class DescribedIn(Schema):
    """Bộ dữ liệu mới với nguồn đầu tiên; `headings` và `mapping` lấy từ đề xuất."""

    model_config = ConfigDict(extra="forbid")

    dataset: str
    title: str
    supplier: str
    source: str
    source_title: str
    headings: list[str]
    fields: list[FieldIn]
    mapping: dict[str, Any] = {}
    encoding: str = ""
    sector: str = ""
    cycle: str = ""
    reason: str = Field(min_length=1, max_length=500)


@router.post(
    "/descriptions/proposals",
    response=ProposalOut,
    auth=SessionOrKey("ingest.manage"),
    summary="Đề xuất bộ dữ liệu theo tệp mẫu",
)
def post_proposal(
    request: HttpRequest, name: str = "", sheet: str = "", keep_wide: bool = False
) -> dict[str, Any]:
    """Thân của yêu cầu là tệp mẫu (CSV, XLSX, JSON, GeoJSON). Không nạp, không giữ lại tệp."""
    found = describing.look_at(
        content=iter(lambda: request.read(1 << 20), b""),
        name=name,
        media=request.content_type or "",
        sheet=sheet,
        keep_wide=keep_wide,
        by=scope_of(request),
    )
    return _said(found)


def _said(found: describing.Described) -> dict[str, Any]:
    said = found.as_json()
    for one in said["fields"]:
        one |= {"minimum": one["minimum"] or None, "maximum": one["maximum"] or None}
    return said


@router.get(
    "/descriptions/models/{model}",
    response=ProposalOut,
    auth=SessionOrKey("ingest.manage"),
    summary="Đề xuất bộ dữ liệu theo một mô hình Smart Data Models",
)
def get_model(request: HttpRequest, model: str) -> dict[str, Any]:
    """Các trường, đơn vị đo và bản khai của thực thể NGSI-LD kiểu này."""
    return _said(describing.of_model(model=model, by=scope_of(request)))


@router.post(
    "/descriptions",
    response={201: SourceOut},
    auth=SessionOrKey("ingest.manage"),
    summary="Tạo bộ dữ liệu, nguồn và bản khai cột cùng một lúc",
)
def post_described(request: HttpRequest, body: DescribedIn) -> Status[dict[str, Any]]:
    """Tạo bộ dữ liệu cùng nguồn đầu tiên của nó, theo đề xuất đã được người khai sửa lại."""
    given = body.model_dump(exclude={"fields", "headings", "supplier", "reason", "mapping"})
    fields = [_spec(one) for one in body.fields]
    fed = {one.heading.strip(): one.name for one in body.fields if one.heading.strip()}
    draft = describing.Draft(
        **given,
        fields=fields,
        supplier_unit_id=org.unit(body.supplier).id,
        mapping=describing.mapping_of(body.headings, body.mapping, fed, fields),
    )
    made: api.SourceRef = describing.make(draft=draft, by=scope_of(request), reason=body.reason)
    supplier = org.unit_by_id(made.supplier_unit_id).code
    return Status(201, {**vars(made), "supplier": supplier})


def _spec(one: FieldIn) -> catalogue.FieldSpec:
    said = one.model_dump(exclude={"heading"})
    return catalogue.FieldSpec(**said | {"codes": tuple(one.codes)})
