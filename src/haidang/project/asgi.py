"""The one door of the web process: raw hot paths first, Django's pages in threads behind them.

A body is spooled to the end, within a limit, before a thread is taken: a stalled upload holds a
socket, never a thread.
"""

import importlib
import os
import tempfile
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, cast

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "haidang.project.settings")

from a2wsgi import WSGIMiddleware
from django.conf import settings

from haidang.project import failures
from haidang.project.wsgi import application as pages

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Handler = Callable[[Scope, Receive, Send], Awaitable[None]]

STREAMS = (
    "haidang.data.ingest.streams",
    "haidang.data.warehouse.streams",
    "haidang.delivery.dashboards.streams",
)
PAGE_THREADS = 8
_IN_MEMORY = 1024 * 1024
_PIECE = 256 * 1024

_modules = [importlib.import_module(name) for name in STREAMS]
_hot: dict[tuple[str, str], Handler] = {
    route: handler for module in _modules for route, handler in module.ROUTES.items()
}
# Questions that a domain answers ahead of its routes where it can, by the start of their path.
_ahead: list[tuple[str, Callable[[Scope, Send], Awaitable[bool]]]] = [
    (module.PREFIX, module.ahead) for module in _modules if hasattr(module, "ahead")
]
# a2wsgi types its messages more narrowly than ASGI servers and handlers do.
_django: Handler = cast(Any, WSGIMiddleware)(pages, workers=PAGE_THREADS)


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Serve one connection."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["type"] == "http":
        hot = _hot.get((scope["method"], scope["path"]))
        if hot is not None:
            await hot(scope, receive, send)
        elif not await _is_answered(scope, send):
            await _page(scope, receive, send)


async def _is_answered(scope: Scope, send: Send) -> bool:
    if scope["method"] != "GET":
        return False
    path = scope["path"]
    for prefix, answer in _ahead:
        if path.startswith(prefix) and await answer(scope, send):
            return True
    return False


async def stopping() -> None:
    """Have endless answers end; a server calls it before it waits for what is being answered."""
    await _tell_modules("stopping")


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        phase = message["type"].removeprefix("lifespan.")
        await _tell_modules(phase)
        await send({"type": f"lifespan.{phase}.complete"})
        if phase == "shutdown":
            return


async def _tell_modules(phase: str) -> None:
    for module in _modules:
        if hook := getattr(module, phase, None):
            await hook()


async def _page(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["method"] in ("GET", "HEAD", "OPTIONS"):
        await _django(scope, receive, send)
        return
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as body:
        whole = await _spool(scope, receive, body)
        if whole is None:
            await _too_large(scope, send)
        elif whole:
            body.seek(0)
            await _django(scope, _reader(body), send)


async def _spool(scope: Scope, receive: Receive, body: Any) -> bool | None:
    """Write the body to its end. Return None when too large, False when the client left."""
    limit: int = settings.MAX_UPLOAD_BYTES
    declared = dict(scope["headers"]).get(b"content-length", b"0")
    if declared.isdigit() and int(declared) > limit:
        return None
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return False
        piece = message.get("body", b"")
        size += len(piece)
        if size > limit:
            return None
        body.write(piece)
        if not message.get("more_body"):
            return True


def _reader(body: Any) -> Receive:
    async def receive() -> dict[str, Any]:
        piece = body.read(_PIECE)
        return {"type": "http.request", "body": piece, "more_body": len(piece) == _PIECE}

    return receive


async def _too_large(scope: Scope, send: Send) -> None:
    answer = failures.too_large(scope["path"])
    headers = [
        (b"content-type", answer["content-type"].encode()),
        (b"content-length", str(len(answer.content)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": answer.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": answer.content})
