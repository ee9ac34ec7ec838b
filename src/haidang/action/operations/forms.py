from typing import Any

from django import forms
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from haidang.action.operations.actions import MAX_FILE_BYTES, Details
from haidang.action.operations.models import (
    Authority,
    Evidence,
    Kind,
    Outcome,
    Procedure,
    Severity,
    State,
)
from haidang.action.operations.queries import Listing, ticket_numbered
from haidang.action.operations.rules.states import Move, Needs
from haidang.foundation.org import api as org

_Choices = list[tuple[Any, Any]]


def _unit_choices(level: str) -> _Choices:
    return [(one.id, one.name) for one in org.all_units(level=level)]


def _place_choices() -> _Choices:
    """Return where something may have happened: the province, districts, communes."""
    levels = ("province", "district", "commune")
    return [choice for level in levels for choice in _unit_choices(level)]


def _lead_choices() -> _Choices:
    """Return who may lead, the Centre's usual partners first; communes last."""
    partners = [one for one in org.all_units() if one.level not in ("commune", "room")]
    communes = org.all_units(level="commune")
    return [(one.id, one.name) for one in [*partners, *communes]]


class LegalBasisInput(forms.TextInput):
    """A text with the legal bases in force to choose from; any other text is as good."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        known = f"{(attrs or {}).get('id', name)}_known"
        box = super().render(name, value, {**(attrs or {}), "list": known}, renderer)
        bases = org.legal_bases(on=timezone.localdate())
        lines = [(f"{one.number}: {one.title}"[:500],) for one in bases]
        options = format_html_join("", '<option value="{}"></option>', lines)
        return format_html('{}<datalist id="{}">{}</datalist>', box, known, options)


def _legal_basis() -> forms.CharField:
    return forms.CharField(
        label=_("Căn cứ pháp lý"),
        required=False,
        max_length=500,
        widget=LegalBasisInput,
        help_text=_("Chọn văn bản đã ghi trong hệ thống, hoặc nhập văn bản khác."),
    )


class FilterForm(forms.Form):
    """How the list is narrowed; every field may be left empty."""

    words = forms.CharField(label=_("Tìm"), required=False)
    state = forms.ChoiceField(label=_("Trạng thái"), required=False)
    kind = forms.ChoiceField(label=_("Loại"), required=False)
    severity = forms.TypedChoiceField(
        label=_("Mức độ"), required=False, coerce=int, empty_value=None
    )
    unit = forms.TypedChoiceField(
        label=_("Địa bàn, đơn vị"), required=False, coerce=int, empty_value=None
    )

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        groups: _Choices = [("", _("Chưa xong")), ("overdue", _("Quá hạn")), ("all", _("Tất cả"))]
        self.fields["words"].widget.attrs["placeholder"] = _("số phiếu hoặc nội dung")
        self._choose("state", [*groups, *State.choices])
        self._choose("kind", [("", _("Mọi loại")), *Kind.choices])
        self._choose("severity", [("", _("Mọi mức độ")), *Severity.choices])
        below = org.level_below("province") or "commune"
        self._choose("unit", [("", _("Cả tỉnh")), *_unit_choices(below)])

    def listing(self, sort: str = "") -> Listing:
        """Return what was asked for; a field with nonsense in it is left out."""
        self.is_valid()
        asked = self.cleaned_data
        return Listing(
            words=asked.get("words", ""),
            state=asked.get("state") or "unfinished",
            kind=asked.get("kind", ""),
            severity=asked.get("severity"),
            unit_id=asked.get("unit"),
            sort=sort or "due",
        )

    def _choose(self, name: str, choices: _Choices) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices


class TicketForm(forms.Form):
    """A new ticket; from an alert it comes filled in."""

    title = forms.CharField(label=_("Nội dung"), max_length=300)
    description = forms.CharField(
        label=_("Diễn biến"), required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    kind = forms.ChoiceField(label=_("Loại"), choices=Kind.choices)
    severity = forms.TypedChoiceField(label=_("Mức độ"), coerce=int, choices=Severity.choices)
    unit_id = forms.TypedChoiceField(label=_("Địa bàn"), coerce=int)
    place_note = forms.CharField(label=_("Địa điểm cụ thể"), required=False, max_length=300)
    sector = forms.ChoiceField(label=_("Lĩnh vực"), required=False)
    lead_unit_id = forms.TypedChoiceField(label=_("Đơn vị chủ trì"), coerce=int)
    cooperating = forms.TypedMultipleChoiceField(
        label=_("Đơn vị phối hợp"),
        coerce=int,
        required=False,
        help_text=_("Giữ phím Ctrl để chọn nhiều đơn vị."),
    )
    authority = forms.ChoiceField(
        label=_("Hình thức"),
        choices=Authority.choices,
        help_text=_("Chỉ giao việc cho đơn vị thuộc quyền; khi giao phải ghi căn cứ pháp lý."),
    )
    legal_basis = _legal_basis()
    procedure = forms.ChoiceField(label=_("Quy trình"), required=False)
    alert_id = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        leads, to_choose = _lead_choices(), [("", _("Chọn đơn vị…"))]
        sectors = [(one.code, one.name) for one in org.sectors()]
        procedures = list(Procedure.objects.order_by("title").values_list("code", "title"))
        choices: dict[str, _Choices] = {
            "unit_id": [*to_choose, *_place_choices()],
            "lead_unit_id": [*to_choose, *leads],
            "cooperating": leads,
            "sector": [("", _("Không thuộc lĩnh vực nào")), *sectors],
            "procedure": [("", _("Không theo quy trình")), *procedures],
        }
        for name, chosen in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = chosen


class BpmnForm(forms.Form):
    """A procedure's file; `file` cleans to its text."""

    code = forms.SlugField(
        label=_("Mã quy trình"),
        max_length=100,
        help_text=_("Chữ thường không dấu, nối bằng gạch ngang. Mã đã có: ban hành bản mới."),
    )
    ticket_kind = forms.ChoiceField(
        label=_("Dùng cho loại phiếu"),
        required=False,
        choices=[("", _("Mọi loại")), *Kind.choices],
    )
    file = forms.FileField(
        label=_("Tệp BPMN 2.0, tối đa 1 MB"),
        widget=forms.FileInput(attrs={"accept": ".bpmn,.xml,application/xml"}),
    )

    def clean_file(self) -> str:
        file = self.cleaned_data["file"]
        if file.size > 1024 * 1024:
            raise forms.ValidationError(_("Tệp lớn hơn 1 MB."))
        try:
            return str(file.read().decode("utf-8-sig")).replace("\r\n", "\n")
        except UnicodeDecodeError as error:
            raise forms.ValidationError(_("Tệp phải dùng bảng mã UTF-8.")) from error


class PublishForm(forms.Form):
    """What was checked and shown, with the reason why it shall hold."""

    code = forms.SlugField(max_length=100, widget=forms.HiddenInput)
    ticket_kind = forms.ChoiceField(
        required=False, choices=[("", ""), *Kind.choices], widget=forms.HiddenInput
    )
    bpmn = forms.CharField(widget=forms.Textarea(attrs={"hidden": True}), strip=False)
    reason = forms.CharField(
        label=_("Lý do, văn bản ban hành"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class MoveForm(forms.Form):
    """What one move asks for; the fields follow from `Move.needs`."""

    seen_revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, move: Move, data: Any = None, *, initial: Any = None) -> None:
        super().__init__(data, initial=initial, auto_id=f"id_{move.verb}_%s")
        self.verb = move.verb
        if Needs.OUTCOME in move.needs:
            self.fields["outcome"] = forms.ChoiceField(
                label=_("Kết luận"), choices=Outcome.choices, widget=forms.RadioSelect
            )
        if Needs.LEAD in move.needs:
            self._ask_for_lead(with_authority=move.verb != "transfer")
        if Needs.TICKET in move.needs:
            self.fields["other_ticket"] = forms.CharField(
                label=_("Gộp vào phiếu số"),
                widget=forms.TextInput(attrs={"placeholder": "PDH-2026-0001"}),
            )
        if {Needs.REASON, Needs.OUTCOME} & move.needs:
            label = _("Nhận xét") if Needs.OUTCOME in move.needs else _("Lý do")
            self.fields["reason"] = forms.CharField(
                label=label, widget=forms.Textarea(attrs={"rows": 2})
            )

    def _ask_for_lead(self, *, with_authority: bool) -> None:
        self.fields["lead_unit_id"] = forms.TypedChoiceField(
            label=_("Đơn vị chủ trì"), coerce=int, choices=_lead_choices()
        )
        if with_authority:
            self.fields["authority"] = forms.ChoiceField(
                label=_("Hình thức"), choices=Authority.choices
            )
            self.fields["legal_basis"] = _legal_basis()

    def clean_other_ticket(self) -> int:
        found = ticket_numbered(self.cleaned_data["other_ticket"])
        if found is None:
            raise forms.ValidationError(_("Không có phiếu mang số này."))
        return found

    def details(self) -> Details:
        given = dict(self.cleaned_data)
        given.pop("seen_revision")
        return Details(**given)


class StepForm(forms.Form):
    """The result of one step."""

    answer = forms.CharField(required=False)
    note = forms.CharField(required=False)


class EvidenceForm(forms.Form):
    """One piece of evidence: a file, or words."""

    kind = forms.ChoiceField(label=_("Loại minh chứng"), choices=Evidence.Kind.choices)
    file = forms.FileField(
        label=_("Tệp ảnh JPEG, PNG hoặc PDF, tối đa 20 MB"),
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": "image/jpeg,image/png,application/pdf"}),
    )
    note = forms.CharField(
        label=_("Mô tả, số liệu hoặc lý do chưa có minh chứng"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file is not None and file.size > MAX_FILE_BYTES:
            raise forms.ValidationError(_("Tệp lớn hơn 20 MB. Hãy thu nhỏ ảnh rồi gửi lại."))
        return file
