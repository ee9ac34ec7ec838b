"""The map of a board: the map in force coloured by one indicator's state, ready to be drawn."""

from dataclasses import dataclass

from haidang.delivery.dashboards.queries import maps, parts
from haidang.delivery.dashboards.queries.viewpoints import Viewpoint
from haidang.delivery.dashboards.rules import choosing, labels
from haidang.delivery.dashboards.rules.areas import Area, Drawing, Isles
from haidang.delivery.dashboards.rules.definitions import TileSpec
from haidang.foundation.org import api as org
from haidang.foundation.ui import states as shown
from haidang.insight.indicators import api as indicators

MARKED = ("critical", "watch", "stale")
PADDING = 0.06
TEXT = 34
"""The size of names on the whole diagram, 1000 units wide."""
MARK = 1.7
SMALLEST = 0.12
"""However near the diagram is looked at, names and signs grow no smaller than this."""


@dataclass(frozen=True)
class Cell:
    """One commune of the map."""

    area: Area
    state: str
    name: str
    sign: str
    is_chosen: bool


@dataclass(frozen=True)
class Group:
    """What one link of the map opens: a district with its communes, or one commune."""

    unit: org.UnitRef
    label: str
    area: Area
    cells: list[Cell]


@dataclass(frozen=True)
class Map:
    """A map of one named indicator with its time."""

    indicator: indicators.IndicatorRef
    choices: list[indicators.IndicatorRef]
    figure: indicators.Figure | None
    box: str
    groups: list[Group]
    pale: list[Area]
    outlines: list[Area]
    border: str
    legend: list[tuple[str, int]]
    names: list[labels.Name]
    mark: float  # how much larger than 12 units a sign is drawn: the same at any zoom
    text: float
    source: str  # of official boundaries; empty for a diagram
    isles: tuple[Isles, ...]  # where the map has the nation's extent

    @property
    def total(self) -> int:
        return sum(number for _, number in self.legend)


def board_map(
    view: Viewpoint, spec: TileSpec, wanted: str = "", *, text: float = TEXT
) -> Map | None:
    """Return the map for the unit, coloured by `wanted` or the first choice seen.

    `text` is the size of its names on the whole diagram, which is 1000 units wide.
    """
    drawn = maps.current()
    choices = _choices(view, spec)
    if drawn is None or not choices:
        return None
    indicator = next((one for one in choices if one.code == wanted), choices[0])
    states = _states(view, indicator, drawn)
    district = None if view.unit.level == "province" else _district(view.unit)
    if district is None and org.level_below("province") == "district":
        groups = _districts(drawn, states, indicator)
    else:
        groups = _communes(view, drawn, states, indicator, district or view.unit.id)
    shown_cells = [cell for group in groups for cell in group.cells]
    box, scale = _box(drawn, drawn.districts.get(district) if district else None)
    mark, size = MARK * max(scale, SMALLEST), text * max(scale, SMALLEST)
    own = {id(cell.area) for cell in shown_cells}
    return Map(
        indicator=indicator,
        choices=choices,
        figure=view.figure(indicator.code),
        box=f"{box.left:g} {box.top:g} {box.right - box.left:g} {box.bottom - box.top:g}",
        groups=groups,
        pale=[area for area in drawn.cells.values() if id(area) not in own],
        outlines=list(drawn.districts.values()),
        border=drawn.border,
        legend=parts.counted(cell.state for cell in shown_cells),
        names=_names(groups, box, mark, size),
        mark=round(mark, 2),
        text=round(size, 1),
        source=drawn.source,
        isles=drawn.isles,
    )


def _choices(view: Viewpoint, spec: TileSpec) -> list[indicators.IndicatorRef]:
    level = org.level_below("province") or "commune"
    known = {
        code: one
        for code, one in view.known.items()
        if choosing.has_figures(one.reporting_level, level)
    }
    named = [known[code] for code in spec.choices if code in known]
    return named or list(known.values())[:5]


def _states(view: Viewpoint, indicator: indicators.IndicatorRef, drawn: Drawing) -> dict[int, str]:
    """Return the state of each commune; of a district indicator, that of its district."""
    root = org.root().id
    if choosing.has_figures(indicator.reporting_level, "commune"):
        return indicators.states(indicator.code, root, "commune", view.scope, view.dictionary)
    of_districts = indicators.states(indicator.code, root, "district", view.scope, view.dictionary)
    parents = org.units(drawn.cells)
    found = {unit_id: of_districts.get(ref.parent_id or 0) for unit_id, ref in parents.items()}
    return {unit_id: state for unit_id, state in found.items() if state}


def _district(unit: org.UnitRef) -> int | None:
    return unit.parent_id if unit.level == "commune" else unit.id


def _districts(
    drawn: Drawing, states: dict[int, str], indicator: indicators.IndicatorRef
) -> list[Group]:
    communes = org.units(drawn.cells)
    below: dict[int, list[int]] = {}
    for unit_id, ref in communes.items():
        if unit_id in states:
            below.setdefault(ref.parent_id or 0, []).append(unit_id)
    districts = org.units(drawn.districts)
    return [
        Group(
            unit=district,
            label=_label(district.name, [states[one] for one in below[unit_id]]),
            area=drawn.districts[unit_id],
            cells=[
                _cell(drawn.cells[one], communes[one], states, indicator) for one in below[unit_id]
            ],
        )
        for unit_id, district in districts.items()
        if unit_id in below
    ]


def _communes(
    view: Viewpoint,
    drawn: Drawing,
    states: dict[int, str],
    indicator: indicators.IndicatorRef,
    parent: int,
) -> list[Group]:
    every = org.units(drawn.cells).values()
    found = [ref for ref in every if ref.parent_id == parent and ref.id in states]
    groups = []
    for ref in found:
        chosen = ref.id == view.unit.id
        cell = _cell(drawn.cells[ref.id], ref, states, indicator, is_chosen=chosen)
        groups.append(Group(ref, cell.name, drawn.cells[ref.id], [cell]))
    return sorted(groups, key=lambda group: group.cells[0].is_chosen)


def _cell(
    area: Area,
    unit: org.UnitRef,
    states: dict[int, str],
    indicator: indicators.IndicatorRef,
    *,
    is_chosen: bool = False,
) -> Cell:
    state = states[unit.id]
    style = shown.state(state)
    name = f"{unit.name}: {style.word(hazard=indicator.hazard).lower()}"
    return Cell(area, state, name, style.path if state in MARKED else "", is_chosen)


def _label(name: str, states: list[str]) -> str:
    """Say a district's state in words: "Dĩ An: 2 nguy hiểm, 1 theo dõi, 4 bình thường"."""
    said = (
        f"{number} {shown.state(state).hazard.lower()}" for state, number in parts.counted(states)
    )
    return f"{name}: {', '.join(said)}"


def _names(groups: list[Group], within: labels.Box, mark: float, size: float) -> list[labels.Name]:
    """Return the names of the units where they can be read."""
    half = 6 * mark
    signs = [
        labels.Box(cell.area.x - half, cell.area.y - half, cell.area.x + half, cell.area.y + half)
        for group in groups
        for cell in group.cells
        if cell.sign
    ]
    wanted = [
        labels.Name(
            one.unit.short_name, one.area.x, one.area.y, any(cell.sign for cell in one.cells)
        )
        for one in groups
    ]
    return labels.place(wanted, size=size, signs=signs, within=within)


def _box(drawn: Drawing, district: Area | None) -> tuple[labels.Box, float]:
    """Return the part of the diagram that is looked at, and how much smaller than all it is."""
    if district is None:
        return labels.Box(0, 0, 1000, drawn.height), 1.0
    left, top, right, bottom = district.box
    side = max(right - left, bottom - top)
    pad = side * PADDING
    edges = (left - pad, top - pad, right + pad, bottom + pad)
    return labels.Box(*(round(edge, 1) for edge in edges)), side / 1000
