"""What a CKAN portal is declared with."""

from haidang.data.ingest.connectors import asking
from haidang.data.ingest.connectors.protocol import Field, Kind, Settings
from haidang.data.ingest.errors import SettingsError


def _check(settings: Settings) -> None:
    asking.check_address(settings)
    if settings["what"] == "resources" and not settings["package"]:
        raise SettingsError({"package": "Mã bộ dữ liệu trên cổng: chưa điền."})


KIND = Kind(
    code="ckan",
    title="Cổng dữ liệu CKAN",
    text="Lấy danh mục bộ dữ liệu của cổng, hoặc các bảng số liệu của một bộ; chỉ lấy phần mới.",
    fields=(
        Field(
            "url", "Địa chỉ cổng", required=True, binds=True,
            help=asking.ADDRESS_HELP + " Không ghi /api ở cuối.",
        ),
        Field(
            "what", "Lấy gì", "choice", default="catalogue",
            choices=(
                ("catalogue", "danh mục: mỗi bộ dữ liệu một dòng"),
                ("resources", "các bảng của một bộ dữ liệu"),
            ),
        ),
        Field("package", "Mã bộ dữ liệu trên cổng", help="Cần khi lấy các bảng."),
        Field(
            "format", "Dạng tệp", default="CSV",
            help="Chỉ lấy tệp dạng này của bộ dữ liệu, ví dụ CSV, XLSX, JSON.",
        ),
        asking.key_field(),
    ),
    check=_check,
)  # fmt: skip
