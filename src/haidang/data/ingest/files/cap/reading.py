"""Documents that hold alerts, and the rows of an alert: one for each area of each language."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree

from haidang.data.ingest.errors import UnreadableFileError
from haidang.data.ingest.files import markup, objects
from haidang.data.ingest.files.cap import checking
from haidang.data.ingest.files.markup import local, space, text
from haidang.data.ingest.rules import cap
from haidang.data.ingest.rules.values import Reason

ATOM = "http://www.w3.org/2005/Atom"
_SHOWN_FAULTS = 5
_OF_ALERT = ("identifier", "sender", "sent", "status", "msgType", "scope", "references")
_OF_INFO = (
    "language", "event", "urgency", "severity", "certainty", "effective", "onset", "expires",
    "senderName", "headline", "description", "instruction", "web",
)  # fmt: skip


def items(path: Path) -> Iterator[objects.Item]:
    """Yield the rows of every alert in a document; an alert that breaks the rules waits.

    Raises UnreadableFileError when there is no alert, or all of them are wrong; TooLargeError.
    """
    root = markup.root_of(path)
    alerts = alerts_in(root)
    made: list[objects.Item] = []
    for alert in alerts:
        made += _item(len(made), alert)
    wrong = [item for item in made if len(item) == 3]
    if len(wrong) == len(made):
        raise UnreadableFileError(wrong[0][2].message)
    yield from made


def alerts_in(root: etree._Element) -> list[etree._Element]:
    """Return the alerts of a document: itself, or those inside Atom or EDXL.

    Raises UnreadableFileError saying what the document is instead.
    """
    found = [
        one for one in root.iter() if local(one) == "alert" and space(one) in checking.NAMESPACES
    ]
    if root.tag == f"{{{ATOM}}}feed":
        _check_feed(root)
    if found:
        return found
    if root.tag == f"{{{ATOM}}}feed":
        raise UnreadableFileError(
            "Nguồn Atom này không chứa bản tin CAP nào, chỉ có đường dẫn hoặc trống. Khai kết nối "
            "kiểu CAP để hệ thống tự lấy từng bản tin."
        )
    raise UnreadableFileError(
        f"Không có bản tin CAP trong tệp: gốc là <{local(root)}> (không gian tên “{space(root)}”), "
        "cần <alert> của CAP 1.1 hoặc 1.2."
    )


def _check_feed(root: etree._Element) -> None:
    for holder in (root, *root.findall(f"{{{ATOM}}}entry")):
        for name in ("id", "title", "updated"):
            if not text(holder.find(f"{{{ATOM}}}{name}")):
                raise UnreadableFileError(
                    f"Nguồn Atom sai ở dòng {holder.sourceline}: <{local(holder)}> thiếu <{name}>."
                )


def _item(before: int, alert: etree._Element) -> list[objects.Item]:
    found = checking.faults(alert)
    if not found:
        return [(before + at, row) for at, row in enumerate(rows_of(alert), start=1)]
    name = text(_child(alert, "identifier"))
    more = f" Còn {len(found) - _SHOWN_FAULTS} lỗi nữa." if len(found) > _SHOWN_FAULTS else ""
    sentence = f"Bản tin CAP “{name[:100]}” sai: {' '.join(found[:_SHOWN_FAULTS])}{more}"
    shown = etree.tostring(alert, encoding="unicode")[:2000]
    return [(before + 1, {"": shown}, Reason("", "not_an_alert", sentence))]


def rows_of(alert: etree._Element) -> Iterator[dict[str, Any]]:
    """Yield the rows of a sound alert; `part` is "0", "1" (a language) or "1.2" (its area)."""
    own = {name: text(_child(alert, name)) for name in _OF_ALERT}
    own["references"] = " ".join(own["references"].split())
    infos = _children(alert, "info")
    if not infos:
        yield _row(own | {"part": "0"})
    for at, info in enumerate(infos, start=1):
        said = own | {name: text(_child(info, name)) for name in _OF_INFO}
        said["language"] = said["language"] or "en-US"  # as the standard has it
        for name in ("category", "responseType"):
            said[name] = "; ".join(text(one) for one in _children(info, name) if text(one))
        areas = _children(info, "area")
        if not areas:
            yield _row(said | {"part": str(at)})
        for number, area in enumerate(areas, start=1):
            yield _row(said | {"part": f"{at}.{number}"} | _area(area))


def _row(said: dict[str, Any]) -> dict[str, Any]:
    """Return a row with every column, so that all rows of all files have the same."""
    return {name: said.get(name) or None for name in cap.HEADINGS}


def _area(area: etree._Element) -> dict[str, Any]:
    polygons = [text(one) for one in _children(area, "polygon") if text(one)]
    circles = [text(one) for one in _children(area, "circle") if text(one)]
    codes = [
        f"{text(_child(one, 'valueName'))}={text(_child(one, 'value'))}"
        for one in _children(area, "geocode")
    ]
    place = _middle(polygons, circles)
    return {
        "areaDesc": text(_child(area, "areaDesc")),
        "polygon": "; ".join(polygons),
        "circle": "; ".join(circles),
        "geocode": "; ".join(codes),
        "latitude": place[0] if place else None,
        "longitude": place[1] if place else None,
    }


def _middle(polygons: list[str], circles: list[str]) -> tuple[float, float] | None:
    points = [point for said in polygons for point in checking.points_of(said) or ()]
    points += [found[:2] for said in circles if (found := checking.circle_of(said))]
    if not points:
        return None
    lats, lons = [lat for lat, _ in points], [lon for _, lon in points]
    return round((min(lats) + max(lats)) / 2, 6), round((min(lons) + max(lons)) / 2, 6)


def _children(element: etree._Element, name: str) -> list[etree._Element]:
    return [one for one in element if local(one) == name and space(one) == space(element)]


def _child(element: etree._Element, name: str) -> etree._Element | None:
    return next(iter(_children(element, name)), None)
