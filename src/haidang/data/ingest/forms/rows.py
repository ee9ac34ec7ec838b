"""Choosing a file, mending a row, giving a reason."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from haidang.data.catalogue.api import FieldSpec

_OFTEN = 40
HINTS = {
    "integer": _("Số nguyên, ví dụ 12"),
    "number": _("Số, dấu phẩy thập phân, ví dụ 1.234,5"),
    "boolean": _("“có” hoặc “không”"),
    "date": _("Ngày/tháng/năm, ví dụ 23/11/2026"),
    "datetime": _("Ví dụ 23/11/2026 08:30"),
    "year": _("Bốn chữ số, ví dụ 2026"),
    "yearmonth": _("Tháng/năm, ví dụ 11/2026"),
    "unit": _("Mã hoặc tên đơn vị, ví dụ 25747"),
}


class UploadForm(forms.Form):
    """One file."""

    file = forms.FileField(
        label=_("Tệp số liệu"),
        error_messages={
            "required": _("Chưa chọn tệp. Chọn tệp CSV hoặc XLSX."),
            "empty": _("Tệp trống (0 byte). Chọn lại tệp."),
        },
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.xlsx,.json,.ndjson"}),
    )


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(
        label=_("Lý do"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Cần ghi lý do.")},
    )


class MendForm(forms.Form):
    """The fields of a contract for one row; the rules of the contract judge, not the form."""

    def __init__(self, *args: Any, fields: Sequence[FieldSpec], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for each in fields:
            self.fields[each.name] = _field(each)

    def values(self) -> dict[str, str]:
        return {name: value or "" for name, value in self.cleaned_data.items()}

    def show(self, reasons: Sequence[Mapping[str, str]]) -> None:
        """Write the check's findings beside their fields."""
        for reason in reasons:
            name = reason["field"] if reason["field"] in self.fields else None
            self.add_error(name, reason["message"])


class FieldForm(forms.Form):
    """Which field of a contract."""

    field = forms.ChoiceField(label=_("Trường cần sửa"))

    def __init__(self, *args: Any, fields: Sequence[FieldSpec], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(each.name, each.title) for each in fields]
        self.fields["field"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField


class OneFieldForm(forms.Form):
    """Where a field has one value, give it another; values seen often can be chosen."""

    was = forms.ChoiceField(label=_("Chỉ ở các dòng đang là"), required=False)

    def __init__(self, *args: Any, field: FieldSpec, seen: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        often = Counter(text.strip() for text in seen).most_common(_OFTEN)
        told = [(f"={text}", f"{text or _('(trống)')} · {count} dòng") for text, count in often]
        choices = [("", _("mọi giá trị (%(count)d dòng)") % {"count": len(seen)}), *told]
        self.fields["was"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["value"] = _field(field)
        self.fields["value"].label = _("Giá trị mới của “%(title)s”") % {"title": field.title}
        self.fields["value"].required = False
        self.fields["value"].help_text = _("Để trống là xóa giá trị. ") + str(
            self.fields["value"].help_text
        )

    @property
    def value(self) -> str:
        return str(self.cleaned_data["value"] or "")

    @property
    def stood(self) -> str | None:
        said = str(self.cleaned_data["was"])
        return said[1:] if said else None


def _field(each: FieldSpec) -> forms.Field:
    given: dict[str, Any] = {
        "label": each.title,
        "required": each.required or each.key,
        "help_text": HINTS.get(each.type, ""),
        "error_messages": {"required": _("Chưa có giá trị. Điền giá trị vào ô này.")},
    }
    if each.codes and each.type == "string":
        choices = [("", "—"), *((code, code) for code in each.codes)]
        return forms.ChoiceField(choices=choices, **given)
    return forms.CharField(max_length=4000, strip=True, **given)
