"""Typed columns from text, against a slow reader of one cell at a time."""

import datetime as dt
import re
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haidang.data.ingest.rules import cells
from haidang.data.ingest.rules.cells.column import word_by_word
from haidang.data.ingest.rules.cells.numbers import style_of


def text(*values: str | None) -> pa.Array:
    return pa.array(values, pa.string())


def read(column: cells.Column) -> list[object]:
    return column.values.to_pylist()


def codes(column: cells.Column) -> list[str]:
    return [fault.code for fault in column.faults]


def numbers(*values: str | None) -> cells.Column:
    column = text(*values)
    return cells.numbers(column, None, style_of(column))


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (("1.234,5", "2"), [1234.5, 2.0]),
        (("1 234,5",), [1234.5]),
        (("1\u00a0234,5",), [1234.5]),
        (("47743.6", "1.234"), [47743.6, 1.234]),
        (("0,5", "1.234"), [0.5, 1234.0]),
        (("1,234.5", "1,234"), [1234.5, 1234.0]),
        (("-3,25", "+7"), [-3.25, 7.0]),
        ((None, "1e3"), [None, 1000.0]),
    ],
)
def test_a_column_keeps_to_one_decimal_sign(said, meant):
    assert read(numbers(*said)) == meant


@pytest.mark.parametrize("said", ["1.234", "1,234", "-9.999"])
def test_a_lone_number_that_reads_two_ways_waits(said):
    column = numbers(said, "12")

    assert read(column) == [None, 12.0]
    assert codes(column) == ["ambiguous_number"]


def test_a_number_that_a_program_stored_is_never_ambiguous():
    column = text("1.234")

    assert read(cells.numbers(column, pa.array([True]), "")) == [1.234]


@pytest.mark.parametrize("said", ["12a", "1.2.3", "NaN", "inf", "--1", "1,2,3", "٣"])
def test_what_is_no_number_waits(said):
    assert codes(numbers(said, "1,5")) == ["not_a_number"]


def test_a_number_beyond_all_bounds_waits():
    assert codes(numbers("1e999", "1.5")) == ["too_big"]


def test_whole_numbers_may_be_grouped_and_may_not_have_parts():
    column = cells.integers(text("1.234", "12.0", "12a", "12,5", "9" * 25), None, "")

    assert read(column) == [1234, 12, None, None, None]


@given(st.integers(-(10**15), 10**15))
def test_any_whole_number_survives_being_written_as_vietnam_writes(number):
    written = f"{number:,}".replace(",", ".")

    assert read(cells.integers(text(written), None, "")) == [number]


@given(st.decimals(-(10**9), 10**9, places=2))
def test_any_amount_survives_being_written_as_vietnam_writes(amount):
    swapped = f"{amount:,.2f}".translate(str.maketrans(",.", ".,"))

    assert read(numbers(swapped)) == [float(amount)]


@given(st.lists(st.sampled_from("0123456789.,-+ e%a"), max_size=8).map("".join))
def test_numbers_agree_with_a_slow_reader(said):
    said = said.strip()
    for style in (",", "."):
        column = cells.numbers(text(said or None), None, style)
        assert read(column) == [slow_number(said, style)]


def slow_number(said: str, style: str) -> float | None:
    said = re.sub(r"(\d) (\d)", r"\1\2", said)
    sign, body = ("-", said[1:]) if said[:1] == "-" else ("", said.removeprefix("+"))
    groups, point = (".", ",") if style == "," else (",", ".")
    body, e, exponent = body.partition("e") if style == "." else (body, "", "")
    if e and not re.fullmatch(r"[+-]?\d{1,3}", exponent):
        return None
    whole, dot, part = body.partition(point)
    pieces = whole.split(groups)
    grouped = len(pieces) > 1
    if e and grouped:
        return None
    if grouped and not (
        re.fullmatch(r"\d{1,3}", pieces[0]) and all(re.fullmatch(r"\d{3}", p) for p in pieces[1:])
    ):
        return None
    digits = "".join(pieces)
    if not re.fullmatch(r"\d*", digits) or not re.fullmatch(r"\d*", part):
        return None
    bare = (digits == "" and part == "") or (dot and part == "" and (style == "," or grouped))
    if bare or (digits == "" and style == ","):
        return None
    value = float(Decimal(f"{sign}{digits or 0}.{part or 0}{'E' + exponent if e else ''}"))
    return value if abs(value) != float("inf") else None


@given(st.dates(dt.date(1900, 1, 1), dt.date(2199, 12, 31)), st.sampled_from("/-."))
def test_any_day_survives_each_way_of_writing_it(day, sign):
    ways = (
        f"{day.day}{sign}{day.month}{sign}{day.year}",
        f"{day:%d}{sign}{day:%m}{sign}{day.year}",
        f"{day.year}{sign}{day:%m}{sign}{day:%d}",
        f"{day.isoformat()}T00:00:00",
    )
    assert read(cells.dates(text(*ways))) == [day] * 4


@given(st.integers(0, 40), st.integers(0, 14), st.integers(1900, 2100))
def test_days_agree_with_a_slow_reader(day, month, year):
    try:
        meant = dt.date(year, month, day)
    except ValueError:
        meant = None
    assert read(cells.dates(text(f"{day}/{month}/{year}"))) == [meant]


@given(st.datetimes(dt.datetime(1976, 1, 1), dt.datetime(2100, 1, 1)))
def test_a_local_time_is_seven_hours_ahead(moment):
    moment = moment.replace(microsecond=0)
    column = cells.datetimes(text(f"{moment:%d/%m/%Y %H:%M:%S}"))

    assert read(column) == [(moment - dt.timedelta(hours=7)).replace(tzinfo=dt.UTC)]


def test_excel_days_and_offsets_and_clock_first():
    column = cells.datetimes(
        text("43466.5", "2026-11-23T08:30:00Z", "08:30 23/11/2026", "2026-11-23 08:30+09:00", "x")
    )

    assert [value and f"{value:%Y-%m-%d %H:%M}" for value in read(column)] == [
        "2019-01-01 05:00",
        "2026-11-23 08:30",
        "2026-11-23 01:30",
        "2026-11-22 23:30",
        None,
    ]


def test_months_and_years():
    assert read(cells.yearmonths(text("11/2026", "2026-11", "tháng 3/2026", "13/2026"))) == [
        "2026-11",
        "2026-11",
        "2026-03",
        None,
    ]
    assert read(cells.years(text("2016", "16", None))) == [2016, None, None]


@pytest.mark.parametrize("said", ["=cmd|' /C calc'!A0", "@SUM(A1)", "+HYPERLINK(1)", "-x|y"])
def test_formulas_wait_as_text(said):
    assert codes(cells.strings(text(said))) == ["formula"]


def test_words_come_in_one_normal_form_without_control_characters():
    column = cells.strings(text("Thu\u0309", "a\x00b", "+84 274 382"))

    assert read(column) == ["Thủ", None, "+84 274 382"]
    assert codes(column) == ["control_character"]


ODD = (
    "1|1.234|1,5|1.234,5|abc||-|12 000|23/11/2026|2026-02-30|11/2026|2026|2026-11-23 08:30"
    "|45000|1.0|+7|1e400|99999999999999999999"
)
READERS = {
    "comma": lambda text: cells.numbers(text, None, ","),
    "unknown": lambda text: cells.numbers(text, None, ""),
    "integers": lambda text: cells.integers(text, None, ""),
    "plain": lambda text: cells.numbers(text, pa.repeat(True, len(text)), "."),
    "dates": cells.dates,
    "datetimes": cells.datetimes,
    "years": cells.years,
    "yearmonths": cells.yearmonths,
}


@settings(deadline=None, max_examples=25)
@given(
    st.lists(st.none() | st.sampled_from(ODD.split("|")), min_size=1, max_size=20),
    st.sampled_from(sorted(READERS)),
)
def test_what_is_read_once_for_many_cells_is_what_each_cell_says_alone(words, reader):
    read = READERS[reader]
    text = pa.array((words * 1200)[:1200], pa.string())
    alone = [read(pa.array([word], pa.string())) for word in words]

    found = word_by_word(text, read)

    assert found.values.to_pylist() == ([each.values[0].as_py() for each in alone] * 1200)[:1200]
    faults = [{one.code for one in found.faults if one.rows[at]} for at in range(len(words))]
    assert faults == [{one.code for one in each.faults} for each in alone]
