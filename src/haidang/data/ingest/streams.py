"""The hot way in over HTTP: SenML and line protocol, answered when durable.

Here is checked who, how much, whether it is text and has the right shape; the bytes go to intake's
journal, and the answer leaves when it has synced them. Rows are judged after. The same handlers
serve web, which hands bodies over a socket, and intake's own port (`intake.http`).
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

import orjson

from haidang.data.ingest.intake import client, frames, spool
from haidang.data.ingest.intake.notes import ARROW, LINES, SENML, TIME_UNITS, Note
from haidang.data.ingest.intake.spool import Body, EncodingError, TooLargeError
from haidang.data.ingest.intake.writers import CAPABILITY, Sources, may_write
from haidang.foundation.access import api as access
from haidang.foundation.core.errors import NotAllowedError

log = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Handler = Callable[[Scope, Receive, Send], Awaitable[None]]

RETRY_SECONDS = b"2"
_ARROW = b"application/vnd.apache.arrow.stream"
_JSON = [(b"content-type", b"application/json")]
_PROBLEM = [(b"content-type", b"application/problem+json; charset=utf-8")]
_sources = Sources()


@dataclass(frozen=True, slots=True)
class Asked:
    """What line and headers of a request ask for; `parameter` is where they name the source."""

    source: str
    parameter: str
    form: str
    extra: str

    @property
    def note(self) -> bytes:
        return Note(self.source, self.form, self.extra).encode()


class _Problem(Exception):
    """An answer other than success."""

    def __init__(self, status: int, title: str, detail: str) -> None:
        super().__init__(detail)
        self.status, self.title, self.detail = status, title, detail


async def post_readings(scope: Scope, receive: Receive, send: Send) -> None:
    """POST /api/v1/readings?source=CODE[&device=CODE]: a SenML pack or, by its content type, an

    Arrow IPC stream; 202 with its id.
    """
    await _answer(scope, receive, send, _readings)


async def post_lines(scope: Scope, receive: Receive, send: Send) -> None:
    """POST /api/v2/write?bucket=CODE[&precision=ns|us|ms|s]: line protocol; 204."""
    await _answer(scope, receive, send, _lines)


ROUTES: dict[tuple[str, str], Handler] = {
    ("POST", "/api/v1/readings"): post_readings,
    ("POST", "/api/v2/write"): post_lines,
}


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Serve these routes and no others, for intake's own port."""
    handler = ROUTES.get((scope["method"], scope["path"]), _nothing_here)
    await handler(scope, receive, send)


async def _nothing_here(scope: Scope, receive: Receive, send: Send) -> None:
    await _answer(scope, receive, send, _unknown)


async def _unknown(scope: Scope, receive: Receive) -> tuple[int, bytes]:
    known = ", ".join(f"{method} {path}" for method, path in ROUTES)
    raise _Problem(404, "Không có ở cổng này", f"Cổng nhận số liệu chỉ có {known}.")


_Take = Callable[[Scope, Receive], Awaitable[tuple[int, bytes]]]


async def _answer(scope: Scope, receive: Receive, send: Send, take: _Take) -> None:
    try:
        status, body = await _taken(scope, receive, take)
        headers = _JSON if body else []
    except _Problem as problem:
        status, headers, body = problem.status, list(_PROBLEM), _problem(problem)
        if status == HTTPStatus.SERVICE_UNAVAILABLE:
            headers.append((b"retry-after", RETRY_SECONDS))
        if status in (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNAUTHORIZED):
            headers.append((b"connection", b"close"))
        if status == HTTPStatus.UNAUTHORIZED:
            headers.append((b"www-authenticate", b"Bearer"))
    except spool.DisconnectedError:
        return
    await _send(send, status, headers, body)


async def _send(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _taken(scope: Scope, receive: Receive, take: _Take) -> tuple[int, bytes]:
    try:
        return await take(scope, receive)
    except TooLargeError as error:
        limit = spool.MAX_BYTES // (1024 * 1024)
        detail = f"Mỗi lần gửi tối đa {limit} MB; hãy chia nhỏ."
        raise _Problem(413, "Nội dung quá lớn", detail) from error
    except EncodingError as error:
        raise _bad(str(error)) from error
    except OSError as error:
        log.error("readings cannot be spooled: %s", error)
        raise _unavailable("Không ghi được dữ liệu xuống đĩa; hãy gửi lại sau.") from error


async def _readings(scope: Scope, receive: Receive) -> tuple[int, bytes]:
    return await _entered(scope, receive, _asks_readings(scope))


async def _lines(scope: Scope, receive: Receive) -> tuple[int, bytes]:
    return await _entered(scope, receive, _asks_lines(scope))


async def _entered(scope: Scope, receive: Receive, asked: Asked) -> tuple[int, bytes]:
    await _allow(scope, asked)
    is_arrow = asked.form == ARROW
    async with spool.Receiving(scope["headers"], receive, is_text=not is_arrow) as body:
        if is_arrow:
            await _check_stream(body)
        else:
            _check(asked, body)
        return success(asked, await _hand_in(asked.note, body))


def _asks_readings(scope: Scope) -> Asked:
    query = _query(scope)
    is_arrow = dict(scope["headers"]).get(b"content-type", b"").strip().lower() == _ARROW
    form = ARROW if is_arrow else SENML
    return Asked(query.get("source", ""), "source", form, query.get("device", ""))


def _asks_lines(scope: Scope) -> Asked:
    query = _query(scope)
    precision = query.get("precision", "")
    if precision not in TIME_UNITS:
        raise _bad("Tham số “precision” phải là ns, us, ms hoặc s.")
    return Asked(query.get("bucket") or query.get("db", ""), "bucket", LINES, precision)


def _check(asked: Asked, body: Body) -> None:
    """Refuse a text that cannot be what was asked for; a body in a file by its beginning."""
    if asked.form == SENML:
        _check_pack(body)
    elif not body.head.strip():
        raise _bad("Nội dung rỗng: cần ít nhất một dòng.")


def success(asked: Asked, position: int) -> tuple[int, bytes]:
    """Return the answer to a body that is durable at this position."""
    if asked.form == LINES:
        return HTTPStatus.NO_CONTENT, b""
    return HTTPStatus.ACCEPTED, orjson.dumps({"id": f"main-{position}", "source": asked.source})


def _query(scope: Scope) -> Mapping[str, str]:
    query = dict(parse_qsl(scope["query_string"].decode("latin-1")))
    if any("\0" in value or len(value) > 200 for value in query.values()):
        raise _bad("Tham số không hợp lệ.")
    return query


async def _allow(scope: Scope, asked: Asked) -> None:
    """Refuse a visitor who may not write to the source."""
    try:
        visitor = await access.authorise(scope, CAPABILITY)
    except access.NotSignedInError as error:
        raise _Problem(401, "Chưa xác thực", error.message) from error
    except NotAllowedError as error:
        raise _Problem(403, "Không có quyền", error.message) from error
    if not asked.source:
        raise _bad(f"Thiếu tham số “{asked.parameter}”: mã nguồn dữ liệu.")
    source = await _sources.find(asked.source)
    if source is None or not may_write(visitor, source):
        # One answer for both, so that codes of others' sources cannot be guessed.
        detail = f"Không có nguồn “{asked.source}”, hoặc khóa này không được ghi vào nguồn đó."
        raise _Problem(403, "Không có quyền", detail)


async def _check_stream(body: Body) -> None:
    """Refuse what is no Arrow stream of readings. Arrow is loaded with the first one."""
    from haidang.data.ingest.intake.formats import arrow

    def check() -> None:
        import pyarrow as pa

        if body.file is None:
            arrow.checked(pa.py_buffer(body.head))
            return
        with pa.memory_map(str(frames.spool_folder() / body.file.name)) as source:
            arrow.checked(source)

    try:
        await asyncio.get_running_loop().run_in_executor(None, check)
    except arrow.ArrowError as error:
        raise _bad(str(error)) from error


def _check_pack(body: Body) -> None:
    """Refuse what cannot be a SenML pack; a body in a file is judged by its first letter."""
    if body.file is not None:
        if body.head.lstrip()[:1] not in (b"[", b"{"):
            raise _bad("Nội dung phải là SenML dạng JSON: một mảng các bản ghi.")
        return
    try:
        pack = orjson.loads(body.head)
    except orjson.JSONDecodeError as error:
        raise _bad(f"Không đọc được JSON ở ký tự thứ {error.pos + 1}: {error.msg}.") from error
    if not isinstance(pack, list | dict) or not pack:
        raise _bad("Nội dung phải là SenML dạng JSON: một mảng các bản ghi.")


@dataclass(frozen=True, slots=True)
class Plain:
    """A request whose head says all: its body follows at once, whole and as it is."""

    asked: Asked
    note: bytes
    token: str
    length: int


def plain(scope: Scope) -> Plain | None:
    """Read a head that devices send again and again; None for one that asks for anything more."""
    headers = dict(scope["headers"])
    reader = _READERS.get((scope["method"], scope["path"]))
    length = headers.get(b"content-length", b"")
    token = access.token_in(headers.get(b"authorization", b"").decode("latin-1"))
    is_single = len(headers) == len(scope["headers"]) and headers.keys() <= _PLAIN
    if not (reader and token and is_single and scope["http_version"] == "1.1"):
        return None
    try:
        asked = reader(scope)
    except _Problem:
        return None
    if asked.form == ARROW or not length.isdigit() or int(length) > frames.INLINE_BYTES:
        return None
    return Plain(asked, asked.note, token, int(length))


def passes(request: Plain, body: bytes) -> bool:
    """Tell whether a body may enter by what is known now; False: it must be asked the long way."""
    visitor = access.remembered(request.token)
    source = _sources.remembered(request.asked.source)
    if visitor is None or source is None or not may_write(visitor, source) or not body.isascii():
        return False
    try:
        _check(request.asked, Body(body))
    except _Problem:
        return False
    return True


_READERS = {
    ("POST", "/api/v1/readings"): _asks_readings,
    ("POST", "/api/v2/write"): _asks_lines,
}
_PLAIN = {
    b"host", b"user-agent", b"accept", b"accept-encoding", b"authorization", b"content-type",
    b"content-length",
}  # fmt: skip


async def _hand_in(note: bytes, body: Body) -> int:
    intake = client.of_loop()
    try:
        if body.file is not None:
            return await intake.put_file(note, body.file)
        return await intake.put(note, body.head)
    except client.DiskFullError as error:
        raise _unavailable("Đĩa đã đầy nên chưa ghi được dữ liệu; hãy gửi lại sau.") from error
    except client.IntakeDownError as error:
        raise _unavailable("Bộ phận thu nhận đang khởi động lại; hãy gửi lại sau.") from error


def _bad(detail: str) -> _Problem:
    return _Problem(400, "Yêu cầu không hợp lệ", detail)


def _unavailable(detail: str) -> _Problem:
    return _Problem(503, "Tạm thời chưa nhận được", detail)


def _problem(problem: _Problem) -> bytes:
    return json.dumps(
        {
            "type": "about:blank",
            "title": problem.title,
            "status": problem.status,
            "detail": problem.detail,
        },
        ensure_ascii=False,
    ).encode()
