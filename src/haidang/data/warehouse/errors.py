"""What can go wrong with the lake."""

from haidang.foundation.core import errors


class UnknownTableError(errors.NotFoundError):
    """Kho dữ liệu chưa có bảng cho bộ dữ liệu này."""


class UnknownBatchError(errors.NotFoundError):
    """Kho dữ liệu không có lô này."""


class IncompatibleContractError(errors.HaidangError):
    """Cấu trúc mới không khớp với dữ liệu đã có trong kho."""


class BadRowsError(errors.HaidangError):
    """Dòng dữ liệu không đúng kiểu hoặc thiếu khóa."""


class BadQueryError(errors.HaidangError):
    """Câu hỏi gửi tới kho dữ liệu chưa đúng."""


class LakeUnavailableError(errors.HaidangError):
    """Chưa mở được kho dữ liệu; hệ thống sẽ thử lại."""


class StaleCommitError(errors.HaidangError):
    """Bảng vừa được ghi bởi một tiến trình khác."""


class TooSlowError(BadQueryError):
    """Câu lệnh chạy quá thời gian cho phép; thu hẹp theo kỳ hoặc giảm số bảng nối."""
