"""Words of the state of a figure, and its differences, as an official would write them."""

from datetime import date, timedelta

from haidang.insight.indicators.rules.figures import Delta

_PROGRESS = {"normal": "Đúng tiến độ", "watch": "Chậm", "critical": "Chậm nhiều"}
_HAZARD = {"normal": "Bình thường", "watch": "Theo dõi", "critical": "Nguy hiểm"}
_ABSENT = {"stale": "Chậm cập nhật", "no_data": "Chưa có số liệu"}
_STATUS = {"estimate": "Ước tính", "preliminary": "Sơ bộ", "official": "Chính thức"}
_SOURCE = {"automatic": "Tự động", "manual": "Nhập tay", "estimate": "Ước tính"}
_EARLIER = {
    "minute5": "5 phút trước",
    "hour": "giờ trước",
    "day": "hôm trước",
    "week": "tuần trước",
    "month": "tháng trước",
    "month_15": "kỳ trước",
    "quarter": "quý trước",
    "half": "nửa năm trước",
    "year": "năm trước",
}


def state_label(state: str, *, hazard: bool) -> str:
    """Return the word for a state: of hazard ("Nguy hiểm") or of progress ("Chậm nhiều")."""
    return _ABSENT.get(state) or (_HAZARD if hazard else _PROGRESS)[state]


def status_label(status: str) -> str:
    """Return "Sơ bộ" for "preliminary"."""
    return _STATUS[status]


def source_label(source_type: str) -> str:
    """Return "Nhập tay" for "manual"."""
    return _SOURCE[source_type]


def number(value: float, decimals: int) -> str:
    """Return a number as written in Vietnamese: 1.234,5."""
    written = f"{abs(round(value, decimals)):,.{decimals}f}"
    sign = "−" if round(value, decimals) < 0 else ""
    return sign + written.replace(",", "\0").replace(".", ",").replace("\0", ".")


def earlier(kind: str) -> str:
    """Return how the period before is called: "hôm trước", "tháng trước"."""
    return _EARLIER.get(kind, "kỳ trước")


def good_news(difference: float, direction: str) -> bool | None:
    """Say whether a rise (positive) or a fall is welcome; None where it cannot be said."""
    if difference == 0 or direction == "range":
        return None
    return (difference > 0) == (direction == "higher")


def change(
    value: float, before: float, *, unit: str, decimals: int, direction: str, against: str
) -> Delta:
    """Say how a value differs from an earlier one: "Tăng 12 so hôm trước"."""
    difference = round(value - before, decimals)
    if difference == 0:
        return Delta(text=f"Không đổi so {against}", good=None)
    verb = "Tăng" if difference > 0 else "Giảm"
    points = " điểm %" if unit == "%" else ""
    amount = number(abs(difference), decimals)
    text = f"{verb} {amount}{points} so {against}"
    return Delta(text=text, good=good_news(difference, direction))


def growth(value: float, before: float, *, direction: str, against: str) -> Delta | None:
    """Say the relative change: "Tăng 6,1% so cùng kỳ"; None when the base is zero."""
    if not before:
        return None
    percent = round((value / before - 1) * 100, 1)
    if percent == 0:
        return Delta(text=f"Không đổi so {against}", good=None)
    verb = "Tăng" if percent > 0 else "Giảm"
    text = f"{verb} {number(abs(percent), 1)}% so {against}"
    return Delta(text=text, good=good_news(percent, direction))


def across_maps(delta: Delta) -> Delta:
    """Say of a difference that the unit covered other ground then."""
    return Delta(text=f"{delta.text} (địa giới khác, chỉ tham khảo)", good=None)


def pace(ratio: float, expected: float, *, direction: str = "higher") -> Delta:
    """Say how a plan's ratio stands to the expected pace: "Thấp hơn tiến độ 9,8 điểm %"."""
    difference = round(ratio - expected, 1)
    if difference == 0:
        return Delta(text="Đúng tiến độ kế hoạch", good=None)
    verb = "Cao hơn" if difference > 0 else "Thấp hơn"
    text = f"{verb} tiến độ {number(abs(difference), 1)} điểm %"
    return Delta(text=text, good=good_news(difference, direction))


LEVELS = {
    "": "mọi đơn vị",
    "province": "cấp tỉnh",
    "district": "cấp huyện",
    "commune": "cấp xã",
    "department": "sở, ngành",
}


def span(lower: date, upper: date | None) -> str:
    """Name the days from `lower` up to but without `upper`, a whole year or month by its name."""
    if upper is None:
        return f"từ {lower:%d/%m/%Y}"
    if (lower.month, lower.day) == (1, 1) and upper == date(lower.year + 1, 1, 1):
        return f"năm {lower.year}"
    if lower.day == 1 and upper == (lower + timedelta(days=31)).replace(day=1):
        return f"tháng {lower:%m/%Y}"
    return f"{lower:%d/%m/%Y} – {upper - timedelta(days=1):%d/%m/%Y}"
