"""Dates and times: 23/11/2026, 2026-11-23, 2026/11/23, Excel's day numbers; UTC inside."""

import datetime
import re
import zoneinfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from haidang.data.ingest.rules.cells.column import Column, fault, mask_of, matches, only

_DAY_FIRST = r"(?P<d>\d{1,2})[/.-](?P<m>\d{1,2})[/.-](?P<y>\d{4})"
_YEAR_FIRST = r"(?P<y>\d{4})[/.-](?P<m>\d{1,2})[/.-](?P<d>\d{1,2})"
_CLOCK = (
    r"(?:[ T]+(?P<H>\d{1,2})[:h](?P<M>\d{2})(?::(?P<S>\d{2})(?:[.,](?P<f>\d{1,9}))?)?"
    r" ?(?P<z>Z|[+-]\d{2}:?\d{2})?)?"
)
_SERIAL = r"[2-7]\d{4}(?:\.\d+)?"
_SERIAL_ZERO = np.datetime64("1899-12-30", "us")
_DAY_US = 86_400_000_000
_NO_DATE = np.datetime64("NaT", "D")

_NOT_A_DATE = "“{value}” không phải ngày. Viết ngày/tháng/năm, ví dụ 23/11/2026."
_NOT_A_TIME = "“{value}” không phải thời điểm. Viết ví dụ 23/11/2026 08:30."
_NOT_A_YEAR = "“{value}” không phải năm. Viết bốn chữ số, ví dụ 2026."
_NOT_A_MONTH = "“{value}” không phải tháng. Viết tháng/năm, ví dụ 11/2026."


def dates(text: pa.Array, plain: pa.Array | None = None) -> Column:
    """Read days; a time of 00:00 may follow."""
    days, clock, _ = _moments(text)
    midnight = clock == 0
    days = np.where(midnight, days, _NO_DATE)
    return _column(text, days, pa.date32(), "not_a_date", _NOT_A_DATE)


def datetimes(text: pa.Array, zone: str = "Asia/Ho_Chi_Minh") -> Column:
    """Read moments; one without an offset is local time of `zone`."""
    days, clock, offset = _moments(text)
    local = days.astype("M8[us]") + clock.astype("m8[us]")
    epoch = _epoch_seconds(text)
    utc = np.where(
        np.isnat(offset), _utc_of(local, zone), local - np.where(np.isnat(offset), 0, offset)
    )
    utc = np.where(np.isnat(epoch), utc, epoch)
    return _column(text, utc, pa.timestamp("us", tz="UTC"), "not_a_time", _NOT_A_TIME)


def years(text: pa.Array) -> Column:
    """Read years of four digits, 1900 to 2199."""
    good = matches(text, r"(?:19|20|21)\d{2}(?:\.0+)?")
    values = pc.cast(pc.utf8_slice_codeunits(only(text, good), 0, 4), pa.int32())
    wrong = mask_of(pc.is_valid(text)) & mask_of(pc.is_null(values))
    return Column(values, fault("not_a_year", _NOT_A_YEAR, wrong))


def yearmonths(text: pa.Array) -> Column:
    """Read months (11/2026, 2026-11, a day in it); the value is "2026-11"."""
    bare = pc.replace_substring_regex(text, r"^(?i:tháng|thang|t)\s*", "")
    day = pc.coalesce(
        pc.replace_substring_regex(only(bare, matches(bare, r"\d{1,2}[/.-]\d{4}")), r"^", "1/"),
        pc.replace_substring_regex(only(bare, matches(bare, r"\d{4}[/.-]\d{1,2}")), r"$", "-1"),
        pc.replace_substring_regex(
            only(bare, matches(bare, r"(?:19|20|21)\d{4}")), r"^(\d{4})(\d{2})$", r"\1-\2-1"
        ),
        bare,
    )
    days, _, _ = _moments(day)
    months = np.datetime_as_string(days.astype("M8[M]"))
    values = pa.array(months, mask=np.isnat(days), type=pa.string())
    wrong = mask_of(pc.is_valid(text)) & np.isnat(days)
    return Column(values, fault("not_a_month", _NOT_A_MONTH, wrong))


def _column(text: pa.Array, values: np.ndarray, kind: pa.DataType, code: str, say: str) -> Column:
    unit = "M8[D]" if pa.types.is_date(kind) else "M8[us]"
    missing = np.isnat(values)
    typed = pa.array(values.astype(unit), mask=missing)
    wrong = mask_of(pc.is_valid(text)) & missing
    return Column(typed.cast(kind), fault(code, say, wrong))


def _moments(text: pa.Array) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return day (NaT when none), microseconds of the day, and offset (NaT when unsaid)."""
    turned = pc.replace_substring_regex(
        text, r"^(\d{1,2}[:h]\d{2}(?::\d{2})?),? +(\d{1,4}[/.-].+)$", r"\2 \1"
    )
    days = np.full(len(text), _NO_DATE)
    clock = np.zeros(len(text), dtype=np.int64)
    offset = np.full(len(text), np.timedelta64("NaT", "us"))
    for pattern in (_DAY_FIRST, _YEAR_FIRST):
        found = pc.extract_regex(turned, pattern=f"^{pattern}{_CLOCK}$")
        rows = mask_of(pc.is_valid(found))
        if rows.any():
            some = found.filter(pa.array(rows))
            days[rows], clock[rows], offset[rows] = _assembled(some)
    serial = mask_of(matches(text, _SERIAL))
    if serial.any():
        days[serial], clock[serial] = _from_serial(text.filter(pa.array(serial)))
    return days, clock, offset


def _assembled(found: pa.StructArray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    year, month, day = (_ints(found, name) for name in "ymd")
    hour, minute, second = (_ints(found, name) for name in "HMS")
    fraction = pc.utf8_slice_codeunits(pc.utf8_rpad(found.field("f"), 6, "0"), 0, 6)
    micro = np.where(_text(fraction) == "", "0", _text(fraction)).astype(np.int64)
    month_no = (year - 1970) * 12 + np.clip(month, 1, 12) - 1
    days = month_no.astype("M8[M]").astype("M8[D]") + (np.clip(day, 1, 31) - 1)
    good = (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31) & (year >= 1900)
    good &= days.astype("M8[M]").astype(np.int64) == month_no
    good &= (hour < 24) & (minute < 60) & (second < 60)
    clock = ((hour * 60 + minute) * 60 + second) * 1_000_000 + micro
    offset, offset_good = _offsets(found.field("z"))
    return np.where(good & offset_good, days, _NO_DATE), clock, offset


def _offsets(zones: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """Return offsets from UTC; there are few distinct ones."""
    coded = zones.dictionary_encode()
    known = [_offset(zone.as_py()) for zone in coded.dictionary]
    table = np.array([*known, np.timedelta64("NaT", "us")], dtype="m8[us]")
    bad = np.array([abs(_hours(each)) > 14 for each in known] + [False])
    places = pc.fill_null(coded.indices, len(known)).to_numpy(zero_copy_only=False)
    return table[places], ~bad[places]


def _offset(zone: str) -> np.timedelta64:
    if zone == "":
        return np.timedelta64("NaT", "us")
    if zone == "Z":
        return np.timedelta64(0, "us")
    sign = -1 if zone[0] == "-" else 1
    digits = zone[1:].replace(":", "")
    return np.timedelta64(sign * (int(digits[:2]) * 60 + int(digits[2:])) * 60_000_000, "us")


def _hours(offset: np.timedelta64) -> float:
    return 0.0 if np.isnat(offset) else offset / np.timedelta64(1, "h")


def _from_serial(text: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """Excel counts days from 1899-12-30; the fraction is the time, right to the second."""
    numbers = pc.cast(text, pa.float64()).to_numpy(zero_copy_only=False)
    seconds = np.rint(numbers * 86_400).astype(np.int64)
    days = (_SERIAL_ZERO.astype("M8[D]") + seconds // 86_400).astype("M8[D]")
    return days, seconds % 86_400 * 1_000_000


def _epoch_seconds(text: pa.Array) -> np.ndarray:
    """Moments written as seconds since 1970 (ten digits), NaT elsewhere."""
    result = np.full(len(text), np.datetime64("NaT", "us"))
    rows = mask_of(matches(text, r"1\d{9}(?:\.\d+)?"))
    if rows.any():
        seconds = pc.cast(text.filter(pa.array(rows)), pa.float64()).to_numpy(zero_copy_only=False)
        result[rows] = np.rint(seconds * 1e6).astype(np.int64).astype("M8[us]")
    return result


def _utc_of(local: np.ndarray, zone: str) -> np.ndarray:
    if zone == "Asia/Ho_Chi_Minh":  # without daylight saving since 1975
        return local - np.timedelta64(7, "h")
    naive = pa.array(local, mask=np.isnat(local), type=pa.timestamp("us"))
    aware = pc.assume_timezone(naive, zone, ambiguous="earliest", nonexistent="earliest")
    utc = pc.cast(aware, pa.timestamp("us", tz="UTC")).cast(pa.timestamp("us"))
    moments: np.ndarray = utc.to_numpy(zero_copy_only=False)
    return moments.astype("M8[us]")


def _ints(found: pa.StructArray, name: str) -> np.ndarray:
    text = _text(found.field(name))
    return np.where(text == "", "0", text).astype(np.int64)


def _text(column: pa.Array) -> np.ndarray:
    filled: np.ndarray = pc.fill_null(column, "").to_numpy(zero_copy_only=False)
    return filled.astype("U") if len(filled) else filled.astype("U1")


def is_zone(name: str) -> bool:
    """Say whether a time zone of this name is known."""
    if not re.fullmatch(r"[A-Za-z_+\-/0-9]{1,64}", name):
        return False
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return False
    return True


def local_day(now: datetime.datetime, zone: str) -> datetime.date:
    """Return the calendar day of a moment in a zone."""
    return now.astimezone(zoneinfo.ZoneInfo(zone)).date()
