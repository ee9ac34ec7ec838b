"""What is registered of a device, its planned calibrations, and files of devices."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from haidang.data.ingest.forms.chosen import Number
from haidang.data.ingest.models import Device, Plan
from haidang.data.ingest.queries import listing
from haidang.data.ingest.rules import registers
from haidang.foundation.access.api import Scope
from haidang.foundation.org import api as org

REASON: dict[str, Any] = {
    "label": _("Lý do"),
    "max_length": 500,
    "help_text": _("Ghi vào nhật ký, ví dụ “Theo công văn số 12/STNMT”."),
    "error_messages": {"required": _("Cần ghi lý do.")},
}


class DeviceForm(forms.Form):
    """What may change of a device."""

    use_required_attribute = False

    title = forms.CharField(label=_("Tên thiết bị"), max_length=300)
    unit = forms.TypedChoiceField(label=_("Địa bàn đặt"), coerce=int)
    latitude = Number(label=_("Vĩ độ"), required=False)
    longitude = Number(label=_("Kinh độ"), required=False)
    metrics = forms.CharField(
        label=_("Thông số"),
        required=False,
        max_length=2000,
        help_text=_(
            "Mã thông số, cách nhau bằng dấu phẩy, ví dụ ph, cod, tss. Trống: mọi thông số."
        ),
    )
    interval = forms.IntegerField(
        label=_("Chu kỳ gửi (giây)"),
        required=False,
        min_value=1,
        max_value=31_536_000,
        help_text=_(
            "Trống: học từ số đo những ngày gần nhất. Im lặng quá 3 chu kỳ là một sự việc."
        ),
    )
    limits = forms.CharField(
        label=_("Ngưỡng nghi vấn"),
        required=False,
        max_length=2000,
        help_text=_(
            "Ví dụ “cod: 75; tss: 50”. Dừng đo ngay sau khi vượt ngưỡng sẽ được báo cơ quan "
            "có thẩm quyền."
        ),
    )
    note = forms.CharField(label=_("Ghi chú"), required=False, max_length=2000)
    reason = forms.CharField(**REASON)

    def __init__(self, *args: Any, scope: Scope, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = scope.units("ingest.view")
        units = [one for one in org.all_units() if one.id in mine]
        self._offer("unit", [(str(one.id), f"{one.name} ({one.code})") for one in units])

    def clean_metrics(self) -> list[str]:
        return registers.names(self.cleaned_data["metrics"])

    def clean_limits(self) -> dict[str, float]:
        """Read "cod: 75; tss: 50"."""
        found: dict[str, float] = {}
        for part in filter(None, (one.strip() for one in self.cleaned_data["limits"].split(";"))):
            name, colon, value = part.partition(":")
            try:
                number = registers.number(value.strip())
            except ValueError as error:
                raise forms.ValidationError(str(error)) from error
            if not colon or number is None or not name.strip():
                raise forms.ValidationError(_("Viết mỗi ngưỡng là “thông số: số”, cách bằng “;”."))
            found[name.strip()] = number
        return found

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        place = said.get("latitude"), said.get("longitude")
        for fault in registers.place_faults(*place):
            self.add_error("latitude", fault)
        return said

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        offered = [("", "– chọn –"), *choices]
        self.fields[name].choices = offered  # type: ignore[attr-defined]  # a ChoiceField

    @staticmethod
    def initial_of(device: Device) -> dict[str, Any]:
        """Return what is registered, as the form shows it."""
        limits = [f"{name}: {registers.shown(value)}" for name, value in device.limits.items()]
        return {
            "title": device.title,
            "unit": device.unit_id,
            "latitude": device.latitude,
            "longitude": device.longitude,
            "metrics": ", ".join(device.metrics),
            "interval": device.interval,
            "limits": "; ".join(limits),
            "note": device.note,
        }


class NewDeviceForm(DeviceForm):
    """A new device: its code and source do not change later."""

    code = forms.CharField(
        label=_("Mã thiết bị"), max_length=100, help_text=_("Như thiết bị tự xưng khi gửi số đo.")
    )
    source = forms.ChoiceField(label=_("Nguồn dữ liệu"))

    field_order = [
        "code", "title", "source", "unit", "latitude", "longitude", "metrics", "interval",
        "limits", "note", "reason",
    ]  # fmt: skip

    def __init__(self, *args: Any, scope: Scope, **kwargs: Any) -> None:
        super().__init__(*args, scope=scope, **kwargs)
        sources = listing.visible_sources(scope).filter(is_active=True).order_by("title")
        self._offer(
            "source",
            [
                (one.code, f"{one.title} ({one.code})")
                for one in sources
                if scope.allows("ingest.manage", one.supplier_id, one.sector)
            ],
        )


class PlanForm(forms.Form):
    """A planned calibration or maintenance."""

    use_required_attribute = False

    kind = forms.ChoiceField(label=_("Loại"), choices=Plan.Kind.choices)
    metric = forms.ChoiceField(label=_("Thông số"), required=False)
    starts_at = forms.DateTimeField(
        label=_("Bắt đầu"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )
    hours = Number(label=_("Kéo dài (giờ)"))
    every_days = forms.IntegerField(
        label=_("Lặp lại mỗi (ngày)"),
        required=False,
        min_value=1,
        max_value=3660,
        help_text=_("Trống: một lần."),
    )
    until = forms.DateField(
        label=_("Đến ngày"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    performer = forms.CharField(label=_("Đơn vị, người thực hiện"), max_length=300)
    document = forms.CharField(label=_("Văn bản"), required=False, max_length=300)

    def __init__(self, *args: Any, metrics: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [("", "mọi thông số"), *metrics]
        self.fields["metric"].choices = offered  # type: ignore[attr-defined]  # a ChoiceField

    def declared(self) -> dict[str, Any]:
        """Return what `plans.declare` takes."""
        said = dict(self.cleaned_data)
        said["minutes"] = round(said.pop("hours") * 60)
        if timezone.is_naive(said["starts_at"]):
            said["starts_at"] = timezone.make_aware(said["starts_at"])
        return said


class RegisterFileForm(forms.Form):
    """A file of a register: CSV or XLSX."""

    file = forms.FileField(
        label=_("Tệp CSV hoặc XLSX"),
        error_messages={"required": _("Chọn một tệp."), "empty": _("Tệp trống (0 byte).")},
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"}),
    )
