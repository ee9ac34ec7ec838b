"""API keys: `hd_<prefix>_<secret>`; the prefix finds the row, the digest proves the secret."""

import hashlib
import hmac

from django.utils import timezone

from haidang.foundation.access.models import ApiKey
from haidang.foundation.access.queries.scopes import Scope, scope_of

MARK = "hd"


def digest_of(token: str) -> str:
    """Return what is kept of a token. A token is random, so one round is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def check_key(token: str) -> Scope | None:
    """Return the scope of a valid API key; None when it is unknown, expired or revoked."""
    parts = token.split("_", 2)
    if len(parts) != 3 or parts[0] != MARK:
        return None
    key = ApiKey.objects.select_related("account__officer").filter(prefix=parts[1]).first()
    if key is None or not hmac.compare_digest(key.digest, digest_of(token)):
        return None
    expired = key.expires_at is not None and key.expires_at <= timezone.now()
    if key.revoked_at or expired or not key.account.may_act(timezone.localdate()):
        return None
    return scope_of(key.account)
