"""What a reader asks and what an administrator says."""

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from haidang.foundation.org.errors import ImpossiblePlanError
from haidang.foundation.org.files import tables
from haidang.foundation.org.models import Level
from haidang.foundation.org.queries import changes, people, units
from haidang.foundation.org.rules import change_table
from haidang.foundation.org.rules.changes import CHANGES, MEASURES, Plan
from haidang.foundation.org.rules.kinds import KINDS
from haidang.foundation.org.rules.systems import SYSTEMS


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
        _offer_bases(self)


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


class ChangeSetForm(forms.Form):
    """A new set of changes: its name, from when, on which basis; a list if there is one."""

    title = forms.CharField(label=_("Tên đợt sắp xếp"), max_length=200)
    on = day_field(_("Có hiệu lực từ ngày"))
    basis = forms.TypedChoiceField(
        label=_("Căn cứ pháp lý"), required=False, coerce=int, empty_value=None
    )
    note = forms.CharField(label=_("Ghi chú"), required=False, max_length=1000)
    file = forms.FileField(
        label=_("Danh sách thay đổi (CSV, XLSX)"),
        required=False,
        help_text=_("Mỗi dòng là một phần chuyển. Không có tệp thì nhập từng thay đổi ở bước sau."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer_bases(self)

    def plan(self) -> Plan:
        """Return what the list says. Raises UnreadableFileError, ImpossiblePlanError."""
        on, file = self.cleaned_data["on"], self.cleaned_data["file"]
        if file is None:
            return Plan(on, ())
        rows = tables.rows_of(file.name, file.read())
        read = change_table.read(rows, changes.standing(on), _levels())
        if read.problems:
            raise ImpossiblePlanError(read.problems)
        return Plan(on, tuple(read.changes), tuple(read.after))


class OneChangeForm(forms.Form):
    """What happens to one unit, as one or several lines of the list."""

    unit = forms.CharField(label=_("Mã đơn vị"), max_length=20)
    kind = forms.ChoiceField(label=_("Việc"), choices=CHANGES.items())
    parts = forms.CharField(
        label=_("Chuyển về"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_(
            "Mỗi dòng một đơn vị nhận: mã | phần chuyển | khu phố, ấp. Nhập toàn bộ: chỉ ghi mã."
        ),
    )
    measure = forms.ChoiceField(label=_("Căn cứ chia"), choices=MEASURES.items())
    name = forms.CharField(
        label=_("Tên đầy đủ mới"),
        required=False,
        max_length=200,
        help_text=_("Của đơn vị nhận ở dòng đầu, khi đơn vị đó mới hoặc đổi tên."),
    )
    short_name = forms.CharField(label=_("Tên ngắn mới"), required=False, max_length=60)
    designation = forms.CharField(label=_("Loại hình"), required=False, max_length=40)
    level = forms.ChoiceField(label=_("Cấp"), required=False)
    parent = forms.CharField(label=_("Trực thuộc (mã)"), required=False, max_length=20)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("Giữ nguyên")), *((name, name) for name in _levels().values())]
        self.fields["level"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField

    def added_to(self, plan: Plan) -> Plan:
        """Return the plan with this change in it; says on the form what is wrong."""
        read = change_table.read(self._lines(), changes.standing(plan.on), _levels())
        for problem in read.problems:
            self.add_error(None, problem)
        said = {change.unit for change in read.changes}
        named = {row.code for row in read.after}
        return Plan(
            plan.on,
            (*(one for one in plan.changes if one.unit not in said), *read.changes),
            (*(one for one in plan.after if one.code not in named), *read.after),
        )

    def _lines(self) -> list[list[str]]:
        said = self.cleaned_data
        described = [said[name] for name in ("name", "short_name", "designation", "level")]
        lines = [list(change_table.HEADER)]
        for number, line in enumerate(filter(str.strip, said["parts"].splitlines())):
            target, amount, places = [*(cell.strip() for cell in line.split("|")), "", ""][:3]
            new = [*described, said["parent"], ""] if number == 0 else [""] * 6
            start = [said["unit"], CHANGES[said["kind"]], target, amount]
            lines.append([*start, MEASURES[said["measure"]], places, *new])
        return lines


class BoundaryForm(forms.Form):
    """A file of official boundaries and where it comes from."""

    file = forms.FileField(
        label=_("Tệp ranh giới"),
        help_text=_("GeoJSON, hoặc Shapefile nén .zip (có .shp, .dbf, .prj), không quá 80 MB."),
        widget=forms.ClearableFileInput(attrs={"accept": ".geojson,.json,.zip"}),
    )
    system = forms.ChoiceField(label=_("Hệ tọa độ"), required=False, choices=SYSTEMS.items())
    source = forms.CharField(
        label=_("Nguồn"),
        max_length=200,
        help_text=_("Cơ quan lập bản đồ; ghi dưới mọi bản đồ vẽ theo ranh giới này."),
    )
    decision = forms.CharField(label=_("Số quyết định, nghị quyết"), max_length=100)
    on = day_field(_("Có hiệu lực từ ngày"))


class ReasonForm(forms.Form):
    """Why something is taken back."""

    reason = forms.CharField(label=_("Lý do"), max_length=500)


def _offer_bases(form: forms.Form) -> None:
    known = [(basis.id, f"{basis.number} – {basis.title}") for basis in people.legal_bases()]
    form.fields["basis"].choices = [("", _("Chưa có")), *known]  # type: ignore[attr-defined]  # a ChoiceField


def _levels() -> dict[str, str]:
    return dict(Level.objects.order_by("order").values_list("code", "name"))
