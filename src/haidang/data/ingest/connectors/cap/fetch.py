"""Reading a feed of alerts: the alerts it holds, and those it names that were not read yet."""

import hashlib
from collections.abc import Iterator
from urllib.parse import urljoin

from lxml import etree

from haidang.data.ingest.connectors import asking, web
from haidang.data.ingest.connectors.protocol import Cursor, Fetched, Reached, Room, Settings
from haidang.data.ingest.errors import ConnectorError
from haidang.data.ingest.files import markup
from haidang.data.ingest.files.cap import checking

MEDIA = "application/cap+xml"
_ATOM = "{http://www.w3.org/2005/Atom}"
_ACCEPT = "application/cap+xml, application/atom+xml, application/xml"
_REMEMBERED = 5000


def test(settings: Settings, room: Room) -> Reached:
    """Read the feed and say what it holds."""
    root = _root(settings["url"], settings, room)
    held, named = len(_held(root)), len(_named(root, settings["url"]))
    if not held and not named:
        raise ConnectorError(
            "Địa chỉ trả lời nhưng không có bản tin CAP nào, cũng không có đường dẫn."
        )
    return Reached(f"Đọc được nguồn tin: {held} bản tin kèm theo, {named} đường dẫn bản tin.", {})


def fetch(settings: Settings, cursor: Cursor, room: Room) -> Iterator[Fetched]:
    """Yield each alert once, by its identifier, sender and time, or by its address and date."""
    read = list(cursor.get("read", []))
    root = _root(settings["url"], settings, room)
    left = int(settings["most"] or 200)
    for alert in _held(root):
        mark = _mark(*(_said(alert, name) for name in ("identifier", "sender", "sent")))
        if mark in read or not left:
            continue
        read, left = [*read, mark][-_REMEMBERED:], left - 1
        content = etree.tostring(alert, xml_declaration=True, encoding="UTF-8", with_tail=False)
        yield Fetched(f"cap-{mark[:12]}.xml", MEDIA, content, {"read": read}, key=mark)
    for url, updated in _named(root, settings["url"]) if not _held(root) else ():
        mark = _mark(url, updated)
        if mark in read or not left:
            continue
        found = _followed(url, settings, room)
        read, left = [*read, mark][-_REMEMBERED:], left - 1
        yield Fetched(f"cap-{mark[:12]}.xml", MEDIA, found.path, {"read": read}, key=mark)


def _root(url: str, settings: Settings, room: Room) -> etree._Element:
    reply = asking.ask(url, settings, room, accept=_ACCEPT, prefix="Bearer ", name="feed")
    return markup.root_of(reply.path)


def _followed(url: str, settings: Settings, room: Room) -> web.Reply:
    """Ask for an alert that the feed names; the key is for the feed's own server alone."""
    is_own = web.origin(url) == web.origin(str(settings["url"]))
    given = settings if is_own else dict(settings) | {"key": ""}
    return asking.ask(url, given, room, accept=_ACCEPT, prefix="Bearer ", name="alert")


def _held(root: etree._Element) -> list[etree._Element]:
    return [
        one
        for one in root.iter()
        if markup.local(one) == "alert" and markup.space(one) in checking.NAMESPACES
    ]


def _named(root: etree._Element, base: str) -> list[tuple[str, str]]:
    """Return (address, when updated) of each entry of an Atom or RSS feed, oldest first."""
    found = []
    for entry in root.iter(f"{_ATOM}entry"):
        links = [one for one in entry.findall(f"{_ATOM}link") if one.get("href")]
        links.sort(key=lambda one: one.get("type") != MEDIA)
        if links:
            updated = markup.text(entry.find(f"{_ATOM}updated"))
            found.append((urljoin(base, str(links[0].get("href"))), updated))
    for item in root.iter("item"):
        if link := markup.text(item.find("link")):
            found.append((urljoin(base, link), markup.text(item.find("pubDate"))))
    return found[::-1]


def _said(alert: etree._Element, name: str) -> str:
    return next((markup.text(one) for one in alert if markup.local(one) == name), "")


def _mark(*said: str) -> str:
    return hashlib.sha256("\0".join(said).encode()).hexdigest()[:24]
