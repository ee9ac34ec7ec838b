"""Who of the cast makes the past: one loads and types it, the other approves."""

from haidang.foundation.access import api as access
from haidang.project.demo.cast import DIRECTOR, STEWARD


def steward() -> access.Scope:
    """Return what the Centre's data steward may do."""
    return _scope(STEWARD)


def director() -> access.Scope:
    """Return what the Centre's director may do."""
    return _scope(DIRECTOR)


def _scope(username: str) -> access.Scope:
    return access.scope_of(access.account_named(username).id)
