"""What a steward agrees about a source."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest.actions.sources import OLDEST_AGE
from haidang.data.ingest.files import delimited, encodings
from haidang.data.ingest.forms.chosen import Chosen
from haidang.data.ingest.models import Source
from haidang.data.ingest.rules import cycles
from haidang.foundation.access.api import Scope
from haidang.foundation.org import api as org

_DELIMITERS = [("", "tự nhận"), *((sign, name) for sign, name in delimited.NAMES.items())]


class EditSourceForm(forms.Form):
    """What may change of a source, and why it does."""

    use_required_attribute = False

    title = forms.CharField(label=_("Tên nguồn"), max_length=300)
    cycle = Chosen(label=_("Chu kỳ cung cấp"), choices=list(cycles.WORDS.items()))
    deadline = forms.TimeField(
        label=_("Hạn trong ngày"),
        initial="17:00",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=_("Giờ phải có số liệu, vào ngày cuối của chu kỳ."),
    )
    encoding = Chosen(label=_("Bảng mã"), choices=list(encodings.NAMES.items()))
    delimiter = Chosen(label=_("Dấu phân cách"), choices=_DELIMITERS)
    max_age_days = forms.IntegerField(
        label=_("Nhận số đo cũ đến (ngày)"),
        required=False,
        min_value=0,
        max_value=OLDEST_AGE,
        help_text=_(
            "Số đo của thiết bị cũ hơn thì chờ xử lý. Để trống: 60 ngày nếu thiết bị tự gửi; "
            "0: không giới hạn, khi nạp số liệu lịch sử."
        ),
    )
    is_life_safety = forms.BooleanField(
        label=_("Số liệu liên quan an toàn tính mạng: chậm là báo ngay ca trực"), required=False
    )
    is_active = forms.BooleanField(label=_("Đang nhận số liệu"), required=False)
    reason = forms.CharField(
        label=_("Lý do"),
        max_length=500,
        help_text=_("Ghi vào nhật ký, ví dụ “Theo công văn số 12/STNMT”."),
        error_messages={"required": _("Cần ghi lý do.")},
    )

    def clean_delimiter(self) -> str:
        """Keep the tab, which trimming would lose."""
        return str(self.cleaned_data["delimiter"] or "")


class NewSourceForm(EditSourceForm):
    """All that a source is agreed with; offers only what the scope covers."""

    code = forms.RegexField(
        label=_("Mã nguồn"),
        regex=r"^[a-z0-9][a-z0-9._-]*$",
        max_length=100,
        help_text=_("Chữ thường không dấu, số và gạch nối, ví dụ ca-benh-tuan. Không đổi được."),
        error_messages={"invalid": _("Chỉ dùng chữ thường không dấu, số, “.”, “_” và “-”.")},
    )
    kind = forms.ChoiceField(label=_("Đường vào"), choices=Source.Kind.choices)
    dataset = forms.ChoiceField(label=_("Bộ dữ liệu"))
    supplier = forms.TypedChoiceField(label=_("Đơn vị cung cấp"), coerce=int)
    sector = Chosen(label=_("Lĩnh vực"))

    field_order = [
        "title", "code", "kind", "dataset", "supplier", "sector", "cycle", "deadline",
        "max_age_days", "encoding", "delimiter", "is_life_safety", "is_active", "reason",
    ]  # fmt: skip

    def __init__(self, *args: Any, scope: Scope, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine, sectors = scope.units("ingest.manage"), scope.sectors("ingest.manage")
        self._offer("dataset", [(one.code, one.title) for one in catalogue.datasets(scope)])
        units = [one for one in org.all_units() if one.id in mine]
        self._offer("supplier", [(str(one.id), f"{one.name} ({one.code})") for one in units])
        known = [one for one in org.sectors() if sectors is None or one.code in sectors]
        offered = [("", "theo bộ dữ liệu"), *((one.code, one.name) for one in known)]
        self.fields["sector"].choices = offered  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["is_active"].initial = True

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        offered = [("", "– chọn –"), *choices]
        self.fields[name].choices = offered  # type: ignore[attr-defined]  # a ChoiceField
