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
    """Cần trạng thái gây cảnh báo hợp với loại quy tắc, khác trạng thái hết cảnh báo."""


class RuleKindError(errors.HaidangError):
    """Mã này là của quy tắc loại khác. Loại không đổi được; hãy đặt quy tắc mới với mã khác."""


class RuleSubjectError(errors.HaidangError):
    """Không có chỉ tiêu hay nguồn nào mang mã này."""


class RuleExistsError(errors.HaidangError):
    """Đã có quy tắc mang mã này. Hãy mở quy tắc đó để sửa, hoặc chọn mã khác."""
