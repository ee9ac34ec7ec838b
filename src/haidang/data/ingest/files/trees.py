"""JSON that is no plain list: the lists inside it whose objects are the rows, and GeoJSON.

A path names the lists from the outside in, parted by points ("data.level2s.level3s"). A row has
the values of its own object by name, and those of the objects around it as "list.name".
"""

from collections.abc import Iterator
from typing import Any

from haidang.data.ingest.errors import UnreadableFileError

_LOOKED_AT = 200  # objects of a list
_DEEPEST = 6
_ROOT = "goc"


def rows(document: Any, path: str) -> Iterator[Any]:
    """Yield the objects that stand at the end of the path. Raises UnreadableFileError."""
    parts = [part for part in path.split(".") if part]
    if not isinstance(document, dict | list):
        raise UnreadableFileError("Nội dung không phải danh sách hay đối tượng.")
    found = 0
    for row in _below(document, parts, {}, _ROOT):
        found += 1
        yield row
    if not found and parts:
        raise UnreadableFileError(
            f"Tệp không có danh sách “{path}” như nguồn đã khai, hoặc danh sách ấy trống."
        )


def _below(value: Any, parts: list[str], around: dict[str, Any], name: str) -> Iterator[Any]:
    if isinstance(value, list):
        for one in value:
            yield from _below(one, parts, around, name)
    elif not parts:
        yield {**around, **value} if isinstance(value, dict) else value
    elif isinstance(value, dict):
        outer = {f"{name}.{key}": one for key, one in value.items() if not _is_nested(one)}
        inner = value.get(parts[0])
        if inner is not None:
            yield from _below(inner, parts[1:], around | outer, parts[0])


def path_of(document: Any) -> str:
    """Return the path of the lists whose objects are most likely the rows; "" for a plain list."""
    path: list[str] = []
    objects = document if isinstance(document, list) else [document]
    is_list = isinstance(document, list)
    while len(path) < _DEEPEST:
        best = _fullest(objects)
        if not best or (is_list and len(best[1]) < 2 * len(objects)):
            break
        path.append(best[0])
        objects, is_list = best[1], True
    return ".".join(path)


def _fullest(objects: list[Any]) -> tuple[str, list[Any]] | None:
    """Return the name under which most objects stand in lists, and those objects."""
    inside: dict[str, list[Any]] = {}
    for one in objects[:_LOOKED_AT]:
        if not isinstance(one, dict):
            continue
        for key, value in one.items():
            if isinstance(value, list):
                inside.setdefault(key, []).extend(each for each in value if isinstance(each, dict))
            elif isinstance(value, dict) and _has_list(value):
                inside.setdefault(key, []).append(value)
    filled = {key: some for key, some in inside.items() if some and "." not in key}
    if not filled:
        return None
    return max(filled.items(), key=lambda each: len(each[1]))


def _has_list(value: dict[str, Any]) -> bool:
    return any(isinstance(one, list) and one and isinstance(one[0], dict) for one in value.values())


def _is_nested(value: Any) -> bool:
    return isinstance(value, dict | list)


def is_geojson(document: Any) -> bool:
    """Say whether a document is a GeoJSON collection of features."""
    return (
        isinstance(document, dict)
        and document.get("type") == "FeatureCollection"
        and isinstance(document.get("features"), list)
    )


def features(document: dict[str, Any]) -> Iterator[Any]:
    """Yield a row for each feature: its properties, its kind of geometry and the middle of it.

    The outline itself is not a value of a table; longitude and latitude are the point, or the
    middle of the box around the shape.
    """
    for one in document["features"]:
        if not isinstance(one, dict) or not isinstance(one.get("properties") or {}, dict):
            yield one
            continue
        geometry = one.get("geometry") if isinstance(one.get("geometry"), dict) else None
        place = middle(geometry) if geometry else None
        yield {
            **({"id": one["id"]} if "id" in one else {}),
            **(one.get("properties") or {}),
            "geometry_type": (geometry or {}).get("type"),
            "longitude": place[0] if place else None,
            "latitude": place[1] if place else None,
        }


def middle(geometry: dict[str, Any]) -> tuple[float, float] | None:
    """Return (longitude, latitude) of the middle of a geometry's box, None when it has no point."""
    points = list(_points(geometry.get("coordinates"), 0))
    for inner in geometry.get("geometries") or []:
        points += list(_points(inner.get("coordinates") if isinstance(inner, dict) else None, 0))
    if not points:
        return None
    lons, lats = [x for x, _ in points], [y for _, y in points]
    return round((min(lons) + max(lons)) / 2, 7), round((min(lats) + max(lats)) / 2, 7)


def _points(value: Any, depth: int) -> Iterator[tuple[float, float]]:
    if not isinstance(value, list) or depth > 5:
        return
    if len(value) >= 2 and all(_is_number(one) for one in value[:2]):
        yield float(value[0]), float(value[1])
        return
    for one in value:
        yield from _points(one, depth + 1)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
