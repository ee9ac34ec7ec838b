"""Which shape of a sheet is whose, and what is wrong with a sheet (WGS 84, degrees)."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from haidang.foundation.core import text
from haidang.foundation.org.rules.values import Place, UnitRef

VIETNAM = shapely.box(101.5, 5.5, 118.0, 23.6)
"""The mainland with its sea: what lies outside was read in the wrong coordinate system."""
OVERLAP = 0.01
"""Share of the smaller unit above which two units of one level must not cover each other."""
MOST_SAID = 8
KM_PER_DEGREE = 111.32


@dataclass(frozen=True)
class Shape:
    """One feature of a file: its properties as text, its surface."""

    properties: Mapping[str, str]
    geometry: BaseGeometry


@dataclass(frozen=True)
class Examined:
    """The shapes by unit, the property that named them, what to know and what forbids use."""

    column: str
    shapes: Mapping[UnitRef, BaseGeometry]
    notes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def examine(
    shapes: Sequence[Shape],
    units: Sequence[UnitRef],
    codes: Mapping[str, int],
    places: Mapping[int, Place],
) -> Examined:
    """Match shapes to units by the property that names most of them, and look for mistakes.

    `codes` are the codes and aliases of units; `places` their recorded points.
    """
    if not all(VIETNAM.covers(shapely.box(*shape.geometry.bounds)) for shape in shapes):
        problem = (
            "Có hình nằm ngoài lãnh thổ Việt Nam: hệ tọa độ của tệp chưa đúng. "
            "Chọn lại hệ tọa độ (VN-2000 kèm kinh tuyến trục) rồi nhập lại."
        )
        return Examined("", {}, problems=[problem])
    column, named = _naming(shapes, units, codes)
    by_id = {unit.id: unit for unit in units}
    grouped: dict[int, list[BaseGeometry]] = {}
    for number, unit_id in named.items():
        grouped.setdefault(unit_id, []).append(shapes[number].geometry)
    found = {by_id[unit_id]: _surface(parts) for unit_id, parts in grouped.items()}
    if not found:
        return Examined(column, {}, problems=["Không nhận ra đơn vị nào theo mã hoặc tên."])
    unknown = [shape for number, shape in enumerate(shapes) if number not in named]
    notes = [
        *_unknown(unknown, column),
        *_missing(found, units),
        *_mended(shapes),
        *_far(found, places),
    ]
    return Examined(column, found, notes, _overlaps(found))


def area(shape: BaseGeometry) -> float:
    """Return the surface of a shape in km², exact enough to be compared with a register."""
    middle = math.cos(math.radians(shape.centroid.y))
    return float(shape.area) * KM_PER_DEGREE**2 * middle


def _naming(
    shapes: Sequence[Shape], units: Sequence[UnitRef], codes: Mapping[str, int]
) -> tuple[str, dict[int, int]]:
    """Return the best property and which unit each shape is, by code before by name."""
    known = {unit.id for unit in units}
    by_code = {code: unit for code, unit in codes.items() if unit in known}
    by_name = _names(units)
    columns = dict.fromkeys(name for shape in shapes for name in shape.properties)
    best: tuple[str, dict[int, int]] = ("", {})
    for keys in (by_code, by_name):
        for column in columns:
            hits = {
                number: keys[value]
                for number, shape in enumerate(shapes)
                if (value := _key(shape.properties.get(column, ""), keys)) in keys
            }
            if len(hits) > len(best[1]):
                best = (column, hits)
    return best


def _key(value: str, keys: Mapping[str, int]) -> str:
    """Return how a property's text would stand among the keys: codes lose zeros in spreadsheets."""
    plain = value.strip().removesuffix(".0")
    if plain in keys:
        return plain
    return next(
        (filled for size in (2, 3, 5) if (filled := plain.zfill(size)) in keys), _name(plain)
    )


def _names(units: Iterable[UnitRef]) -> dict[str, int]:
    """Return the names that belong to one unit only."""
    found: dict[str, set[int]] = {}
    for unit in units:
        for name in (unit.name, unit.short_name, f"{unit.designation} {unit.short_name}"):
            found.setdefault(_name(name), set()).add(unit.id)
    return {name: next(iter(ids)) for name, ids in found.items() if len(ids) == 1 and name}


def _name(value: str) -> str:
    return text.fold(text.normal(value)).strip()


def _surface(parts: list[BaseGeometry]) -> BaseGeometry:
    return shapely.union_all([shapely.make_valid(part) for part in parts])


def _unknown(shapes: list[Shape], column: str) -> list[str]:
    if not shapes:
        return []
    said = [shape.properties.get(column) or "không tên" for shape in shapes]
    return [f"Không dùng {len(shapes)} hình không khớp đơn vị nào: {_listed(said)}."]


def _missing(found: Mapping[UnitRef, BaseGeometry], units: Sequence[UnitRef]) -> list[str]:
    """Say which units of the levels on the sheet have no shape."""
    levels = {unit.level for unit in found}
    lacking = [
        unit.name
        for unit in units
        if unit.level in levels and unit.kind == "ubnd" and unit not in found
    ]
    return [f"Còn {len(lacking)} đơn vị chưa có hình: {_listed(lacking)}."] if lacking else []


def _mended(shapes: Sequence[Shape]) -> list[str]:
    broken = sum(not shape.geometry.is_valid for shape in shapes)
    return [f"Đã tự sửa {broken} hình có đường ranh tự cắt."] if broken else []


def _far(found: Mapping[UnitRef, BaseGeometry], places: Mapping[int, Place]) -> list[str]:
    away = [
        unit.name
        for unit, shape in found.items()
        if unit.id in places
        and not shape.covers(shapely.Point(places[unit.id].lon, places[unit.id].lat))
    ]
    return [f"Tọa độ đã ghi nằm ngoài ranh giới của: {_listed(away)}."] if away else []


def _overlaps(found: Mapping[UnitRef, BaseGeometry]) -> list[str]:
    refs, shapes = list(found), list(found.values())
    tree = shapely.STRtree(shapes)
    said = []
    for one, two in zip(*tree.query(shapes, predicate="intersects"), strict=True):
        if one >= two or refs[one].level != refs[two].level:
            continue
        common = shapes[one].intersection(shapes[two]).area
        if common > OVERLAP * min(shapes[one].area, shapes[two].area):
            said.append(f"{refs[one].name} và {refs[two].name}")
    return [f"Hình chồng lên nhau: {_listed(said)}."] if said else []


def _listed(names: list[str]) -> str:
    rest = len(names) - MOST_SAID
    return ", ".join(names[:MOST_SAID]) + (f" và {rest} nữa" if rest > 0 else "")


def plain(shape: BaseGeometry) -> dict[str, Any]:
    """Return a shape as a GeoJSON MultiPolygon, to about 10 cm."""
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    rounded = shapely.set_precision(shapely.MultiPolygon(parts), 1e-6)
    many = rounded if rounded.geom_type == "MultiPolygon" else shapely.MultiPolygon([rounded])
    geometry: dict[str, Any] = shapely.geometry.mapping(many)
    return geometry
