"""What members of the cast may do; of the past, one loads and types it, another approves."""

from haidang.foundation.access import api as access
from haidang.project.demo.cast import DIRECTOR, STEWARD


def steward() -> access.Scope:
    """Return what the Centre's data steward may do."""
    return scope(STEWARD)


def director() -> access.Scope:
    """Return what the Centre's director may do."""
    return scope(DIRECTOR)


def scope(username: str) -> access.Scope:
    """Return what a member of the cast may do."""
    return access.scope_of(access.account_named(username).id)
