"""The small words of a tile."""

from datetime import datetime
from typing import Protocol

from haidang.foundation.ui import formats

_BASES = {
    "pace": "so tiến độ",
    "plan": "so kế hoạch",
    "last_year": "so cùng kỳ",
}


class Threshold(Protocol):
    """The two levels and what they are compared with."""

    @property
    def basis(self) -> str: ...
    @property
    def watch(self) -> float: ...
    @property
    def critical(self) -> float: ...
    @property
    def watch_low(self) -> float | None: ...
    @property
    def critical_low(self) -> float | None: ...


def limits(threshold: Threshold | None, decimals: int) -> str:
    """Write the thresholds of a figure: "Ngưỡng 101 · 151"."""
    if threshold is None or threshold.basis in _BASES:
        return ""
    high = f"{_number(threshold.watch, decimals)} · {_number(threshold.critical, decimals)}"
    if threshold.watch_low is None or threshold.critical_low is None:
        return f"Ngưỡng {high}"
    low = f"{_number(threshold.critical_low, decimals)} · {_number(threshold.watch_low, decimals)}"
    return f"Ngưỡng dưới {low}, trên {high}"


def _number(value: float, decimals: int) -> str:
    return formats.number(value, decimals if value != int(value) else 0)


def outcome(label: str, closed_at: datetime) -> str:
    """Write how the last alert ended: "Cảnh báo gần nhất: đúng · đóng 21/11"."""
    return f"Cảnh báo gần nhất: {label[:1].lower()}{label[1:]} · đóng {short_day(closed_at)}"


def short_day(moment: datetime) -> str:
    """Write 21/11."""
    return formats.day(moment)[:5]
