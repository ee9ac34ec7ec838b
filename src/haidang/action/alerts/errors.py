from haidang.foundation.core import errors


class AlertNotFoundError(errors.NotFoundError):
    """Không tìm thấy cảnh báo này, hoặc cảnh báo nằm ngoài phạm vi của tài khoản."""


class AlreadyAcknowledgedError(errors.HaidangError):
    """Cảnh báo này đã có người tiếp nhận."""


class AlreadyClosedError(errors.HaidangError):
    """Cảnh báo này đã đóng."""


class OutcomeNeedsNoteError(errors.HaidangError):
    """Khi đóng cảnh báo phải ghi kết luận: đã kiểm tra gì, thấy gì."""


class RuleNotFoundError(errors.NotFoundError):
    """Không tìm thấy quy tắc cảnh báo này."""


class RuleNeedsReasonError(errors.HaidangError):
    """Mỗi quy tắc cảnh báo phải có lý do bằng văn bản."""


class RuleStatesError(errors.HaidangError):
    """Trạng thái gây cảnh báo và trạng thái hết cảnh báo không được trùng nhau."""
