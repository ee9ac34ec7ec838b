"""What can go wrong with reports."""

from haidang.foundation.core.errors import HaidangError, NotFoundError


class ReportingError(HaidangError):
    """Không thực hiện được việc này với báo cáo."""


class ReportNotFoundError(NotFoundError):
    """Không tìm thấy báo cáo."""


class RegimeNotFoundError(NotFoundError):
    """Không tìm thấy chế độ báo cáo."""


class WrongStateError(ReportingError):
    """Báo cáo không còn ở bước này. Tải lại trang để xem bước hiện tại."""


class ReportLockedError(ReportingError):
    """Báo cáo đã được tiếp nhận và khóa."""


class OwnReportError(ReportingError):
    """Người nhập không được tự duyệt báo cáo của mình."""


class TooEarlyError(ReportingError):
    """Chưa đến ngày chốt số liệu: có thể nhập và lưu, chưa gửi được."""


class ReasonMissingError(ReportingError):
    """Trả lại báo cáo phải ghi lý do."""


class HasErrorsError(ReportingError):
    """Báo cáo còn ô cần sửa hoặc cần xác nhận."""


class WrongWorkbookError(ReportingError):
    """Tệp không phải biểu mẫu của báo cáo này. Tải lại biểu mẫu Excel rồi điền vào đó."""
