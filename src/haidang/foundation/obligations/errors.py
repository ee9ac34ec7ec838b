"""What may go wrong with obligations and timers."""

from haidang.foundation.core.errors import HaidangError, NotFoundError


class AlreadyOwedError(HaidangError):
    """Việc này đã được giao và chưa hoàn thành."""


class NotOwedError(NotFoundError):
    """Không có việc nào đang chờ thực hiện với mã này."""


class UnknownWakeUpError(HaidangError):
    """Chưa có nơi xử lý loại hẹn giờ này."""
