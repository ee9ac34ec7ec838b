"""Paging through the entities of a broker; the newest time of modification is the cursor."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from haidang.data.ingest.connectors import asking, web
from haidang.data.ingest.connectors.protocol import Cursor, Fetched, Reached, Room, Settings
from haidang.data.ingest.errors import ConnectorError

MEDIA = "application/ld+json"


def test(settings: Settings, room: Room) -> Reached:
    """Ask for one entity."""
    found = _listed(_page(settings, room, "", 0, 1))
    if not found:
        return Reached(f"Máy chủ trả lời; chưa có thực thể kiểu “{settings['type']}”.", {})
    return Reached(
        f"Máy chủ trả lời, có thực thể kiểu “{settings['type']}”: {found[0].get('id')}.", {}
    )


def fetch(settings: Settings, cursor: Cursor, room: Room) -> Iterator[Fetched]:
    """Yield pages of entities. The cursor moves on after the last page only: a page in between
    may be older than the next one."""
    since = str(cursor.get("modified", "")) if settings["since"] else ""
    size = int(settings["page"] or 100)
    newest, start = since, 0
    while True:
        reply = _page(settings, room, since, start, size)
        found = _listed(reply)
        newest = max([newest, *(str(one.get("modifiedAt") or "") for one in found)])
        is_last = len(found) < size
        if found:
            after = dict(cursor) | ({"modified": newest} if is_last else {})
            yield Fetched(
                f"{settings['type']}-{start}.jsonld", MEDIA, reply.path, after,
                key=f"{since}\0{start}",
            )  # fmt: skip
        if is_last:
            return
        start += size


def _page(settings: Settings, room: Room, since: str, start: int, size: int) -> web.Reply:
    given = {"type": settings["type"], "limit": size, "offset": start, "options": "sysAttrs"}
    if since:
        given["q"] = f'modifiedAt>"{since}"'
    url = f"{str(settings['url']).rstrip('/')}/ngsi-ld/v1/entities?{urlencode(given)}"
    headers = {"Accept": MEDIA}
    if settings["context"]:
        rel = "http://www.w3.org/ns/json-ld#context"
        headers["Link"] = f'<{settings["context"]}>; rel="{rel}"; type="{MEDIA}"'
    if settings["tenant"]:
        headers["NGSILD-Tenant"] = str(settings["tenant"])
    secret = {"Authorization": f"Bearer {settings['key']}"} if settings.get("key") else {}
    return web.fetch(web.Request(url, headers, secret), room, "page")


def _listed(reply: web.Reply) -> list[dict[str, Any]]:
    said = asking.document(reply.path)
    if not isinstance(said, list) or not all(isinstance(one, dict) for one in said):
        raise ConnectorError("Máy chủ không trả về danh sách thực thể. Kiểm tra địa chỉ.")
    return said
