"""Pages that show reports: the list, the late ones, one report with all its versions."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from haidang.delivery.reporting.files import workbook
from haidang.delivery.reporting.forms import ListFilter, ReturnForm
from haidang.delivery.reporting.models import Assignment, Regime
from haidang.delivery.reporting.permissions import APPROVE, FILL, MANAGE, RECEIVE, VIEW
from haidang.delivery.reporting.queries import filling, reports
from haidang.delivery.reporting.rules import numbers, steps
from haidang.foundation.access import api as access
from haidang.foundation.access.api import ScopedRequest
from haidang.foundation.core import spreadsheet
from haidang.foundation.obligations import api as obligations
from haidang.foundation.org import api as org

PER_PAGE = 50


@access.requires(VIEW)
def report_list(request: ScopedRequest) -> HttpResponse:
    """List the reports that the reader may see: what is owed first."""
    asked, now = ListFilter(request.GET or None), timezone.now()
    page = Paginator(_listed(asked, request.scope, now), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": asked,
        "page": page,
        "rows": [_row(row, now) for row in _with_units(page)],
        "periods": reports.periods_of(request.scope),
        "late": reports.listed(request.scope, now=now, state="late").count(),
        "regimes": Regime.objects.filter(is_active=True).order_by("title")
        if request.scope.allows(MANAGE)
        else None,
    }
    return render(request, "reporting/list.html", context)


@access.requires(VIEW)
def late_list(request: ScopedRequest) -> HttpResponse:
    """List who owes a report after its deadline, with the head to call and the reminders sent."""
    now = timezone.now()
    rows = reports.listed(request.scope, now=now, state="late")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    today = timezone.localdate()
    heads = org.heads((row.holder_id for row in page), today)
    reminded = obligations.reminder_counts(today.year)
    found = [
        {
            **_row(row, now),
            "head": heads.get(row.holder_id),
            "reminders": reminded.get(row.holder_id, 0),
        }
        for row in _with_units(page)
    ]
    return render(request, "reporting/late.html", {"page": page, "rows": found})


@access.requires(VIEW)
def report_page(request: ScopedRequest, report_id: int) -> HttpResponse:
    """Show one report: its step, its values, every version, and what the reader may do."""
    row = reports.report(report_id, request.scope)
    return render(request, "reporting/report.html", page_of(request, row))


@access.requires(VIEW)
def version(request: ScopedRequest, version_id: int) -> HttpResponse:
    """Lead from the lineage of a figure ("report:17") to the report that it came with."""
    return redirect("reporting:report", report_id=reports.report_of_version(version_id))


def page_of(request: HttpRequest, row: Assignment, form: ReturnForm | None = None) -> Any:
    """Return what the page of a report shows."""
    scope: access.Scope = request.scope  # type: ignore[attr-defined]  # set by the door
    sent = reports.submissions(row.pk)
    return {
        **_row(row, timezone.now()),
        "unit": org.unit_by_id(row.unit_id),
        "holder": org.unit_by_id(row.holder_id),
        "period": reports.period(row).label(),
        "lines": _lines(row, sent),
        "sent": sent,
        "story": [(steps.DONE[step.what], step) for step in reports.story(row.pk)],
        "may": _may(row, scope),
        "return_form": form or ReturnForm(),
    }


@access.requires(FILL)
def template(request: ScopedRequest, report_id: int) -> HttpResponse:
    """Send the report as a workbook to be filled in."""
    row = reports.report(report_id, request.scope, FILL)
    unit, draft = org.unit_by_id(row.unit_id), filling.draft(row, request.scope)
    content = workbook.write(
        row.pk,
        row.form.title,
        f"{unit.name} · {reports.period(row).label()}",
        row.form.spec(),
        draft.values,
        draft.notes,
    )
    answer = HttpResponse(content, content_type=workbook.MEDIA_TYPE)
    name = f"bao-cao-{unit.code}-{row.period_key}.xlsx"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@access.requires(VIEW)
def export(request: ScopedRequest) -> StreamingHttpResponse:
    """Send the newest values of the listed reports as CSV, one line a value."""
    rows = _listed(ListFilter(request.GET or None), request.scope, timezone.now())
    header = ["Mã đơn vị", "Đơn vị", "Kỳ", "Bước", "Mã mục", "Mục", "Giá trị", "Đơn vị tính"]
    found = rows.prefetch_related("form__items", "submissions")[:5000]
    return spreadsheet.csv_response("bao-cao.csv", header, _values(list(found)))


def _listed(asked: ListFilter, scope: access.Scope, now: datetime) -> Any:
    said = asked.cleaned_data if asked.is_valid() else {}
    words = said.get("q", "")
    return reports.listed(
        scope,
        now=now,
        state=said.get("state", ""),
        period=said.get("period", ""),
        units=[unit.id for unit in org.search(words)] if words else None,
    )


def _with_units(page: Any) -> list[Assignment]:
    rows = list(page)
    units = org.units(row.unit_id for row in rows)
    for row in rows:
        row.unit_ref = units[row.unit_id]
    return rows


def _row(row: Assignment, now: datetime) -> dict[str, Any]:
    is_late = row.state in steps.OWED and row.due_at < now
    return {
        "report": row,
        "unit": getattr(row, "unit_ref", None),
        "period": reports.period(row).label(),
        "step": steps.NAMES[row.state],
        "sign": "critical" if is_late else steps.SIGNS[row.state],
        "is_late": is_late,
        "is_owed": row.state in steps.OWED,
    }


def _lines(row: Assignment, sent: list[Any]) -> list[dict[str, Any]]:
    """Return the lines with their values in each version, the newest first."""
    versions = [version.numbers() for version in sent]
    return [
        {
            "item": item,
            "values": [numbers.write(values.get(item.code)) for values in versions],
            "note": sent[0].notes.get(item.code, "") if sent else "",
            "source": sent[0].sources.get(item.code, "") if sent else "",
        }
        for item in row.form.spec().items
    ]


def _may(row: Assignment, scope: access.Scope) -> dict[str, bool]:
    where = row.holder_id, row.form.regime.sector_id
    approves = row.state == steps.SUBMITTED and scope.allows(APPROVE, *where)
    receives = row.state == steps.APPROVED and scope.allows(RECEIVE, *where)
    return {
        "fill": row.state in steps.FILLABLE and scope.allows(FILL, *where),
        "approve": approves and not row.has_typed(scope.account_id),
        "receive": receives,
        "send_back": approves or receives,
    }


def _values(rows: list[Assignment]) -> Iterator[list[Any]]:
    units = org.units(row.unit_id for row in rows)
    for row in rows:
        sent = sorted(row.submissions.all(), key=lambda one: one.number)
        values = sent[-1].numbers() if sent else {}
        for item in row.form.spec().items:
            yield [
                *(units[row.unit_id].code, units[row.unit_id].name, row.period_key),
                *(steps.NAMES[row.state], item.code, item.title),
                *(values.get(item.code, ""), item.unit_of_measure),
            ]
