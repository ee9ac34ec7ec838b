"""What a mailbox is declared with."""

import re

from haidang.data.ingest.connectors import tls
from haidang.data.ingest.connectors.protocol import Field, Kind, Settings
from haidang.data.ingest.errors import SettingsError

_SENDER = re.compile(r"[^@\s,]*@[^@\s,]+\.[^@\s,]+|[^@\s,]*@[\w-]+")


def senders(text: str) -> list[str]:
    """Return addresses ("a@so.vn") and domains ("@so.vn"), one for each line or comma."""
    return [one.strip().lower() for one in re.split(r"[\n,;]", text) if one.strip()]


def _check(settings: Settings) -> None:
    wrong = [one for one in senders(settings["senders"]) if not _SENDER.fullmatch(one)]
    if wrong:
        raise SettingsError({"senders": f"“{wrong[0][:60]}” không phải địa chỉ thư hay @tên-miền."})
    try:
        tls.context(settings["issuer"])
    except ValueError as error:
        raise SettingsError(
            {"issuer": "Không phải chứng thư dạng PEM. Dán cả hai dòng BEGIN, END."}
        ) from error


KIND = Kind(
    code="mail",
    title="Hộp thư (IMAP)",
    text="Đơn vị gửi tệp đính kèm tới một hộp thư; hệ thống lấy tệp của người gửi được phép.",
    check=_check,
    fields=(
        Field("host", "Máy chủ thư (IMAP)", required=True, binds=True, help="Ví dụ imap.so.vn."),
        Field(
            "security",
            "Mã hóa đường truyền",
            "choice",
            default="tls",
            binds=True,
            choices=(
                ("tls", "TLS ngay từ đầu (cổng 993)"),
                ("starttls", "STARTTLS (cổng 143)"),
                ("none", "không mã hóa, chỉ trong mạng nội bộ"),
            ),
        ),
        Field(
            "port",
            "Cổng",
            "whole",
            minimum=1,
            maximum=65_535,
            binds=True,
            help="Để trống: 993 hoặc 143.",
        ),
        Field(
            "issuer",
            "Chứng thư của cơ quan cấp (PEM)",
            "lines",
            binds=True,
            help="Chỉ điền khi máy chủ dùng chứng thư nội bộ: dán chứng thư gốc (CA) của cơ quan. "
            "Để trống: tin các tổ chức cấp mà hệ điều hành tin.",
        ),
        Field("user", "Tài khoản", required=True),
        Field("password", "Mật khẩu", "secret", required=True),
        Field("folder", "Hòm thư", default="INBOX", required=True),
        Field(
            "senders",
            "Người gửi được phép",
            "lines",
            required=True,
            help="Mỗi dòng một địa chỉ, hoặc @tên-miền. Địa chỉ người gửi có thể bị giả mạo: chỉ "
            "dùng với máy chủ thư có kiểm tra SPF, DKIM.",
        ),
        Field("pattern", "Tên tệp đính kèm", default="*", help="Ví dụ ca-benh-*.xlsx."),
    ),
)
