import itertools
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haidang.foundation.calendar import periods
from haidang.foundation.calendar.zone import ZONE, local_date

moments = st.datetimes(datetime(2019, 1, 1), datetime(2032, 1, 1), timezones=st.just(UTC))
tiling = st.sampled_from([kind for kind in periods.KINDS if not kind.startswith("nine")])


@pytest.mark.parametrize(
    ("kind", "moment", "first", "last", "key", "label"),
    [
        ("month", "2026-11-23", "2026-11-01", "2026-11-30", "2026-11", "Tháng 11/2026"),
        (
            *("month_15", "2026-11-14", "2026-10-15", "2026-11-14", "2026-11"),
            "Tháng 11/2026 (15/10–14/11)",
        ),
        (
            *("month_15", "2026-12-15", "2026-12-15", "2027-01-14", "2027-01"),
            "Tháng 01/2027 (15/12–14/01)",
        ),
        (
            *("quarter_15", "2026-03-14", "2025-12-15", "2026-03-14", "2026-Q1"),
            "Quý I/2026 (15/12–14/03)",
        ),
        (
            *("half_15", "2026-06-14", "2025-12-15", "2026-06-14", "2026-H1"),
            "6 tháng đầu năm 2026 (15/12–14/06)",
        ),
        (
            *("half_15", "2026-06-15", "2026-06-15", "2026-12-14", "2026-H2"),
            "6 tháng cuối năm 2026 (15/06–14/12)",
        ),
        (
            *("nine_15", "2026-09-01", "2025-12-15", "2026-09-14", "2026-9M"),
            "9 tháng năm 2026 (15/12–14/09)",
        ),
        (
            *("year_15", "2026-12-14", "2025-12-15", "2026-12-14", "2026"),
            "Năm 2026 (15/12–14/12)",
        ),
        ("quarter", "2026-11-23", "2026-10-01", "2026-12-31", "2026-Q4", "Quý IV/2026"),
        ("week", "2026-11-23", "2026-11-23", "2026-11-29", "2026-W48", "Tuần 48 năm 2026"),
        ("day", "2026-11-23", "2026-11-23", "2026-11-23", "2026-11-23", "Ngày 23/11/2026"),
    ],
)
def test_presets(kind: str, moment: str, first: str, last: str, key: str, label: str) -> None:
    found = periods.of(kind, datetime.fromisoformat(moment).replace(hour=12, tzinfo=ZONE))

    assert local_date(found.start) == date.fromisoformat(first)
    assert local_date(found.end - timedelta(microseconds=1)) == date.fromisoformat(last)
    assert (found.key, found.label()) == (key, label)


@given(tiling, moments)
def test_periods_tile_the_time_line(kind: str, moment: datetime) -> None:
    found = periods.of(kind, moment)

    assert moment in found
    assert found.next().start == found.end
    assert found.previous().end == found.start
    assert found.next().previous() == found
    assert periods.of(kind, found.end - timedelta(microseconds=1)) == found


@given(st.sampled_from(periods.KINDS), moments)
def test_a_key_leads_back_to_its_period(kind: str, moment: datetime) -> None:
    found = periods.of(kind, moment)

    assert periods.from_key(kind, found.key) == found


@given(st.dates(date(2019, 1, 1), date(2032, 1, 1)))
def test_the_report_month_agrees_with_walking_day_by_day(day: date) -> None:
    """Slow and obvious: a day belongs to the month whose 14th comes next."""
    walked = day
    while walked.day != 14:
        walked += timedelta(days=1)

    found = periods.of("month_15", datetime(day.year, day.month, day.day, tzinfo=ZONE))

    assert found.key == f"{walked:%Y-%m}"


@given(st.sampled_from(periods.KINDS), moments)
def test_the_same_period_last_year_begins_about_a_year_before(kind: str, moment: datetime) -> None:
    found = periods.of(kind, moment)
    back = found.same_last_year()

    assert back.kind == kind
    assert timedelta(days=357) <= found.start - back.start <= timedelta(days=371)


@given(tiling.filter(lambda kind: kind != "minute5"), moments)
def test_between_yields_all_that_touch(kind: str, moment: datetime) -> None:
    end = moment + timedelta(hours=90)

    found = list(periods.between(kind, moment, end))

    assert found[0].start <= moment < found[0].end
    assert found[-1].start < end <= found[-1].end
    assert all(one.end == two.start for one, two in itertools.pairwise(found))


@pytest.mark.parametrize(
    ("kind", "key"), [("month", "2026-13"), ("week", "2026-W60"), ("day", "x"), ("month", "2026")]
)
def test_a_wrong_key_is_refused(kind: str, key: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        periods.from_key(kind, key)


def test_a_free_period_says_its_ends() -> None:
    start = datetime(2026, 11, 1, 8, tzinfo=ZONE)

    found = periods.free(start, start + timedelta(days=2))

    assert found.label() == "Từ 08:00 01/11/2026 đến 08:00 03/11/2026"
    with pytest.raises(ValueError, match="ends after"):
        periods.free(start, start)
