"""What a web service is declared with."""

from haidang.data.ingest.connectors.protocol import Field, Kind, Settings
from haidang.data.ingest.errors import SettingsError, UnreadableFileError
from haidang.data.ingest.files import paths

FORMS = {
    "json": "application/json",
    "ndjson": "application/x-ndjson",
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "xml": "application/xml",
}


def _check(settings: Settings) -> None:
    """Raise SettingsError for what does not go together."""
    faults: dict[str, str] = {}
    is_json = settings["form"] == "json"
    needs = {
        "paging": settings["paging"] != "none" and not is_json,
        "since_field": bool(settings["since_field"]) and not is_json,
    }
    faults |= {name: "Chỉ dùng được với JSON." for name, is_wrong in needs.items() if is_wrong}
    if settings["paging"] in {"page", "offset", "cursor"} and not settings["page_parameter"]:
        faults["page_parameter"] = "Cần tên tham số để phân trang."
    if settings["paging"] in {"next", "cursor"} and not settings["next_path"]:
        faults["next_path"] = "Cần đường dẫn tới địa chỉ hoặc mã của trang sau."
    if bool(settings["since_parameter"]) != bool(settings["since_field"]):
        faults["since_parameter"] = "Cần cả tham số “từ khi” và trường thời gian trong bản ghi."
    if settings["login"] == "basic" and not settings["user"]:
        faults["user"] = "Cần tên tài khoản."
    if settings["login"] == "header" and not settings["key_name"]:
        faults["key_name"] = "Cần tên của tiêu đề HTTP, ví dụ X-API-Key."
    for name in ("records", "next_path", "since_field"):
        try:
            paths.steps(settings[name])
        except UnreadableFileError as error:
            faults[name] = error.message
    if faults:
        raise SettingsError(faults)


KIND = Kind(
    code="http",
    title="Dịch vụ web (HTTP, REST)",
    text="Gọi địa chỉ web của đơn vị để lấy JSON, CSV, XLSX hoặc XML, theo trang và chỉ phần mới.",
    check=_check,
    fields=(
        Field(
            "url",
            "Địa chỉ",
            required=True,
            binds=True,
            help="Ví dụ https://so.vn/api/quan-trac?tinh=74.",
        ),
        Field(
            "form",
            "Định dạng",
            "choice",
            default="json",
            choices=(
                ("json", "JSON"),
                ("ndjson", "NDJSON"),
                ("csv", "CSV"),
                ("xlsx", "XLSX"),
                ("xml", "XML"),
            ),
        ),
        Field(
            "records",
            "Đường dẫn tới các bản ghi",
            help="Với JSON, XML: ví dụ data.items. Để trống khi nội dung là một danh sách.",
        ),
        Field(
            "login",
            "Đăng nhập",
            "choice",
            default="none",
            binds=True,
            choices=(
                ("none", "không cần"),
                ("bearer", "mã truy cập (Bearer)"),
                ("header", "khóa API trong tiêu đề HTTP"),
                ("basic", "tài khoản và mật khẩu (Basic)"),
            ),
        ),
        Field("user", "Tài khoản"),
        Field("secret", "Mật khẩu, khóa hoặc mã truy cập", "secret"),
        Field("key_name", "Tên tiêu đề HTTP của khóa", help="Ví dụ X-API-Key."),
        Field(
            "paging",
            "Phân trang",
            "choice",
            default="none",
            choices=(
                ("none", "một lần là đủ"),
                ("link", "theo liên kết trong tiêu đề Link"),
                ("next", "theo địa chỉ trang sau trong nội dung"),
                ("page", "theo số trang 1, 2, 3…"),
                ("offset", "theo số bản ghi đã lấy"),
                ("cursor", "theo mã trang sau trong nội dung"),
            ),
        ),
        Field("page_parameter", "Tham số phân trang", help="Ví dụ page, offset hoặc cursor."),
        Field("next_path", "Chỗ ghi trang sau trong nội dung", help="Ví dụ paging.next."),
        Field("size_parameter", "Tham số số bản ghi mỗi trang", help="Ví dụ limit."),
        Field("size", "Số bản ghi mỗi trang", "whole", default=500, minimum=1, maximum=10_000),
        Field(
            "since_parameter",
            "Tham số “từ khi”",
            help="Để chỉ lấy phần mới, ví dụ updated_since.",
        ),
        Field(
            "since_field",
            "Trường thời gian hoặc số thứ tự trong bản ghi",
            help="Ví dụ updated_at. Giá trị lớn nhất đã lấy được gửi ở lần sau.",
        ),
        Field("since_first", "Lần đầu lấy từ", help="Ví dụ 2026-01-01. Để trống: từ đầu."),
    ),
)
