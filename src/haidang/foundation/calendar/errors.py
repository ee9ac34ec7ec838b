"""What can go wrong with a calendar."""

from haidang.foundation.core.errors import HaidangError


class CalendarError(HaidangError):
    """Không thực hiện được với lịch làm việc."""


class BadSpanError(CalendarError):
    """Ngày phải từ năm 2000 đến 2099, tối đa 366 ngày, và quyết định phải có lý do."""
