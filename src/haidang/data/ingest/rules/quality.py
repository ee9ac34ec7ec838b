"""The four words "đúng, đủ, sạch, sống" of a source: four scores, each with what was counted.

Văn bản 1709/BKHCN-CĐSQG asks for data by these words and leaves their arithmetic to the province.
What the system means by them is `MEANINGS`, shown beside the scores.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

WORDS = {"dung": "Đúng", "du": "Đủ", "sach": "Sạch", "song": "Sống"}
MEANINGS = {
    "dung": "Phần dòng đã đọc qua được các quy tắc của bộ dữ liệu (kiểu, khoảng, định dạng) và "
    "thuộc lượt nạp không còn chờ duyệt hoặc bị từ chối. Dòng đã sửa và nạp lại không bị trừ; "
    "dòng đính chính số đã gửi được kể ra, không bị trừ.",
    "du": "Mức thấp nhất trong ba: phần kỳ phải giao có số liệu (kể cả giao muộn), phần dòng "
    "không thiếu giá trị bắt buộc, và phần số đo mà các thiết bị phải gửi trong những ngày đã qua "
    "(số đo gửi bù được tính). Nguồn 5 phút và hằng giờ tính theo từng giờ. Chưa xét từng đơn vị "
    "phải có mặt trong mỗi kỳ.",
    "sach": "Phần dòng không trùng với dòng đã có, dùng đúng danh mục chung, đơn vị và thiết bị "
    "đều có trong sổ, không trùng khóa mà khác số.",
    "song": "Mức thấp hơn trong hai: phần kỳ giao đúng hạn, và độ mới (tuổi cho phép chia cho "
    "tuổi của lần nhận gần nhất, không quá 100). Tuổi cho phép: từ hạn liền trước của kỳ vừa "
    "đến hạn; nguồn 5 phút và hằng giờ: ba chu kỳ.",
}
NO_BASIS = "không đủ căn cứ"
LACKING = frozenset({"required"})
UNCLEAN = frozenset(
    {
        "not_in_codes", "unknown_unit", "unit_not_in_force", "unit_outside", "unknown_device",
        "clashing_key",
    }
)  # fmt: skip
_GOOD, _FAIR = 95, 80


@dataclass(frozen=True)
class Counts:
    """What was counted of one source in one period. Rows stand in one of the kinds at most."""

    read: int = 0
    wrong: int = 0  # broke a rule, not mended
    lacking: int = 0  # without a required value, not mended
    unclean: int = 0  # outside the common lists, not mended
    duplicate: int = 0  # the same as a row already there
    repeated: int = 0  # of these: twice in the file itself
    revised: int = 0
    unapproved: int = 0  # accepted rows whose run waits for approval or was rejected
    expected: int = 0  # deliveries whose deadline lies in the period and has passed
    on_time: int = 0
    late: int = 0
    age: dt.timedelta | None = None  # of the newest data; None: nothing ever came
    allowed: dt.timedelta | None = None  # None: no agreed cycle, or nothing was due yet
    is_automatic: bool = False
    device_days: int = 0  # whole days, over the devices whose interval is known
    short_days: int = 0  # of these: with too few readings, not filled since
    lost_days: float = 0.0  # what these lack, as a part of a day each

    @property
    def missing(self) -> int:
        return self.expected - self.on_time - self.late


@dataclass(frozen=True)
class Score:
    """A word's score from 0 to 100, or None without a basis; and what was counted."""

    word: str
    value: float | None
    sentence: str

    @property
    def title(self) -> str:
        return WORDS[self.word]

    @property
    def shown(self) -> str:
        return shown(self.value)

    @property
    def is_short(self) -> bool:
        """Whether something was counted against it; a list explains these alone."""
        return self.value is not None and self.value < 100

    @property
    def state(self) -> str:
        """Its state as every page draws states."""
        if self.value is None:
            return "no_data"
        return "normal" if self.value >= _GOOD else "watch" if self.value >= _FAIR else "critical"


@dataclass(frozen=True)
class Scores:
    """The four words of one source, or of several together."""

    dung: Score
    du: Score
    sach: Score
    song: Score

    def __iter__(self) -> Iterator[Score]:
        return iter((self.dung, self.du, self.sach, self.song))

    @property
    def order(self) -> tuple[float, float]:
        """Worst first: by the lowest word, then by the mean; without any basis, last."""
        known = [one.value for one in self if one.value is not None]
        return (min(known), sum(known) / len(known)) if known else (101.0, 101.0)


def score(counted: Counts) -> Scores:
    """Return the four words of what was counted."""
    return Scores(_right(counted), _complete(counted), _clean(counted), _live(counted))


def together(several: Iterable[Scores]) -> Scores:
    """Return the words of several sources: the mean of those that have a basis."""
    listed = list(several)
    return Scores(**{word: _mean(word, [getattr(one, word) for one in listed]) for word in WORDS})


def kind_of(code: str) -> str:
    """Return the word that a waiting row's reason counts against: "dung", "du" or "sach"."""
    if code in LACKING:
        return "du"
    return "sach" if code in UNCLEAN else "dung"


def _right(counted: Counts) -> Score:
    if not counted.read:
        return Score("dung", None, _nothing_read())
    lost = counted.wrong + counted.unapproved
    parts = [f"Đọc {_number(counted.read)} dòng: {_number(counted.wrong)} dòng sai quy tắc"]
    parts.append(f"{_number(counted.unapproved)} dòng ở lượt chưa duyệt hoặc bị từ chối")
    if counted.revised:
        parts.append(f"{_number(counted.revised)} dòng đính chính số đã gửi (không trừ)")
    return Score("dung", _share(counted.read - lost, counted.read), ", ".join(parts) + ".")


def _complete(counted: Counts) -> Score:
    if not counted.expected and not counted.device_days:
        return Score("du", None, _nothing_due())
    values, said = [], []
    if counted.expected:
        delivered = counted.on_time + counted.late
        values.append(_share(delivered, counted.expected))
        said.append(
            f"Có số liệu {_number(delivered)}/{_number(counted.expected)} kỳ phải giao, "
            f"thiếu {_number(counted.missing)} kỳ"
        )
    if counted.read:
        values.append(_share(counted.read - counted.lacking, counted.read))
        said.append(
            f"{_number(counted.lacking)}/{_number(counted.read)} dòng thiếu giá trị bắt buộc"
        )
    if counted.device_days:
        whole = max(0.0, 1 - counted.lost_days / counted.device_days)
        values.append(100 * whole)
        said.append(
            f"thiết bị gửi {shown(100 * whole)}% số đo phải có, thiếu ở "
            f"{_number(counted.short_days)}/{_number(counted.device_days)} lượt ngày thiết bị"
        )
    return Score("du", min(values), _capital("; ".join(said)) + ".")


def _clean(counted: Counts) -> Score:
    if not counted.read:
        return Score("sach", None, _nothing_read())
    lost = counted.unclean + counted.duplicate
    said = (
        f"Đọc {_number(counted.read)} dòng: {_number(counted.duplicate)} dòng trùng "
        f"({_number(counted.repeated)} dòng lặp ngay trong tệp), {_number(counted.unclean)} dòng "
        "ngoài danh mục, lạ đơn vị hoặc thiết bị, trùng khóa khác số."
    )
    return Score("sach", _share(counted.read - lost, counted.read), said)


def _live(counted: Counts) -> Score:
    if not counted.expected or counted.allowed is None:
        return Score("song", None, _nothing_due())
    said = (
        f"Đúng hạn {_number(counted.on_time)}/{_number(counted.expected)} kỳ, "
        f"muộn {_number(counted.late)}, thiếu {_number(counted.missing)}; "
    )
    said += "chưa từng nhận số liệu" if counted.age is None else f"mới nhất {_ago(counted.age)}"
    said += f", cho phép {_span(counted.allowed)}; "
    said += "nguồn tự động." if counted.is_automatic else "duyệt từng lượt."
    on_time = _share(counted.on_time, counted.expected)
    return Score("song", min(on_time, _freshness(counted.age, counted.allowed)), said)


def _freshness(age: dt.timedelta | None, allowed: dt.timedelta) -> float:
    if age is None:
        return 0.0
    return 100.0 if age <= allowed else 100 * (allowed / age)


def _mean(word: str, scores: list[Score]) -> Score:
    known = [one.value for one in scores if one.value is not None]
    if not known:
        return Score(word, None, f"{_capital(NO_BASIS)}: không nguồn nào tính được.")
    said = (
        f"Trung bình của {len(known)}/{len(scores)} nguồn có đủ căn cứ, "
        f"thấp nhất {shown(min(known))}."
    )
    return Score(word, min(max(sum(known) / len(known), min(known)), max(known)), said)


def shown(value: float | None) -> str:
    """Return a score as it is written: never rounded up to 100."""
    if value is None:
        return NO_BASIS
    return f"{int(value * 10) / 10:.1f}".replace(".", ",").removesuffix(",0")


def _share(part: int, whole: int) -> float:
    return 100 * min(max(part, 0), whole) / whole


def _nothing_read() -> str:
    return f"{_capital(NO_BASIS)}: trong kỳ không có dòng nào được đọc."


def _nothing_due() -> str:
    return f"{_capital(NO_BASIS)}: trong kỳ không có lượt giao nào đến hạn."


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _number(value: int) -> str:
    return f"{value:,}".replace(",", ".")


def _ago(age: dt.timedelta) -> str:
    return f"{_span(age)} trước cuối kỳ tính"


def _span(length: dt.timedelta) -> str:
    minutes = int(length.total_seconds() // 60)
    if minutes < 60:
        return f"{minutes} phút"
    hours = minutes // 60
    return f"{hours} giờ" if hours < 48 else f"{_number(hours // 24)} ngày"
