"""Secrets at rest: a dump of the database alone gives none of them away.

The key follows from the platform's secret key and from what the secret is for, so that what was
sealed for one purpose does not open for another.
"""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

from haidang.foundation.core.errors import HaidangError


class SealBrokenError(HaidangError):
    """Không mở được nội dung đã mã hóa: khóa bí mật của hệ thống đã đổi, hoặc đã quá hạn."""


def seal(text: str, *, purpose: str) -> str:
    """Return `text` encrypted for one purpose."""
    return _fernet(purpose).encrypt(text.encode()).decode("ascii")


def unseal(sealed: str, *, purpose: str, max_age: int | None = None) -> str:
    """Return what was sealed for this purpose, at most `max_age` seconds ago.

    Raises SealBrokenError.
    """
    try:
        return _fernet(purpose).decrypt(sealed.encode(), ttl=max_age).decode()
    except InvalidToken as error:
        raise SealBrokenError from error


def _fernet(purpose: str) -> Fernet:
    key = hashlib.sha256(purpose.encode() + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
