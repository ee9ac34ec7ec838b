"""The door of access: scopes, guards, accounts, roles and keys."""

from haidang.foundation.access.actions.accounts import (
    create_account,
    employ,
    lock_account,
    set_password,
    unlock_account,
)
from haidang.foundation.access.actions.grants import grant, install_roles, revoke
from haidang.foundation.access.actions.keys import NewKey, create_key, revoke_key
from haidang.foundation.access.doors.pages import ScopedRequest, requires, signed_in
from haidang.foundation.access.doors.routes import SessionOrKey, token_in
from haidang.foundation.access.doors.streams import authorise, remembered
from haidang.foundation.access.errors import (
    AlreadyGrantedError,
    BeyondCoverageError,
    NotSignedInError,
    UnknownAccountError,
)
from haidang.foundation.access.queries.accounts import (
    AccountRef,
    account,
    account_named,
    accounts,
    holders,
)
from haidang.foundation.access.queries.keys import check_key
from haidang.foundation.access.queries.scopes import EVERYTHING, Scope, scope_of

__all__ = [
    "EVERYTHING",
    "AccountRef",
    "AlreadyGrantedError",
    "BeyondCoverageError",
    "NewKey",
    "NotSignedInError",
    "Scope",
    "ScopedRequest",
    "SessionOrKey",
    "UnknownAccountError",
    "account",
    "account_named",
    "accounts",
    "authorise",
    "check_key",
    "create_account",
    "create_key",
    "employ",
    "grant",
    "holders",
    "install_roles",
    "lock_account",
    "remembered",
    "requires",
    "revoke",
    "revoke_key",
    "scope_of",
    "set_password",
    "signed_in",
    "token_in",
    "unlock_account",
]
