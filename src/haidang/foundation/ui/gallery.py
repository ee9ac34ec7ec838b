"""Invented samples that the gallery shows."""

from datetime import timedelta
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.utils import timezone

from haidang.foundation.ui.states import STATES


class SampleForm(forms.Form):
    """A form with a good, an odd and a wrong answer."""

    cases = forms.IntegerField(label="Ca mắc mới", help_text="Số ca trong tuần, theo ngày khởi phát")
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
    }
