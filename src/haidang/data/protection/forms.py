"""What a request to remove data says."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from haidang.data.catalogue import api as catalogue
from haidang.data.protection import api
from haidang.data.protection.actions.retaining import Period
from haidang.data.protection.models import Removal
from haidang.data.protection.rules import keeping, masks
from haidang.foundation.access.api import Scope

KINDS = {
    Removal.Kind.PERSON: _("Một người yêu cầu xóa dữ liệu về mình, trong mọi bộ dữ liệu."),
    Removal.Kind.ROWS: _("Một số dòng của một bộ dữ liệu, theo khóa."),
    Removal.Kind.RUN: _("Mọi dòng và tệp gốc của lượt nạp."),
    Removal.Kind.SECRET: _(
        "Bí mật nhà nước nhận nhầm, trong lượt nạp hoặc tệp đính kèm của vướng mắc."
    ),
}
_ASKED = {
    Removal.Kind.PERSON: ("code", "value"),
    Removal.Kind.ROWS: ("dataset", "keys"),
    Removal.Kind.RUN: ("dataset", "runs"),
    Removal.Kind.SECRET: ("dataset", "runs", "difficulty"),
}
_GROUNDS = ("reason", "legal_basis", "document", "refuses")


class RemovalForm(forms.Form):
    """One request of one kind: what goes, why, on which legal ground."""

    use_required_attribute = False

    code = forms.ChoiceField(
        label=_("Nhận ra người bằng"),
        choices=[(code, masks.CLASSES[code].title) for code in masks.IDENTIFYING],
        help_text=_("Tìm trong mọi bộ dữ liệu có khai trường thuộc loại này."),
    )
    value = forms.CharField(
        label=_("Giá trị"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("Hệ thống không lưu giá trị này, chỉ lưu mã băm có khóa."),
    )
    dataset = forms.ChoiceField(label=_("Bộ dữ liệu"))
    keys = forms.CharField(
        label=_("Khóa của các dòng"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Mỗi dòng một khóa; các trường khóa cách nhau bằng dấu chấm phẩy."),
    )
    runs = forms.CharField(
        label=_("Số lượt nạp"), help_text=_("Nhiều lượt cách nhau bằng dấu phẩy.")
    )
    difficulty = forms.CharField(
        label=_("Hoặc số vướng mắc"),
        max_length=20,
        help_text=_("Khi bí mật nằm trong tệp đính kèm, ví dụ VM-2026-0007."),
    )
    reason = forms.CharField(
        label=_("Lý do"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Không ghi thông tin của người được xóa dữ liệu vào đây."),
    )
    legal_basis = forms.CharField(
        label=_("Căn cứ pháp lý"),
        max_length=500,
        help_text=_("Ví dụ “Luật Bảo vệ dữ liệu cá nhân 91/2025/QH15”."),
    )
    document = forms.CharField(
        label=_("Số, ngày văn bản"), max_length=100, help_text=_("Ví dụ “12/QĐ-STNMT, 08/05/2026”.")
    )
    refuses = forms.BooleanField(
        label=_("Từ chối nhận lại nội dung đã xóa"), required=False, initial=True
    )

    def __init__(self, *args: Any, kind: str, scope: Scope, **kwargs: Any) -> None:
        """Keep the fields of a kind; one that is not known is the first of all."""
        super().__init__(*args, **kwargs)
        self.asks = Removal.Kind(kind) if kind in _ASKED else Removal.Kind.PERSON
        asked = _ASKED[self.asks]
        for name in [*self.fields]:
            if name not in asked + _GROUNDS:
                del self.fields[name]
        if "dataset" in asked:
            listed = [("", "–"), *((one.code, one.title) for one in catalogue.datasets(scope))]
            self.fields["dataset"].choices = listed  # type: ignore[attr-defined]  # a ChoiceField
        if self.asks == Removal.Kind.SECRET:  # in a run or in papers
            for name in asked:
                self.fields[name].required = False

    def what(self) -> api.What:
        """Return what is asked to go. Raises ProtectionError."""
        given = self.cleaned_data
        if self.asks == Removal.Kind.PERSON:
            return api.person(given["code"], given["value"])
        if self.asks == Removal.Kind.SECRET and given["difficulty"]:
            return api.papers(given["difficulty"])
        if not given["dataset"]:
            raise api.ProtectionError("Chọn bộ dữ liệu.")
        if self.asks == Removal.Kind.ROWS:
            return api.rows(given["dataset"], self._keys(given["dataset"], given["keys"]))
        numbers = [part.strip() for part in given["runs"].replace(";", ",").split(",")]
        if not all(part.isdigit() for part in numbers):
            raise api.ProtectionError("Số lượt nạp chỉ gồm chữ số, ví dụ “120, 121”.")
        secret = self.asks == Removal.Kind.SECRET
        return api.run(given["dataset"], [int(part) for part in numbers], is_secret=secret)

    def _keys(self, dataset: str, text: str) -> list[dict[str, str]]:
        names = catalogue.contract(dataset).key_fields
        lines = [line for line in text.splitlines() if line.strip()]
        return [
            dict(zip(names, (part.strip() for part in line.split(";")), strict=False))
            for line in lines
        ]


class RetentionForm(forms.Form):
    """How long rows and files of a dataset are kept, and on which ground."""

    use_required_attribute = False

    rows_months = forms.IntegerField(
        label=_("Giữ dòng dữ liệu (tháng)"),
        required=False,
        min_value=1,
        max_value=keeping.LONGEST,
        help_text=_("Tính theo thời gian của dòng. Để trống: giữ mãi. 5 năm là 60 tháng."),
    )
    files_months = forms.IntegerField(
        label=_("Giữ tệp gốc (tháng)"),
        required=False,
        min_value=1,
        max_value=keeping.LONGEST,
        help_text=_("Tính từ ngày nhận tệp. Để trống: giữ mãi."),
    )
    legal_basis = forms.CharField(
        label=_("Căn cứ pháp lý"),
        max_length=500,
        help_text=_("Ví dụ “Danh mục thời hạn bảo quản hồ sơ, tài liệu của tỉnh”."),
    )
    document = forms.CharField(label=_("Số, ngày văn bản"), max_length=100)

    def period(self) -> Period:
        given = self.cleaned_data
        return Period(
            given["rows_months"], given["files_months"], given["legal_basis"], given["document"]
        )
