"""The register of cameras and its log of accesses; no pictures."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from haidang.data.ingest.actions import cameras as actions
from haidang.data.ingest.actions import importing_cameras as importing
from haidang.data.ingest.forms.cameras import AccessForm, CameraForm, NewCameraForm
from haidang.data.ingest.models import Camera, CameraAccess
from haidang.data.ingest.permissions import CAMERAS, CAMERAS_LOG, CAMERAS_MANAGE
from haidang.data.ingest.queries import cameras
from haidang.data.ingest.tables import registers as tables
from haidang.data.ingest.views import registering
from haidang.foundation.access.api import ScopedRequest, requires
from haidang.foundation.core.errors import HaidangError
from haidang.foundation.core.spreadsheet import csv_response
from haidang.foundation.org import api as org
from haidang.foundation.ui.lists import Bounded

CAMERAS_FILE = registering.Register(
    salt="ingest.cameras",
    heading=gettext_lazy("Nhập camera từ tệp"),
    noun=gettext_lazy("camera"),
    key=gettext_lazy("Mã camera"),
    done=gettext_lazy("Đã thêm %(new)d camera, thay đổi %(changed)d, không nhận %(refused)d dòng."),
    back="ingest:cameras",
    back_title=gettext_lazy("Camera"),
    template="ingest:camera_template",
    columns=importing.COLUMNS,
    preview=importing.preview,
    judge=importing.judge,
    apply=importing.apply,
)


@require_GET
@requires(CAMERAS)
def camera_list(request: ScopedRequest) -> HttpResponseBase:
    """List cameras, narrowed and sorted."""
    asked = _filters(request)
    found = tables.CAMERAS.sorted(request, cameras.find(request.scope, asked))
    if table := tables.CAMERAS.export(request, found, tables.cameras):
        return table
    page = tables.CAMERAS.page(request, found)
    owners = cameras.visible(request.scope).order_by().values_list("owner", flat=True).distinct()
    context = {
        "page": page,
        "rows": tables.cameras(list(page)),
        "asked": asked,
        "states": Camera.State.choices,
        "notices": cameras.NOTICES,
        "owners": sorted(org.units(set(owners)).values(), key=lambda one: one.name),
        "without_notice": cameras.visible(request.scope)
        .filter(notice_since=None)
        .exclude(state=Camera.State.RETIRED)
        .count(),
    }
    return render(request, "ingest/cameras.html", context)


@require_GET
@requires(CAMERAS)
def template(request: ScopedRequest) -> StreamingHttpResponse:
    """Send an empty file with the columns of the import and one example."""
    example = (
        "CAM-001", "Ngã tư Chợ Đình", "74.SGTVT", "25747", "giao-thong",
        "Ngã tư Đại lộ Bình Dương, hướng Chợ Đình", "10,98", "106,66",
        "Đếm lưu lượng, cảnh báo ùn tắc", "Quyết định số … ngày …", "Biển báo tại ngã tư",
        "01/01/2026", "30", "Ca trực Trung tâm; Cảnh sát giao thông", "Đang hoạt động",
    )  # fmt: skip
    return csv_response("mau-camera.csv", [one.title for one in importing.COLUMNS], [example])


@require_GET
@requires(CAMERAS)
def log_list(request: ScopedRequest) -> HttpResponseBase:
    """List who looked at cameras or asked for pictures."""
    kind = request.GET.get("kind", "")
    found = tables.ACCESSES.sorted(request, cameras.accesses(request.scope, kind=kind))
    if table := tables.ACCESSES.export(request, found):
        return table
    page = tables.ACCESSES.page(request, found)
    context = {"page": page, "kind": kind, "kinds": CameraAccess.Kind.choices}
    return render(request, "ingest/camera_log.html", context)


@require_GET
@requires(CAMERAS)
def camera(request: ScopedRequest, code: str) -> HttpResponse:
    """Show a camera with its log."""
    found = cameras.seen(request.scope, code)
    return render(request, "ingest/camera.html", _context(request, found))


@require_http_methods(["GET", "POST"])
@requires(CAMERAS_MANAGE)
def new(request: ScopedRequest) -> HttpResponse:
    """Register a camera."""
    form = NewCameraForm(request.POST or None, scope=request.scope)
    if form.is_valid():
        try:
            made = actions.register(by=request.scope, **form.said())
            messages.success(request, _("Đã đăng ký camera."))
            return redirect("ingest:camera", made.code)
        except HaidangError as error:
            form.add_error(None, error.message)
    status = 422 if form.errors else 200
    return render(request, "ingest/camera_form.html", {"form": form}, status=status)


@require_http_methods(["GET", "POST"])
@requires(CAMERAS_MANAGE)
def edit(request: ScopedRequest, code: str) -> HttpResponse:
    """Change what is registered of a camera."""
    found = cameras.seen(request.scope, code)
    request.scope.require(CAMERAS_MANAGE, found.owner_id, found.sector)
    initial = {name: getattr(found, name, None) for name in CameraForm.base_fields}
    initial["unit"] = found.unit_id
    form = CameraForm(request.POST or None, scope=request.scope, initial=initial)
    if form.is_valid():
        try:
            actions.change(camera=code, by=request.scope, **form.said())
            messages.success(request, _("Đã ghi thay đổi của camera."))
            return redirect("ingest:camera", code)
        except HaidangError as error:
            form.add_error(None, error.message)
    owner = org.unit_by_id(found.owner_id)
    context = {"form": form, "camera": found, "owner": owner}
    status = 422 if form.errors else 200
    return render(request, "ingest/camera_form.html", context, status=status)


@require_POST
@requires(CAMERAS_LOG)
def log(request: ScopedRequest, code: str) -> HttpResponse:
    """Note who looked or asked."""
    found = cameras.seen(request.scope, code)
    form = AccessForm(request.POST)
    if form.is_valid():
        try:
            actions.log(camera=code, by=request.scope, now=timezone.now(), **form.cleaned_data)
            messages.success(request, _("Đã ghi nhật ký."))
            return redirect("ingest:camera", code)
        except HaidangError as error:
            form.add_error(None, error.message)
    return render(request, "ingest/camera.html", _context(request, found, form), status=422)


@require_http_methods(["GET", "POST"])
@requires(CAMERAS_MANAGE)
def bring(request: ScopedRequest) -> HttpResponse:
    """Choose a file of cameras; look at what it would do; do it."""
    return registering.answer(request, CAMERAS_FILE)


def _context(
    request: ScopedRequest, found: Camera, form: AccessForm | None = None
) -> dict[str, Any]:
    scope, where = request.scope, (found.owner_id, found.sector)
    entries = found.accesses.order_by("-at", "-pk")
    return {
        "camera": found,
        "owner": org.unit_by_id(found.owner_id),
        "unit": org.unit_by_id(found.unit_id),
        "page": Bounded(entries, 20).get_page(request.GET.get("page")),
        "form": form or AccessForm(),
        "may_manage": scope.allows(CAMERAS_MANAGE, *where),
        "may_log": scope.allows(CAMERAS_LOG, *where),
    }


def _filters(request: ScopedRequest) -> cameras.Filters:
    asked = request.GET
    return cameras.Filters(
        words=asked.get("q", ""),
        owner=asked.get("owner", ""),
        unit=asked.get("unit", ""),
        state=asked.get("state", ""),
        notice=asked.get("notice", ""),
    )
