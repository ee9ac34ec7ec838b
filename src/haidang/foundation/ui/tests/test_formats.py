"""Numbers, dates and durations read as an official writes them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haidang.foundation.ui import formats

NOW = datetime(2026, 11, 23, 3, 45, tzinfo=UTC)  # 10:45 in Bình Dương


@pytest.mark.parametrize(
    ("value", "decimals", "written"),
    [
        (1234.5, 1, "1.234,5"),
        (64870, None, "64.870"),
        (Decimal("0.5"), 0, "1"),
        (-0.04, 1, "0,0"),
        (-3.25, 2, "−3,25"),
        (None, 1, "–"),
        (float("nan"), 1, "–"),
        ("", None, "–"),
        (1.23456, None, "1,235"),
        (1e6, None, "1.000.000"),
    ],
)
def test_a_number_is_written_with_dots_and_a_comma(value, decimals, written):
    assert formats.number(value, decimals) == written


@given(st.decimals(-(10**12), 10**12, places=2, allow_nan=False))
def test_a_written_number_reads_back_as_itself(value):
    written = formats.number(value, 2)
    assert Decimal(written.replace(".", "").replace(",", ".").replace("−", "-")) == value


@pytest.mark.parametrize(
    ("back", "said"),
    [
        (timedelta(minutes=4), "10:41 hôm nay"),
        (timedelta(hours=11), "23:45 hôm qua"),
        (timedelta(days=3), "10:45 20/11/2026"),
        (timedelta(days=-1), "10:45 ngày mai"),
    ],
)
def test_a_moment_is_said_in_the_provinces_time(back, said):
    assert formats.when(NOW - back, NOW) == said


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (timedelta(minutes=22), "còn 22 phút"),
        (timedelta(hours=4), "còn 4 giờ"),
        (timedelta(days=-1), "quá hạn 1 ngày"),
        (timedelta(seconds=-5), "quá hạn dưới 1 phút"),
        (timedelta(hours=26), "còn 1 ngày 2 giờ"),
    ],
)
def test_a_deadline_says_what_it_leaves(left, said):
    assert formats.remaining(NOW + left, NOW) == said


def test_a_size_is_written_in_its_unit():
    assert [formats.size(n) for n in (12, 12_400, 12_400_000)] == ["12 byte", "12,4 kB", "12,4 MB"]
