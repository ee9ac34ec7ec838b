from haidang.foundation.core import errors


class TicketNotFoundError(errors.NotFoundError):
    """Không tìm thấy phiếu điều hành này, hoặc phiếu nằm ngoài phạm vi của tài khoản."""


class ActivityNotFoundError(errors.NotFoundError):
    """Không tìm thấy bước này trong phiếu điều hành."""


class EvidenceNotFoundError(errors.NotFoundError):
    """Không tìm thấy minh chứng này."""


class ProcedureNotFoundError(errors.NotFoundError):
    """Không tìm thấy quy trình này."""


class MoveNotPossibleError(errors.HaidangError):
    """Không thực hiện được việc này khi phiếu đang ở trạng thái hiện tại."""


class MovedMeanwhileError(errors.HaidangError):
    """Phiếu vừa được người khác cập nhật. Hãy xem lại rồi thực hiện."""


class ReasonNeededError(errors.HaidangError):
    """Cần ghi rõ lý do."""


class AuthorityError(errors.HaidangError):
    """Hình thức xử lý không phù hợp với đơn vị chủ trì."""


class LegalBasisNeededError(errors.HaidangError):
    """Khi giao việc phải ghi căn cứ pháp lý."""


class StepsOpenError(errors.HaidangError):
    """Còn bước của quy trình chưa hoàn thành."""


class StepNotReadyError(errors.HaidangError):
    """Bước này chưa đến lượt hoặc đã được hoàn thành."""


class AnswerNeededError(errors.HaidangError):
    """Cần chọn một trong các kết quả của bước này."""


class EvidenceNeededError(errors.HaidangError):
    """Chưa có minh chứng theo yêu cầu của loại phiếu này."""


class EvidenceFileError(errors.HaidangError):
    """Chỉ nhận ảnh JPEG, PNG hoặc tài liệu PDF, đúng định dạng."""


class OutcomeNeededError(errors.HaidangError):
    """Khi đóng phiếu phải chọn kết luận và ghi nhận xét."""


class ProcedureError(errors.HaidangError):
    """Quy trình có nội dung không được phép chạy."""


class ProcedureVersionNotFoundError(errors.NotFoundError):
    """Không có bản này của quy trình."""


class AlreadyOpenError(errors.HaidangError):
    """Cảnh báo này đã có phiếu điều hành đang xử lý."""
