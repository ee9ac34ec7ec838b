from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from haidang.action.alerts import rules
from haidang.action.alerts.actions.definitions import Content
from haidang.action.alerts.models import Cause, Outcome, Rule, Severity, State
from haidang.action.alerts.queries import Listing
from haidang.foundation.org import api as org


class FilterForm(forms.Form):
    """How the list is narrowed; every field may be left empty."""

    state = forms.ChoiceField(label=_("Trạng thái"), required=False)
    severity = forms.TypedChoiceField(
        label=_("Mức độ"), required=False, coerce=int, empty_value=None
    )
    cause = forms.ChoiceField(label=_("Nguyên nhân"), required=False)
    sector = forms.ChoiceField(label=_("Lĩnh vực"), required=False)
    unit = forms.ChoiceField(label=_("Địa bàn"), required=False)

    def __init__(self, data: object) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        anything = [("all", _("Tất cả"))]
        self._choose("state", [("", _("Chưa đóng")), *State.choices, *anything])
        self._choose("severity", [("", _("Mọi mức độ")), *Severity.choices])
        self._choose("cause", [("", _("Mọi nguyên nhân")), *Cause.choices])
        sectors = [(one.code, one.name) for one in org.sectors()]
        self._choose("sector", [("", _("Mọi lĩnh vực")), *sectors])
        districts = [(one.code, one.name) for one in org.all_units(level=_below())]
        self._choose("unit", [("", _("Cả tỉnh")), *districts])

    def listing(self) -> Listing:
        """Return what was asked for; a field with nonsense in it is left out."""
        self.is_valid()
        asked = self.cleaned_data
        code = asked.get("unit")
        return Listing(
            state=asked.get("state") or "unclosed",
            severity=asked.get("severity"),
            cause=asked.get("cause", ""),
            sector=asked.get("sector", ""),
            unit_id=org.codes()[code] if code else None,
        )

    def _choose(self, name: str, choices: list[tuple[object, object]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices


class CloseForm(forms.Form):
    """What the alert turned out to be."""

    outcome = forms.ChoiceField(
        label=_("Kết luận"), choices=Outcome.choices, widget=forms.RadioSelect
    )
    note = forms.CharField(
        label=_("Đã kiểm tra gì, thấy gì"), widget=forms.Textarea(attrs={"rows": 3})
    )


_STATES = [(state, rules.level_word(state)) for state in rules.WORST_FIRST]


class RuleForm(forms.Form):
    """A version of a rule; code and kind are asked for a new rule alone."""

    code = forms.SlugField(label=_("Mã quy tắc"), max_length=50)
    kind = forms.ChoiceField(label=_("Loại"), choices=Rule.Kind.choices)
    name = forms.CharField(label=_("Tên"), max_length=200)
    subject = forms.CharField(
        label=_("Mã chỉ tiêu hoặc mã nguồn"),
        required=False,
        max_length=50,
        help_text=_("Để trống: mọi chỉ tiêu, mọi nguồn."),
    )
    sector = forms.ChoiceField(label=_("Lĩnh vực"), required=False)
    unit = forms.ChoiceField(label=_("Địa bàn"), required=False)
    raises = forms.MultipleChoiceField(
        label=_("Cảnh báo khi"), choices=_STATES, widget=forms.CheckboxSelectMultiple
    )
    clears = forms.MultipleChoiceField(
        label=_("Hết cảnh báo khi"),
        choices=_STATES,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Trạng thái không chọn ở cả hai nơi thì giữ nguyên cảnh báo."),
    )
    hold_minutes = forms.IntegerField(
        label=_("Kéo dài ít nhất (phút)"), min_value=0, max_value=60 * 24 * 365, initial=0
    )
    severity = forms.TypedChoiceField(label=_("Mức độ"), coerce=int, choices=Severity.choices)
    reason = forms.CharField(
        label=_("Lý do"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, is_new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_new:
            del self.fields["code"], self.fields["kind"]
        sectors = [(one.code, one.name) for one in org.sectors()]
        districts = [(one.code, one.name) for one in org.all_units(level=_below())]
        for name, choices in (
            ("sector", [("", _("Mọi lĩnh vực")), *sectors]),
            ("unit", [("", _("Cả tỉnh")), *districts]),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices

    def content(self) -> Content:
        """Return what the version is to say."""
        given = self.cleaned_data
        return Content(
            name=given["name"],
            raises=given["raises"],
            clears=given["clears"],
            severity=given["severity"],
            subject=given["subject"],
            sector=given["sector"] or None,
            unit_id=org.codes()[given["unit"]] if given["unit"] else None,
            hold=timedelta(minutes=given["hold_minutes"]),
        )


class RetireForm(forms.Form):
    """Why a rule ends."""

    reason = forms.CharField(label=_("Lý do"), max_length=1000)


def _below() -> str:
    return org.level_below("province") or "commune"
