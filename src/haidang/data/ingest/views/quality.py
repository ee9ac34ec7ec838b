"""The page of the four words: each source, each dataset, each supplying unit, the worst first."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from operator import attrgetter

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest.models import Source
from haidang.data.ingest.queries import quality as counted
from haidang.data.ingest.queries.quality import Asked, Rated
from haidang.data.ingest.rules import quality
from haidang.data.ingest.rules.quality import Scores
from haidang.foundation.access.api import Scope, ScopedRequest, requires
from haidang.foundation.calendar import periods
from haidang.foundation.calendar.zone import local_date
from haidang.foundation.core.text import sort_key
from haidang.foundation.org import api as org
from haidang.foundation.ui.lists import Cell, Listing

GROUPS = {"source": "Từng nguồn", "dataset": "Bộ dữ liệu", "unit": "Đơn vị cung cấp"}


@dataclass(frozen=True)
class Line:
    """One line of the list: a source, or several of one dataset or one supplier."""

    title: str
    note: str
    address: str
    scores: Scores
    is_simulated: bool = False


@require_GET
@requires("ingest.view")
def quality_list(request: ScopedRequest) -> HttpResponseBase:
    """List the four words, the worst first; `?format=` takes all pages away as a table."""
    now = timezone.now()
    asked, by = counted.asked(request.GET.dict(), now), _by(request)
    listing = _listing(asked, by)
    found = _lines(request.scope, counted.wanted(request.scope, asked, now), asked, by)
    lines = listing.sorted(request, found)
    if table := listing.export(request, lines):
        return table
    context = {
        "page": listing.page(request, lines),
        "asked": asked,
        "by": by,
        "groups": GROUPS,
        "words": quality.WORDS,
        "meanings": [(quality.WORDS[word], text) for word, text in quality.MEANINGS.items()],
        "units": counted.suppliers(request.scope),
        "sectors": org.sectors(),
        "before": asked.period.previous(),
        "after": asked.period.next() if asked.period.end <= now else None,
    }
    return render(request, "ingest/quality.html", context)


def _listing(asked: Asked, by: str) -> Listing:
    """Return the list as a table: each word with what it rests on; without a value it is last."""
    columns: dict[str, Cell] = {
        GROUPS[by]: lambda line: line.title,
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


def card(source: Source, now: dt.datetime) -> dict[str, object]:
    """Return what a source's page shows of its four words: this month, twelve months, the cost."""
    period = periods.of("month", now)
    months = counted.trend(source, period, now)
    due = [one for each in months[-2:] for one in each.due if one.state != "on_time"]
    due = due[::-1][:8]
    runs = counted.runs_at(source, [one.came_at for one in due if one.came_at])
    return {
        "period": period,
        "since": local_date(period.start).isoformat(),
        "short_days": months[-1].counted.short_days,
        "unapproved": months[-1].counted.unapproved,
        "scores": months[-1].scores,
        "months": [(one.period, one.scores) for one in reversed(months)],
        "courses": [
            (title, [getattr(one.scores, word).value for one in months])
            for word, title in quality.WORDS.items()
        ],
        "costs": counted.costs(source, period),
        "due": [(one, runs.get(one.came_at) if one.came_at else None) for one in due],
    }


def _by(request: ScopedRequest) -> str:
    by = request.GET.get("by", "")
    return by if by in GROUPS else "source"


def _lines(scope: Scope, found: list[Rated], asked: Asked, by: str) -> list[Line]:
    units = org.units({one.source.supplier_id for one in found})
    if by == "source":
        return [_line(one, units) for one in found]
    groups: dict[str, list[Rated]] = defaultdict(list)
    for one in found:
        unit = units.get(one.source.supplier_id)
        code = one.source.dataset if by == "dataset" else unit.code if unit else ""
        groups[code].append(one)
    titles = _titles(scope, by, units)
    lines = [
        Line(
            title=titles.get(code, code),
            note=f"{len(several)} nguồn",
            address=_narrowed(asked, by, code),
            scores=quality.together(one.scores for one in several),
            is_simulated=all(one.source.is_simulated for one in several),
        )
        for code, several in groups.items()
    ]
    return sorted(lines, key=lambda line: (line.scores.order, line.title))


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
