"""The gate of pages below `access`: they name the capability, `access` decides who has it.

`org` and `calendar` stand under `access` and cannot import it. `access` installs its own decorator
here when it is ready; until then the gate lets nobody in. Domains above use `access.api.requires`.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol

from django.http import HttpRequest, HttpResponseBase

from haidang.foundation.core.audit import Actor
from haidang.foundation.core.errors import NotAllowedError

View = Callable[..., HttpResponseBase]


class Scope(Protocol):
    """What a person may do and where; `access` makes it."""

    @property
    def actor(self) -> Actor: ...

    def allows(
        self, capability: str, unit_id: int | None = None, sector: str | None = None
    ) -> bool: ...

    def require(
        self, capability: str, unit_id: int | None = None, sector: str | None = None
    ) -> None: ...

    def allows_everywhere(self, capability: str) -> bool: ...

    def require_everywhere(self, capability: str) -> None: ...

    def units(self, capability: str, sector: str | None = None) -> frozenset[int]: ...


class ScopedRequest(HttpRequest):
    """A request that passed the gate."""

    scope: Scope


_guard: Callable[[str], Callable[[View], View]] | None = None
_key_check: Callable[[HttpRequest], Any] | None = None


def install(
    *,
    guard: Callable[[str], Callable[[View], View]],
    key_check: Callable[[HttpRequest], Any],
) -> None:
    """Hand over who decides: the decorator for pages and the session-or-key check for routes."""
    global _guard, _key_check
    _guard, _key_check = guard, key_check


def requires(capability: str) -> Callable[[View], View]:
    """Let a view run only for a person who has `capability` somewhere; sets `request.scope`."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if _guard is None:
                raise NotAllowedError
            return _guard(capability)(view)(request, *args, **kwargs)

        return guarded

    return decorate


def session_or_key(capability: str) -> Callable[[HttpRequest], Any]:
    """Let a call of the typed API in as `requires` does a page; for `Router(auth=…)`."""

    def guarded(request: HttpRequest) -> Any:
        scope = _key_check(request) if _key_check is not None else None
        if scope is not None:
            scope.require(capability)
        return scope

    return guarded
