"""Narrow questions about readings, answered from blocks ahead of Django where that is exact.

The same addresses, answers and guards as `routes`; whatever is unusual is left to them: strangers,
mistakes, other datasets, moments that are not remembered. numpy and Arrow come with the first one.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Handler = Callable[[Scope, Receive, Send], Awaitable[None]]

PREFIX = "/api/v1/datasets/"
ROUTES: dict[tuple[str, str], Handler] = {}


async def ahead(scope: Scope, send: Send) -> bool:
    """Answer a question and tell so; False leaves it to the routes, nothing sent."""
    from haidang.data.warehouse.streams import asked

    return await asked.answer(scope, send)


async def shutdown() -> None:
    """Let go of the blocks."""
    import sys

    if following := sys.modules.get(f"{__name__}.following"):
        following.close()
