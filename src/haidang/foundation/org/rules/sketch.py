"""A sheet as a small picture: one path a unit, in a box 1000 wide; the nation with its islands."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from haidang.foundation.org.rules import country

WIDTH = 1000.0
LEAST = 1.0
"""Corners nearer than this to the one before are left out: the eye would not see them."""

Ring = Sequence[Sequence[float]]
Placing = Callable[[float, float], tuple[float, float]]
_DOT = 4.0
_LETTER = 0.56  # the width of a letter, of its height


@dataclass(frozen=True)
class Path:
    """A unit's outline."""

    name: str
    data: str


@dataclass(frozen=True)
class Mark:
    """An archipelago: its islands as dots, and where its name stands."""

    label: str
    data: str
    x: float
    y: float
    size: float = 32.0

    @property
    def lines(self) -> tuple[str, str]:
        """The name, and below it what it belongs to."""
        name, bracket, belongs = self.label.partition(" (")
        return name, bracket.strip() + belongs


@dataclass(frozen=True)
class Sketch:
    """All outlines; `height` belongs to a width of 1000."""

    height: float
    paths: list[Path]
    marks: list[Mark] = field(default_factory=list)

    @property
    def box(self) -> str:
        """The picture's view box, with room for the width of a line."""
        below = 3 * Mark.size if self.marks else 0
        return f"-4 -4 {WIDTH + 8:g} {self.height + 8 + below:g}"


def draw(shapes: Sequence[tuple[str, dict[str, Any]]]) -> Sketch | None:
    """Draw named GeoJSON MultiPolygons (WGS 84); None when there is none.

    A sheet of national extent has Hoàng Sa and Trường Sa, whatever its file says of them.
    """
    corners = [corner for _, shape in shapes for ring in _rings(shape) for corner in ring]
    if not corners:
        return None
    latitudes = [y for _, y in corners]
    islands = islands_of(min(latitudes), max(latitudes))
    place, height = fitted([*((x, y) for x, y, *_ in corners), *islands])
    paths = [
        Path(name, "".join(_drawn(place(x, y) for x, y, *_ in ring) for ring in _rings(shape)))
        for name, shape in shapes
    ]
    return Sketch(height, paths, marks(place) if islands else [])


def whole_country(own: Iterable[tuple[float, float]]) -> Sketch:
    """Draw the national sheet; `own` are places (latitude, longitude) to be set off in it."""
    ours = {country.cell_of(*one) for one in own} & country.cells()
    half = country.STEP / 2
    corners = [
        (x * country.STEP + dx, y * country.STEP + dy)
        for y, x in country.cells()
        for dx in (-half, half)
        for dy in (-half, half)
    ]
    place, height = fitted([*corners, *islands_of(0, 90)])
    paths = [
        Path(name, "".join(_square(place, cell, half) for cell in sorted(cells)))
        for name, cells in (("", country.cells() - ours), ("own", ours))
    ]
    return Sketch(height, paths, marks(place))


def islands_of(south: float, north: float) -> list[tuple[float, float]]:
    """Return what a sheet between two parallels has to show far out: (longitude, latitude)."""
    return [(x, y) for some in country.archipelagos(south, north).values() for y, x in some]


def fitted(corners: Sequence[tuple[float, float]]) -> tuple[Placing, float]:
    """Return what places (longitude, latitude) in the picture, and the picture's height."""
    west, east = min(x for x, _ in corners), max(x for x, _ in corners)
    south, north = min(y for _, y in corners), max(y for _, y in corners)
    squeeze = math.cos(math.radians((south + north) / 2))
    scale = WIDTH / max((east - west) * squeeze, 1e-9)

    def place(x: float, y: float) -> tuple[float, float]:
        return (x - west) * squeeze * scale, (north - y) * scale

    return place, round((north - south) * scale, 1)


def marks(place: Placing) -> list[Mark]:
    """Return both archipelagos where `place` puts them."""
    found = []
    for one in country.ARCHIPELAGOS:
        dots = [place(x, y) for y, x in one.islands.values()]
        middle = (min(x for x, _ in dots) + max(x for x, _ in dots)) / 2
        below = max(y for _, y in dots)
        name = one.label.partition(" (")[0]
        inside = WIDTH - len(name) * Mark.size * _LETTER / 2
        data = "".join(map(_dot, dots))
        x, y = round(min(middle, inside), 1), round(below + 2 * _DOT, 1)
        found.append(Mark(one.label, data, x, y))
    return found


def _dot(at: tuple[float, float]) -> str:
    size = 2 * _DOT
    return f"M{at[0] - _DOT:.1f},{at[1]:.1f}" + "".join(
        f"a{_DOT},{_DOT} 0 1 0 {way},0" for way in (size, -size)
    )


def _square(place: Placing, cell: tuple[int, int], half: float) -> str:
    y, x = (one * country.STEP for one in cell)
    left, top = place(x - half, y + half)
    right, bottom = place(x + half, y - half)
    return f"M{left:.1f},{top:.1f}H{right:.1f}V{bottom:.1f}H{left:.1f}Z"


def _rings(shape: dict[str, Any]) -> Iterator[Ring]:
    for polygon in shape["coordinates"]:
        yield from polygon


def _drawn(corners: Iterable[tuple[float, float]]) -> str:
    kept: list[tuple[float, float]] = []
    for x, y in corners:
        if not kept or math.hypot(x - kept[-1][0], y - kept[-1][1]) >= LEAST:
            kept.append((x, y))
    return "M" + " ".join(f"{x:.1f},{y:.1f}" for x, y in kept) + "Z"
