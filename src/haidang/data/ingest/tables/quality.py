"""The four words line by line: of each source, or of several of one dataset, supplier or thing."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter

from django.urls import reverse

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest.queries import gathered
from haidang.data.ingest.queries.quality import Asked, Rated
from haidang.data.ingest.rules import quality
from haidang.data.ingest.rules.quality import Scores
from haidang.foundation.access.api import Scope
from haidang.foundation.core.text import sort_key
from haidang.foundation.org import api as org
from haidang.foundation.ui.lists import Cell, Listing

OWN = {"source": "Từng nguồn", "dataset": "Bộ dữ liệu", "unit": "Đơn vị cung cấp"}


@dataclass(frozen=True)
class Line:
    """One line of the list: a source, or several of one dataset or one supplier."""

    title: str
    note: str
    address: str
    scores: Scores
    is_simulated: bool = False


def groups() -> dict[str, str]:
    """Return by what the list can be looked at."""
    return OWN | {one.code: one.label for one in gathered.kinds().values()}


def listing(asked: Asked, by: str) -> Listing:
    """Return the list as a table: each word with what it rests on; without a value it is last."""
    columns: dict[str, Cell] = {
        groups()[by]: lambda line: line.title,
        "Ghi chú": lambda line: line.note,
        "Kỳ": lambda line: asked.period.label(),
    }
    sorts: dict[str, Cell] = {"title": lambda line: sort_key(line.title)}
    for word, title in quality.WORDS.items():
        score = attrgetter(f"scores.{word}")
        columns |= {title: _value(score), f"{title}: căn cứ": attrgetter(f"scores.{word}.sentence")}
        sorts[word] = _order(score)
    return Listing(file=f"chat-luong-so-lieu-{asked.period.key}", columns=columns, sorts=sorts)


def _value(score: Cell) -> Cell:
    return lambda line: quality.shown(score(line).value)


def _order(score: Cell) -> Cell:
    return lambda line: (score(line).value is None, score(line).value or 0.0)


def lines(scope: Scope, found: list[Rated], asked: Asked, by: str) -> list[Line]:
    """Return the lines of rated sources, the worst first."""
    units = org.units({one.source.supplier_id for one in found})
    if by == "source":
        return [_line(one, units) for one in found]
    told = _of_things(scope, found, by) if by not in OWN else _grouped(scope, found, asked, by)
    return sorted(told, key=lambda line: (line.scores.order, line.title))


def _grouped(scope: Scope, found: list[Rated], asked: Asked, by: str) -> list[Line]:
    units = org.units({one.source.supplier_id for one in found})
    several: dict[str, list[Rated]] = defaultdict(list)
    for one in found:
        unit = units.get(one.source.supplier_id)
        code = one.source.dataset if by == "dataset" else unit.code if unit else ""
        several[code].append(one)
    titles = _titles(scope, by, units)
    return [
        _several(titles.get(code, code), _narrowed(asked, by, code), own)
        for code, own in several.items()
    ]


def _of_things(scope: Scope, found: list[Rated], by: str) -> list[Line]:
    """Return the things of a kind that a domain above registered, by their datasets' sources."""
    by_dataset: dict[str, list[Rated]] = defaultdict(list)
    for one in found:
        by_dataset[one.source.dataset].append(one)
    told = []
    for thing in gathered.kinds()[by].find(scope):
        own = [one for dataset in sorted(thing.datasets) for one in by_dataset[dataset]]
        if own:
            told.append(_several(thing.title, thing.url, own))
    return told


def _several(title: str, address: str, own: Iterable[Rated]) -> Line:
    listed = list(own)
    return Line(
        title=title,
        note=f"{len(listed)} nguồn",
        address=address,
        scores=quality.together(one.scores for one in listed),
        is_simulated=all(one.source.is_simulated for one in listed),
    )


def _line(one: Rated, units: dict[int, org.UnitRef]) -> Line:
    unit = units.get(one.source.supplier_id)
    return Line(
        title=one.source.title,
        note=unit.name if unit else "",
        address=f"{reverse('ingest:source', args=[one.source.code])}#quality",
        scores=one.scores,
        is_simulated=one.source.is_simulated,
    )


def _titles(scope: Scope, by: str, units: dict[int, org.UnitRef]) -> dict[str, str]:
    if by == "unit":
        return {unit.code: unit.name for unit in units.values()}
    return {dataset.code: dataset.title for dataset in catalogue.datasets(scope)}


def _narrowed(asked: Asked, by: str, code: str) -> str:
    """Return the address of the sources that a line of several stands for."""
    period = f"kind={asked.period.kind}&period={asked.period.key}"
    return f"{reverse('ingest:quality')}?{by}={code}&{period}"
