"""A quality rule as a person writes it: what every rule has, and the fields of its kind."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest.models import QualityRule
from haidang.data.ingest.rules.judging import KINDS, OPERATORS
from haidang.foundation.org import api as org

_NUMBERS = {"integer", "number", "year"}
NEEDS_OTHER = {"reference", "total"}


class KindForm(forms.Form):
    """Which kind of rule, and the dataset that it compares with."""

    kind = forms.ChoiceField(label=_("Loại quy tắc"), choices=list(KINDS.items()))
    other = forms.ChoiceField(label=_("Bộ dữ liệu đối chiếu"), required=False)

    def __init__(self, *args: Any, datasets: list[catalogue.DatasetRef], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "– không –"), *((one.code, one.title) for one in datasets)]
        self.fields["other"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField


class RuleForm(forms.Form):
    """Title, severity, owner, reason; then the fields that the kind asks for."""

    use_required_attribute = False

    title = forms.CharField(label=_("Tên quy tắc"), max_length=200)
    severity = forms.ChoiceField(label=_("Mức"), choices=QualityRule.Severity.choices)
    owner = forms.TypedChoiceField(
        label=_("Đơn vị chịu trách nhiệm"), coerce=int, required=False, empty_value=None
    )

    def __init__(
        self,
        *args: Any,
        kind: str,
        contract: catalogue.ContractSpec,
        other: catalogue.ContractSpec | None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.kind, self.contract, self.other = kind, contract, other
        units = [one for one in org.all_units() if one.level == "province" or one.kind != "room"]
        owners = [("", "Đơn vị cung cấp số liệu"), *((one.id, one.name) for one in units)]
        self.fields["owner"].choices = owners  # type: ignore[attr-defined]  # a ChoiceField
        self.asked = _asked(kind, contract, other)
        self.fields.update(self.asked)
        self.fields["reason"] = forms.CharField(
            label=_("Lý do"), max_length=500, help_text=_("Ghi vào nhật ký.")
        )

    def settings(self) -> dict[str, Any]:
        """Return what the kind's own fields say."""
        said = {name: self.cleaned_data[name] for name in self.asked}
        if "codes" in said:
            said["codes"] = [part.strip() for part in said["codes"].split(";") if part.strip()]
        if self.other is not None and self.kind in NEEDS_OTHER:
            said["dataset"] = self.other.dataset
        return said


def _asked(
    kind: str, contract: catalogue.ContractSpec, other: catalogue.ContractSpec | None
) -> dict[str, forms.Field]:
    numbers = _choices(contract, _NUMBERS)
    match kind:
        case "compare":
            return {
                "left": _choice(_("Trường bên trái"), _choices(contract)),
                "operator": _choice(_("Phép so sánh"), list(OPERATORS.items())),
                "right": _choice(_("Trường bên phải"), _choices(contract)),
            }
        case "sum":
            return {
                "parts": forms.MultipleChoiceField(label=_("Các trường cộng"), choices=numbers),
                "total": _choice(_("Trường tổng"), numbers),
                "tolerance": _number(_("Sai số cho phép"), "0"),
            }
        case "codes":
            words = _choices(contract, {"string", "unit", "yearmonth"})
            help_text = _("Cách nhau bằng dấu “;”.")
            return {
                "field": _choice(_("Trường"), words),
                "codes": forms.CharField(label=_("Danh mục mã"), help_text=help_text),
            }
        case "reference":
            return {
                "field": _choice(_("Trường"), _choices(contract)),
                "to": _choice(_("Có trong trường của bộ kia"), _choices(other)),
            }
        case "total":
            same = {field.name for field in other.fields} if other else set()
            shared = [one for one in _choices(contract) if one[0] in same]
            return {
                "field": _choice(_("Trường cộng lại"), numbers),
                "by": forms.MultipleChoiceField(label=_("Ghép nhóm theo"), choices=shared),
                "total": _choice(_("Trường tổng của bộ kia"), _choices(other, _NUMBERS)),
                "tolerance": _number(_("Sai số cho phép"), "0"),
                "percent": _number(_("Hoặc sai số theo %"), "0"),
            }
        case _:
            return {
                "field": _choice(_("Trường"), numbers),
                "last": forms.IntegerField(
                    label=_("Số giá trị gần nhất để so"), initial=12, min_value=4, max_value=500
                ),
                "times": _number(_("Số lần độ lệch trung vị (MAD)"), "5"),
                "percent": _number(_("Và lệch hơn % trung vị"), "10"),
            }


def _choice(label: Any, choices: list[tuple[str, str]]) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices)


def _number(label: Any, initial: str) -> forms.CharField:
    return forms.CharField(label=label, initial=initial, required=False, max_length=20)


def _choices(
    contract: catalogue.ContractSpec | None, types: set[str] | None = None
) -> list[tuple[str, str]]:
    fields = contract.fields if contract is not None else ()
    return [(one.name, one.title) for one in fields if types is None or one.type in types]
