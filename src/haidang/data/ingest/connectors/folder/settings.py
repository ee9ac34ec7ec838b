"""What a watched folder is declared with."""

from haidang.data.ingest.connectors.protocol import Field, Kind

KIND = Kind(
    code="folder",
    title="Thư mục theo dõi",
    text="Hệ thống khác đặt tệp vào một thư mục của máy chủ này; tệp mới được nạp tự động.",
    fields=(
        Field(
            "path",
            "Thư mục",
            required=True,
            help="Đường dẫn trong các thư mục mà quản trị cho phép, ví dụ /srv/du-lieu/y-te.",
        ),
        Field(
            "pattern",
            "Tên tệp",
            default="*",
            help="Dấu * thay cho phần bất kỳ, ví dụ ca-benh-*.csv.",
        ),
        Field(
            "still",
            "Chờ tệp đứng yên (giây)",
            "whole",
            default=10,
            minimum=0,
            maximum=3600,
            help="Tệp còn thay đổi trong khoảng này được coi là đang ghi, chưa đọc.",
        ),
        Field(
            "after",
            "Sau khi nạp",
            "choice",
            default="move",
            choices=(
                ("move", "chuyển vào thư mục con “da-nap” hoặc “khong-nap-duoc”"),
                ("keep", "để nguyên, chỉ ghi nhớ tệp đã đọc"),
            ),
        ),
    ),
)
