from django import forms
from django.utils.translation import gettext_lazy as _

from haidang.action.alerts.models import Cause, Outcome, Severity, State
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
        districts = [(one.code, one.name) for one in org.all_units(level="district")]
        self._choose("unit", [("", _("Cả tỉnh")), *districts])

    def listing(self) -> Listing:
        """Return what was asked for; a field with nonsense in it is left out."""
        self.is_valid()
        asked = self.cleaned_data
        state = asked.get("state") or "unclosed"
        code = asked.get("unit")
        return Listing(
            state="" if state == "all" else state,
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
