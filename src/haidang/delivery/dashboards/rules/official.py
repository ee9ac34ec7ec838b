"""The map of official boundaries: neighbours stay neighbours when their lines are made simpler."""

import math
from collections.abc import Mapping
from typing import Any

import shapely

from haidang.delivery.dashboards.rules import drawing
from haidang.delivery.dashboards.rules.areas import Afar, Drawing, nothing_afar

FINEST = 1 / 2500
"""Corners nearer than this share of the map's width are not drawn: a wall would not show them."""


def draw(
    shapes: Mapping[int, Mapping[str, Any]],
    parents: Mapping[int, int],
    source: str,
    afar_of: Afar = nothing_afar,
) -> Drawing:
    """Draw the communes' GeoJSON shapes (WGS 84); `parents` gives each commune's district."""
    units = list(shapes)
    surfaces = [shapely.make_valid(shapely.geometry.shape(shapes[unit])) for unit in units]
    west, south, east, north = shapely.union_all(surfaces).bounds
    squeeze = math.cos(math.radians((south + north) / 2))
    flat = [shapely.transform(shape, lambda xy: xy * [squeeze, -1]) for shape in surfaces]
    simple = shapely.coverage_simplify(flat, (east - west) * squeeze * FINEST)
    afar = {
        name: shapely.MultiPoint([(x * squeeze, -y) for y, x in places])
        for name, places in afar_of(south, north).items()
    }
    return drawing.draw(dict(zip(units, simple, strict=True)), parents, source, afar)
