"""What a DCAT catalogue is declared with."""

from haidang.data.ingest.connectors import asking
from haidang.data.ingest.connectors.protocol import Field, Kind

KIND = Kind(
    code="dcat",
    title="Danh mục DCAT",
    text="Lấy danh mục bộ dữ liệu theo chuẩn DCAT (JSON-LD) hoặc tệp data.json của cổng dữ liệu.",
    fields=(
        Field("url", "Địa chỉ danh mục", required=True, binds=True, help=asking.ADDRESS_HELP),
        asking.key_field(),
    ),
    check=asking.check_address,
)
