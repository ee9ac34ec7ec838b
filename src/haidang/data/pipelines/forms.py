"""Forms of pipelines: the statement with its tests, when it runs, and past periods."""

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from haidang.data.catalogue import api as catalogue
from haidang.data.pipelines.api import Text, Timing
from haidang.data.pipelines.models import Backfill, Pipeline, PipelineVersion
from haidang.foundation.access.api import Scope

_TESTS = 3


def _day(label: Any, help_text: Any = "") -> forms.DateField:
    typed = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=False, widget=typed, help_text=help_text)


class TextForm(forms.Form):
    """One version: inputs, statement, tests, counts, why. Read with `text`."""

    use_required_attribute = False

    inputs = forms.MultipleChoiceField(
        label=_("Bộ dữ liệu đầu vào"),
        widget=forms.SelectMultiple(attrs={"size": 6}),
        help_text=_("Giữ Ctrl để chọn nhiều. Chỉ chọn được bộ mà bạn được xem toàn bộ."),
    )
    sql = forms.CharField(
        label=_("Câu lệnh SELECT"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false", "class": "code"}),
        help_text=_(
            "Tên bảng là mã bộ dữ liệu, gạch nối viết thành gạch dưới. Tên cột của kết quả là tên "
            "trường của bộ đầu ra. :from và :to là ngày đầu và ngày sau cùng của kỳ."
        ),
    )
    engine = forms.ChoiceField(
        label=_("Chạy trên"),
        choices=PipelineVersion.Engine.choices,
        required=False,
        help_text=_("Cụm Spark dành cho câu lệnh quá lớn với một máy; kết quả như nhau."),
    )
    min_rows = forms.IntegerField(label=_("Ít nhất (dòng)"), required=False, min_value=0)
    max_rows = forms.IntegerField(label=_("Nhiều nhất (dòng)"), required=False, min_value=0)
    why = forms.CharField(
        label=_("Lý do, căn cứ"),
        max_length=500,
        help_text=_("Ghi vào phiên bản và nhật ký, ví dụ “Theo kế hoạch 12/KH-STNMT”."),
    )

    def __init__(self, *args: Any, scope: Scope, **more: Any) -> None:
        super().__init__(*args, **more)
        self.datasets = [
            (one.code, f"{one.title} ({one.code})") for one in catalogue.datasets(scope)
        ]
        self.fields["inputs"].choices = self.datasets  # type: ignore[attr-defined]
        for at in range(1, _TESTS + 1):
            self.fields[f"test_title_{at}"] = forms.CharField(
                label=_("Phép kiểm tra %d: tên") % at, required=False, max_length=200
            )
            self.fields[f"test_sql_{at}"] = forms.CharField(
                label=_("Câu lệnh tìm dòng sai"),
                required=False,
                max_length=5_000,
                widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false", "class": "code"}),
                help_text=_("Bảng ket_qua là kết quả; có dòng nào trả về là không đạt.")
                if at == 1
                else "",
            )

    @property
    def test_fields(self) -> list[forms.BoundField]:
        names = [(f"test_title_{at}", f"test_sql_{at}") for at in range(1, _TESTS + 1)]
        return [self[name] for pair in names for name in pair]

    def text(self) -> Text:
        said = self.cleaned_data
        tests = [
            {"title": said[f"test_title_{at}"], "sql": said[f"test_sql_{at}"]}
            for at in range(1, _TESTS + 1)
            if said[f"test_sql_{at}"].strip()
        ]
        return Text(
            said["sql"], said["inputs"], tests, said["min_rows"], said["max_rows"],
            engine=said["engine"] or PipelineVersion.Engine.DUCKDB,
        )  # fmt: skip


class TimingForm(forms.Form):
    """When a pipeline runs. Read with `timing`."""

    use_required_attribute = False

    title = forms.CharField(label=_("Tên luồng xử lý"), max_length=200)
    purpose = forms.CharField(
        label=_("Dùng để làm gì"),
        required=False,
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    cadence = forms.ChoiceField(label=_("Khi nào chạy"), choices=Pipeline.Cadence.choices)
    minute = forms.IntegerField(
        label=_("Phút thứ"), required=False, min_value=0, max_value=59, initial=5,
        help_text=_("Cho lịch hằng giờ."),
    )  # fmt: skip
    at = forms.TimeField(
        label=_("Lúc"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=_("Cho lịch hằng ngày."),
    )
    lookback = forms.IntegerField(
        label=_("Mỗi lần tính lại (ngày)"), required=False, min_value=1, max_value=400, initial=3,
        help_text=_("Khi câu lệnh có :from, :to: số ngày gần nhất, tính cả hôm nay."),
    )  # fmt: skip

    def timing(self) -> Timing:
        said = self.cleaned_data
        minute, lookback = said["minute"], said["lookback"]
        return Timing(said["cadence"], 5 if minute is None else minute, said["at"], lookback or 3)


class NewForm(TimingForm, TextForm):
    """A new pipeline with its first version."""

    code = forms.SlugField(
        label=_("Mã"), max_length=60, help_text=_("Chữ thường không dấu, gạch nối.")
    )
    output = forms.ChoiceField(
        label=_("Bộ dữ liệu đầu ra"),
        help_text=_("Cấu trúc của bộ này là hợp đồng mà mọi dòng kết quả được kiểm theo."),
    )
    field_order = ("title", "code", "purpose", "output")

    def __init__(self, *args: Any, scope: Scope, **more: Any) -> None:
        super().__init__(*args, scope=scope, **more)
        self.fields["output"].choices = [("", "–"), *self.datasets]  # type: ignore[attr-defined]


class DaysForm(forms.Form):
    """A span of days for a trial or a run; empty: the usual days."""

    from_day = _day(_("Từ ngày"))
    last_day = _day(_("Đến hết ngày"))

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        first, last = said.get("from_day"), said.get("last_day")
        if bool(first) != bool(last):
            raise forms.ValidationError(_("Ghi cả ngày đầu và ngày cuối, hoặc để trống cả hai."))
        if first and last and first > last:
            raise forms.ValidationError(_("Ngày cuối phải từ ngày đầu trở đi."))
        return said

    def days(self) -> tuple[dt.date, dt.date] | None:
        first, last = self.cleaned_data.get("from_day"), self.cleaned_data.get("last_day")
        return (first, last + dt.timedelta(days=1)) if first and last else None


class BackfillForm(DaysForm):
    """Past periods to compute again."""

    step = forms.ChoiceField(label=_("Chia thành"), choices=Backfill.Step.choices, initial="month")
    reason = forms.CharField(label=_("Lý do"), max_length=500)


def initial_text(version: PipelineVersion | None) -> dict[str, Any]:
    """Return what the form of a next version begins with."""
    if version is None:
        return {}
    said: dict[str, Any] = {
        "inputs": version.inputs, "sql": version.sql, "min_rows": version.min_rows,
        "max_rows": version.max_rows, "engine": version.engine,
    }  # fmt: skip
    for at, test in enumerate(version.tests[:_TESTS], 1):
        said |= {f"test_title_{at}": test["title"], f"test_sql_{at}": test["sql"]}
    return said


def initial_timing(pipeline: Pipeline) -> dict[str, Any]:
    """Return what the form of a pipeline's timing begins with."""
    names = ("title", "purpose", "cadence", "minute", "at", "lookback")
    return {name: getattr(pipeline, name) for name in names}
