"""The four words "đúng, đủ, sạch, sống" of a value that people type: what can be told of it."""

from dataclasses import dataclass
from datetime import timedelta

from haidang.data.ingest.api import QualityScore, QualityScores


@dataclass(frozen=True)
class Counted:
    """What is known of one period of an indicator that units report.

    `typed` values were entered, each unit's newest; of these `approved` and `waiting` by a second
    person. `reported` of `expected` units have a value. `age` runs from the end of the newest
    period with a value (None: never one); `allowed` is the indicator's cycle.
    """

    typed: int
    approved: int
    waiting: int
    reported: int
    expected: int
    age: timedelta | None
    allowed: timedelta


def score(counted: Counted) -> QualityScores:
    """Return the four words of what was counted; a word without a basis says so."""
    return QualityScores(_right(counted), _complete(counted), _CLEAN, _live(counted))


_CLEAN = QualityScore("sach", None, "Không đủ căn cứ: số nhập tay không đọc từ dòng nào.")


def _right(counted: Counted) -> QualityScore:
    if not counted.typed:
        said = "Không đủ căn cứ: trong kỳ không có giá trị nào được nhập tay."
        return QualityScore("dung", None, said)
    refused = counted.typed - counted.approved - counted.waiting
    said = f"Nhập {counted.typed} giá trị: {counted.approved} đã duyệt, {counted.waiting} chờ duyệt"
    said += f", {refused} không được duyệt."
    return QualityScore("dung", 100 * counted.approved / counted.typed, said)


def _complete(counted: Counted) -> QualityScore:
    if not counted.expected:
        said = "Không đủ căn cứ: không có đơn vị nào phải báo cáo."
        return QualityScore("du", None, said)
    present = min(counted.reported, counted.expected)
    said = f"Có số liệu của {present}/{counted.expected} đơn vị phải báo cáo."
    return QualityScore("du", 100 * present / counted.expected, said)


def _live(counted: Counted) -> QualityScore:
    if counted.age is None:
        return QualityScore("song", 0.0, "Chưa kỳ nào có số liệu.")
    said = (
        f"Kỳ mới nhất có số liệu kết thúc {max(counted.age.days, 0)} ngày trước, "
        f"cho phép {counted.allowed.days} ngày."
    )
    fresh = counted.age <= counted.allowed
    return QualityScore("song", 100.0 if fresh else 100 * (counted.allowed / counted.age), said)
