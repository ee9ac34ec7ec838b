"""Forms of the list, of entering a value, of decisions and of proposals."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from haidang.foundation.org import api as org
from haidang.insight.indicators.models import Threshold

STATES = (
    ("", _("Tất cả")),
    ("critical", _("Nguy hiểm, chậm nhiều")),
    ("watch", _("Theo dõi, chậm")),
    ("normal", _("Bình thường, đúng tiến độ")),
    ("stale", _("Chậm cập nhật")),
    ("no_data", _("Chưa có số liệu")),
)


class FilterForm(forms.Form):
    """What the list shows."""

    q = forms.CharField(label=_("Tìm"), required=False, max_length=100)
    sector = forms.ChoiceField(label=_("Lĩnh vực"), required=False)
    state = forms.ChoiceField(label=_("Trạng thái"), required=False, choices=STATES)
    owner = forms.ChoiceField(label=_("Đơn vị chủ trì"), required=False)

    def __init__(self, *args: Any, owners: list["org.UnitRef"], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        every = [("", _("Tất cả"))]
        self.fields["sector"].choices = every + [(one.code, one.name) for one in org.sectors()]  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["owner"].choices = every + [(str(one.id), one.short_name) for one in owners]  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["q"].widget.attrs["placeholder"] = _("không cần gõ dấu")


class ValueForm(forms.Form):
    """One value of one period."""

    period = forms.DateField(
        label=_("Kỳ số liệu"),
        help_text=_("Một ngày bất kỳ trong kỳ"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    value = forms.FloatField(label=_("Giá trị"), localize=True)
    status = forms.ChoiceField(
        label=_("Tính chất"),
        choices=(
            ("preliminary", _("Sơ bộ")),
            ("official", _("Chính thức")),
            ("estimate", _("Ước tính")),
        ),
    )
    note = forms.CharField(
        label=_("Ghi chú"), required=False, max_length=1000, widget=forms.Textarea({"rows": 2})
    )


class DecisionForm(forms.Form):
    """Yes or no; a refusal needs its reason."""

    decision = forms.ChoiceField(choices=(("accept", ""), ("refuse", "")))
    note = forms.CharField(required=False, max_length=1000)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("decision") == "refuse" and not (cleaned.get("note") or "").strip():
            self.add_error("note", _("Cần nêu lý do trả lại."))
        return cleaned


class ThresholdForm(forms.Form):
    """A proposed threshold, filled in with the one in force; lower sides are for ranges alone."""

    start = forms.DateField(
        label=_("Áp dụng từ ngày"),
        initial=date.today,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    everywhere = forms.BooleanField(
        label=_("Cho mọi đơn vị cùng cấp, không riêng đơn vị này"), required=False
    )
    basis = forms.ChoiceField(label=_("Ngưỡng so với"), choices=Threshold.Basis.choices)
    watch = forms.FloatField(label=_("Mức theo dõi (chậm)"), localize=True)
    critical = forms.FloatField(label=_("Mức nguy hiểm (chậm nhiều)"), localize=True)
    watch_low = forms.FloatField(label=_("Mức theo dõi, phía thấp"), localize=True, required=False)
    critical_low = forms.FloatField(
        label=_("Mức nguy hiểm, phía thấp"), localize=True, required=False
    )
    hysteresis = forms.FloatField(
        label=_("Độ trễ khi trở lại"), initial=0, min_value=0, localize=True
    )
    minimum_seconds = forms.IntegerField(
        label=_("Kéo dài ít nhất (giây)"), initial=0, min_value=0, max_value=86400
    )
    reason = forms.CharField(label=_("Lý do"), max_length=1000, widget=forms.Textarea({"rows": 2}))

    def __init__(self, *args: Any, is_range: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_range:
            del self.fields["watch_low"], self.fields["critical_low"]


class TargetForm(forms.Form):
    """A proposed plan of an issuer."""

    issuer = forms.CharField(label=_("Cấp giao"), max_length=100, help_text=_("TTg, HĐND…"))
    kind = forms.ChoiceField(
        label=_("Loại"), choices=(("amount", _("Kế hoạch")), ("level", _("Mục tiêu")))
    )
    start = forms.DateField(
        label=_("Từ ngày"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    end = forms.DateField(
        label=_("Đến trước ngày"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    amount = forms.DecimalField(label=_("Giá trị"), max_digits=20, decimal_places=4, localize=True)
    rank = forms.IntegerField(
        label=_("Thứ tự"),
        min_value=1,
        max_value=100,
        help_text=_("Kế hoạch thứ nhất đứng đầu trên bảng và là mốc của tiến độ."),
    )
    legal_basis = forms.CharField(label=_("Căn cứ"), required=False, max_length=300)
    reason = forms.CharField(label=_("Lý do"), max_length=1000, widget=forms.Textarea({"rows": 2}))
