"""The form of one report, made from its lines."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from haidang.delivery.reporting.queries import filling
from haidang.delivery.reporting.queries.filling import Draft
from haidang.delivery.reporting.rules import checks, numbers, steps
from haidang.delivery.reporting.rules.checks import Finding, FormSpec, ItemSpec

SOURCES = {filling.PREFILLED: _("điền sẵn từ kho dữ liệu"), filling.FILE: _("từ tệp Excel")}


class NumberField(forms.CharField):
    """A number as people write it; the keyboard of a phone shows digits.

    An empty answer is no mistake while a report is only saved: the rules say when it is missing.
    """

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def clean(self, value: Any) -> Any:
        """Return a Decimal, or None for an empty field."""
        try:
            return numbers.parse(str(value or ""))
        except numbers.NotANumberError as error:
            raise forms.ValidationError(
                _("Không phải số. Viết như 1.240 hoặc 12,5."), code="number"
            ) from error


@dataclass(frozen=True)
class Line:
    """One line of the form as the page shows it."""

    item: ItemSpec
    value: BoundField
    note: BoundField
    confirm: BoundField
    source: str
    unusual: str
    asks_to_confirm: bool
    asks_for_note: bool


class ReportForm(forms.Form):
    """Values, notes and confirmations of all lines."""

    def __init__(self, spec: FormSpec, draft: Draft, data: Any = None) -> None:
        self.spec, self.draft = spec, draft
        super().__init__(data, initial=_initial(spec, draft), use_required_attribute=False)
        for item in spec.items:
            self.fields[_value(item.code)] = NumberField(
                label=item.title, required=item.required, help_text=item.hint
            )
            self.fields[_note(item.code)] = forms.CharField(
                label=_("Lý do, ghi chú"), required=False, max_length=500
            )
            self.fields[_confirm(item.code)] = forms.BooleanField(
                label=_("Xác nhận là đúng"), required=False
            )

    def as_typed(self) -> dict[str, Any]:
        """Return the values of the draft as if they had just been typed."""
        return {name: value for name, value in self.initial.items() if value not in (False, "")}

    def filled(self) -> Draft:
        """Return the draft as it was filled in. Call after `is_valid`."""
        values = {item.code: self.cleaned_data.get(_value(item.code)) for item in self.spec.items}
        codes = list(values)
        return Draft(
            values=values,
            sources=_sources(values, self.draft),
            notes={code: self.cleaned_data.get(_note(code), "") for code in codes},
            confirmed=frozenset(code for code in codes if self.cleaned_data.get(_confirm(code))),
            file=self.draft.file,
        )

    def show(self, found: Sequence[Finding], *, missing: bool) -> None:
        """Put what is wrong beside its line; what is missing only if asked."""
        for one in found:
            if one.kind == checks.ERROR or (one.kind == checks.MISSING and missing):
                self.add_error(_value(one.item), one.text)

    def lines(self, found: Sequence[Finding]) -> Iterator[Line]:
        """Yield the lines with what is unusual about them."""
        unusual = {one.item: one.text for one in found if one.kind == checks.UNUSUAL}
        in_conflict = {one.item for one in found if one.kind == checks.ERROR}
        for item in self.spec.items:
            yield Line(
                item=item,
                value=self[_value(item.code)],
                note=self[_note(item.code)],
                confirm=self[_confirm(item.code)],
                source=str(SOURCES.get(self.draft.sources.get(item.code, ""), "")),
                unusual=unusual.get(item.code, ""),
                asks_to_confirm=item.code in unusual or item.code in self.draft.confirmed,
                asks_for_note=item.code in in_conflict or bool(self.draft.notes.get(item.code)),
            )


class UploadForm(forms.Form):
    """A filled-in workbook."""

    file = forms.FileField(label=_("Tệp Excel đã điền"))


class ReturnForm(forms.Form):
    """Why a report goes back."""

    reason = forms.CharField(
        label=_("Lý do trả lại"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )


class ListFilter(forms.Form):
    """Which reports to list."""

    q = forms.CharField(label=_("Đơn vị"), required=False, max_length=100)
    state = forms.ChoiceField(
        label=_("Bước"),
        required=False,
        choices=[("", _("Tất cả")), ("late", _("Quá hạn")), *steps.NAMES.items()],
    )
    period = forms.CharField(label=_("Kỳ"), required=False, max_length=20)


def _value(code: str) -> str:
    return f"v-{code}"


def _note(code: str) -> str:
    return f"n-{code}"


def _confirm(code: str) -> str:
    return f"c-{code}"


def _initial(spec: FormSpec, draft: Draft) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for item in spec.items:
        found[_value(item.code)] = numbers.write(draft.values.get(item.code))
        found[_note(item.code)] = draft.notes.get(item.code, "")
        found[_confirm(item.code)] = item.code in draft.confirmed
    return found


def _sources(values: Mapping[str, Decimal | None], before: Draft) -> dict[str, str]:
    """Return where each value came from: one that was not touched keeps its source."""
    return {
        code: before.sources.get(code, filling.TYPED)
        if value == before.values.get(code)
        else filling.TYPED
        for code, value in values.items()
        if value is not None
    }
