"""What can go wrong with protected data. Each says what to do."""

from haidang.foundation.core.errors import HaidangError, NotAllowedError, NotFoundError


class ProtectionError(HaidangError):
    """Chưa thực hiện được yêu cầu về bảo vệ dữ liệu."""


class UnknownRemovalError(NotFoundError):
    """Không tìm thấy hồ sơ xóa dữ liệu."""


class SamePersonError(NotAllowedError):
    """Người đề nghị không được tự duyệt: cần một người thứ hai."""


class AlreadyDecidedError(ProtectionError):
    """Hồ sơ này đã có người quyết định trước đó."""


class ChangedPeriodError(ProtectionError):
    """Thời hạn đề nghị đã đổi từ lúc bạn xem. Tải lại trang, xem nội dung mới rồi duyệt."""


class NothingFoundError(ProtectionError):
    """Không tìm thấy dữ liệu nào khớp; xem lại giá trị đã nhập."""


class ClosedDataError(NotAllowedError):
    """Nội dung chứa dữ liệu cá nhân: cần quyền xem dữ liệu cá nhân và nêu mục đích xem."""


class LostKeyError(ProtectionError):
    """Khóa HAIDANG_SECRET_KEY khác với lúc xóa, nên không nhận ra được dữ liệu đã xóa. Đặt lại
    khóa cũ rồi chạy lại: hệ thống chưa phục vụ để dữ liệu đã xóa không sống lại."""


class UnknownRetentionError(NotFoundError):
    """Bộ dữ liệu này chưa đặt thời hạn lưu giữ."""
