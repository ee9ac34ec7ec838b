"""A map from flat shapes: communes fitted into a box, districts as unions of theirs."""

from collections.abc import Mapping
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from haidang.delivery.dashboards.rules.areas import Area, Drawing, Isles

WIDTH = 1000.0
MARGIN = 14.0
DOT = 4.0
LABEL = 40.0  # of an archipelago: the height that its name takes


def draw(
    shapes: Mapping[int, BaseGeometry],
    parents: Mapping[int, int],
    source: str = "",
    afar: Mapping[str, BaseGeometry] | None = None,
) -> Drawing:
    """Draw communes (any flat unit, y downwards); `parents` gives each commune's district.

    `afar` are archipelagos by their names, as points, that belong to a map of this extent.
    """
    afar = afar or {}
    box = shapely.union_all([*shapes.values(), *afar.values()]).bounds
    isles = tuple(_isles(label, _fit(points, box)) for label, points in afar.items())
    fitted = {unit: _fit(shape, box) for unit, shape in shapes.items()}
    grouped: dict[int, list[BaseGeometry]] = {}
    for unit, shape in fitted.items():
        grouped.setdefault(parents[unit], []).append(shape)
    districts = {unit: shapely.union_all(cells) for unit, cells in grouped.items()}
    whole = shapely.union_all(list(districts.values()))
    return Drawing(
        height=round(max([whole.bounds[3], *(one.y + LABEL for one in isles)]) + MARGIN, 1),
        cells={unit: _area(shape) for unit, shape in fitted.items()},
        districts={unit: _area(shape) for unit, shape in districts.items()},
        border=_path(whole),
        source=source,
        isles=isles,
    )


def _isles(label: str, points: BaseGeometry) -> Isles:
    left, _, right, below = points.bounds
    inside = WIDTH - MARGIN - len(label) * LABEL * 0.2
    dots = [one.buffer(DOT) for one in shapely.get_parts(points)]
    path = "".join(map(_path, dots))
    return Isles(label, path, round(min((left + right) / 2, inside), 1), round(below, 1))


def _fit(shape: BaseGeometry, box: tuple[float, float, float, float]) -> BaseGeometry:
    left, top, right, _ = box
    scale = (WIDTH - 2 * MARGIN) / max(right - left, 1e-9)
    moved = shapely.transform(shape, lambda xy: (xy - [left, top]) * scale + MARGIN)
    return shapely.set_precision(moved, 0.1)


def _area(shape: BaseGeometry) -> Area:
    middle = shapely.maximum_inscribed_circle(shape).coords[0]
    left, top, right, bottom = (round(edge, 1) for edge in shape.bounds)
    return Area(_path(shape), round(middle[0], 1), round(middle[1], 1), (left, top, right, bottom))


def _path(shape: BaseGeometry) -> str:
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    rings = [ring for part in parts for ring in (part.exterior, *part.interiors)]
    return "".join(f"M{_coordinates(ring)}Z" for ring in rings)


def _coordinates(ring: Any) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in list(ring.coords)[:-1])
