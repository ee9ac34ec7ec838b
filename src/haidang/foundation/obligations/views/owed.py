"""Pages: what is owed as one list, and one obligation with the proof of its reminders."""

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from haidang.foundation.access import api as access
from haidang.foundation.obligations import kinds
from haidang.foundation.obligations.errors import NotOwedError
from haidang.foundation.obligations.permissions import VIEW
from haidang.foundation.obligations.queries import obligations, reminders
from haidang.foundation.obligations.queries.obligations import Filters, ObligationRef
from haidang.foundation.org import api as org

PAGE = 25
SIDES = {
    "own": "Của đơn vị tôi",
    "awaited": "Đơn vị tôi đang chờ",
    "all": "Trong phạm vi theo dõi",
}
STATES = {
    "open": "Đang thực hiện",
    "fulfilled": "Đã thực hiện",
    "cancelled": "Đã hủy",
    "any": "Tất cả",
}


@access.requires(VIEW)
def listed(request: access.ScopedRequest) -> HttpResponse:
    """Show what is owed, the earliest deadline first."""
    asked = _asked(request)
    rows: Paginator[ObligationRef] = Paginator(_Owed(request.scope, _filters(asked)), PAGE)
    context = {
        "page": rows.get_page(request.GET.get("page")),
        "asked": asked,
        "sides": SIDES,
        "states": STATES,
        "kinds": sorted(kinds.kinds().values(), key=lambda kind: kind.label),
        "sectors": org.sectors(),
    }
    return render(request, "obligations/list.html", context)


@access.requires(VIEW)
def detail(request: access.ScopedRequest, obligation_id: int) -> HttpResponse:
    """Show an obligation and every reminder of it: when, to whom, when read."""
    found = obligations.one(request.scope, obligation_id, now=timezone.now())
    if found is None:
        raise NotOwedError(obligation=obligation_id)
    year = timezone.localdate().year
    context = {
        "obligation": found,
        "reminders": reminders.reminders(found.id),
        "year": year,
        "count": reminders.reminder_counts(year).get(found.debtor_unit_id, 0),
    }
    return render(request, "obligations/detail.html", context)


def _asked(request: access.ScopedRequest) -> dict[str, str]:
    given = request.GET
    own = "own" if request.scope.unit_id is not None else "all"
    side, state = given.get("side", ""), given.get("state", "")
    return {
        "side": side if side in SIDES else own,
        "state": state if state in STATES else "open",
        "kind": given.get("kind", ""),
        "sector": given.get("sector", ""),
        "overdue": given.get("overdue", ""),
    }


def _filters(asked: dict[str, str]) -> Filters:
    return Filters(
        side="" if asked["side"] == "all" else asked["side"],
        state="" if asked["state"] == "any" else asked["state"],
        kind=asked["kind"],
        sector=asked["sector"] or None,
        overdue_only=asked["overdue"] == "1",
    )


class _Owed(Sequence[ObligationRef]):
    """What is owed, as a paginator wants it: a count and slices."""

    def __init__(self, scope: access.Scope, filters: Filters) -> None:
        self._scope, self._filters, self._now = scope, filters, timezone.now()

    def __len__(self) -> int:
        return obligations.due(self._scope, now=self._now, filters=self._filters, limit=0)[1]

    def __getitem__(self, piece: Any) -> Any:
        return obligations.due(
            self._scope,
            now=self._now,
            filters=self._filters,
            offset=piece.start,
            limit=piece.stop - piece.start,
        )[0]
