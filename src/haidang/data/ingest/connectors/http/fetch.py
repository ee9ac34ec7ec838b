"""Asking a web service: pages are gathered into one document, then handed on as one piece.

The document of many pages is a JSON list of their bodies as they came, so that the original is
kept; where the records stand in it is the path within a page, behind `[*]`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from haidang.data.ingest.connectors import web
from haidang.data.ingest.connectors.http.settings import FORMS
from haidang.data.ingest.connectors.protocol import Cursor, Fetched, Reached, Room, Settings
from haidang.data.ingest.errors import ConnectorError
from haidang.data.ingest.files import paths

_PAGES_AT_ONCE = 100
_BYTES_AT_ONCE = 16 << 20
_MOST_PAGES = 20_000


def test(settings: Settings, room: Room) -> Reached:
    """Ask for the first page and say how many records it has."""
    reply = web.fetch(_request(settings, _first(settings, {})), room)
    if settings["form"] != "json":
        return Reached(f"Máy chủ trả về {reply.size:,} byte.".replace(",", "."), {})
    found = _records(web.as_json(reply.path), settings)
    return Reached(f"Trang đầu có {len(found)} bản ghi.", {})


def fetch(settings: Settings, cursor: Cursor, room: Room) -> Iterator[Fetched]:
    """Yield what the service has now; or, with paging or "since", what is new."""
    if settings["form"] != "json":
        reply = web.fetch(_request(settings, settings["url"]), room)
        yield _snapshot(reply.path, settings, settings["records"])
        return
    if settings["paging"] == "none" and not settings["since_field"]:
        reply = web.fetch(_request(settings, settings["url"]), room)
        if _records(web.as_json(reply.path), settings):
            yield _snapshot(reply.path, settings, settings["records"])
        return
    yield from _gathered(settings, cursor, room)


def _snapshot(path: Path, settings: Settings, records: str) -> Fetched:
    return Fetched(
        name=f"{urlsplit(settings['url']).hostname}.{settings['form']}",
        media=FORMS[settings["form"]],
        content=path,
        cursor_after={},
        records=records if settings["form"] in {"json", "xml"} else "",
        is_snapshot=True,
    )


@dataclass
class _Gathering:
    """Pages on their way into one piece."""

    path: Path
    bodies: int = 0
    size: int = 0
    rows: int = 0
    newest: Any = None
    marks: set[str] = field(default_factory=set)

    def add(self, page: Path, found: list[Any], settings: Settings) -> None:
        body = page.read_bytes()
        with self.path.open("ab" if self.bodies else "wb") as opened:
            opened.write(b"," if self.bodies else b"[")
            opened.write(body)
        self.bodies += 1
        self.size += len(body)
        self.rows += len(found)
        if settings["since_field"]:
            said = [paths.value(row, settings["since_field"]) for row in found]
            self.newest = newest([self.newest, *said])

    def close(self) -> None:
        with self.path.open("ab") as opened:
            opened.write(b"]")

    @property
    def is_full(self) -> bool:
        return self.bodies >= _PAGES_AT_ONCE or self.size >= _BYTES_AT_ONCE


def newest(values: list[Any]) -> Any:
    """Return the largest value: by number where all are numbers, else by text."""
    said = [one for one in values if isinstance(one, str | int | float) and one != ""]
    if not said:
        return None
    if all(isinstance(one, int | float) for one in said):
        return max(said)
    return max(map(str, said))


def _gathered(settings: Settings, cursor: Cursor, room: Room) -> Iterator[Fetched]:
    """Yield pieces of up to a hundred pages.

    "Since" moves only at the end of the walk: a service need not sort its pages by it. Until
    then the cursor holds the page to go on from.
    """
    walk = dict(cursor.get("walk") or {})
    address = walk.get("at") or _first(settings, cursor)
    best = newest([walk.get("newest"), cursor.get("since")])
    for _ in range(_MOST_PAGES // _PAGES_AT_ONCE):
        held = _Gathering(room.folder / "pages", newest=best)
        address = _read_on(held, settings, address, walk, room)
        best = held.newest
        walk |= {"at": address, "newest": best}
        after = {"walk": walk} | ({"since": cursor["since"]} if "since" in cursor else {})
        if not address:
            after = {} if best is None else {"since": best}
        yield _piece(held, settings, after)
        if not address:
            return
    raise ConnectorError(f"Máy chủ có hơn {_MOST_PAGES} trang. Lấy theo phần mới (“từ khi”).")


def _piece(held: _Gathering, settings: Settings, after: dict[str, Any]) -> Fetched:
    """Return what was gathered; where that is no row, only how far the walk came."""
    if held.rows:
        held.close()
    inner = settings["records"].strip().removeprefix("$").strip(".")
    return Fetched(
        name=f"{urlsplit(settings['url']).hostname}.json",
        media=FORMS["json"],
        content=held.path if held.rows else b"",
        cursor_after=after,
        records=f"[*].{inner}" if inner else "[*][*]",
        is_snapshot=True,
    )


def _read_on(
    held: _Gathering, settings: Settings, address: str, walk: dict[str, Any], room: Room
) -> str:
    """Gather pages until enough are held; return the address to go on from, or ""."""
    while address and not held.is_full:
        if address in held.marks:
            raise ConnectorError("Máy chủ chỉ lại một trang đã lấy. Kiểm tra cách phân trang.")
        held.marks.add(address)
        room.seconds  # noqa: B018 - raises when the time is over
        reply = web.fetch(_request(settings, address), room, "page")
        document = web.as_json(reply.path)
        found = _records(document, settings)
        if found:
            held.add(reply.path, found, settings)
        walk["taken"] = int(walk.get("taken", 0)) + len(found)
        address = _next(settings, address, document, reply, found, walk)
    return address


def _records(document: Any, settings: Settings) -> list[Any]:
    return list(paths.records(document, settings["records"] or "."))


def _next(
    settings: Settings,
    address: str,
    document: Any,
    reply: web.Reply,
    found: list[Any],
    walk: dict[str, Any],
) -> str:
    """Return the address of the page behind this one; "" at the end."""
    parameter = settings["page_parameter"]
    match settings["paging"]:
        case "link":
            return _same_origin(address, _linked(reply.headers.get("link", "")))
        case "next":
            return _same_origin(address, str(paths.value(document, settings["next_path"]) or ""))
        case "cursor":
            code = paths.value(document, settings["next_path"])
            return with_parameters(address, {parameter: code}) if found and code else ""
        case "page" if found:
            said = dict(parse_qsl(urlsplit(address).query)).get(parameter, "1")
            return with_parameters(address, {parameter: int(said) + 1})
        case "offset" if found:
            return with_parameters(address, {parameter: walk["taken"]})
    return ""


def _same_origin(address: str, following: str) -> str:
    """Return the whole address of the next page. Raises ConnectorError for another server's."""
    if not following:
        return ""
    whole = urljoin(address, following)
    if web.origin(whole) != web.origin(address):
        raise ConnectorError("Trang sau nằm ở máy chủ khác; hệ thống không đi theo.")
    return whole


def _linked(header: str) -> str:
    """Return the address of rel="next" in a Link header."""
    for part in header.split(","):
        address, _, about = part.partition(";")
        if 'rel="next"' in about.replace(" ", "").replace("'", '"') or "rel=next" in about:
            return address.strip().removeprefix("<").removesuffix(">")
    return ""


def _first(settings: Settings, cursor: Cursor) -> str:
    """Return the address of the first page after what was read."""
    said: dict[str, Any] = {}
    since = cursor.get("since") or settings["since_first"]
    if settings["since_parameter"] and since not in (None, ""):
        said[settings["since_parameter"]] = since
    if settings["size_parameter"]:
        said[settings["size_parameter"]] = settings["size"]
    if settings["paging"] == "page":
        said[settings["page_parameter"]] = 1
    if settings["paging"] == "offset":
        said[settings["page_parameter"]] = 0
    return with_parameters(settings["url"], said)


def with_parameters(address: str, given: dict[str, Any]) -> str:
    """Return an address with these parameters in place of those of the same name."""
    found = web.parts(address)
    kept = [one for one in parse_qsl(found.query, keep_blank_values=True) if one[0] not in given]
    query = urlencode([*kept, *((name, str(value)) for name, value in given.items())])
    return found._replace(query=query).geturl()


def _request(settings: Settings, address: str) -> web.Request:
    secret = settings.get("secret") or ""
    headers = {
        "bearer": {"Authorization": f"Bearer {secret}"},
        "basic": {"Authorization": web.basic(settings["user"], secret)},
        "header": {settings["key_name"]: secret},
    }.get(settings["login"], {})
    return web.Request(address, {"Accept": FORMS[settings["form"]]}, headers)
