"""The guard of raw ASGI handlers: one look-up per second and visitor, in threads of its own."""

import asyncio
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user
from django.db import close_old_connections
from django.http import HttpRequest, parse_cookie

from haidang.foundation.access.doors.routes import token_in
from haidang.foundation.access.errors import ForeignOriginError, NotSignedInError
from haidang.foundation.access.models import Account
from haidang.foundation.access.queries.keys import check_key
from haidang.foundation.access.queries.scopes import Scope, scope_of

_KEPT_SECONDS = 1.0
_RENEWED_BEFORE = 0.5  # seconds before its end an answer that is in use is asked for again
_KEPT_AT_MOST = 10_000
_READS_ONLY = {"GET", "HEAD", "OPTIONS"}
_threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="authorise")
_kept: dict[tuple[str, str], tuple[float, Scope | None]] = {}
_under_way: dict[tuple[asyncio.AbstractEventLoop, str, str], asyncio.Future[Scope | None]] = {}

_renewing: dict[tuple[str, str], "asyncio.Future[Scope | None]"] = {}


async def authorise(asgi_scope: Mapping[str, Any], capability: str) -> Scope:
    """Return the visitor's scope, from the session cookie or `Authorization: Bearer|Token KEY`.

    At most one second old. Raises NotSignedInError (401) or NotAllowedError (403).
    """
    headers = {name.lower(): value.decode("latin-1") for name, value in asgi_scope["headers"]}
    secret = _secret(asgi_scope, headers)
    found = await _scope(*secret) if secret[1] else None
    if found is None:
        raise NotSignedInError
    found.require(capability)
    return found


def remembered(token: str) -> Scope | None:
    """Return the scope of an API key that was looked up within the last second; asks nobody."""
    return _fresh("key", token)[1]


def _secret(asgi_scope: Mapping[str, Any], headers: Mapping[bytes, str]) -> tuple[str, str]:
    if token := token_in(headers.get(b"authorization", "")):
        return "key", token
    cookie = parse_cookie(headers.get(b"cookie", "")).get(settings.SESSION_COOKIE_NAME, "")
    if cookie and asgi_scope["method"] not in _READS_ONLY:
        _refuse_foreign(headers)
    return "session", cookie


def _refuse_foreign(headers: Mapping[bytes, str]) -> None:
    """A cookie travels by itself, so a write with it must come from our own pages."""
    origin = headers.get(b"origin", "") or headers.get(b"referer", "")
    if not origin or urlsplit(origin).netloc != headers.get(b"host", ""):
        raise ForeignOriginError


async def _scope(kind: str, secret: str) -> Scope | None:
    is_known, found = _fresh(kind, secret)
    return found if is_known else await _fetched(kind, secret)


def _fresh(kind: str, secret: str) -> tuple[bool, Scope | None]:
    """Tell whether the answer is known, and which; ask anew before it is too old to use."""
    until, found = _kept.get((kind, secret), (0.0, None))
    left = until - time.monotonic()
    if left <= 0:
        return False, None
    if left < _RENEWED_BEFORE and (kind, secret) not in _renewing:
        task = asyncio.ensure_future(_fetched(kind, secret))
        _renewing[kind, secret] = task
        task.add_done_callback(lambda done: _renewed(kind, secret, done))
    return True, found


def _renewed(kind: str, secret: str, done: "asyncio.Future[Scope | None]") -> None:
    _renewing.pop((kind, secret), None)
    if not done.cancelled():
        done.exception()  # whoever needs the answer will ask, and hear it


async def _fetched(kind: str, secret: str) -> Scope | None:
    found = await _looked_up(kind, secret)
    if len(_kept) >= _KEPT_AT_MOST:
        _kept.clear()
    _kept[kind, secret] = (time.monotonic() + _KEPT_SECONDS, found)
    return found


async def _looked_up(kind: str, secret: str) -> Scope | None:
    """Ask the database once for all that wait for the same answer."""
    loop = asyncio.get_running_loop()
    waiting = _under_way.get((loop, kind, secret))
    if waiting is None:
        waiting = asyncio.ensure_future(loop.run_in_executor(_threads, _load, kind, secret))
        _under_way[loop, kind, secret] = waiting
        waiting.add_done_callback(lambda _: _under_way.pop((loop, kind, secret), None))
    return await asyncio.shield(waiting)


def forget_everyone() -> None:
    """Drop what this process remembers of visitors."""
    _kept.clear()


def _load(kind: str, secret: str) -> Scope | None:
    close_old_connections()
    try:
        return check_key(secret) if kind == "key" else _scope_of_session(secret)
    finally:
        close_old_connections()


def _scope_of_session(session_key: str) -> Scope | None:
    """Ask Django itself, so that a new password or a lock ends the session here too."""
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    user = get_user(request)
    return scope_of(user) if isinstance(user, Account) else None
