"""A new version of a contract as a person writes it: one line for each field."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from haidang.data.catalogue import rules
from haidang.data.catalogue.templatetags.catalogue import TYPE_WORDS

BLANK_LINES = 3


class FieldForm(forms.Form):
    """One field. `name` is empty for a new one: it is then made from the title."""

    name = forms.CharField(required=False, widget=forms.HiddenInput)
    title = forms.CharField(label=_("Tên"), required=False, max_length=200)
    type = forms.ChoiceField(label=_("Kiểu"), choices=list(TYPE_WORDS.items()), required=False)
    unit_of_measure = forms.CharField(label=_("Đơn vị tính"), required=False, max_length=50)
    required = forms.BooleanField(label=_("Bắt buộc"), required=False)
    key = forms.BooleanField(label=_("Khóa"), required=False)
    minimum = forms.DecimalField(
        label=_("Nhỏ nhất"), required=False, localize=True, max_digits=30, decimal_places=10
    )
    maximum = forms.DecimalField(
        label=_("Lớn nhất"), required=False, localize=True, max_digits=30, decimal_places=10
    )
    codes = forms.CharField(label=_("Danh mục mã"), required=False)
    pattern = forms.CharField(label=_("Mẫu"), required=False, max_length=300)
    drop = forms.BooleanField(label=_("Bỏ trường"), required=False)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("name") and not said.get("drop") and not said.get("title", "").strip():
            self.add_error("title", _("Cần ghi tên trường, hoặc chọn bỏ trường."))
        return said


FieldsFormSet = forms.formset_factory(FieldForm, extra=BLANK_LINES, max_num=500)


class VersionForm(forms.Form):
    """Since when the new version holds, and why."""

    use_required_attribute = False

    valid_from = forms.DateField(
        label=_("Hiệu lực từ"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Bỏ trống: từ hôm nay."),
    )
    reason = forms.CharField(
        label=_("Lý do"),
        required=False,
        max_length=500,
        help_text=_("Cần khi ban hành; ghi vào nhật ký, ví dụ “Theo Thông tư số 05/2026”."),
    )


def initial_of(spec: rules.ContractSpec) -> list[dict[str, Any]]:
    """Return the lines of a version as they stand."""
    return [
        vars(field)
        | {
            "codes": "; ".join(field.codes),
            "minimum": _plain(field.minimum),
            "maximum": _plain(field.maximum),
        }
        for field in spec.fields
    ]


def _plain(limit: Decimal | None) -> Decimal | None:
    """Return a limit without the zeros behind its comma."""
    return None if limit is None else Decimal(f"{limit.normalize():f}")


def fields_of(lines: list[dict[str, Any]], spec: rules.ContractSpec) -> tuple[rules.FieldSpec, ...]:
    """Return the fields that the lines say; what a line does not show stays as it is."""
    known = {field.name: field for field in spec.fields}
    taken = set(known)
    found = []
    for line in lines:
        title = line.get("title", "").strip()
        if line.get("drop") or not title:
            continue
        name = line.get("name") if line.get("name") in known else rules.name_of(title, taken)
        taken.add(str(name))
        found.append(
            rules.FieldSpec(
                name=str(name),
                title=title,
                type=line.get("type") or "string",
                unit_of_measure=line.get("unit_of_measure", "").strip(),
                required=bool(line.get("required")),
                key=bool(line.get("key")),
                codes=tuple(
                    part.strip() for part in line.get("codes", "").split(";") if part.strip()
                ),
                minimum=line.get("minimum"),
                maximum=line.get("maximum"),
                pattern=line.get("pattern", ""),
                personal_data=known[str(name)].personal_data if name in known else "",
            )
        )
    return tuple(found)
