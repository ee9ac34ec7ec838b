"""What a context broker is declared with."""

from haidang.data.ingest.connectors import asking
from haidang.data.ingest.connectors.protocol import Field, Kind

KIND = Kind(
    code="ngsi",
    title="Máy chủ ngữ cảnh NGSI-LD",
    text="Lấy thực thể một kiểu từ máy chủ NGSI-LD (Orion-LD, Scorpio, Stellio) theo từng trang.",
    fields=(
        Field(
            "url", "Địa chỉ máy chủ", required=True, binds=True,
            help=asking.ADDRESS_HELP + " Không ghi /ngsi-ld ở cuối.",
        ),
        Field("type", "Kiểu thực thể", required=True, help="Ví dụ AirQualityObserved."),
        Field(
            "since", "Chỉ lấy phần mới theo thời điểm sửa đổi", "flag", default=True,
            help="Máy chủ phải trả lời câu hỏi theo modifiedAt; bỏ chọn để lấy toàn bộ mỗi lần.",
        ),
        Field("context", "Địa chỉ @context", help="Gửi cho máy chủ trong Link; không tải về."),
        Field("tenant", "Tên khách thuê (NGSILD-Tenant)"),
        Field("page", "Số thực thể mỗi trang", "whole", default=100, minimum=1, maximum=1000),
        asking.key_field(),
    ),
    check=asking.check_address,
)  # fmt: skip
