"""What can go wrong when data arrives. Each says where, and how to mend it."""

from collections.abc import Mapping

from haidang.foundation.core.errors import HaidangError, NotAllowedError, NotFoundError


class IngestError(HaidangError):
    """Không nạp được dữ liệu."""


class UnreadableFileError(IngestError):
    """Không đọc được tệp."""


class LayoutError(IngestError):
    """Bản khai cột của nguồn chưa đúng."""


class StructureChangedError(IngestError):
    """Cấu trúc tệp khác bản đã thống nhất: lượt nạp chờ người quản lý đồng ý."""


class TooLargeError(IngestError):
    """Tệp quá lớn."""


class SecretFileError(IngestError):
    """Tệp mang dấu độ mật: hệ thống không nhận và không giữ lại nội dung."""

    def __init__(self, mark: str) -> None:
        super().__init__(
            f"Tệp mang dấu độ mật “{mark}”. Hệ thống không nhận tệp bí mật nhà nước và không giữ "
            "lại nội dung nào của tệp. Gửi theo đường quy định cho văn bản mật; nếu dấu ghi nhầm, "
            "bỏ dấu rồi tải lại."
        )
        self.mark = mark


class SourceNotFoundError(NotFoundError):
    """Không tìm thấy nguồn dữ liệu."""


class RunNotFoundError(NotFoundError):
    """Không tìm thấy lượt nạp."""


class RowNotFoundError(NotFoundError):
    """Không tìm thấy dòng dữ liệu chờ xử lý."""


class RowStillWrongError(IngestError):
    """Dòng này vẫn chưa đúng hợp đồng dữ liệu. Xem từng ô bên dưới."""


class AlreadyDecidedError(IngestError):
    """Việc này đã có người quyết định trước đó."""


class SamePersonError(NotAllowedError):
    """Người nạp hoặc người đề nghị không được tự duyệt: cần một người thứ hai."""


class IdempotencyError(IngestError):
    """Khóa Idempotency-Key này đã dùng cho một nội dung khác. Dùng khóa mới cho nội dung mới."""


class CancelledError(IngestError):
    """Lượt nạp đã bị hủy theo yêu cầu."""


class ConnectionNotFoundError(NotFoundError):
    """Không tìm thấy kết nối."""


class SettingsError(IngestError):
    """Phần khai của kết nối chưa đúng. Xem từng ô bên dưới."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(" ".join([type(self).__doc__ or "", *faults.values()]).strip())
        self.faults = dict(faults)


class ConnectorError(IngestError):
    """Không lấy được số liệu từ hệ thống của nguồn.

    `retry_after`: seconds that the other side asked to be left alone.
    """

    def __init__(self, message: str = "", *, retry_after: float = 0) -> None:
        super().__init__(message or "Không lấy được số liệu từ hệ thống của nguồn.")
        self.retry_after = retry_after


class OutOfTimeError(ConnectorError):
    """Hết thời gian cho một lần lấy. Phần đã lấy được giữ; lần sau lấy tiếp."""

    def __init__(self) -> None:
        super().__init__(type(self).__doc__ or "")


class RefusedAddressError(ConnectorError):
    """Địa chỉ này không được phép kết nối tới."""


class DeviceNotFoundError(NotFoundError):
    """Không tìm thấy thiết bị."""


class CameraNotFoundError(NotFoundError):
    """Không tìm thấy camera."""


class PlanNotFoundError(NotFoundError):
    """Không tìm thấy lịch hiệu chuẩn, bảo trì."""
