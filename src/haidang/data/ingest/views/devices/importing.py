"""Registering devices from a file."""

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from haidang.data.ingest.actions import importing
from haidang.data.ingest.views import registering
from haidang.foundation.access.api import ScopedRequest, requires

DEVICES = registering.Register(
    salt="ingest.devices",
    heading=_("Nhập thiết bị từ tệp"),
    noun=_("thiết bị"),
    key=_("Mã thiết bị"),
    done=_("Đã thêm %(new)d thiết bị, thay đổi %(changed)d, không nhận %(refused)d dòng."),
    back="ingest:devices",
    back_title=_("Thiết bị"),
    template="ingest:device_template",
    columns=importing.COLUMNS,
    preview=importing.preview,
    judge=importing.judge,
    apply=importing.apply,
)


@require_http_methods(["GET", "POST"])
@requires("ingest.manage")
def page(request: ScopedRequest) -> HttpResponse:
    """Choose a file; then look at what it would do and apply it."""
    return registering.answer(request, DEVICES)
