"""What an alert says, in plain Vietnamese with its figures. Pure: no database, no clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

ABSENT = frozenset({"stale", "no_data", "late", "quarantined"})
"""States that speak of the data, not of the world."""

JUDGED = ("normal", "watch", "critical")
"""States that a threshold gives."""

NONE_WAITING = "none_waiting"
"""Every refused row of a source was decided: it ends an alert about them under any rule."""

_LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")
_HAZARD = {"normal": "bình thường", "watch": "theo dõi", "critical": "nguy hiểm"}
_PROGRESS = {"normal": "đúng tiến độ", "watch": "chậm", "critical": "chậm nhiều"}
_DATA = {
    "stale": "chậm cập nhật",
    "no_data": "chưa có số liệu",
    "late": "chậm gửi số liệu",
    "quarantined": "có dòng chờ xử lý",
    "on_time": "đã gửi số liệu",
}
_DEVICE = {
    "after_rise": "dừng đo ngay sau khi giá trị tăng",
    "off_calendar": "dừng đo ngoài lịch",
    "too_long": "dừng đo quá lâu",
    "silent": "im lặng",
    "heard": "có số đo trở lại",
    "measuring": "đo trở lại",
}
_ENDED = {NONE_WAITING: "không có dòng chờ xử lý"}
WORST_FIRST = ("critical", "watch", "normal", *_DATA, *_DEVICE)
"""Every state that a rule may name, in the order in which a person looks for them."""

STATES = {
    "state_change": frozenset(JUDGED),
    "absence": frozenset(_DATA) | frozenset(JUDGED),
    "device": frozenset(_DEVICE),
}
"""States that a rule of each kind hears of."""


@dataclass(frozen=True)
class Reading:
    """The part of a figure that an explanation speaks of."""

    name: str
    unit_name: str
    value: float | None
    unit_of_measure: str
    decimals: int
    as_of: datetime | None
    period_label: str
    is_hazard: bool
    watch: float | None = None
    critical: float | None = None
    notes: tuple[str, ...] = ()
    place: str = ""
    basis: str = "value"
    watch_low: float | None = None
    critical_low: float | None = None
    legal_basis: str = ""


def number(year: int, serial: int) -> str:
    """Return an alert's public number: CB-2026-0001."""
    return f"CB-{year}-{serial:04d}"


def state_word(state: str, *, is_hazard: bool = True) -> str:
    """Return the word for a state: "nguy hiểm", "chậm nhiều", "chậm cập nhật"."""
    return (_DATA | _DEVICE).get(state) or (_HAZARD if is_hazard else _PROGRESS).get(state, state)


def settled(mended: int, discarded: int) -> str:
    """Say what became of the refused rows of a source of which none waits any more."""
    amounts = ((mended, "dòng đã nạp lại"), (discarded, "dòng đã loại bỏ"))
    told = ", ".join(f"{amount} {word}" for amount, word in amounts if amount)
    return "Nguồn không còn dòng nào chờ xử lý" + (f": {told}." if told else ".")


def level_word(state: str) -> str:
    """Return the word for a state of hazard and of progress alike: "nguy hiểm hoặc chậm nhiều"."""
    if word := (_DATA | _DEVICE | _ENDED).get(state):
        return word
    return f"{_HAZARD[state]} hoặc {_PROGRESS[state]}" if state in _HAZARD else state


def explain_series(reading: Reading, *, state: str, since: datetime) -> str:
    """Say which figure of which unit is in which state, since when, against which threshold."""
    word = state_word(state, is_hazard=reading.is_hazard)
    about = f"{reading.name} tại {reading.unit_name}"
    if state in ABSENT:
        return _absent(about, reading, word, since)
    parts = [f"{about}: {_amount(reading)} ({_when(reading)}), trạng thái “{word}”."]
    if limit := _limit(reading, state):
        parts.append(limit)
    parts.append(f"Kéo dài từ {moment(since)}.")
    parts += [f"{note}." for note in reading.notes]
    return " ".join(parts)


def _absent(about: str, reading: Reading, word: str, since: datetime) -> str:
    last = f"Số liệu gần nhất: {moment(reading.as_of)}." if reading.as_of else ""
    return f"{about}: {word} từ {moment(since)}. {last}".strip()


def _amount(reading: Reading) -> str:
    if reading.value is None:
        return "chưa có số liệu"
    return quantity(reading.value, reading.unit_of_measure, reading.decimals)


def _when(reading: Reading) -> str:
    if reading.is_hazard and reading.as_of is not None:
        return f"lúc {moment(reading.as_of)}"
    return reading.period_label


def _limit(reading: Reading, state: str) -> str:
    limit = {"watch": reading.watch, "critical": reading.critical}.get(state)
    if limit is None:
        return ""
    word = state_word(state, is_hazard=reading.is_hazard)
    written = quantity(limit, reading.unit_of_measure, reading.decimals)
    return f"Ngưỡng “{word}”: {written}."


def explain_source(
    title: str,
    *,
    state: str,
    since: datetime,
    last_success_at: datetime | None,
    is_life_safety: bool,
) -> str:
    """Say which source is silent or sends what cannot be used, and what that means."""
    last = (
        f"Lần nhận được gần nhất: {moment(last_success_at)}."
        if last_success_at
        else "Chưa từng nhận được."
    )
    parts = [f"Nguồn “{title}” {state_word(state)} từ {moment(since)}.", last]
    if is_life_safety:
        parts.append("Đây là nguồn liên quan an toàn tính mạng: ca trực đang không nhìn thấy.")
    return " ".join(parts)


def explain_device(
    title: str, source: str, *, state: str, since: datetime, is_life_safety: bool
) -> str:
    """Say which device of which source is silent, since when, and what that means."""
    parts = [f"Thiết bị “{title}” ({source}) {state_word(state)} từ {moment(since)}."]
    if is_life_safety:
        parts.append("Nguồn này liên quan an toàn tính mạng: ca trực không nhìn thấy nơi đó.")
    return " ".join(parts)


def explain_devices(source: str, silent: Sequence[tuple[str, datetime]], shown: int = 10) -> str:
    """Say which devices of a source are silent, the first ones by name."""
    named = ", ".join(f"{title} (từ {moment(since)})" for title, since in silent[:shown])
    more = f" và {len(silent) - shown} thiết bị khác" if len(silent) > shown else ""
    return f"Nguồn “{source}” có {len(silent)} thiết bị im lặng: {named}{more}."


def quantity(value: float, unit_of_measure: str, decimals: int) -> str:
    """Return a number as written in Vietnamese: 1.234,5 m, 97%."""
    rounded = round(value, decimals)
    written = f"{abs(rounded):,.{decimals}f}"
    written = written.replace(",", "\0").replace(".", ",").replace("\0", ".")
    sign = "−" if rounded < 0 else ""
    space = "" if unit_of_measure in ("", "%") else " "
    return f"{sign}{written}{space}{unit_of_measure}"


def moment(at: datetime) -> str:
    """Return a moment as the Centre's clock shows it: 10:41 ngày 23/11/2026."""
    return f"{at.astimezone(_LOCAL):%H:%M ngày %d/%m/%Y}"


def lasting(span: timedelta) -> str:
    """Return a length of time: "10 phút", "2 giờ 5 phút", "3 ngày"."""
    minutes = int(span.total_seconds()) // 60
    days, minutes = divmod(minutes, 24 * 60)
    hours, minutes = divmod(minutes, 60)
    named = ((days, "ngày"), (hours, "giờ"), (minutes, "phút"))
    return " ".join(f"{amount} {word}" for amount, word in named if amount) or "ngay lập tức"
