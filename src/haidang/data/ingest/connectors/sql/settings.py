"""What another database is declared with."""

from haidang.data.ingest.connectors.protocol import Field, Kind, Settings
from haidang.data.ingest.connectors.sql.select import checked, names
from haidang.data.ingest.errors import ConnectorError, SettingsError

PORTS = {"postgresql": 5432, "mysql": 3306, "oracle": 1521, "sqlserver": 1433}
_UNTESTED = "chưa chạy thử với máy chủ thật"


def _check(settings: Settings) -> None:
    """Raise SettingsError for what does not go together."""
    faults: dict[str, str] = {}
    if bool(settings["table"]) == bool(settings["query"]):
        faults["table"] = "Điền tên bảng, hoặc một câu SELECT; không điền cả hai."
    if settings["increment"] != "none" and not settings["key"]:
        faults["key"] = "Cần cột tăng dần để chỉ lấy phần mới."
    for name, check in (("table", names), ("key", names), ("columns", names)):
        try:
            check(settings[name])
        except ConnectorError as error:
            faults.setdefault(name, error.message)
    try:
        if settings["query"]:
            checked(settings["query"], settings["engine"])
    except ConnectorError as error:
        faults["query"] = error.message
    if faults:
        raise SettingsError(faults)


KIND = Kind(
    code="sql",
    title="Cơ sở dữ liệu (SQL)",
    text="Đọc bảng hoặc câu SELECT từ cơ sở dữ liệu của đơn vị; chỉ đọc, không ghi gì vào đó.",
    check=_check,
    fields=(
        Field(
            "engine",
            "Hệ quản trị",
            "choice",
            required=True,
            default="postgresql",
            binds=True,
            choices=(
                ("postgresql", "PostgreSQL"),
                ("mysql", "MySQL, MariaDB"),
                ("oracle", f"Oracle ({_UNTESTED})"),
                ("sqlserver", f"SQL Server ({_UNTESTED})"),
            ),
        ),
        Field("host", "Máy chủ", required=True, binds=True, help="Ví dụ csdl.so.vn."),
        Field(
            "port",
            "Cổng",
            "whole",
            minimum=1,
            maximum=65_535,
            binds=True,
            help="Để trống: cổng thường dùng của hệ quản trị.",
        ),
        Field("database", "Cơ sở dữ liệu", required=True, help="Với Oracle: tên dịch vụ."),
        Field("user", "Tài khoản", required=True, help="Nên dùng tài khoản chỉ có quyền đọc."),
        Field("password", "Mật khẩu", "secret"),
        Field(
            "encryption",
            "Mã hóa đường truyền",
            "choice",
            default="prefer",
            binds=True,
            choices=(
                ("prefer", "có nếu máy chủ hỗ trợ"),
                ("verify", "bắt buộc, kiểm tra chứng thư"),
            ),
        ),
        Field("table", "Bảng", help="Ví dụ so_lieu hoặc y_te.ca_benh."),
        Field("columns", "Các cột", help="Cách nhau bằng dấu phẩy. Để trống: mọi cột."),
        Field("query", "Hoặc câu SELECT", "lines", help="Một câu SELECT, chỉ đọc."),
        Field(
            "increment",
            "Chỉ lấy phần mới",
            "choice",
            default="none",
            choices=(
                ("none", "không, lấy toàn bộ mỗi lần"),
                ("number", "theo cột số tăng dần"),
                ("time", "theo cột thời gian"),
            ),
        ),
        Field("key", "Cột tăng dần", help="Ví dụ id hoặc ngay_sua."),
        Field(
            "overlap",
            "Lấy lùi lại",
            "whole",
            default=0,
            minimum=0,
            maximum=1_000_000,
            help="Số đơn vị (cột số) hoặc số phút (cột thời gian), để không sót dòng ghi muộn.",
        ),
    ),
)
