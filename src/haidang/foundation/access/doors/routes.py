"""The guard of typed API routes: a session, or an API key."""

from typing import Any

from django.http import HttpRequest
from ninja.security.base import AuthBase
from ninja.utils import check_csrf

from haidang.foundation.access.errors import ForeignOriginError
from haidang.foundation.access.queries.keys import check_key
from haidang.foundation.access.queries.scopes import Scope, scope_of

SCHEMES = ("bearer", "token")


class SessionOrKey(AuthBase):
    """Ninja's `auth=SessionOrKey("alerts.view")`: sets `request.scope`, asks for the capability.

    Without a capability it lets every known account in, and the route itself asks.
    Answers 401 to strangers and raises NotAllowedError to an account without the capability.
    """

    openapi_type = "http"
    openapi_scheme = "bearer"

    def __init__(self, capability: str = "") -> None:
        self.capability = capability
        super().__init__()

    def __call__(self, request: HttpRequest) -> Scope | None:
        scope = self._scope(request)
        if scope is None:
            return None
        if self.capability:
            scope.require(self.capability)
        request.scope = scope  # type: ignore[attr-defined]  # as ScopedRequest says
        return scope

    def _scope(self, request: Any) -> Scope | None:
        if token := token_in(request.headers.get("Authorization", "")):
            return check_key(token)
        if not request.user.is_authenticated:
            return None
        if check_csrf(request):
            raise ForeignOriginError
        return scope_of(request.user)


def token_in(header: str) -> str:
    """Return the token of `Authorization: Bearer KEY` or `Token KEY`; empty when there is none."""
    scheme, _, token = header.partition(" ")
    return token.strip() if scheme.lower() in SCHEMES else ""
