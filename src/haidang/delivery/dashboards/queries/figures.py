"""The figures of a board: the tiles, with their course, last outcome and instruction."""

from collections.abc import Iterable
from dataclasses import dataclass

from haidang.action.alerts import api as alerts
from haidang.delivery.dashboards.models import Pin
from haidang.delivery.dashboards.queries import boards
from haidang.delivery.dashboards.queries.viewpoints import Viewpoint
from haidang.delivery.dashboards.rules import choosing, words
from haidang.delivery.dashboards.rules.definitions import BoardSpec
from haidang.insight.indicators import api as indicators

COURSE_POINTS = 24


@dataclass(frozen=True)
class Tile:
    """One figure as a board shows it."""

    figure: indicators.Figure
    course: tuple[float | None, ...]
    limits: str
    outcome: str
    instruction: str

    @property
    def live(self) -> str:
        """The note that asks this tile to refresh."""
        return f"figure:{self.figure.indicator}:{self.figure.unit_id}"


def chosen(view: Viewpoint, spec: BoardSpec) -> list[indicators.Figure]:
    """Return the figures that the board shows; what never had a value does not take a place."""
    wanted = [tile.indicator for tile in spec.of_kind("figure", view.unit.level)]
    narrowed = view.sector is not None or view.sectors is not None
    codes = choosing.order(
        wanted,
        {code: figure.headline is not None for code, figure in view.figures.items()},
        most=spec.figures,
        fills=narrowed or view.unit.level != "province",
    )
    return [view.figures[code] for code in codes]


def tiles(view: Viewpoint, figures: Iterable[indicators.Figure]) -> list[Tile]:
    """Return the tiles of figures, in three queries however many."""
    shown = list(figures)
    pairs = [(figure.indicator, figure.unit_id) for figure in shown]
    courses = indicators.courses(pairs, view.scope, view.dictionary, points=COURSE_POINTS)
    outcomes = _outcomes(view, pairs)
    pins = boards.pins([code for code, _ in pairs], view.unit.id)
    return [
        Tile(
            figure=figure,
            course=tuple(courses.get(pair, ())),
            limits=words.limits(figure.threshold, figure.decimals),
            outcome=outcomes.get(pair, ""),
            instruction=_said(pins[figure.indicator]) if figure.indicator in pins else "",
        )
        for pair, figure in zip(pairs, shown, strict=True)
    ]


def tile(view: Viewpoint, code: str) -> Tile | None:
    """Return one tile of the board, or None when the scope does not see it."""
    found = view.figure(code)
    return tiles(view, [found])[0] if found else None


def _outcomes(view: Viewpoint, pairs: list[tuple[str, int]]) -> dict[tuple[str, int], str]:
    if not view.scope.allows("alerts.view"):
        return {}
    found = alerts.last_outcomes(pairs)
    return {pair: words.outcome(past.label, past.closed_at) for pair, past in found.items()}


def _said(pin: Pin) -> str:
    return f"Ý kiến chỉ đạo {words.short_day(pin.pinned_at)}: “{pin.text}”"
