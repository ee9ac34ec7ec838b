"""Reading a question from its address, and writing its answer."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qsl, unquote

import orjson
from django.db import close_old_connections

from haidang.data.warehouse import forms, queries
from haidang.data.warehouse.engine.blocks import answers, questions
from haidang.data.warehouse.engine.blocks.memory import State
from haidang.data.warehouse.permissions import QUERY
from haidang.data.warehouse.streams import PREFIX, Scope, Send, following
from haidang.foundation.access import api as access
from haidang.foundation.core.errors import HaidangError

log = logging.getLogger(__name__)

MOST_RECORDS, MOST_GROUPS = 10_000, 100_000
_RECORDS = ("fields", "order", "limit")
_AGGREGATES = ("group", "bucket", "measures", "order", "limit")
# Counting everything, other moments of knowledge and what nobody approved: the lake's to answer.
_LAKES = {"count", "as_known_on", "unapproved", "offset", "purpose"}
_LAST = ("device", "metric", "time", "value", "status", "unit", "batch")
_SERIES_AT_ONCE = 64  # of a question that is answered without leaving the loop
_HEADERS = [
    (b"content-type", b"application/json; charset=utf-8"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"vary", b"Cookie, Authorization"),
    (b"server-timing", b"blocks"),
]
_threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="blocks")
_units: dict[int | None, tuple[access.Scope, dict[str, frozenset[str] | None]]] = {}
_KEPT_AT_MOST = 1_000

Asked = Mapping[str, str]
Units = frozenset[str] | None


async def answer(scope: Scope, send: Send) -> bool:
    """Answer from blocks and return True; False where the lake has to be asked."""
    code, _, kind = scope["path"][len(PREFIX) :].partition("/")
    ask = _KINDS.get(kind)
    follower = following.follower() if ask else None
    state = follower.state(unquote(code)) if follower else None
    if ask is None or state is None:
        return False
    asked = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
    if _LAKES & asked.keys():
        return False
    try:
        visitor = await access.authorise(scope, QUERY)
        units = await _seen_units(visitor, state)
        body = await _body(ask, state, asked, units)
    except HaidangError:
        return False
    except Exception:
        log.exception("blocks cannot answer %s; the lake does", scope["path"])
        return False
    if body is None:
        return False
    head = {"type": "http.response.start", "status": 200, "headers": _headers(body)}
    await send(head)
    await send({"type": "http.response.body", "body": body})
    return True


def _headers(body: bytes) -> list[tuple[bytes, bytes]]:
    return [*_HEADERS, (b"content-length", str(len(body)).encode())]


async def _seen_units(visitor: access.Scope, state: State) -> Units:
    """Return the codes of the units that may be seen, as old as the visitor's scope."""
    dataset = state.info.dataset
    kept = _units.get(visitor.account_id)
    if kept is None or kept[0] is not visitor:
        if len(_units) >= _KEPT_AT_MOST:
            _units.clear()
        kept = _units[visitor.account_id] = (visitor, {})
    if dataset not in kept[1]:
        loop = asyncio.get_running_loop()
        kept[1][dataset] = await loop.run_in_executor(_threads, _load_units, visitor, state)
    return kept[1][dataset]


def _load_units(visitor: access.Scope, state: State) -> Units:
    try:
        return queries.seen_units(state.info, visitor)
    finally:
        close_old_connections()


Ask = Callable[[State, Asked, Units], dict[str, Any] | None]


async def _body(ask: Ask, state: State, asked: Asked, units: Units) -> bytes | None:
    if _is_quick(asked):
        return _encoded(ask, state, asked, units)
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_threads, _encoded, ask, state, asked, units)


def _is_quick(asked: Asked) -> bool:
    devices = asked.get("device") or asked.get("device__in", "")
    metrics = asked.get("metric") or asked.get("metric__in", "")
    series = (devices.count(",") + 1) * (metrics.count(",") + 1)
    return bool(devices and metrics) and series <= _SERIES_AT_ONCE


def _encoded(ask: Ask, state: State, asked: Asked, units: Units) -> bytes | None:
    found = ask(state, asked, units)
    if found is None:
        return None
    options = orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z
    about = {"dataset": state.info.dataset, "withheld": len(state.withheld)}
    return orjson.dumps(about | found, option=options)


def _aggregates(state: State, asked: Asked, units: Units) -> dict[str, Any] | None:
    wanted = questions.wanted(forms.conditions(asked, _AGGREGATES))
    most = _limit(asked, MOST_GROUPS, MOST_GROUPS)
    measures = [one.partition(":")[::2] for one in forms.words(asked.get("measures", ""))]
    if wanted is None or most is None:
        return None
    found = answers.aggregate(
        state,
        wanted,
        units=units,
        measures=measures,
        group=forms.words(asked.get("group", "")),
        bucket=asked.get("bucket") or None,
        order=forms.words(asked.get("order", "")),
        limit=most + 1,
    )
    if found is None:
        return None
    return {"columns": found[0], "more": len(found[1]) > most, "rows": found[1][:most]}


def _records(state: State, asked: Asked, units: Units) -> dict[str, Any] | None:
    wanted = questions.wanted(forms.conditions(asked, _RECORDS))
    most = _limit(asked, 100, MOST_RECORDS)
    if wanted is None or most is None:
        return None
    names = forms.words(asked.get("fields", "")) or [*state.info.names, "_batch", "_row"]
    order = forms.words(asked.get("order", ""))
    found = answers.records(state, wanted, units=units, names=names, order=order, limit=most + 1)
    if found is None:
        return None
    items = [dict(zip(names, row, strict=True)) for row in found[:most]]
    return {"total": None, "more": len(found) > most, "masked": [], "items": items}


def _last(state: State, asked: Asked, units: Units) -> dict[str, Any] | None:
    devices, metrics = (forms.words(asked.get(name, "")) for name in questions.GROUPS)
    wanted = questions.Wanted(tuple(devices) or None, tuple(metrics) or None)
    found = answers.last(state, wanted, units=units)
    if found is None:
        return None
    return {"items": [dict(zip(_LAST, row, strict=True)) for row in found]}


_KINDS: dict[str, Ask] = {"aggregates": _aggregates, "records": _records, "last": _last}


def _limit(asked: Asked, usual: int, most: int) -> int | None:
    text = asked.get("limit", str(usual))
    return min(int(text), most) if text.isdecimal() and text.isascii() else None
