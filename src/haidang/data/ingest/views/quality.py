"""The page of the four words: each source, each dataset, each supplying unit, the worst first."""

import datetime as dt

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from haidang.data.ingest.models import Source
from haidang.data.ingest.queries import quality as counted
from haidang.data.ingest.queries.quality import Asked, Cost, Rated
from haidang.data.ingest.rules import quality
from haidang.data.ingest.tables import quality as tables
from haidang.foundation.access.api import ScopedRequest, requires
from haidang.foundation.calendar import periods
from haidang.foundation.calendar.zone import local_date
from haidang.foundation.org import api as org


@require_GET
@requires("ingest.view")
def quality_list(request: ScopedRequest) -> HttpResponseBase:
    """List the four words, the worst first; `?format=` takes all pages away as a table."""
    now = timezone.now()
    asked, by = counted.asked(request.GET.dict(), now), _by(request)
    listing = tables.listing(asked, by)
    rated = counted.wanted(request.scope, asked, now)
    lines = listing.sorted(request, tables.lines(request.scope, rated, asked, by))
    if table := listing.export(request, lines):
        return table
    context = {
        "page": listing.page(request, lines),
        "asked": asked,
        "by": by,
        "groups": tables.groups(),
        "costs": _costs(rated, asked) if asked.unit or asked.dataset else [],
        "since": local_date(asked.period.start).isoformat(),
        "words": quality.WORDS,
        "meanings": [(quality.WORDS[word], text) for word, text in quality.MEANINGS.items()],
        "units": counted.suppliers(request.scope),
        "sectors": org.sectors(),
        "before": asked.period.previous(),
        "after": asked.period.next() if asked.period.end <= now else None,
    }
    return render(request, "ingest/quality.html", context)


def _costs(rated: list[Rated], asked: Asked) -> list[Cost]:
    """Return the rows that cost points, where the list is narrowed to a unit or a dataset."""
    return counted.costs([one.source.pk for one in rated], asked.period, by_dataset=True)


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
        "costs": counted.costs([source.pk], period),
        "due": [(one, runs.get(one.came_at) if one.came_at else None) for one in due],
    }


def _by(request: ScopedRequest) -> str:
    by = request.GET.get("by", "")
    return by if by in tables.groups() else "source"
