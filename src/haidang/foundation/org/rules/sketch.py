"""A sheet of boundaries as a small picture: one path a unit, in a box 1000 wide."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

WIDTH = 1000.0
LEAST = 1.0
"""Corners nearer than this to the one before are left out: the eye would not see them."""

Ring = Sequence[Sequence[float]]


@dataclass(frozen=True)
class Path:
    """A unit's outline."""

    name: str
    data: str


@dataclass(frozen=True)
class Sketch:
    """All outlines; `height` belongs to a width of 1000."""

    height: float
    paths: list[Path]

    @property
    def box(self) -> str:
        """The picture's view box, with room for the width of a line."""
        return f"-4 -4 {WIDTH + 8:g} {self.height + 8:g}"


def draw(shapes: Sequence[tuple[str, dict[str, Any]]]) -> Sketch | None:
    """Draw named GeoJSON MultiPolygons (WGS 84); None when there is none."""
    corners = [corner for _, shape in shapes for ring in _rings(shape) for corner in ring]
    if not corners:
        return None
    west, east = min(x for x, _ in corners), max(x for x, _ in corners)
    south, north = min(y for _, y in corners), max(y for _, y in corners)
    squeeze = math.cos(math.radians((south + north) / 2))
    scale = WIDTH / max((east - west) * squeeze, 1e-9)

    def placed(ring: Ring) -> Iterator[tuple[float, float]]:
        return (((x - west) * squeeze * scale, (north - y) * scale) for x, y in ring)

    paths = [
        Path(name, "".join(_drawn(placed(ring)) for ring in _rings(shape)))
        for name, shape in shapes
    ]
    return Sketch(round((north - south) * scale, 1), paths)


def _rings(shape: dict[str, Any]) -> Iterator[Ring]:
    for polygon in shape["coordinates"]:
        yield from polygon


def _drawn(corners: Iterable[tuple[float, float]]) -> str:
    kept: list[tuple[float, float]] = []
    for x, y in corners:
        if not kept or math.hypot(x - kept[-1][0], y - kept[-1][1]) >= LEAST:
            kept.append((x, y))
    return "M" + " ".join(f"{x:.1f},{y:.1f}" for x, y in kept) + "Z"
