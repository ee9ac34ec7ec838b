"""What a feed of alerts is declared with."""

from haidang.data.ingest.connectors import asking
from haidang.data.ingest.connectors.protocol import Field, Kind

KIND = Kind(
    code="cap",
    title="Nguồn cảnh báo CAP",
    text="Lấy bản tin cảnh báo từ một bản tin CAP, nguồn Atom hoặc RSS; bản tin đã lấy thì bỏ qua.",
    fields=(
        Field("url", "Địa chỉ nguồn tin", required=True, binds=True, help=asking.ADDRESS_HELP),
        Field(
            "most", "Số bản tin nhiều nhất mỗi lần", "whole", default=200, minimum=1, maximum=1000
        ),
        asking.key_field(),
    ),
    check=asking.check_address,
)
