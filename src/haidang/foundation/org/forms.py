"""What a reader asks and what an administrator says."""

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from haidang.foundation.org.queries import people, units
from haidang.foundation.org.rules.kinds import KINDS


def day_field(label: Any, *, required: bool = True) -> forms.DateField:
    """Return a field for a day, shown by the browser's own calendar."""
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=required, widget=widget)


class UnitFilter(forms.Form):
    """Which units to show, and as of which day."""

    q = forms.CharField(label=_("Tìm"), required=False, max_length=100)
    on = day_field(_("Tại ngày"), required=False)
    kind = forms.ChoiceField(
        label=_("Loại"), required=False, choices=[("", _("Tất cả")), *KINDS.items()]
    )

    def day(self) -> date:
        """Return the day asked for, today unless a valid one was given."""
        asked = self.cleaned_data.get("on") if self.is_valid() else None
        return asked or timezone.localdate()

    def narrows(self) -> bool:
        """Tell whether some units only were asked for."""
        return self.is_valid() and bool(self.cleaned_data["q"] or self.cleaned_data["kind"])


class ChangeForm(forms.Form):
    """What every change of a unit needs: from when, on which basis, why."""

    on = day_field(_("Có hiệu lực từ ngày"))
    basis = forms.TypedChoiceField(
        label=_("Căn cứ pháp lý"), required=False, coerce=int, empty_value=None
    )
    reason = forms.CharField(label=_("Ghi chú"), required=False, max_length=500)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(basis.id, f"{basis.number} – {basis.title}") for basis in people.legal_bases()]
        self.fields["basis"].choices = [("", _("Chưa có")), *known]  # type: ignore[attr-defined]  # a ChoiceField


class RenameForm(ChangeForm):
    """Another name."""

    name = forms.CharField(label=_("Tên đầy đủ"), max_length=200)
    short_name = forms.CharField(label=_("Tên ngắn"), max_length=60)

    field_order = ["name", "short_name", "on", "basis", "reason"]


class MoveForm(ChangeForm):
    """Another parent."""

    parent = forms.TypedChoiceField(label=_("Trực thuộc"), coerce=int)

    field_order = ["parent", "on", "basis", "reason"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(unit.id, f"{unit.name} ({unit.code})") for unit in units.all_units()]
        self.fields["parent"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField


class DissolveForm(forms.Form):
    """The end of a unit."""

    on = day_field(_("Giải thể từ ngày"))
    reason = forms.CharField(label=_("Lý do"), max_length=500)


class LegalBasisForm(forms.Form):
    """A legal text."""

    number = forms.CharField(label=_("Số, ký hiệu"), max_length=60)
    title = forms.CharField(label=_("Trích yếu"), max_length=500)
    issued_by = forms.CharField(label=_("Cơ quan ban hành"), max_length=200)
    issued_date = day_field(_("Ngày ban hành"))
    start = day_field(_("Có hiệu lực từ"))
    end = day_field(_("Hết hiệu lực từ"), required=False)

    def clean(self) -> dict[str, Any]:
        """Refuse an end that does not come after the start."""
        said = super().clean() or {}
        if said.get("end") and said.get("start") and said["end"] <= said["start"]:
            self.add_error("end", _("Phải sau ngày có hiệu lực."))
        return said
