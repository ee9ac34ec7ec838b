"""The lineage of a figure as a picture, with its twin as a table."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from haidang.data.ingest import api as ingest
from haidang.data.ingest.api import Lineage
from haidang.foundation.access import api as access
from haidang.foundation.calendar.zone import local_date
from haidang.foundation.org import api as org
from haidang.foundation.ui import formats
from haidang.insight.indicators.queries import lineage, pedigree, quality
from haidang.insight.indicators.rules.lineage import Part, Step, Typed

_ROWS = 50


@dataclass(frozen=True)
class Box:
    """One box of the picture and what it came from. `links` are (label, address)."""

    kind: str
    title: str
    lines: tuple[str, ...] = ()
    url: str = ""
    links: tuple[tuple[str, str], ...] = ()
    below: tuple["Box", ...] = ()


@require_GET
@access.requires("indicators.view")
def show(request: access.ScopedRequest, code: str, unit: str) -> HttpResponse:
    """Show what a figure rests on: definition, inputs, batches, files, devices, persons."""
    where = org.unit(unit)
    page = _number(request.GET.get("page"), 1)
    period = _moment(request.GET.get("period"))
    step = lineage.lineage(code, where.id, request.scope, period, page=page)
    top = _box(step, request.scope)
    context = {
        "figure": step.figure,
        "step": step,
        "unit": where,
        "top": top,
        "twin": list(_flat(top, 1)),
        "page": page,
        "quality": _quality(step, where, request.scope),
        **_rows(request, step),
        **_revisions(step, where.id, request.scope),
    }
    return render(request, "indicators/lineage.html", context)


def _quality(step: Step, unit: org.UnitRef, scope: access.Scope) -> dict[str, Any]:
    """Return the four words of the sources behind a figure, down to the rows that cost points;
    of one that units report, what can be told of what they typed."""
    now = timezone.now()
    at = step.figure.period_start if step.figure else None
    below = unit.id if unit.parent_id else None
    found = ingest.gathered(quality.datasets(step.definition.code), scope, at or now, now, below)
    typed = None
    if step.figure is not None and step.definition.method == "manual":
        typed = quality.typed_words(step.figure, now)
    since = local_date(found.period.start).isoformat()
    return {"found": found, "since": since, "typed": typed}


def _rows(request: access.ScopedRequest, step: Step) -> dict[str, Any]:
    """Return the rows of the batch that was asked for, else of the newest."""
    if not step.parts:
        return {}
    asked = _number(request.GET.get("batch"), step.parts[0].batch)
    part = next((one for one in step.parts if one.batch == asked), step.parts[0])
    place = _number(request.GET.get("rows"), 1)
    found = lineage.source_rows(step, part, request.scope, limit=_ROWS, offset=(place - 1) * _ROWS)
    lines = [[_cell(value) for value in row] for row in found.rows]
    return {
        "part": part, "found": found, "lines": lines, "rows_page": place,
        "rows_more": place * _ROWS < found.total,
    }  # fmt: skip


def _revisions(step: Step, unit_id: int, scope: access.Scope) -> dict[str, Any]:
    figure = step.figure
    if figure is None or figure.period_start is None or step.definition.method != "manual":
        return {}
    start = figure.period_start
    return {"revisions": pedigree.revisions(step.definition.code, unit_id, start, scope)}


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%d/%m/%Y %H:%M:%S}"
    if isinstance(value, bool) or value is None:
        return {True: _("có"), False: _("không"), None: "–"}[value]
    if isinstance(value, int | float):
        return formats.number(value, 0 if float(value).is_integer() else 2)
    return value.strftime("%d/%m/%Y") if hasattr(value, "strftime") else str(value)


def _box(step: Step, scope: access.Scope) -> Box:
    """Return the boxes of a figure and of all below it."""
    how, figure = step.definition, step.figure
    if figure is None:
        hidden = _("Chỉ tiêu ngoài phạm vi được xem")
        return Box(_("Chỉ tiêu"), hidden, (_("mã %s") % how.code,))
    lines = (f"{figure.unit_name}", figure.period_label or _("chưa có kỳ số liệu"))
    below = (
        *(_box(one, scope) for one in step.inputs),
        *(_batch(part) for part in step.parts),
        *_typed_boxes(step),
    )
    definition = Box(
        _("Cách tính"),
        _("%(method)s, phiên bản %(version)s")
        % {"method": how.method_label.capitalize(), "version": how.version},
        tuple(_definition_lines(step)),
        links=_dataset_link(step, scope),
        below=below,
    )
    return Box(_("Số liệu"), f"{how.name}: {_said(step)}", lines, figure.url, below=(definition,))


def _said(step: Step) -> str:
    figure = step.figure
    if figure is None or figure.headline is None:
        return _("chưa có số liệu")
    value = formats.number(figure.headline, figure.headline_decimals)
    return f"{value} {figure.headline_unit}".strip()


def _definition_lines(step: Step) -> Iterator[str]:
    how, figure = step.definition, step.figure
    if how.expression:
        yield how.expression
    if how.dataset:
        said = {"title": how.dataset_title, "version": how.contract_version}
        yield _("Bộ dữ liệu %(title)s, cấu trúc phiên bản %(version)s") % said
    if figure is not None and (limits := figure.threshold) is not None:
        watch, critical = (formats.number(one, 2) for one in (limits.watch, limits.critical))
        yield _("Ngưỡng: theo dõi %(watch)s, nguy cấp %(critical)s") % {
            "watch": watch, "critical": critical,
        }  # fmt: skip
    for target in figure.targets if figure is not None else ():
        yield target.label
    if step.has_more and step.inputs:
        yield _("Còn các đơn vị khác; xem trang của từng đơn vị")


def _dataset_link(step: Step, scope: access.Scope) -> tuple[tuple[str, str], ...]:
    dataset = step.definition.dataset
    if not dataset or not scope.allows("catalogue.view"):
        return ()
    return ((_("Bộ dữ liệu"), reverse("catalogue:dataset", args=[dataset])),)


def _batch(part: Part) -> Box:
    title = _("Lô %(batch)s") % {"batch": part.batch}
    count = _("%s dòng trong số liệu này") % formats.number(part.rows, 0)
    if part.origin is None:
        return Box(_("Lô"), title, (count, _("Nguồn ngoài phạm vi được xem")))
    run = part.origin
    run_page = reverse("ingest:run", args=[run.run_id])
    return Box(_("Lô"), title, (count,), run_page, below=(_source(run),))


def _source(run: Lineage) -> Box:
    received = f"{timezone.localtime(run.received_at):%H:%M %d/%m/%Y}"
    lines = [run.source_title, _("Nhận lúc %s") % received]
    links: list[tuple[str, str]] = [(_("Nguồn"), reverse("ingest:source", args=[run.source]))]
    if run.sha256:
        lines.append(f"SHA-256 {run.sha256[:16]}…")
        if run.file_gone:
            lines.append(run.file_gone)
        else:
            links.append((_("Tải tệp gốc"), reverse("ingest:original", args=[run.run_id])))
    kind = _("Tệp") if run.sha256 else _("Thiết bị, đường truyền")
    title = run.file_name or (run.source if not run.sha256 else _("Tệp gốc"))
    return Box(kind, title, tuple(lines), links=tuple(links), below=(_persons(run),))


def _persons(run: Lineage) -> Box:
    loaded = run.loaded_by or _("hệ thống")
    approved = run.approved_by or _("chưa có người duyệt")
    what = _("Duyệt nguồn tự động: %s") if run.is_automatic else _("Duyệt: %s")
    lines = [what % approved]
    if run.approved_at and run.approved_by:
        lines.append(f"{timezone.localtime(run.approved_at):%H:%M %d/%m/%Y}")
    return Box(_("Người"), _("Nạp: %s") % loaded, tuple(lines))


def _typed_boxes(step: Step) -> Iterator[Box]:
    if step.reference is not None:
        ref = step.reference
        yield Box(_("Báo cáo"), ref.title, ref.lines, ref.url)
    for one in step.typed:
        yield Box(_("Nhập tay"), _typed_title(step, one), tuple(_typed_lines(one)))


def _typed_title(step: Step, one: Typed) -> str:
    figure = step.figure
    assert figure is not None
    return f"{formats.number(one.value, figure.decimals)} {figure.unit_of_measure}".strip()


def _typed_lines(one: Typed) -> Iterator[str]:
    typed = f"{timezone.localtime(one.typed_at):%H:%M %d/%m/%Y}"
    yield _("Nhập: %(who)s, %(at)s") % {"who": one.typed_by, "at": typed}
    if one.decided_at is None:
        yield _("Chờ duyệt")
    else:
        what = _("Duyệt: %(who)s, %(at)s") if one.is_approved else _("Trả lại: %(who)s, %(at)s")
        at = f"{timezone.localtime(one.decided_at):%H:%M %d/%m/%Y}"
        yield what % {"who": one.decided_by, "at": at}
    if one.note:
        yield one.note


def _flat(box: Box, level: int) -> Iterator[tuple[int, Box]]:
    yield level, box
    for one in box.below:
        yield from _flat(one, level + 1)


def _number(written: str | None, usual: int) -> int:
    is_number = bool(written) and str(written).isdecimal() and len(str(written)) < 19
    return max(int(written or 0), 1) if is_number else usual


def _moment(written: str | None) -> datetime | None:
    try:
        found = datetime.fromisoformat(written or "")
    except ValueError:
        return None
    return found if found.tzinfo else timezone.make_aware(found)
