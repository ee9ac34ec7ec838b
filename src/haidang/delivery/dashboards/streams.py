"""The live stream of an open page: server-sent events, each note filtered by the visitor's scope.

Notes carry ids only; the page then asks for its parts again under its own scope. A page that
comes back after an interruption (Last-Event-ID) is told to ask for everything again.
"""

import asyncio
import contextlib
import itertools
import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from haidang.foundation.access import api as access
from haidang.foundation.core import live
from haidang.foundation.core.errors import HaidangError, NotAllowedError

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

CAPABILITY = "dashboards.view"
HEARTBEAT_SECONDS = 15.0
_NOWHERE = 0  # no unit has this id
RETRY_MILLISECONDS = 2000
# What a visitor must be allowed to see, where, to hear that it changed.
TOPICS = {"figure": "indicators.view", "alert": "alerts.view", "ticket": "operations.view"}

_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]
_closing: set[asyncio.Event] = set()


async def stream(scope: Scope, receive: Receive, send: Send) -> None:
    """Keep one page told until it leaves, its access ends, or the process stops."""
    try:
        visitor = await access.authorise(scope, CAPABILITY)
    except NotAllowedError as error:
        await _refuse(send, error)
        return
    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
    await _say(send, f"retry: {RETRY_MILLISECONDS}\n\n")
    closing = asyncio.Event()
    _closing.add(closing)
    leaving = [asyncio.ensure_future(_left(receive)), asyncio.ensure_future(closing.wait())]
    telling = asyncio.ensure_future(_tell(scope, visitor, send))
    # The server cancels what is open when it stops: for a stream that is an end like any other.
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.wait([*leaving, telling], return_when=asyncio.FIRST_COMPLETED)
    _closing.discard(closing)
    for task in (*leaving, telling):
        task.cancel()
    with contextlib.suppress(asyncio.CancelledError, OSError):
        await asyncio.gather(*leaving, telling, return_exceptions=True)
        await send({"type": "http.response.body", "body": b""})


async def _tell(scope: Scope, visitor: access.Scope, send: Send) -> None:
    numbers = itertools.count(1)
    async with live.hub.listen() as listener:
        if _came_back(scope):
            await _say(send, event(live.Note(live.RESYNC), next(numbers)))
        while True:
            try:
                note = await asyncio.wait_for(listener.next(), HEARTBEAT_SECONDS)
            except TimeoutError:
                await _say(send, ": \n\n")
                note = None
            # Kept at most a second: a right that was withdrawn ends the stream.
            visitor = await access.authorise(scope, CAPABILITY)
            if note and may_hear(visitor, note):
                await _say(send, event(note, next(numbers)))


def may_hear(visitor: access.Scope, note: live.Note) -> bool:
    """Tell whether a visitor may know that this changed."""
    if note.topic == live.RESYNC:
        return True
    capability = TOPICS.get(note.topic)
    # What is of no sector is for those who work in all of them; what is of no unit, for nobody.
    unit = _NOWHERE if note.unit is None else note.unit
    return bool(capability and visitor.allows(capability, unit, note.sector or ""))


def event(note: live.Note, number: int) -> str:
    """Return a note as one server-sent event."""
    told = {"topic": note.topic, "unit": note.unit, **note.ids}
    return f"id: {number}\ndata: {json.dumps(told)}\n\n"


def _came_back(scope: Scope) -> bool:
    return any(name.lower() == b"last-event-id" and value for name, value in scope["headers"])


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _say(send: Send, text: str) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


async def _refuse(send: Send, error: HaidangError) -> None:
    status = 401 if isinstance(error, access.NotSignedInError) else 403
    problem = {"type": "about:blank", "title": error.message, "status": status}
    headers = [(b"content-type", b"application/problem+json; charset=utf-8")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(problem).encode()})


async def stopping() -> None:
    """End every open stream properly; the server calls it before it waits for open answers."""
    for closing in list(_closing):
        closing.set()


async def shutdown() -> None:
    """Let the hub go, once the server has let everybody go."""
    await stopping()
    await live.hub.close()


ROUTES = {("GET", "/api/v1/stream"): stream}
