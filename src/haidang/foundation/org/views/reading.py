"""Pages that show units."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone

from haidang.foundation.core import gate, spreadsheet
from haidang.foundation.core.gate import ScopedRequest
from haidang.foundation.org.forms import LegalBasisForm, UnitFilter
from haidang.foundation.org.permissions import MANAGE, VIEW
from haidang.foundation.org.queries import changes, forest, people, units
from haidang.foundation.org.rules.kinds import KINDS, RELATIONS
from haidang.foundation.org.rules.values import UnitRef

PER_PAGE = 50


@gate.requires(VIEW)
def unit_list(request: ScopedRequest) -> HttpResponse:
    """Show the tree as of a day, or the units that a search finds."""
    asked = UnitFilter(request.GET or None, initial={"on": timezone.localdate()})
    context: dict[str, Any] = {"form": asked, "day": asked.day(), "kinds": KINDS}
    if asked.narrows():
        page = Paginator(_found(request, asked), PER_PAGE).get_page(request.GET.get("page"))
        parents = (ref.parent_id for ref in page if ref.parent_id)
        context |= {"page": page, "parents": units.units(parents, asked.day())}
    else:
        context["forest"] = forest.forest(request.scope.units(VIEW), asked.day())
    return render(request, "org/list.html", context)


@gate.requires(VIEW)
def unit_page(request: ScopedRequest, code: str) -> HttpResponse:
    """Show one unit: what it is and was, its people, what it rests on."""
    unit, today = units.unit(code), timezone.localdate()
    request.scope.require(VIEW, unit.id)
    context = {
        "unit": unit,
        "kind": KINDS[unit.kind],
        "relation": RELATIONS[unit.relation],
        "path": units.path(unit.id, today)[:-1],
        "place": units.place(unit.id),
        "neighbours": units.units(units.neighbours(unit.id), today).values(),
        "children": units.children(unit.id, on=today),
        "officers": people.officers(unit.id, today),
        "delegations": people.delegations(unit.id, today),
        "successors": changes.successors([unit.id], today).get(unit.id, ()),
        "history": _history(unit.id),
        "competent": [
            (sector.name, units.competent_unit(unit.id, sector.code)) for sector in units.sectors()
        ],
        "may_manage": request.scope.allows(MANAGE, unit.id),
    }
    return render(request, "org/unit.html", context)


@gate.requires(VIEW)
def export(request: ScopedRequest) -> StreamingHttpResponse:
    """Send the units as CSV, from the top, as of the day asked for."""
    day = UnitFilter(request.GET or None).day()
    header = ["Mã", "Tên", "Tên ngắn", "Loại hình", "Cấp", "Loại", "Quan hệ", "Mã đơn vị cấp trên"]
    return spreadsheet.csv_response(
        f"don-vi-{day}.csv", header, _rows(request.scope.units(VIEW), day)
    )


@gate.requires(VIEW)
def legal_bases(request: ScopedRequest) -> HttpResponse:
    """List the legal texts that units and their work rest on."""
    context = {
        "page": Paginator(people.legal_bases(), PER_PAGE).get_page(request.GET.get("page")),
        "today": timezone.localdate(),
        "form": LegalBasisForm() if request.scope.allows(MANAGE) else None,
    }
    return render(request, "org/legal_bases.html", context)


def _found(request: ScopedRequest, asked: UnitFilter) -> list[UnitRef]:
    visible, kind = request.scope.units(VIEW), asked.cleaned_data["kind"]
    found = units.search(asked.cleaned_data["q"], asked.day())
    return [ref for ref in found if ref.id in visible and kind in ("", ref.kind)]


def _history(unit_id: int) -> list[dict[str, object]]:
    """Return the versions of a unit, the newest first, each with what changed in it."""
    spans, bases = units.history(unit_id), people.bases_of(unit_id)
    parents = units.units(span.value.parent_id for span in spans if span.value.parent_id)
    return [
        {
            "span": span,
            "parent": parents.get(span.value.parent_id or 0),
            "basis": bases.get(span.start),
        }
        for span in reversed(spans)
    ]


def _rows(visible: frozenset[int], day: date) -> Iterator[list[str]]:
    codes = {ref.id: ref.code for ref in units.all_units(on=day)}
    for _depth, ref in forest.flat(forest.forest(visible, day)):
        yield [
            *(ref.code, ref.name, ref.short_name, ref.designation, ref.level),
            *(KINDS[ref.kind], RELATIONS[ref.relation], codes.get(ref.parent_id or 0, "")),
        ]
