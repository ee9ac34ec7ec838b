"""What may go wrong with messages."""

from haidang.foundation.core.errors import HaidangError, NotFoundError


class UnknownMessageError(NotFoundError):
    """Không có thông báo này."""


class UnknownChannelError(HaidangError):
    """Không có kênh thông báo này."""
