"""The guard of Django pages."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast
from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from haidang.foundation.access.models import Account
from haidang.foundation.access.queries.scopes import Scope, scope_of

P = ParamSpec("P")


class ScopedRequest(HttpRequest):
    """A request that passed `requires`: signed in, with the account's scope."""

    user: Account
    scope: Scope


ScopedView = Callable[Concatenate[ScopedRequest, P], HttpResponseBase]
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def requires(
    capability: str,
) -> Callable[[ScopedView[P]], View[P]]:
    """Let a page in only who is signed in and holds the capability somewhere.

    The page gets a ScopedRequest and filters its objects by `request.scope`. A visitor is sent
    to the sign-in page; an account without the capability gets NotAllowedError.
    """

    def decorate(
        view: ScopedView[P],
    ) -> View[P]:
        @wraps(view)
        def guarded(request: Any, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return _to_sign_in(request)
            request.scope = scope_of(request.user)
            request.scope.require(capability)
            return view(request, *args, **kwargs)

        guarded.capability = capability  # type: ignore[attr-defined]  # read by the gate's tests
        return cast(View[P], guarded)

    return decorate


def signed_in(
    view: ScopedView[P],
) -> View[P]:
    """Let any signed-in account in: for pages about oneself alone (inbox, own account)."""

    @wraps(view)
    def guarded(request: Any, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return _to_sign_in(request)
        request.scope = scope_of(request.user)
        return view(request, *args, **kwargs)

    guarded.capability = ""  # type: ignore[attr-defined]  # read by the gate's tests
    return cast(View[P], guarded)


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """Send a visitor to the sign-in page; a fragment's request moves the whole page."""
    if request.headers.get("HX-Request") == "true":
        back = request.headers.get("HX-Current-URL", "")
        answer = HttpResponse(status=401)
        answer["HX-Redirect"] = redirect_to_login(_path_of(back)).url
        return answer
    return redirect_to_login(request.get_full_path())


def _path_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
