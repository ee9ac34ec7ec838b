"""What can go wrong with datasets and their contracts."""

from haidang.foundation.core import errors


class UnknownDatasetError(errors.NotFoundError):
    """Không có bộ dữ liệu này trong danh mục."""


class ContractError(errors.HaidangError):
    """Cấu trúc bộ dữ liệu chưa hợp lệ."""


class DatasetExistsError(ContractError):
    """Mã bộ dữ liệu này đã có. Chọn mã khác, hoặc ban hành phiên bản mới của bộ dữ liệu đó."""


class DifficultyNotFoundError(errors.NotFoundError):
    """Không tìm thấy vướng mắc này."""


class DifficultyClosedError(errors.HaidangError):
    """Vướng mắc này đã khép lại; mở lại trước khi ghi thêm."""


class DeadlinePassedError(errors.HaidangError):
    """Thời hạn phải sau thời điểm hiện tại."""


class UnknownSubjectError(errors.NotFoundError):
    """Không tìm thấy nguồn, bộ dữ liệu hoặc dịch vụ có mã này trong phạm vi của tài khoản."""


class UnknownThingError(errors.NotFoundError):
    """Không tìm thấy thứ cần xem ảnh hưởng, hoặc ngoài phạm vi được xem."""
