"""Invented samples that the gallery shows."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.utils import timezone

from haidang.foundation.ui.states import STATES


class SampleForm(forms.Form):
    """A form with a good, an odd and a wrong answer."""

    cases = forms.IntegerField(
        label="Ca mắc mới", help_text="Số ca trong tuần, theo ngày khởi phát"
    )
    admitted = forms.IntegerField(label="Trong đó nhập viện")
    households = forms.IntegerField(label="Hộ đã diệt lăng quăng", required=False)
    week = forms.ChoiceField(label="Tuần", choices=[("47", "Tuần 47"), ("46", "Tuần 46")])
    note = forms.CharField(label="Ghi chú", required=False, widget=forms.Textarea)
    sure = forms.BooleanField(label="Đã kiểm tra với trạm y tế", required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("admitted", 0) > cleaned.get("cases", 0):
            self.add_error("admitted", "Lớn hơn số ca mắc mới (7). Sửa một trong hai ô.")
        return cleaned


def context() -> dict[str, Any]:
    """Return everything that the gallery's template shows."""
    now = timezone.now()
    answers = {"cases": "7", "admitted": "9", "households": "1240", "week": "47"}
    return {
        "states": STATES.values(),
        "form": SampleForm(answers),
        "empty_form": SampleForm(),
        "page": Paginator(range(2120), 50).get_page(3),
        "now": now,
        "soon": now + timedelta(minutes=22, seconds=30),
        "later": now + timedelta(days=5),
        "late": now - timedelta(days=1, minutes=5),
        "course": [41, 44, 43, 47, None, 52, 55, 54, 58, 60, 61.4],
        "figures": figures(now),
        "chart": chart(),
    }


def figures(now: datetime) -> list[SimpleNamespace]:
    """Return a figure in every state, shaped as those of the indicators."""
    late = now - timedelta(days=3)
    return [
        _figure("critical", "Giải ngân vốn đầu tư công so kế hoạch", 61.4, "%", 1, late),
        _figure("watch", "Chất lượng không khí (VN_AQI), trạm Becamex", 112, "", 0, now, True),
        _figure("normal", "Hồ sơ thủ tục hành chính giải quyết đúng hạn", 98.3, "%", 1, now),
        _figure("stale", "Tai nạn giao thông trong tháng", 41, "vụ", 0, late, True),
        _figure("no_data", "Thu ngân sách lũy kế", None, "tỷ đồng", 0, None),
        _figure("normal", "Thu ngân sách nhà nước lũy kế từ đầu năm", 64870, "tỷ đồng", 0, now),
    ]


def _figure(
    state: str,
    name: str,
    value: float | None,
    unit: str,
    decimals: int,
    as_of: datetime | None,
    hazard: bool = False,
) -> SimpleNamespace:
    is_first = state == "critical"
    return SimpleNamespace(
        state=state,
        state_label=STATES[state].word(hazard=hazard),
        hazard=hazard,
        name=name,
        headline=value,
        headline_unit=unit,
        headline_decimals=decimals,
        period_label="tháng 11",
        as_of=as_of,
        reported=9 if is_first else 91,
        expected=9 if is_first else 91,
        source_type="automatic",
        status="preliminary",
        approval="approved",
        simulated=state == "watch",
        newer_pending=state == "stale",
        url="#",
        deltas=[SimpleNamespace(text="Thấp hơn tiến độ 9,8 điểm %")],
        targets=[SimpleNamespace(label="Kế hoạch HĐND: 43,2%")] if is_first else [],
        limits="Ngưỡng 101 · 151" if state == "watch" else "",
        instruction="Ý kiến chỉ đạo 20/11: “Rà soát 6 dự án trên 200 tỷ”" if is_first else "",
        outcome="Cảnh báo gần nhất: đúng, đã xử lý 21/11" if state == "watch" else "",
    )


def chart() -> dict[str, Any]:
    """Return what the chart island draws."""
    return {
        "description": "Giải ngân theo tháng, phần trăm kế hoạch",
        "labels": [f"Tháng {month}" for month in range(1, 12)],
        "unit": "%",
        "decimals": 1,
        "series": [
            {
                "name": "Giải ngân",
                "values": [2.1, 5.4, 9.8, 15.0, 21.7, 28.4, 34.9, None, 46.2, 54.0, 61.4],
            }
        ],
        "lines": [{"name": "Mục tiêu", "value": 71.2, "colour": "watch"}],
    }
