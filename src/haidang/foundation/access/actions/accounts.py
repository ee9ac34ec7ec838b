"""Make, lock and unlock accounts; set their passwords."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from haidang.foundation.access.actions.authority import actor_of, require_over
from haidang.foundation.access.errors import (
    ReasonMissingError,
    UnknownAccountError,
    UsernameTakenError,
    WeakPasswordError,
)
from haidang.foundation.access.models import Account
from haidang.foundation.access.permissions import MANAGE
from haidang.foundation.access.queries.accounts import AccountRef, reference
from haidang.foundation.access.queries.scopes import Scope, forget
from haidang.foundation.core import audit, text
from haidang.foundation.core.audit import Actor
from haidang.foundation.org import api as org


@transaction.atomic
def create_account(
    *,
    username: str,
    full_name: str,
    by: Actor | Scope,
    password: str | None = None,
    email: str = "",
    officer_id: int | None = None,
) -> AccountRef:
    """Create an account without any role. Without a password nobody can sign in with it."""
    if isinstance(by, Scope):
        by.require(MANAGE)
    if Account.objects.filter(username=username).exists():
        raise UsernameTakenError(username=username)
    account = Account.objects.create_user(
        username,
        password,
        full_name=text.normal(full_name),
        email=email,
        officer_id=officer_id,
        search_text=text.fold(f"{full_name} {username}"),
    )
    audit.record(action="access.account_created", on=account, by=actor_of(by))
    return reference(account)


@transaction.atomic
def employ(
    *,
    username: str,
    full_name: str,
    unit: int,
    title: str,
    password: str,
    by: Scope,
    email: str = "",
) -> AccountRef:
    """Put a person into a post of a unit and give them an account, still without any role.

    Raises UsernameTakenError, WeakPasswordError, NotAllowedError outside the own coverage.
    """
    by.require(MANAGE, unit)
    officer = org.create_officer(
        unit=unit, name=full_name, title=title, email=email, by=actor_of(by)
    )
    made = create_account(
        username=username, full_name=full_name, email=email, officer_id=officer.id, by=by
    )
    set_password(account=made.id, password=password, by=by)
    return made


@transaction.atomic
def set_password(*, account: int, password: str, by: Actor | Scope) -> None:
    """Give an account a new password; its open sessions end. Raises WeakPasswordError."""
    found = locked_row(account)
    require_over(by=by, account=found)
    try:
        validate_password(password, found)
    except ValidationError as error:
        raise WeakPasswordError(" ".join(error.messages)) from error
    found.set_password(password)
    found.save(update_fields=["password"])
    audit.record(action="access.password_set", on=found, by=actor_of(by))


@transaction.atomic
def lock_account(*, account: int, by: Actor | Scope, reason: str) -> None:
    """Shut an account out at once: sessions, keys and roles stop working."""
    _set_active(account, is_active=False, by=by, reason=reason)


@transaction.atomic
def unlock_account(*, account: int, by: Actor | Scope, reason: str) -> None:
    """Let a locked account in again."""
    _set_active(account, is_active=True, by=by, reason=reason)


def _set_active(account: int, *, is_active: bool, by: Actor | Scope, reason: str) -> None:
    found = locked_row(account)
    require_over(by=by, account=found)
    if not reason.strip():
        raise ReasonMissingError
    found.is_active = is_active
    found.save(update_fields=["is_active"])
    audit.record(
        action="access.account_unlocked" if is_active else "access.account_locked",
        on=found,
        by=actor_of(by),
        reason=reason,
    )
    transaction.on_commit(lambda: forget(account))
    forget(account)


def locked_row(account: int) -> Account:
    """Return the account, its row locked for this transaction. Raises UnknownAccountError."""
    found = Account.objects.select_for_update().filter(pk=account).first()
    if found is None:
        raise UnknownAccountError(account_id=account)
    return found


def note_sign_in(*, user: Account, **_: object) -> None:
    """Audit that somebody came in (a receiver of Django's signal)."""
    with transaction.atomic():
        audit.record(action="access.signed_in", on=user, by=user.actor)


def note_sign_out(*, user: Account | None, **_: object) -> None:
    """Audit that somebody left."""
    if user is not None:
        with transaction.atomic():
            audit.record(action="access.signed_out", on=user, by=user.actor)
