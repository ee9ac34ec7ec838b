"""Reading a catalogue: each dataset is a row; a catalogue that stays the same is not loaded."""

import json
from collections.abc import Iterator
from typing import Any

from haidang.data.ingest.connectors import asking
from haidang.data.ingest.connectors.protocol import Cursor, Fetched, Reached, Room, Settings
from haidang.data.ingest.errors import ConnectorError

_ACCEPT = "application/ld+json, application/json"
# What is read, and the names under which catalogues say it (the ends of IRIs and of prefixes).
_TAKEN = {
    "identifier": ("identifier",), "title": ("title",), "description": ("description",),
    "issued": ("issued",), "modified": ("modified",), "license": ("license",),
    "publisher": ("publisher",), "landing_page": ("landingPage",),
    "frequency": ("accrualPeriodicity",),
}  # fmt: skip
_LANGUAGES = ("vi", "en")


def test(settings: Settings, room: Room) -> Reached:
    """Read the catalogue and count."""
    rows = _rows(settings, room)
    return Reached(f"Đọc được danh mục: {len(rows)} bộ dữ liệu.", {})


def fetch(settings: Settings, cursor: Cursor, room: Room) -> Iterator[Fetched]:
    """Yield the whole catalogue as one snapshot."""
    rows = sorted(_rows(settings, room), key=lambda row: str(row["id"]))
    content = json.dumps(rows, ensure_ascii=False, sort_keys=True).encode()
    yield Fetched("danh-muc-dcat.json", "application/json", content, dict(cursor), is_snapshot=True)


def _rows(settings: Settings, room: Room) -> list[dict[str, Any]]:
    reply = asking.ask(settings["url"], settings, room, accept=_ACCEPT, prefix="Bearer ")
    rows = rows_of(asking.document(reply.path))
    if not rows:
        raise ConnectorError("Địa chỉ trả lời nhưng không có bộ dữ liệu DCAT nào (dcat:Dataset).")
    return rows


def rows_of(document: Any) -> list[dict[str, Any]]:
    """Return the datasets of a catalogue as rows that all have the same names.

    No @context is fetched: names are known by their ends ("dct:title", "http://…/terms/title").
    """
    nodes = list(_nodes(document, 0))
    plain = {id(one) for one in _plain(document)}
    by_id = {str(_named(one, "id")): one for one in nodes if _named(one, "id")}
    found: dict[str, dict[str, Any]] = {}
    for one in nodes:
        if _is_dataset(one) or id(one) in plain:
            row = _row(one, by_id)
            # One without an identifier waits at the load, with the reason.
            found.setdefault(row["id"] or f"?{len(found)}", row)
    return list(found.values())


def _plain(document: Any) -> list[dict[str, Any]]:
    """Return the datasets of a data.json, which need not say what they are."""
    listed = document.get("dataset") if isinstance(document, dict) else document
    if not isinstance(listed, list):
        return []
    return [
        one
        for one in listed
        if isinstance(one, dict) and one.get("title") and "@type" not in one and "@id" not in one
    ]


def _nodes(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    if depth > 12:
        return
    if isinstance(value, list):
        for one in value:
            yield from _nodes(one, depth + 1)
    elif isinstance(value, dict):
        yield value
        for key, one in value.items():
            if key != "@context":
                yield from _nodes(one, depth + 1)


def _end(name: str) -> str:
    return name.rpartition("#")[2].rpartition("/")[2].rpartition(":")[2].removeprefix("@")


def _named(node: dict[str, Any], name: str) -> Any:
    return next((value for key, value in node.items() if _end(key) == name), None)


def _is_dataset(node: dict[str, Any]) -> bool:
    kinds = _named(node, "type")
    listed = kinds if isinstance(kinds, list) else [kinds]
    return any(isinstance(one, str) and _end(one) == "Dataset" for one in listed)


def _row(node: dict[str, Any], by_id: dict[str, dict[str, Any]]) -> dict[str, Any]:
    row: dict[str, Any] = {
        name: _said(
            next((_named(node, one) for one in ends if _named(node, one) is not None), None), by_id
        )
        for name, ends in _TAKEN.items()
    }
    distributions = _named(node, "distribution") or []
    listed = distributions if isinstance(distributions, list) else [distributions]
    addresses = [_address(one, by_id) for one in listed]
    keywords = _named(node, "keyword") or []
    words = keywords if isinstance(keywords, list) else [keywords]
    return row | {
        "id": str(_named(node, "id") or row["identifier"] or ""),
        "keywords": "; ".join(sorted({said for one in words if (said := _said(one, by_id))})),
        "distributions": len(listed),
        "addresses": "; ".join(one for one in addresses if one),
    }


def _address(one: Any, by_id: dict[str, dict[str, Any]]) -> str:
    if isinstance(one, str):
        one = by_id.get(one, {})
    if isinstance(one, dict) and set(map(_end, one)) <= {"id"}:
        one = by_id.get(str(_named(one, "id")), {})
    if not isinstance(one, dict):
        return ""
    return _said(_named(one, "downloadURL") or _named(one, "accessURL"), by_id)


def _said(value: Any, by_id: dict[str, dict[str, Any]], depth: int = 0) -> str:
    """Return a value as text: Vietnamese before English before others; a node by its name."""
    if value is None or depth > 4:
        return ""
    if isinstance(value, str | int | float):
        return str(value)
    if isinstance(value, list):
        listed = [one for one in value if isinstance(one, dict) and "@language" in one]
        for language in _LANGUAGES:
            for one in listed:
                if str(one["@language"]).startswith(language):
                    return _said(one, by_id, depth + 1)
        return _said(value[0], by_id, depth + 1) if value else ""
    if isinstance(value, dict):
        if "@value" in value:
            return _said(value["@value"], by_id, depth + 1)
        for name in ("name", "title", "fn", "prefLabel"):
            if (named := _named(value, name)) is not None:
                return _said(named, by_id, depth + 1)
        for language in _LANGUAGES:
            if isinstance(value.get(language), str):
                return str(value[language])
        own = _named(value, "id")
        other = by_id.get(str(own))
        if other is not None and other is not value:
            return _said(other, by_id, depth + 1) or str(own)
        return str(own or "")
    return ""
