"""The shapes of a map as it is drawn, and how they are kept in a file."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

Afar = Callable[[float, float], Mapping[str, Sequence[tuple[float, float]]]]
"""What a map between two parallels has to show far out: (latitude, longitude) by name."""


def nothing_afar(south: float, north: float) -> Mapping[str, Sequence[tuple[float, float]]]:
    """Say that nothing has to be shown."""
    return {}


@dataclass(frozen=True)
class Area:
    """A shape on the diagram: its SVG path, where its name goes, and its box."""

    path: str
    x: float
    y: float
    box: tuple[float, float, float, float]


@dataclass(frozen=True)
class Isles:
    """An archipelago on a map of national extent: dots, and the name below them."""

    label: str
    path: str
    x: float
    y: float


@dataclass(frozen=True)
class Drawing:
    """The whole map, by unit id; `source` names the official boundaries, empty for a diagram."""

    height: float
    cells: dict[int, Area]
    districts: dict[int, Area]
    border: str
    source: str = ""
    isles: tuple[Isles, ...] = ()


def plain(drawn: Drawing) -> dict[str, Any]:
    """Return the diagram as plain data for a file."""
    return asdict(drawn)


def from_plain(data: Mapping[str, Any]) -> Drawing:
    """Return the diagram that `plain` wrote."""
    return Drawing(
        height=data["height"],
        cells={int(unit): _area_of(area) for unit, area in data["cells"].items()},
        districts={int(unit): _area_of(area) for unit, area in data["districts"].items()},
        border=data["border"],
        source=data["source"],
        isles=tuple(Isles(**one) for one in data["isles"]),
    )


def _area_of(data: Mapping[str, Any]) -> Area:
    left, top, right, bottom = data["box"]
    return Area(data["path"], data["x"], data["y"], (left, top, right, bottom))
