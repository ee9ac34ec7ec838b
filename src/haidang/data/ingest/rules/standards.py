"""Contracts of standards that are not made from a sample: alerts, and catalogues of portals."""

from typing import Any, NamedTuple

from haidang.data.ingest.rules import cap
from haidang.data.ingest.rules.inference.values import Proposed


class Standard(NamedTuple):
    """A contract by the name of its dataset, with what feeds it."""

    title: str
    fields: tuple[Proposed, ...]
    mapping: dict[str, Any]
    note: str


def _field(
    name: str, title: str, heading: str, type: str = "string", *, key: bool = False
) -> Proposed:
    return Proposed(name, title, heading, type, key=key, required=key, why="theo chuẩn")


def _mapped(fields: tuple[Proposed, ...]) -> dict[str, Any]:
    return {"timezone": "UTC", "columns": {one.heading: one.name for one in fields}}


_CKAN = (
    _field("ma", "Mã", "id", key=True),
    _field("ten", "Tên trên cổng", "name"),
    _field("tieu_de", "Tiêu đề", "title"),
    _field("mo_ta", "Mô tả", "notes"),
    _field("don_vi", "Đơn vị", "organization"),
    _field("giay_phep", "Giấy phép", "license_id"),
    _field("tu_khoa", "Từ khóa", "tags"),
    _field("dang_tep", "Dạng tệp", "formats"),
    _field("so_tep", "Số tệp", "resources", "integer"),
    _field("tao_luc", "Tạo lúc", "metadata_created", "datetime"),
    _field("sua_luc", "Sửa lúc", "metadata_modified", "datetime"),
    _field("dia_chi", "Địa chỉ", "url"),
)
_DCAT = (
    _field("ma", "Mã", "id", key=True),
    _field("dinh_danh", "Định danh", "identifier"),
    _field("tieu_de", "Tiêu đề", "title"),
    _field("mo_ta", "Mô tả", "description"),
    _field("don_vi", "Đơn vị phát hành", "publisher"),
    _field("giay_phep", "Giấy phép", "license"),
    _field("tu_khoa", "Từ khóa", "keywords"),
    _field("chu_ky", "Chu kỳ", "frequency"),
    _field("phat_hanh", "Phát hành", "issued"),
    _field("sua_luc", "Sửa lúc", "modified"),
    _field("so_tep", "Số bản phân phối", "distributions", "integer"),
    _field("tep", "Địa chỉ tệp", "addresses"),
    _field("dia_chi", "Trang giới thiệu", "landing_page"),
)
STANDARDS: dict[str, Standard] = {
    cap.DATASET: Standard(
        f"{cap.TITLE} 1.2", cap.FIELDS, cap.MAPPING,
        "Bản tin CAP 1.2, hoặc nguồn Atom chứa bản tin.",
    ),
    "danh-muc-ckan": Standard(
        "Danh mục cổng CKAN", _CKAN, _mapped(_CKAN), "Danh mục do kết nối CKAN lấy về."
    ),
    "danh-muc-dcat": Standard(
        "Danh mục DCAT", _DCAT, _mapped(_DCAT), "Danh mục do kết nối DCAT lấy về."
    ),
}  # fmt: skip
