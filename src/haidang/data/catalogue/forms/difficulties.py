"""What a unit says when it raises a difficulty, and what is said on the way."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from haidang.data.catalogue import kinds
from haidang.data.catalogue.models import Difficulty, DifficultyEntry
from haidang.data.catalogue.permissions import RAISE
from haidang.foundation.access.api import Scope
from haidang.foundation.org import api as org

USUAL_DAYS = 14
MOST_BYTES = 20 << 20
STATES = [
    ("waiting", _("Chưa tháo gỡ")),
    *Difficulty.State.choices,
    ("any", _("Tất cả")),
]


def _day(label: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget)


def agencies() -> list[tuple[str, str]]:
    """Return the bodies that may be asked: those of the province and of its districts."""
    units = [*org.all_units(level="province"), *org.all_units(level="district")]
    return [(unit.code, unit.name) for unit in units if unit.kind != "room"]


class DifficultyFilter(forms.Form):
    """Which difficulties to list."""

    q = forms.CharField(label=_("Tìm theo số hoặc tên"), required=False, max_length=100)
    state = forms.ChoiceField(label=_("Tình trạng"), required=False, choices=STATES)
    kind = forms.ChoiceField(
        label=_("Loại"), required=False, choices=[("", _("Tất cả")), *Difficulty.Kind.choices]
    )
    agency = forms.ChoiceField(label=_("Cơ quan xử lý"), required=False)
    late = forms.BooleanField(label=_("Chỉ việc quá hạn"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agency"].choices = [("", _("Tất cả")), *agencies()]  # type: ignore[attr-defined]  # a ChoiceField

    def asked(self) -> dict[str, Any]:
        """Return what narrows the list; the waiting ones unless something else was asked."""
        if not self.is_valid():
            return {"state": "waiting"}
        said = self.cleaned_data
        state = said["state"] or "waiting"
        return {
            "search": said["q"],
            "state": "" if state == "any" else state,
            "kind": said["kind"],
            "agency": org.unit(said["agency"]).id if said["agency"] else None,
            "late_at": timezone.now() if said["late"] else None,
        }


class DifficultyForm(forms.Form):
    """A new difficulty."""

    kind = forms.ChoiceField(label=_("Loại"), choices=Difficulty.Kind.choices)
    title = forms.CharField(label=_("Vướng mắc gì"), max_length=200)
    description = forms.CharField(
        label=_("Nói rõ hơn"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Từ khi nào, đã thử cách nào, ảnh hưởng đến việc gì."),
    )
    subject = forms.CharField(
        label=_("Về nguồn, bộ dữ liệu, dịch vụ nào"),
        required=False,
        max_length=100,
        help_text=_("Ghi mã, nếu vướng mắc về một nguồn hoặc bộ dữ liệu cụ thể."),
    )
    unit = forms.ChoiceField(label=_("Đơn vị nêu"))
    agency = forms.ChoiceField(label=_("Đề nghị cơ quan xử lý"))
    proposal = forms.CharField(
        label=_("Đề xuất"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Cách tháo gỡ mà đơn vị đề nghị."),
    )
    due = _day(_("Cần xong trước 17:00 ngày"))
    subject_kind = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, scope: Scope, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = org.units(scope.units(RAISE))
        chosen = sorted(own.values(), key=lambda unit: (unit.id != scope.unit_id, unit.id))
        self.fields["unit"].choices = [(unit.code, unit.name) for unit in chosen]  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["agency"].choices = [("", _("Chọn cơ quan")), *agencies()]  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["due"].initial = timezone.localdate() + timedelta(days=USUAL_DAYS)
        self._scope = scope

    def clean_due(self) -> date:
        due: date = self.cleaned_data["due"]
        if due <= timezone.localdate():
            raise forms.ValidationError(_("Thời hạn phải sau hôm nay."))
        return due

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        code = said.get("subject", "")
        if not code or said.get("subject_kind"):
            return said
        found = [one for one in kinds.kinds() if kinds.find(one, code, self._scope)]
        if not found:
            self.add_error("subject", _("Không có nguồn hoặc bộ dữ liệu nào mang mã này."))
        said["subject_kind"] = found[0] if found else ""
        return said

    def given(self) -> dict[str, Any]:
        """Return what the action is told, units by id."""
        said = dict(self.cleaned_data)
        said["unit"], said["agency"] = (org.unit(said[name]).id for name in ("unit", "agency"))
        return said


class ReplyForm(forms.Form):
    """One step on the way, with the paper that proves it."""

    kind = forms.ChoiceField(
        label=_("Việc"),
        choices=[
            choice
            for choice in DifficultyEntry.Kind.choices
            if choice[0] in ("reply", "meeting", "report")
        ],
    )
    text = forms.CharField(
        label=_("Nội dung"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4})
    )
    document = forms.CharField(label=_("Số văn bản, biên bản"), required=False, max_length=100)
    file = forms.FileField(
        label=_("Tệp đính kèm"),
        required=False,
        help_text=_("Biên bản, công văn, không quá 20 MB. Không đính kèm văn bản mật."),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file is not None and file.size > MOST_BYTES:
            raise forms.ValidationError(_("Tệp lớn hơn 20 MB."))
        return file


class OutcomeForm(forms.Form):
    """How it ended."""

    said = forms.CharField(
        label=_("Kết quả, lý do"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


class DeadlineForm(OutcomeForm):
    """Another day and why."""

    due = _day(_("Thời hạn mới"))
    field_order = ("due", "said")
