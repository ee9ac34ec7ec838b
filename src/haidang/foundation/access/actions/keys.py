"""Make and revoke API keys."""

import datetime as dt
import secrets
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

from haidang.foundation.access.actions.accounts import locked_row
from haidang.foundation.access.actions.authority import actor_of, require_over
from haidang.foundation.access.errors import UnknownAccountError
from haidang.foundation.access.models import ApiKey
from haidang.foundation.access.queries.keys import MARK, digest_of
from haidang.foundation.access.queries.scopes import Scope
from haidang.foundation.core import audit
from haidang.foundation.core.audit import Actor


@dataclass(frozen=True)
class NewKey:
    """A key just made; the only moment at which its token is known."""

    id: int
    token: str = field(repr=False)


@transaction.atomic
def create_key(
    *, account: int, name: str, by: Actor | Scope, expires_at: dt.datetime | None = None
) -> NewKey:
    """Make a key that acts as the account. Show the token once: only its digest is kept."""
    holder = locked_row(account)
    require_over(by=by, account=holder)
    prefix = secrets.token_hex(5)
    token = f"{MARK}_{prefix}_{secrets.token_urlsafe(32)}"
    key = ApiKey.objects.create(
        account=holder, name=name, prefix=prefix, digest=digest_of(token), expires_at=expires_at
    )
    audit.record(action="access.key_created", on=key, by=actor_of(by))
    return NewKey(key.pk, token)


@transaction.atomic
def revoke_key(*, key: int, by: Actor | Scope, reason: str) -> None:
    """Make a key useless (within a second where its scope is still remembered)."""
    found = ApiKey.objects.select_related("account").filter(pk=key).first()
    if found is None:
        raise UnknownAccountError(key=key)
    require_over(by=by, account=found.account)
    found.revoked_at = timezone.now()
    found.save(update_fields=["revoked_at"])
    audit.record(action="access.key_revoked", on=found, by=actor_of(by), reason=reason)
