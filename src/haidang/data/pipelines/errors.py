"""What can go wrong with a pipeline. Each says what to do."""

from haidang.foundation.core.errors import HaidangError, NotAllowedError, NotFoundError


class PipelineError(HaidangError):
    """Chưa thực hiện được yêu cầu về luồng xử lý dữ liệu."""


class UnknownPipelineError(NotFoundError):
    """Không tìm thấy luồng xử lý dữ liệu."""


class UnknownRunError(NotFoundError):
    """Không tìm thấy lần chạy này."""


class CycleError(PipelineError):
    """Luồng xử lý tạo thành vòng: đầu ra lại trở thành đầu vào của chính nó."""


class SameWriterError(NotAllowedError):
    """Người soạn phiên bản không tự duyệt: cần một người thứ hai."""


class ChangedTextError(PipelineError):
    """Nội dung phiên bản đã đổi từ lúc bạn xem. Tải lại trang, xem nội dung mới rồi duyệt."""


class PartlySeenError(NotAllowedError):
    """Chỉ người được xem mọi dòng của bộ dữ liệu đầu vào mới dùng được bộ đó trong luồng xử lý."""


class AssertionFailedError(PipelineError):
    """Kết quả không đạt một phép kiểm tra; không có dòng nào được ghi."""


class StoppedError(PipelineError):
    """Đã dừng theo yêu cầu; không có dòng nào được ghi."""
