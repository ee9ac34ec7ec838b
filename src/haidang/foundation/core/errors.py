"""The root of the platform's own errors. A docstring is the default message to the user."""


class HaidangError(Exception):
    """Có lỗi khi thực hiện yêu cầu."""

    def __init__(self, message: str = "", **details: object) -> None:
        self.message = message or (type(self).__doc__ or "").strip()
        self.details = details
        super().__init__(self.message)


class NotAllowedError(HaidangError):
    """Tài khoản không có quyền thực hiện việc này."""


class NotFoundError(HaidangError):
    """Không tìm thấy."""
