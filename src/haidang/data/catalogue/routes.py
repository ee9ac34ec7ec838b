"""Datasets for other programs: /api/v1/datasets."""

from decimal import Decimal

from ninja import Router, Schema

from haidang.data.catalogue import queries
from haidang.data.catalogue.permissions import VIEW
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
    spec = queries.contract(code)
    return ContractOut(
        **_out(ref).dict(),
        fields=[FieldOut(**vars(field)) for field in spec.fields],
        unit_field=spec.unit_field,
        time_field=spec.time_field,
    )


def _out(ref: queries.DatasetRef) -> DatasetOut:
    return DatasetOut(**{name: getattr(ref, name) for name in DatasetOut.model_fields})
