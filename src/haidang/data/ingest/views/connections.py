"""Connections: the list, one with its attempts, and setting one up with a trial and a dry run."""

import json
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from haidang.data.ingest.actions import connections as acting
from haidang.data.ingest.actions import trying
from haidang.data.ingest.connectors import registry, values
from haidang.data.ingest.connectors.protocol import Kind
from haidang.data.ingest.errors import ConnectorError, IngestError, SettingsError
from haidang.data.ingest.forms.connections import ConnectionForm, initial, learned
from haidang.data.ingest.models import Connection, Source
from haidang.data.ingest.queries import connections as asking
from haidang.data.ingest.queries import listing
from haidang.data.ingest.tables import sources as tables
from haidang.foundation.access.api import ScopedRequest, requires
from haidang.foundation.core import cipher
from haidang.foundation.core.errors import HaidangError

MANAGE = "ingest.manage"
_CARRIED_SECONDS = 3600


@require_GET
@requires("ingest.view")
def connection_list(request: ScopedRequest) -> HttpResponseBase:
    """List connections with their health, narrowed."""
    words, kind = request.GET.get("q", ""), request.GET.get("kind", "")
    state = request.GET.get("state", "")
    narrowed = asking.search(asking.visible(request.scope), words, kind, state)
    found = tables.CONNECTIONS.sorted(request, narrowed)
    if table := tables.CONNECTIONS.export(request, found, tables.connections):
        return table
    page = tables.CONNECTIONS.page(request, found)
    context = {
        "page": page, "rows": tables.connections(list(page)),
        "words": words, "kind": kind, "state": state, "states": asking.STATES,
        "kinds": [(one.code, one.title) for one in registry.kinds().values()],
    }  # fmt: skip
    return render(request, "ingest/connections.html", context)


@require_GET
@requires("ingest.view")
def connection(request: ScopedRequest, connection_id: int) -> HttpResponseBase:
    """One connection: its health and every attempt."""
    found = asking.seen(request.scope, connection_id)
    attempts = asking.attempts(found)
    if table := tables.ATTEMPTS.export(request, attempts):
        return table
    page = tables.ATTEMPTS.page(request, attempts)
    declared = registry.kinds().get(found.kind)
    last = found.attempts.order_by("-pk").first()
    where = (found.source.supplier_id, found.source.sector)
    context = {
        "connection": found,
        "source": found.source,
        "kind": declared,
        "facts": _facts(found, declared),
        "pulse": asking.pulses([found], timezone.now())[found.pk],
        "schedule": asking.schedule_of(found).words,
        "last": last,
        "page": page,
        "cursor": json.dumps(found.cursor, ensure_ascii=False)[:500] if found.cursor else "",
        "may_manage": request.scope.allows(MANAGE, *where),
        "may_load": request.scope.allows("ingest.load", *where),
    }
    return render(request, "ingest/connection.html", context)


@require_POST
@requires("ingest.view")
def act(request: ScopedRequest, connection_id: int) -> HttpResponse:
    """Fetch now, pause, resume, or begin again; each asks for its own right."""
    asking.seen(request.scope, connection_id)
    reason = request.POST.get("reason", "")
    try:
        match request.POST.get("do"):
            case "pull":
                acting.ask(connection=connection_id, by=request.scope)
                messages.info(request, _("Đã yêu cầu lấy ngay. Tải lại trang để xem kết quả."))
            case "pause":
                acting.pause(connection=connection_id, by=request.scope, reason=reason)
                messages.warning(request, _("Đã tạm dừng kết nối."))
            case "resume":
                acting.resume(connection=connection_id, by=request.scope)
                messages.success(request, _("Kết nối chạy tiếp từ chỗ đã lấy."))
            case "rewind":
                acting.rewind(connection=connection_id, by=request.scope, reason=reason)
                messages.success(request, _("Lần sau lấy lại từ đầu; dòng đã có tính là trùng."))
    except IngestError as error:
        messages.error(request, error.message)
    return redirect("ingest:connection", connection_id)


@require_GET
@requires(MANAGE)
def choose(request: ScopedRequest, code: str) -> HttpResponse:
    """Choose by which connector a source shall be fetched."""
    found = _managed(request, code)
    context = {"source": found, "kinds": registry.kinds().values()}
    return render(request, "ingest/connect.html", context)


@require_http_methods(["GET", "POST"])
@requires(MANAGE)
def new(request: ScopedRequest, code: str, kind: str) -> HttpResponse:
    """Set up a connection of a source."""
    return _setting_up(request, _managed(request, code), registry.kind(kind), None)


@require_http_methods(["GET", "POST"])
@requires(MANAGE)
def edit(request: ScopedRequest, connection_id: int) -> HttpResponse:
    """Change a connection."""
    found = asking.seen(request.scope, connection_id)
    owner = _managed(request, found.source.code)
    return _setting_up(request, owner, registry.kind(found.kind), found)


def _managed(request: ScopedRequest, code: str) -> Source:
    found = listing.source_seen(request.scope, code)
    request.scope.require(MANAGE, found.supplier_id, found.sector)
    return found


def _setting_up(
    request: ScopedRequest, source: Source, kind: Kind, kept: Connection | None
) -> HttpResponse:
    """Show the form; try, preview or keep what was sent."""
    purpose = f"connection form:{request.scope.account_id}:{source.pk}:{kind.code}"
    carried = _carried(request, purpose)
    known = frozenset(carried) | frozenset(acting.secrets_of(kept) if kept else ())
    start = initial(kept) if kept else None
    form = ConnectionForm(request.POST or None, kind=kind, kept=known, initial=start)
    context: dict[str, Any] = {"source": source, "kind": kind, "connection": kept, "shown": 10}
    if request.method == "POST" and form.is_valid():
        settings = {**form.settings()}
        settings |= {name: said for name, said in carried.items() if not settings.get(name)}
        _, carried = values.parted(kind, settings)
        try:
            if done := _asked(request, form, settings, source, kept, context):
                return done
        except SettingsError as error:
            form.show(error.faults)
        except HaidangError as error:
            context["failure"] = error.message
    if (found := context.get("reached")) and found.learned:
        sent = learned(request.POST, found.learned)
        form = ConnectionForm(sent, kind=kind, kept=known | frozenset(carried))
    context["carried"] = cipher.seal(json.dumps(carried), purpose=purpose) if carried else ""
    wrong = bool(form.errors or context.get("failure"))
    context["form"] = form
    return render(request, "ingest/connection_form.html", context, status=422 if wrong else 200)


def _asked(
    request: ScopedRequest,
    form: ConnectionForm,
    settings: dict[str, Any],
    source: Source,
    kept: Connection | None,
    context: dict[str, Any],
) -> HttpResponse | None:
    """Do what was asked; an answer only where it was kept."""
    by, kind = request.scope, form.kind.code
    match request.POST.get("do"):
        case "test":
            context["reached"] = trying.reach(
                source=source, kind=kind, settings=settings, by=by, kept=kept
            )
        case "preview":
            context["trial"] = trying.preview(
                source=source, kind=kind, settings=settings, by=by, kept=kept
            )
            context["previewed"] = True
        case "save":
            return _saved(request, form, settings, source, kept)
    return None


def _saved(
    request: ScopedRequest,
    form: ConnectionForm,
    settings: dict[str, Any],
    source: Source,
    kept: Connection | None,
) -> HttpResponse:
    said = form.cleaned_data
    if not said["reason"].strip():
        raise ConnectorError("Cần ghi lý do khi lưu kết nối.")
    common: dict[str, Any] = {
        "title": said["title"], "settings": settings, "schedule": form.schedule(),
        "by": request.scope, "reason": said["reason"],
    }  # fmt: skip
    if kept is None:
        made = acting.create_connection(source=source.code, kind=form.kind.code, **common)
    else:
        made = acting.change_connection(connection=kept.pk, is_active=said["is_active"], **common)
    messages.success(request, _("Đã lưu kết nối."))
    return redirect("ingest:connection", made.id)


def _carried(request: ScopedRequest, purpose: str) -> dict[str, str]:
    """Return secrets that were typed before a trial: they travel sealed, for an hour."""
    sealed = request.POST.get("carried", "")
    if not sealed:
        return {}
    try:
        opened: dict[str, str] = json.loads(
            cipher.unseal(sealed, purpose=purpose, max_age=_CARRIED_SECONDS)
        )
    except cipher.SealBrokenError:
        return {}
    return opened


def _facts(found: Connection, declared: Kind | None) -> list[tuple[str, str]]:
    """Return the settings under their labels; of secrets only that they are there."""
    if declared is None:
        return []
    secrets = acting.secrets_of(found)
    told = []
    for field in declared.fields:
        value = "••••••" if field.name in secrets else found.settings.get(field.name)
        if field.type == "choice":
            value = dict(field.choices).get(str(value), value)
        if field.type == "flag":
            value = _("có") if value else _("không")
        if value not in (None, ""):
            told.append((field.label, str(value)))
    return told
