"""Every page, route and stream asks who comes: nothing is open by oversight.

What is open on purpose is named here; a name that no longer fits fails the test.
"""

import asyncio
import importlib
import inspect
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.converters import get_converters

from haidang.foundation.access.queries.overview import labels
from haidang.foundation.access.starter.roles import ROLES
from haidang.project import asgi
from haidang.project.api import api
from tests.world import World, build_world

# Open to everybody.
PUBLIC = {
    "": "leads to the console",
    "healthz": "liveness",
    "readyz": "readiness",
    "metrics": "Prometheus; a firewall's matter",
    "accounts/login/": "sign-in",
    "accounts/logout/": "sign-out",
    "accounts/inactive/": "says that an account is locked",
    "accounts/2fa/authenticate/": "the second step of sign-in",
    "api/v1/": "the root of the API",
    "api/v1/docs": "the API's pages of reference",
    "api/v1/openapi.json": "the API's description",
}
# Open to everybody who is signed in: pages about oneself, or without any object.
SIGNED_IN = {
    "accounts/": "one's own account",
    "accounts/reauthenticate/": "one's own password",
    "accounts/password/change/": "one's own password",
    "accounts/2fa/": "one's own second factor",
    "accounts/2fa/reauthenticate/": "one's own second factor",
    "accounts/2fa/totp/activate/": "one's own second factor",
    "accounts/2fa/totp/deactivate/": "one's own second factor",
    "accounts/2fa/codes/": "one's own second factor",
    "accounts/2fa/codes/new/": "one's own second factor",
    "console/gallery/": "samples, without any datum",
    "console/inbox/": "one's own messages",
    "console/inbox/read/": "one's own messages",
    "console/inbox/<int:message_id>/": "one's own messages",
}
# Routes about oneself: every account may ask, and meets nothing of another.
OWN_ROUTES = {
    ("GET", "/messages"): "one's own messages",
    ("POST", "/messages/read"): "one's own messages",
    ("POST", "/messages/{int:id}/read"): "one's own messages",
}
SAMPLES = {"int": "1", "slug": "x", "str": "74", "day": "2026-11-23", "path": "x", "uuid": "0" * 32}


def _walk(patterns: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for one in patterns:
        route = prefix + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from _walk(one.url_patterns, route)
        elif isinstance(one, URLPattern):
            yield route, one.callback


def _pages() -> dict[str, Any]:
    return dict(_walk(get_resolver().url_patterns))


def _address(route: str) -> str:
    parts = route.replace("<", "\0<").replace(">", ">\0").split("\0")
    return "/" + "".join(_sample(part) if part.startswith("<") else part for part in parts)


def _sample(part: str) -> str:
    """Something that fits "<int:id>"; of a converter of our own the first alternative."""
    kind = part.strip("<>").partition(":")[0] if ":" in part else "str"
    return SAMPLES.get(kind) or get_converters()[kind].regex.strip("()").split("|")[0]


def _capability(view: Any) -> str | None:
    """What a view asks for; pages below `access` name it to the gate of `core`."""
    if (asked := getattr(view, "capability", None)) is not None:
        return str(asked)
    while inspect.isfunction(view):
        found = inspect.getclosurevars(view).nonlocals.get("capability")
        if isinstance(found, str):
            return found
        view = getattr(view, "__wrapped__", None)
    return None


GUARDED = sorted(
    route
    for route in _pages()
    if not route.startswith("api/") and route not in PUBLIC and route not in SIGNED_IN
)
ROUTES = sorted(
    (method, path)
    for _, router in api._routers
    for path, view in router.path_operations.items()
    for operation in view.operations
    for method in operation.methods
)
STREAMS = sorted(route for name in asgi.STREAMS for route in importlib.import_module(name).ROUTES)


@pytest.fixture
def world(db: None) -> World:
    return build_world()


def test_every_page_names_its_capability_and_the_exceptions_are_not_stale() -> None:
    pages = _pages()
    nameless = [route for route in GUARDED if not _capability(pages[route])]
    assert nameless == []
    named = {route for route in PUBLIC | SIGNED_IN if route not in pages}
    assert named == set(), "these addresses no longer exist"
    guarded = {route for route in PUBLIC | SIGNED_IN if _capability(pages.get(route))}
    assert guarded == set(), "these ask for a capability; take them off the list"


def test_no_page_answers_a_visitor_or_an_account_without_a_role(world: World) -> None:
    """Not what a view says of itself, but what it does."""
    visitor, stranger = Client(), world.client("nguoila")
    open_to: list[str] = []
    for route in GUARDED:
        path = _address(route)
        for method in ("get", "post"):
            answer = getattr(visitor, method)(path)
            sent_away = answer.status_code == 302 and "/accounts/login/" in answer["Location"]
            if not sent_away and answer.status_code not in (401, 405):
                open_to.append(f"visitor {method} {path}: {answer.status_code}")
            answer = getattr(stranger, method)(path)
            if answer.status_code not in (403, 405):
                open_to.append(f"stranger {method} {path}: {answer.status_code}")
    assert not open_to, "\n".join(open_to)


def test_own_pages_send_a_visitor_to_sign_in(db: None) -> None:
    for route in SIGNED_IN:
        for method in ("get", "post"):
            answer = getattr(Client(), method)(_address(route))
            assert answer.status_code in (302, 405), (method, route)
            assert answer.status_code == 405 or "/accounts/login/" in answer["Location"]


def test_no_route_answers_without_a_key_or_with_a_stranger_s(world: World) -> None:
    key = {"authorization": f"Bearer {world.key('nguoila')}"}
    open_to: list[str] = []
    for method, path in ROUTES:
        place = _address(path.replace("{", "<").replace("}", ">")).lstrip("/")
        if _call(method, place, {}) != 401:
            open_to.append(f"visitor {method} {place}")
        answer = _call(method, place, key)
        if answer not in ((200, 404) if (method, path) in OWN_ROUTES else (403,)):
            open_to.append(f"stranger {method} {place}: {answer}")
    assert not open_to, "\n".join(open_to)


def test_every_route_asks_for_its_capability_before_anything_else() -> None:
    nameless = [
        f"{method} {path}"
        for _, router in api._routers
        for path, view in router.path_operations.items()
        for operation in view.operations
        for method in operation.methods
        if (method, path) not in OWN_ROUTES
        if not all(map(_asks, operation.auth_callbacks))
    ]
    assert nameless == []
    assert set(OWN_ROUTES) <= set(ROUTES), "these routes no longer exist"


def _asks(callback: Any) -> bool:
    return bool(getattr(callback, "capability", None) or _capability(callback))


def _call(method: str, place: str, headers: dict[str, str]) -> int:
    kind = "application/json"
    client = Client(headers=headers)
    return client.generic(method, f"/api/v1/{place}", b"{}", content_type=kind).status_code


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("method", "path"), STREAMS)
def test_no_stream_answers_without_a_key_or_with_a_stranger_s(
    transactional_db: None, method: str, path: str
) -> None:
    key = build_world().key("nguoila")
    handler = {
        route: handler
        for name in asgi.STREAMS
        for route, handler in importlib.import_module(name).ROUTES.items()
    }[method, path]
    for headers, wanted in (([], 401), ([(b"authorization", f"Bearer {key}".encode())], 403)):
        assert asyncio.run(_status(handler, method, path, headers)) == wanted


async def _status(handler: Any, method: str, path: str, headers: list[Any]) -> int:
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": method, "path": path, "query_string": b"", "headers": headers,
        "client": ("127.0.0.1", 1),
    }  # fmt: skip
    await asyncio.wait_for(handler(scope, receive, send), 10)
    return int(sent[0]["status"])


def test_every_capability_has_words_and_somebody_who_holds_it() -> None:
    pages = _pages()
    asked = {asked for route in GUARDED if (asked := _capability(pages[route]))}
    held = {capability for role in ROLES for capability in role.capabilities}
    assert asked - held == set(), "no shipped role may enter there"
    assert (asked | held) - set(labels()) == set(), "declare these in the domain's permissions"
