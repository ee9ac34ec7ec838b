"""One attribute of an entity: normalized, concise or key-value, turned into flat values."""

import re
from collections.abc import Iterator
from typing import Any

from haidang.data.ingest.files import trees

# Which member holds the value of which type of attribute.
MEMBERS = {
    "Property": "value",
    "Relationship": "object",
    "GeoProperty": "value",
    "LanguageProperty": "languageMap",
    "VocabProperty": "vocab",
    "JsonProperty": "json",
    "ListProperty": "valueList",
    "ListRelationship": "objectList",
}
_SHAPES = {
    "Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2,
    "MultiPolygon": 3,
}  # fmt: skip
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?")
_INTERVAL = re.compile(rf"({_MOMENT.pattern}Z?)/({_MOMENT.pattern}Z?)")
_LANGUAGES = ("vi", "en")


class Wrong(ValueError):
    """What is wrong, said of a place that the caller names."""


def is_uri(said: Any) -> bool:
    return isinstance(said, str) and _URI.fullmatch(said) is not None


def flat(name: str, said: Any) -> Iterator[tuple[str, Any]]:
    """Yield (column, value) of an attribute; its own name holds the value itself.

    Beside it stand "name.observedAt", "name.unitCode", for places "name.longitude" and
    "name.latitude", for other languages "name.fr". Raises Wrong.
    """
    if isinstance(said, list) and said and all(_is_instance(one) for one in said):
        for one in said:
            yield from _instance(name, one)
    elif isinstance(said, dict):
        yield from _instance(name, said)
    else:
        yield from _value(name, said)


def _is_instance(said: Any) -> bool:
    return isinstance(said, dict) and (said.get("type") in MEMBERS or "datasetId" in said)


def _instance(name: str, said: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    kind = _kind(said)
    if kind is None:
        yield from _value(name, said)
        return
    if "datasetId" in said:
        if not is_uri(said["datasetId"]):
            raise Wrong("“datasetId” phải là URI.")
        name = f"{name}[{said['datasetId']}]"
    member = MEMBERS[kind]
    if said.get(member) is None:
        raise Wrong(f"kiểu {kind} phải có “{member}” khác null.")
    _check(kind, said[member])
    yield from _times_and_unit(name, said)
    if kind == "LanguageProperty":
        yield from _languages(name, said[member])
    elif kind == "GeoProperty":
        yield from _place(name, said[member])
    elif kind == "Property":
        yield from _value(name, said[member])
    else:
        yield name, said[member]


def _kind(said: dict[str, Any]) -> str | None:
    """Return the type of attribute that is said, or that the members of a concise one tell.

    None: a plain value, such as an address or a geometry. NGSI-v2 says "Number" or "Text".
    """
    stated = said.get("type")
    if stated in MEMBERS:
        return str(stated)
    if stated in {"geo:json", "geo:point"} and "value" in said:
        return "GeoProperty" if isinstance(said["value"], dict) else None
    for kind, member in (
        ("LanguageProperty", "languageMap"), ("Relationship", "object"), ("VocabProperty", "vocab"),
        ("JsonProperty", "json"), ("ListProperty", "valueList"),
        ("ListRelationship", "objectList"),
    ):  # fmt: skip
        if stated is None and member in said:
            return kind
    if "value" not in said:
        return None
    return "GeoProperty" if _is_geometry(said["value"]) else "Property"


def _check(kind: str, value: Any) -> None:
    if kind == "Relationship":
        wanted = value if isinstance(value, list) else [value]
        if not wanted or not all(is_uri(one) for one in wanted):
            raise Wrong("“object” của Relationship phải là URI.")
    elif kind == "GeoProperty":
        _check_geometry(value)
    elif kind == "LanguageProperty" and not (
        isinstance(value, dict)
        and value
        and all(isinstance(text, str | list) for text in value.values())
    ):
        raise Wrong("“languageMap” phải là bảng ngôn ngữ – chữ.")
    elif kind in {"ListProperty", "ListRelationship"} and not isinstance(value, list):
        raise Wrong(f"“{MEMBERS[kind]}” phải là danh sách.")


def _check_geometry(value: Any) -> None:
    if not _is_geometry(value):
        raise Wrong("GeoProperty phải là một hình GeoJSON có “type” và “coordinates”.")
    at = value["coordinates"]
    for _ in range(_SHAPES[value["type"]]):
        if not isinstance(at, list) or not at:
            raise Wrong("“coordinates” không khớp với kiểu hình.")
        at = at[0]
    place = trees.middle(value)
    if place is None or not _is_position(at):
        raise Wrong("“coordinates” phải là [kinh độ, vĩ độ] bằng số.")
    if not (-180 <= place[0] <= 180 and -90 <= place[1] <= 90):
        raise Wrong(f"tọa độ {place[0]}, {place[1]} ngoài phạm vi; ghi [kinh độ, vĩ độ].")


def _is_position(at: Any) -> bool:
    return isinstance(at, list) and len(at) >= 2 and all(
        isinstance(one, int | float) and not isinstance(one, bool) for one in at[:2]
    )  # fmt: skip


def _is_geometry(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("type"), str)
        and value["type"] in _SHAPES
        and "coordinates" in value
    )


def _times_and_unit(name: str, said: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    if "observedAt" in said:
        moment = said["observedAt"]
        if not isinstance(moment, str) or not _MOMENT.match(moment):
            raise Wrong("“observedAt” phải là ngày giờ ISO 8601, ví dụ 2026-11-23T08:30:00Z.")
        if not re.fullmatch(_MOMENT.pattern + "Z", moment):
            raise Wrong(f"“observedAt” {moment} phải theo giờ UTC, kết thúc bằng chữ Z.")
        yield f"{name}.observedAt", moment
    code = said.get("unitCode")
    metadata = said.get("metadata")
    if code is None and isinstance(metadata, dict):  # NGSI-v2
        given = metadata.get("unitCode")
        code = given.get("value") if isinstance(given, dict) else None
    if code is not None:
        if not isinstance(code, str):
            raise Wrong("“unitCode” phải là chữ (mã UN/CEFACT).")
        yield f"{name}.unitCode", code


def _languages(name: str, texts: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    chosen = next((one for one in _LANGUAGES if one in texts), next(iter(texts)))
    yield name, _first(texts[chosen])
    for language, text in texts.items():
        yield f"{name}.{language}", _first(text)


def _first(text: Any) -> Any:
    return text[0] if isinstance(text, list) and text else text


def _place(name: str, geometry: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    place = trees.middle(geometry)
    if place is not None:
        yield f"{name}.longitude", place[0]
        yield f"{name}.latitude", place[1]


def _value(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """A plain value; an object's own members stand beside it, one step deep."""
    if _is_geometry(value):
        _check_geometry(value)
        yield from _place(name, value)
    elif isinstance(value, dict):
        if "@value" in value:
            yield from _value(name, value["@value"])
            return
        for key, one in value.items():
            if key not in ("type", "@type"):
                yield f"{name}.{key}", one
    elif isinstance(value, str) and (found := _INTERVAL.fullmatch(value)):
        yield name, found[2]
        yield f"{name}.start", found[1]
    else:
        yield name, value
