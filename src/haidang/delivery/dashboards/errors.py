"""What may go wrong with boards."""

from haidang.foundation.core.errors import HaidangError, NotFoundError


class DashboardsError(HaidangError):
    """Không thực hiện được với bảng điều hành này."""


class BadBoardError(DashboardsError):
    """Định nghĩa bảng điều hành chưa đúng."""


class BoardNotFoundError(NotFoundError):
    """Không có bảng điều hành này."""
