"""What a folder on another server is declared with."""

from haidang.data.ingest.connectors.protocol import Field, Kind, Settings
from haidang.data.ingest.errors import SettingsError


def _check(settings: Settings) -> None:
    if not settings["password"] and not settings["private_key"]:
        raise SettingsError({"password": "Cần mật khẩu hoặc khóa riêng để đăng nhập."})


KIND = Kind(
    code="sftp",
    title="Thư mục trên máy chủ SFTP",
    text="Đơn vị đặt tệp lên máy chủ SFTP; hệ thống vào lấy tệp mới theo lịch.",
    check=_check,
    fields=(
        Field("host", "Máy chủ", required=True, binds=True, help="Ví dụ sftp.so.vn."),
        Field("port", "Cổng", "whole", default=22, minimum=1, maximum=65_535, binds=True),
        Field("user", "Tài khoản", required=True),
        Field("password", "Mật khẩu", "secret"),
        Field("private_key", "Khóa riêng (OpenSSH)", "key", help="Thay cho mật khẩu, nếu có."),
        Field(
            "host_key",
            "Dấu vân tay khóa máy chủ",
            learned=True,
            binds=True,
            help="Hệ thống tự điền khi thử kết nối lần đầu. Đối chiếu với người quản lý máy chủ.",
        ),
        Field("path", "Thư mục", default=".", help="Ví dụ /gui/y-te."),
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
            default=30,
            minimum=0,
            maximum=3600,
            help="Tệp còn thay đổi trong khoảng này được coi là đang ghi, chưa đọc.",
        ),
        Field(
            "after",
            "Sau khi nạp",
            "choice",
            default="keep",
            choices=(
                ("keep", "để nguyên, chỉ ghi nhớ tệp đã đọc"),
                ("move", "chuyển vào thư mục con “da-nap” hoặc “khong-nap-duoc”"),
            ),
        ),
    ),
)
