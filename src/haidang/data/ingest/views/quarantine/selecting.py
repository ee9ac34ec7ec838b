"""One thing done with many waiting rows: looked at first, then done for one reason."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest import api
from haidang.data.ingest.actions.amending import Done, judge
from haidang.data.ingest.forms.rows import FieldForm, OneFieldForm
from haidang.data.ingest.queries import desk as desks
from haidang.data.ingest.queries.desk import Selection
from haidang.data.ingest.queries.glasses import Glasses
from haidang.data.ingest.rules import amending
from haidang.data.ingest.tables import waiting
from haidang.foundation.access.api import ScopedRequest, requires
from haidang.foundation.core.errors import HaidangError

SHOWN = 20
HEADINGS = {
    "mend": "Sửa một trường ở nhiều dòng",
    "replay": "Nạp lại nhiều dòng",
    "discard": "Loại bỏ nhiều dòng",
}
_OWN = ("row", "do", "seal", "reason", "csrfmiddlewaretoken")


@require_http_methods(["GET", "POST"])
@requires("ingest.mend")
def bulk(request: ScopedRequest) -> HttpResponse:
    """Show what a selection consists of and what would be done; do it (POST)."""
    given = request.POST if request.method == "POST" else request.GET
    job = given.get("do", "") if given.get("do", "") in HEADINGS else "replay"
    try:
        chosen = _chosen(request, given)
    except HaidangError as error:
        return _back(request, given, error.message)
    if not chosen.rows:
        return _back(request, given, _("Chưa chọn dòng nào đang chờ xử lý."))
    context = _context(given, job, chosen)
    amend = Amending(request, given, chosen) if job == "mend" else None
    if amend:
        context |= amend.context
    if request.method == "POST":
        try:
            return _done(request, given, job, chosen, amend)
        except HaidangError as error:
            context["failure"] = error.message
    status = 422 if context.get("failure") else 200
    return render(request, "ingest/quarantine_selection.html", context, status=status)


class Amending:
    """A field given one value in many rows of one dataset: the forms, and what would become."""

    def __init__(self, request: ScopedRequest, given: QueryDict, chosen: Selection) -> None:
        self.chosen = chosen
        self.through = Glasses(request.scope, given.get("purpose", ""))
        self.values: dict[int, dict[str, str]] = {}
        self.context: dict[str, Any] = {}
        if len(chosen.datasets) == 1:
            self._ask(given)

    def _ask(self, given: QueryDict) -> None:
        dataset = self.chosen.datasets[0][0]
        closed = self.through.masked(dataset)
        fields = catalogue.contract(dataset).fields
        form = FieldForm(given or None, fields=[one for one in fields if one.name not in closed])
        self.context["field_form"] = form
        if not form.is_valid():
            return
        field = next(one for one in fields if one.name == form.cleaned_data["field"])
        said = [(row.pk, desks.said(row, fields)) for row in self.chosen.rows]
        asked = given if "value" in given else None
        one = OneFieldForm(asked, field=field, seen=[row.get(field.name, "") for _pk, row in said])
        self.context |= {"field": field, "value_form": one}
        if one.is_valid():
            self.values = amending.one_field(said, field.name, one.value, one.stood)
            self._judge()

    def _judge(self) -> None:
        rows = [row for row in self.chosen.rows if row.pk in self.values]
        judged = judge(rows, self.values, self.through.masked)
        order = list(amending.WORDS)
        shown = sorted(judged, key=lambda one: order.index(one.verdict))[:SHOWN]
        ready = sum(one.verdict == amending.READY for one in judged)
        self.context |= {
            "judged": waiting.shown(shown, self.through),
            "hidden": len(judged) - len(shown),
            "counts": [one for one in amending.counts(judged) if one[2]],
            "untouched": len(self.chosen.rows) - len(judged),
            "ready": ready,
        }


def _chosen(request: ScopedRequest, given: QueryDict) -> Selection:
    asked = desks.asked({name: str(said) for name, said in given.items()})
    if given.get("all"):
        return desks.select(request.scope, asked)
    rows = [int(one) for one in given.getlist("row") if one.isdecimal() and len(one) < 19]
    return desks.select(request.scope, asked, rows)


def _context(given: QueryDict, job: str, chosen: Selection) -> dict[str, Any]:
    carried = [(name, said) for name, said in given.items() if name not in _OWN]
    return {
        "job": job,
        "heading": HEADINGS[job],
        "chosen": chosen,
        "titles": [(code, count, _address(given, dataset=code)) for code, count in chosen.datasets],
        "carried": carried,
        "around": [one for one in carried if one[0] not in ("field", "was", "value")],
        "rows": [] if given.get("all") else chosen.ids,
        "back": _desk(given),
    }


def _done(
    request: ScopedRequest,
    given: QueryDict,
    job: str,
    chosen: Selection,
    amend: Amending | None,
) -> HttpResponse:
    """Do it with exactly the rows that were looked at. Raises IngestError."""
    if given.get("all") and given.get("seal") != chosen.seal:
        raise api.IngestError(_("Từ lúc xem trước đã có dòng thêm hoặc bớt. Xem lại rồi làm."))
    reason, by = given.get("reason", ""), request.scope
    if job == "discard":
        count = api.discard(rows=chosen.ids, reason=reason, by=by)
        messages.success(request, _("Đã loại bỏ %(count)d dòng.") % {"count": count})
        return redirect(_desk(given))
    if amend is None:
        return told(request, api.replay_all(rows=chosen.ids, by=by, reason=reason), _desk(given))
    if not amend.context.get("ready"):
        raise api.IngestError(_("Không dòng nào đúng hợp đồng sau khi sửa như vậy."))
    done = api.amend_and_replay(
        values=amend.values, by=by, reason=reason, closed=amend.through.masked
    )
    return told(request, done, _desk(given))


def told(request: ScopedRequest, done: Done, back: str) -> HttpResponse:
    """Say what became of many rows, and go where the rest is."""
    for one in done.failures:
        messages.error(request, one)
    if done.mended:
        said = _("Đã sửa %(count)d dòng.") % {"count": done.mended}
        left = _(" %(count)d dòng giữ nguyên.") % {"count": done.left} if done.left else ""
        messages.success(request, said + left)
    if len(done.receipts) == 1:
        return redirect("ingest:run", done.receipts[0].run_id)
    if done.receipts:
        said = _("Đang nạp lại thành %(count)d lượt nạp.") % {"count": len(done.receipts)}
        messages.success(request, said)
    return redirect(back)


def _desk(given: QueryDict) -> str:
    kept = QueryDict(mutable=True)
    kept.update({name: str(given[name]) for name in desks.NAMES if given.get(name)})
    return f"{reverse('ingest:quarantine')}?{kept.urlencode()}"


def _back(request: ScopedRequest, given: QueryDict, message: str) -> HttpResponse:
    messages.error(request, message)
    return redirect(_desk(given))


def _address(given: QueryDict, **more: str) -> str:
    kept = given.copy()
    for name in ("csrfmiddlewaretoken", "reason", "seal"):
        kept.pop(name, None)
    kept.update(more)
    return f"?{kept.urlencode()}"
