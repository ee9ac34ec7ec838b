"""The schematic map: a cell for every commune's point.

Cells are those of Voronoi. The points of the neighbours' communes take cells too, which are not
shown: they shape the outer border. It is a diagram, not the boundary.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from haidang.delivery.dashboards.rules import drawing
from haidang.delivery.dashboards.rules.areas import Afar, Drawing, nothing_afar

Point = tuple[float, float]  # latitude, longitude


def draw(
    points: Mapping[int, Point],
    parents: Mapping[int, int],
    others: Iterable[Point] = (),
    afar_of: Afar = nothing_afar,
) -> Drawing:
    """Draw the map of communes' points; `parents` gives each commune's district."""
    project = _projection(list(points.values()))
    placed = _apart({unit: project(point) for unit, point in points.items()})
    around = [project(point) for point in others]
    latitudes = [latitude for latitude, _ in points.values()]
    afar = {
        name: shapely.MultiPoint([project(place) for place in places])
        for name, places in afar_of(min(latitudes), max(latitudes)).items()
    }
    return drawing.draw(_cells(placed, around), parents, afar=afar)


def _projection(points: list[Point]) -> Any:
    middle = sum(latitude for latitude, _ in points) / len(points)
    squeeze = math.cos(math.radians(middle))
    return lambda point: (point[1] * squeeze, -point[0])


def _apart(points: Mapping[int, Point]) -> dict[int, Point]:
    """Move points that coincide a little, always the same way, so that each has a cell."""
    taken: set[Point] = set()
    moved: dict[int, Point] = {}
    for unit, (x, y) in points.items():
        turn = 0
        while (round(x, 5), round(y, 5)) in taken:
            turn += 1
            x, y = x + 0.002 * math.cos(turn), y + 0.002 * math.sin(turn)
        taken.add((round(x, 5), round(y, 5)))
        moved[unit] = (x, y)
    return moved


def _cells(points: Mapping[int, Point], around: list[Point]) -> dict[int, BaseGeometry]:
    ours = shapely.MultiPoint(list(points.values()))
    limit = ours.convex_hull.buffer(_spacing(ours) * (1.6 if around else 0.7))
    near = [point for point in dict.fromkeys(around) if limit.buffer(0.3).contains(_at(point))]
    every = shapely.MultiPoint([*points.values(), *near])
    found = shapely.voronoi_polygons(every, extend_to=limit.buffer(1.0))
    index = shapely.STRtree(list(found.geoms))
    cells: dict[int, BaseGeometry] = {}
    for unit, point in points.items():
        hit = index.query(_at(point), predicate="intersects")[0]
        cells[unit] = found.geoms[int(hit)].intersection(limit)
    return cells


def _spacing(points: Any) -> float:
    """Return the median distance from a point to its nearest neighbour."""
    places = list(points.geoms)
    if len(places) < 2:
        return 0.05
    tree = shapely.STRtree(places)
    _, distances = tree.query_nearest(places, exclusive=True, return_distance=True)
    return float(sorted(distances)[len(distances) // 2])


def _at(point: Point) -> Any:
    return shapely.Point(point)
