"""What may go wrong with indicators, in words for the person at the screen."""

from haidang.foundation.core.errors import HaidangError, NotAllowedError, NotFoundError


class IndicatorsError(HaidangError):
    """Không thực hiện được với chỉ tiêu này."""


class UnknownIndicatorError(NotFoundError):
    """Không có chỉ tiêu này."""


class UnknownValueError(NotFoundError):
    """Không có số liệu chờ duyệt này."""


class UnknownProposalError(NotFoundError):
    """Không có đề xuất này."""


class NotReportableError(IndicatorsError):
    """Chỉ tiêu này được tính tự động, không nhập tay."""


class BadPeriodError(IndicatorsError):
    """Kỳ số liệu không hợp lệ hoặc chưa bắt đầu."""


class BadValueError(IndicatorsError):
    """Giá trị không hợp lệ."""


class AlreadyDecidedError(IndicatorsError):
    """Nội dung này đã được người khác duyệt hoặc từ chối."""


class SamePersonError(NotAllowedError):
    """Người nhập (đề xuất) không được tự duyệt: cần người thứ hai."""


class BadProposalError(IndicatorsError):
    """Đề xuất thiếu hoặc sai nội dung."""


class BadFormulaError(IndicatorsError):
    """Công thức không hợp lệ."""
