"""Pages: what is owed as one list, and one obligation with the proof of its reminders."""

from functools import partial
from operator import attrgetter

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from haidang.foundation.access import api as access
from haidang.foundation.obligations import kinds
from haidang.foundation.obligations.errors import NotOwedError
from haidang.foundation.obligations.permissions import VIEW
from haidang.foundation.obligations.queries import obligations, reminders
from haidang.foundation.obligations.queries.obligations import Filters
from haidang.foundation.org import api as org
from haidang.foundation.ui.lists import Listing

OWED = Listing(
    file="viec-phai-thuc-hien",
    columns={
        "Việc": attrgetter("title"),
        "Loại việc": attrgetter("kind_label"),
        "Đơn vị thực hiện": attrgetter("debtor"),
        "Đơn vị chờ kết quả": attrgetter("creditor"),
        "Giao lúc": attrgetter("owed_since"),
        "Hạn": attrgetter("due_at"),
        "Còn lại": attrgetter("standing"),
        "Quá hạn": attrgetter("is_overdue"),
        "Xong lúc": attrgetter("closed_at"),
        "Đã nhắc": attrgetter("reminders"),
    },
    sorts={
        "title": ("title",),
        "debtor": ("debtor_unit__code", "due_at"),
        "creditor": ("creditor_unit__code", "due_at"),
        "due": ("due_at",),
        "reminders": ("reminder_count", "due_at"),
    },
    default="due",
    per_page=25,
)
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
def listed(request: access.ScopedRequest) -> HttpResponseBase:
    """Show what is owed, the earliest deadline first."""
    asked, now = _asked(request), timezone.now()
    found = OWED.sorted(request, obligations.find(request.scope, _filters(asked), now=now))
    dress = partial(obligations.references, now=now)
    if table := OWED.export(request, found, dress):
        return table
    page = OWED.page(request, found)
    context = {
        "page": page,
        "rows": dress(list(page)),
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
