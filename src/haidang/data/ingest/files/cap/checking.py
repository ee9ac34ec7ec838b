"""The rules of the CAP 1.2 standard (OASIS, 2010), checked element by element.

The schema itself is not shipped: these are its required elements, enumerations, formats and
counts, and the rules of the text (references of updates, restriction, closed polygons). Not
checked: the order of elements, and signatures. CAP 1.1 is read by the same rules but for times,
which it allows in any zone.
"""

import re

from lxml import etree

from haidang.data.ingest.files.markup import local, space, text
from haidang.data.ingest.rules import cap

NAMESPACES = {
    "urn:oasis:names:tc:emergency:cap:1.1": "1.1",
    "urn:oasis:names:tc:emergency:cap:1.2": "1.2",
}
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d")
_TIME_11 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?")
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")
_NO_SPACE = re.compile(r"[^\s,<&]+")
_REFERENCE = re.compile(r"[^\s,]+,[^\s,]+,[^\s,]+")
_CATEGORY = "Geo Met Safety Security Rescue Fire Health Env Transport Infra CBRNE Other"
_RESPONSE = "Shelter Evacuate Prepare Execute Avoid Monitor Assess AllClear None"
_CERTAINTY = "Observed Likely Possible Unlikely Unknown"

# name → (least, most) of it; None: any number
Counts = dict[str, tuple[int, int | None]]
_ALERT: Counts = {
    "identifier": (1, 1), "sender": (1, 1), "sent": (1, 1), "status": (1, 1), "msgType": (1, 1),
    "source": (0, 1), "scope": (1, 1), "restriction": (0, 1), "addresses": (0, 1),
    "code": (0, None), "note": (0, 1), "references": (0, 1), "incidents": (0, 1),
    "info": (0, None), "password": (0, 1),
}  # fmt: skip
_INFO: Counts = {
    "language": (0, 1), "category": (1, None), "event": (1, 1), "responseType": (0, None),
    "urgency": (1, 1), "severity": (1, 1), "certainty": (1, 1), "audience": (0, 1),
    "eventCode": (0, None), "effective": (0, 1), "onset": (0, 1), "expires": (0, 1),
    "senderName": (0, 1), "headline": (0, 1), "description": (0, 1), "instruction": (0, 1),
    "web": (0, 1), "contact": (0, 1), "parameter": (0, None), "resource": (0, None),
    "area": (0, None),
}  # fmt: skip
_AREA: Counts = {
    "areaDesc": (1, 1), "polygon": (0, None), "circle": (0, None), "geocode": (0, None),
    "altitude": (0, 1), "ceiling": (0, 1),
}  # fmt: skip
_RESOURCE: Counts = {
    "resourceDesc": (1, 1), "mimeType": (1, 1), "size": (0, 1), "uri": (0, 1),
    "derefUri": (0, 1), "digest": (0, 1),
}  # fmt: skip
_PAIR: Counts = {"valueName": (1, 1), "value": (1, 1)}


def faults(alert: etree._Element) -> list[str]:
    """Return what breaks the rules, each with its line and element."""
    return [f"dòng {line}, {where}: {said}" for line, where, said in _Check(alert).found]


class _Check:
    """Walks an alert and gathers what is wrong with it."""

    def __init__(self, alert: etree._Element) -> None:
        self.found: list[tuple[int, str, str]] = []
        self.space = space(alert)
        self.version = NAMESPACES[self.space]
        self._alert(alert)

    def wrong(self, element: etree._Element, said: str) -> None:
        line = element.sourceline
        self.found.append((line if isinstance(line, int) else 0, f"<{local(element)}>", said))

    def _alert(self, alert: etree._Element) -> None:
        own = self._counted(alert, _ALERT)
        self._words(own, "status", cap.STATUS)
        self._words(own, "msgType", cap.MESSAGE)
        self._words(own, "scope", cap.SCOPE)
        self._times(own, "sent")
        for name in ("identifier", "sender"):
            self._like(own, name, _NO_SPACE, "không được có dấu cách, dấu phẩy, < hay &")
        self._references(alert, own)
        said = {name: text(some[0]) for name, some in own.items() if some}
        if said.get("scope") == "Restricted" and not said.get("restriction"):
            self.wrong(alert, "phạm vi Restricted phải có <restriction>.")
        if said.get("scope") == "Private" and not said.get("addresses"):
            self.wrong(alert, "phạm vi Private phải có <addresses>.")
        for info in own.get("info", ()):
            self._info(info)

    def _references(self, alert: etree._Element, own: dict[str, list[etree._Element]]) -> None:
        kind = text(own["msgType"][0]) if own.get("msgType") else ""
        listed = text(own["references"][0]).split() if own.get("references") else []
        if kind in {"Update", "Cancel", "Ack", "Error"} and not listed:
            self.wrong(alert, f"bản tin {kind} phải có <references> tới bản tin trước.")
        if not all(_REFERENCE.fullmatch(one) for one in listed):
            self.wrong(own["references"][0], "viết người-gửi,mã,lúc-gửi; cách nhau bằng dấu cách.")

    def _info(self, info: etree._Element) -> None:
        own = self._counted(info, _INFO)
        self._words(own, "category", _CATEGORY)
        self._words(own, "responseType", _RESPONSE)
        self._words(own, "urgency", cap.URGENCY)
        self._words(own, "severity", cap.SEVERITY)
        more = " VeryLikely" if self.version == "1.1" else ""
        self._words(own, "certainty", _CERTAINTY + more)
        self._times(own, "effective", "onset", "expires")
        for name in ("eventCode", "parameter"):
            for pair in own.get(name, ()):
                self._counted(pair, _PAIR)
        for resource in own.get("resource", ()):
            least = _RESOURCE if self.version == "1.2" else _RESOURCE | {"mimeType": (0, 1)}
            self._like(self._counted(resource, least), "size", re.compile(r"\d+"), "là số nguyên")
        for area in own.get("area", ()):
            self._area(area)

    def _area(self, area: etree._Element) -> None:
        own = self._counted(area, _AREA)
        for code in own.get("geocode", ()):
            self._counted(code, _PAIR)
        for polygon in own.get("polygon", ()):
            if said := wrong_polygon(text(polygon)):
                self.wrong(polygon, said)
        for circle in own.get("circle", ()):
            if circle_of(text(circle)) is None and text(circle):
                self.wrong(circle, "viết vĩ-độ,kinh-độ bán-kính-km, ví dụ 10.98,106.65 5.")
        for name in ("altitude", "ceiling"):
            self._like(own, name, _NUMBER, "là số")
        if own.get("ceiling") and not own.get("altitude"):
            self.wrong(area, "có <ceiling> thì phải có <altitude>.")

    def _counted(self, element: etree._Element, wanted: Counts) -> dict[str, list[etree._Element]]:
        """Return the children by name; those of other namespaces, as signatures, are let be."""
        own: dict[str, list[etree._Element]] = {}
        for child in element:
            if space(child) != self.space:
                continue
            name = local(child)
            if name not in wanted:
                self.wrong(child, f"không có trong chuẩn CAP {self.version} ở <{local(element)}>.")
            own.setdefault(name, []).append(child)
        for name, (least, most) in wanted.items():
            count = len(own.get(name, ()))
            is_bare = count and not text(own[name][0]) and not len(own[name][0])
            if count < least or (least and is_bare and name != "value"):
                self.wrong(element, f"thiếu <{name}>.")
            if most is not None and count > most:
                self.wrong(own[name][most], f"có {count} lần, nhiều nhất {most}.")
        return own

    def _words(self, own: dict[str, list[etree._Element]], name: str, words: str) -> None:
        allowed = words.split()
        for one in own.get(name, ()):
            said = text(one).replace("Very Likely", "VeryLikely")
            if said and said not in allowed:
                self.wrong(one, f"“{said[:60]}” không thuộc: {', '.join(allowed)}.")

    def _times(self, own: dict[str, list[etree._Element]], *names: str) -> None:
        pattern = _TIME if self.version == "1.2" else _TIME_11
        for name in names:
            self._like(own, name, pattern, "viết ngày giờ kèm múi giờ: 2026-11-23T08:30:00+07:00")

    def _like(
        self, own: dict[str, list[etree._Element]], name: str, pattern: re.Pattern[str], how: str
    ) -> None:
        for one in own.get(name, ()):
            if text(one) and not pattern.fullmatch(text(one)):
                self.wrong(one, f"“{text(one)[:60]}”: {how}.")


def points_of(said: str) -> list[tuple[float, float]] | None:
    """Return (latitude, longitude) of a polygon's corners; None when they cannot be read."""
    points = []
    for pair in said.split():
        place = _position(pair)
        if place is None:
            return None
        points.append(place)
    return points


def circle_of(said: str) -> tuple[float, float, float] | None:
    """Return latitude, longitude and radius in kilometres."""
    parts = said.split()
    place = _position(parts[0]) if len(parts) == 2 else None
    if place is None or not _NUMBER.fullmatch(parts[1]) or float(parts[1]) < 0:
        return None
    return (*place, float(parts[1]))


def wrong_polygon(said: str) -> str:
    """Return what is wrong with a polygon; an empty one says nothing and is let be."""
    if not said:
        return ""
    points = points_of(said)
    if points is None:
        return "mỗi điểm viết vĩ-độ,kinh-độ (WGS 84), cách nhau bằng dấu cách."
    if len(points) < 4:
        return f"có {len(points)} điểm, ít nhất phải 4."
    return "" if points[0] == points[-1] else "điểm cuối phải trùng điểm đầu."


def _position(pair: str) -> tuple[float, float] | None:
    parts = pair.split(",")
    if len(parts) != 2 or not all(_NUMBER.fullmatch(one) for one in parts):
        return None
    lat, lon = float(parts[0]), float(parts[1])
    return (lat, lon) if -90 <= lat <= 90 and -180 <= lon <= 180 else None
