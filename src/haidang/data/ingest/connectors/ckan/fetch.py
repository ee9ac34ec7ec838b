"""Harvesting CKAN by its action API: what was modified since the last time, oldest first."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

from haidang.data.ingest.connectors import asking, web
from haidang.data.ingest.connectors.protocol import Cursor, Fetched, Reached, Room, Settings
from haidang.data.ingest.errors import ConnectorError

PAGE = 100
_SHOWN = ("name", "title", "notes", "license_id", "metadata_created", "metadata_modified", "url")
_MEDIA = {
    "CSV": "text/csv",
    "JSON": "application/json",
    "GEOJSON": "application/geo+json",
    "XLSX": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "XML": "application/xml",
}


def test(settings: Settings, room: Room) -> Reached:
    """Ask for the list of names, or for the one dataset."""
    if settings["what"] == "resources":
        found = _resources(
            settings, _action(settings, room, "package_show", id=settings["package"])
        )
        return Reached(f"Bộ “{settings['package']}” có {len(found)} tệp {settings['format']}.", {})
    names = _action(settings, room, "package_list")
    if not isinstance(names, list):
        raise ConnectorError("Cổng không trả về danh sách bộ dữ liệu. Kiểm tra địa chỉ.")
    shown = f"{len(names):,}".replace(",", ".")
    return Reached(f"Cổng CKAN trả lời: {shown} bộ dữ liệu.", {})


def fetch(settings: Settings, cursor: Cursor, room: Room) -> Iterator[Fetched]:
    """Yield pages of the catalogue, or resources, that were modified after the cursor."""
    if settings["what"] == "resources":
        yield from _tables(settings, cursor, room)
    else:
        yield from _catalogue(settings, cursor, room)


def _catalogue(settings: Settings, cursor: Cursor, room: Room) -> Iterator[Fetched]:
    """Page by the time of modification: datasets of the same moment are told by their names."""
    since, seen = str(cursor.get("modified", "")), list(cursor.get("names", []))
    start = 0
    while True:
        wanted = f"metadata_modified:[{since}Z TO *]" if since else "*:*"
        page = _action(
            settings, room, "package_search", fq=wanted, sort="metadata_modified asc, name asc",
            rows=PAGE, start=start,
        )  # fmt: skip
        found = _list(page, "results")
        fresh = [one for one in found if not _is_seen(one, since, seen)]
        if fresh:
            last = max(_modified(one) for one in fresh)
            names = [_name(one) for one in fresh if _modified(one) == last]
            after = {
                "modified": last,
                "names": names if last != cursor.get("modified") else [*seen, *names],
            }
            rows = [_row(settings, one) for one in fresh]
            content = json.dumps(rows, ensure_ascii=False).encode()
            yield Fetched(
                "danh-muc-ckan.json", "application/json", content, after,
                key=f"{since}\0{start}\0{last}",
            )  # fmt: skip
        start += len(found)
        if len(found) < PAGE:
            return


def _is_seen(one: dict[str, Any], since: str, seen: list[str]) -> bool:
    modified = _modified(one)
    return bool(since) and (modified < since or (modified == since and _name(one) in seen))


def _row(settings: Settings, one: dict[str, Any]) -> dict[str, Any]:
    """Return a dataset as a row; every row has the same names."""
    organization = one.get("organization") or {}
    resources = _list(one, "resources")
    row = {name: one.get(name) for name in _SHOWN}
    row["url"] = row["url"] or urljoin(settings["url"].rstrip("/") + "/", f"dataset/{_name(one)}")
    tags = [str(tag.get("display_name") or tag.get("name")) for tag in _list(one, "tags")]
    return row | {
        "id": one.get("id"),
        "organization": organization.get("title") or organization.get("name"),
        "tags": "; ".join(tags),
        "formats": "; ".join(sorted({str(each.get("format") or "") for each in resources} - {""})),
        "resources": len(resources),
    }


def _tables(settings: Settings, cursor: Cursor, room: Room) -> Iterator[Fetched]:
    """Yield the files of one dataset that changed; what each was is remembered by its id."""
    package = _action(settings, room, "package_show", id=settings["package"])
    known = dict(cursor.get("resources", {}))
    for one in _resources(settings, package):
        mark = str(
            one.get("last_modified") or one.get("metadata_modified") or one.get("hash") or ""
        )
        if mark and known.get(one["id"]) == mark:
            continue
        url = urljoin(settings["url"], str(one["url"]))
        reply = asking.ask(url, _without_key(settings, url), room, accept="*/*", name="resource")
        known = known | {one["id"]: mark or "?"}
        name = str(one.get("name") or one["id"])
        ending = str(settings["format"]).lower()
        media = _MEDIA.get(str(settings["format"]).upper(), reply.media)
        yield Fetched(
            f"{name}.{ending}", media, reply.path, {"resources": known},
            key=f"{one['id']}\0{mark}",
        )  # fmt: skip


def _without_key(settings: Settings, url: str) -> Settings:
    """The portal's key is for the portal: files may lie with others."""
    is_own = web.origin(url) == web.origin(str(settings["url"]))
    return settings if is_own else dict(settings) | {"key": ""}


def _resources(settings: Settings, package: Any) -> list[dict[str, Any]]:
    wanted = str(settings["format"]).casefold()
    return [
        one
        for one in _list(package, "resources")
        if str(one.get("format", "")).casefold() == wanted and one.get("url") and one.get("id")
    ]


def _action(settings: Settings, room: Room, action: str, **given: Any) -> Any:
    """Return the result of an action. Raises ConnectorError with the portal's own words."""
    url = f"{str(settings['url']).rstrip('/')}/api/3/action/{action}"
    reply = asking.ask(url, settings, room, accept="application/json", name="action", **given)
    said = asking.document(reply.path)
    if not isinstance(said, dict) or said.get("success") is not True:
        error = said.get("error") if isinstance(said, dict) else None
        words = str(error.get("message", "")) if isinstance(error, dict) else ""
        raise ConnectorError(f"Cổng CKAN không làm được “{action}”. {words[:200]}".strip())
    return said.get("result")


def _list(holder: Any, name: str) -> list[dict[str, Any]]:
    found = holder.get(name) if isinstance(holder, dict) else None
    if not isinstance(found, list):
        return []
    return [one for one in found if isinstance(one, dict)]


def _name(one: dict[str, Any]) -> str:
    return str(one.get("name") or one.get("id") or "")


def _modified(one: dict[str, Any]) -> str:
    return str(one.get("metadata_modified") or "").removesuffix("Z")
