"""What may go wrong with accounts, roles and keys."""

from haidang.foundation.core.errors import HaidangError, NotAllowedError, NotFoundError


class NotSignedInError(NotAllowedError):
    """Cần đăng nhập hoặc gửi khóa API hợp lệ."""


class ForeignOriginError(NotAllowedError):
    """Yêu cầu đến từ một trang web khác nên bị từ chối."""


class UnknownAccountError(NotFoundError):
    """Không có tài khoản này."""


class UnknownRoleError(NotFoundError):
    """Không có vai trò này."""


class UsernameTakenError(HaidangError):
    """Tên đăng nhập này đã có người dùng."""


class WeakPasswordError(HaidangError):
    """Mật khẩu chưa đủ mạnh."""


class AlreadyGrantedError(HaidangError):
    """Tài khoản đã có vai trò này ở đơn vị và lĩnh vực này."""


class BeyondCoverageError(NotAllowedError):
    """Không thể cấp hoặc thu hồi quyền ngoài phạm vi quản lý của chính mình."""


class OwnRoleError(NotAllowedError):
    """Không thể tự cấp, tự thu hồi quyền hoặc tự khóa tài khoản của chính mình."""


class ReasonMissingError(HaidangError):
    """Cần ghi rõ lý do."""
