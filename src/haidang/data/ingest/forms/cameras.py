"""What is registered of a camera, and what is noted of who looked."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from haidang.data.ingest.forms.chosen import Number
from haidang.data.ingest.forms.devices import REASON
from haidang.data.ingest.models import Camera, CameraAccess
from haidang.data.ingest.permissions import CAMERAS, CAMERAS_MANAGE
from haidang.data.ingest.rules import registers
from haidang.foundation.access.api import Scope
from haidang.foundation.org import api as org

_LINES: dict[str, Any] = {"widget": forms.Textarea(attrs={"rows": 2}), "max_length": 2000}


class CameraForm(forms.Form):
    """What may change of a camera."""

    use_required_attribute = False

    title = forms.CharField(label=_("Tên camera"), max_length=300)
    unit = forms.TypedChoiceField(label=_("Địa bàn"), coerce=int)
    sector = forms.ChoiceField(label=_("Lĩnh vực"), required=False)
    place = forms.CharField(label=_("Vị trí, phạm vi quan sát"), **_LINES)
    latitude = Number(label=_("Vĩ độ"), required=False)
    longitude = Number(label=_("Kinh độ"), required=False)
    purpose = forms.CharField(label=_("Mục đích"), **_LINES)
    legal_basis = forms.CharField(
        label=_("Căn cứ pháp lý"),
        help_text=_("Số, ngày của văn bản cho phép lắp đặt."),
        **_LINES,
    )
    notice_place = forms.CharField(
        label=_("Nơi đặt thông báo công khai"), required=False, max_length=500
    )
    notice_since = forms.DateField(
        label=_("Thông báo từ ngày"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    retention_days = forms.IntegerField(
        label=_("Số ngày lưu hình ảnh"), min_value=1, max_value=3650
    )
    viewers = forms.CharField(label=_("Người được xem"), **_LINES)
    state = forms.ChoiceField(label=_("Tình trạng"), choices=Camera.State.choices)
    reason = forms.CharField(**REASON)

    def __init__(self, *args: Any, scope: Scope, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = scope.units(CAMERAS)
        units = [one for one in org.all_units() if one.id in mine]
        self._offer("unit", [(str(one.id), f"{one.name} ({one.code})") for one in units])
        self._offer("sector", [(one.code, one.name) for one in org.sectors()], "– không riêng –")

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        for fault in registers.place_faults(said.get("latitude"), said.get("longitude")):
            self.add_error("latitude", fault)
        if bool(said.get("notice_place")) != bool(said.get("notice_since")):
            text = _("Thông báo công khai cần cả nơi đặt và ngày bắt đầu.")
            self.add_error("notice_place", text)
        return said

    def said(self) -> dict[str, Any]:
        """Return what the actions take."""
        given = dict(self.cleaned_data)
        given["unit_id"] = given.pop("unit")
        return given

    def _offer(self, name: str, choices: list[tuple[str, str]], none: str = "– chọn –") -> None:
        self.fields[name].choices = [("", none), *choices]  # type: ignore[attr-defined]


class NewCameraForm(CameraForm):
    """A new camera: its code and owner do not change later."""

    code = forms.CharField(label=_("Mã camera"), max_length=100)
    owner = forms.TypedChoiceField(label=_("Đơn vị quản lý"), coerce=int)

    field_order = ["code", "title", "owner", "unit"]

    def __init__(self, *args: Any, scope: Scope, **kwargs: Any) -> None:
        super().__init__(*args, scope=scope, **kwargs)
        mine = scope.units(CAMERAS_MANAGE)
        units = [one for one in org.all_units() if one.id in mine]
        self._offer("owner", [(str(one.id), f"{one.name} ({one.code})") for one in units])

    def said(self) -> dict[str, Any]:
        given = super().said()
        given["owner_id"] = given.pop("owner")
        return given


def _moment(label: Any, **more: Any) -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label, widget=forms.DateTimeInput(attrs={"type": "datetime-local"}), **more
    )


class AccessForm(forms.Form):
    """Who looked or asked, for what."""

    use_required_attribute = False

    kind = forms.ChoiceField(label=_("Việc"), choices=CameraAccess.Kind.choices)
    at = _moment(_("Lúc"))
    who = forms.CharField(label=_("Ai xem, ai đề nghị"), max_length=500)
    purpose = forms.CharField(label=_("Để làm gì"), max_length=1000)
    document = forms.CharField(
        label=_("Văn bản"),
        required=False,
        max_length=500,
        help_text=_("Bắt buộc khi đề nghị, bàn giao hoặc từ chối."),
    )
    span_from = _moment(_("Đoạn hình ảnh từ"), required=False)
    span_to = _moment(_("Đến"), required=False)
