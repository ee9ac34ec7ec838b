"""Plans, words, formulas, staleness, reported parts: small rules against obvious ones."""

import math
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haidang.insight.indicators.errors import BadFormulaError
from haidang.insight.indicators.rules import (
    formulas,
    plans,
    reports,
    spans,
    specs,
    staleness,
    words,
)

JANUARY, NEXT = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)


def plan(issuer: str, rank: int, amount: float, kind: str = "amount") -> plans.Plan:
    return plans.Plan(issuer, rank, kind, amount, JANUARY, NEXT)


def test_two_issuers_give_two_figures() -> None:
    found = plans.ratios(
        614, [plan("HĐND", 2, 1421.3), plan("TTg", 1, 1000)],
        unit="tỷ đồng", direction="higher", decimals=0,
    )  # fmt: skip

    assert [one.label for one in found] == ["So kế hoạch TTg: 61,4%", "So kế hoạch HĐND: 43,2%"]


def test_a_level_is_a_goal_without_a_ratio() -> None:
    (found,) = plans.ratios(
        97, [plan("UBND tỉnh", 1, 98, "level")], unit="%", direction="higher", decimals=0
    )

    assert (found.ratio, found.label) == (None, "Mục tiêu UBND tỉnh: từ 98%")


@given(st.integers(-400, 800))
def test_the_pace_is_even_and_stays_within_its_period(day: int) -> None:
    at = JANUARY + timedelta(days=day)

    pace = plans.expected_pace(JANUARY, NEXT, at)

    assert pace == pytest.approx(min(max(day, 0), 365) / 365 * 100)


def test_what_a_threshold_looks_at_follows_its_basis() -> None:
    half = JANUARY + (NEXT - JANUARY) / 2
    both = [plan("TTg", 1, 200), plan("HĐND", 1, 90, "level")]

    def seen(basis: str) -> float | None:
        return plans.compared(basis, 80, plans=both, last_year=64, at=half)

    assert (seen("value"), seen("pace"), seen("plan"), seen("last_year")) == (80, -10, -10, 25)
    assert plans.compared("pace", 80, plans=[], last_year=None, at=half) is None


@pytest.mark.parametrize(
    ("value", "decimals", "written"),
    [(1234.5, 1, "1.234,5"), (64870, 0, "64.870"), (-0.04, 1, "0,0"), (-9.84, 1, "−9,8")],
)
def test_numbers_are_written_as_here(value, decimals, written) -> None:
    assert words.number(value, decimals) == written


def test_differences_are_said_in_words() -> None:
    rise = words.change(37, 25, unit="phản ánh", decimals=0, direction="lower", against="hôm trước")
    assert (rise.text, rise.good) == ("Tăng 12 so hôm trước", False)
    assert words.pace(61.4, 71.2).text == "Thấp hơn tiến độ 9,8 điểm %"
    assert words.pace(61.4, 71.2).good is False
    grown = words.growth(106.1, 100, direction="higher", against="cùng kỳ")
    assert grown is not None
    assert (grown.text, grown.good) == ("Tăng 6,1% so cùng kỳ", True)
    assert words.state_label("critical", hazard=False) == "Chậm nhiều"


def test_formulas_do_arithmetic_over_indicators() -> None:
    values = {"dn-giai-the": 40.0, "dn-thanh-lap": 50.0, "khong": 0.0}

    assert formulas.codes("dn_giai_the / dn_thanh_lap") == {"dn-giai-the", "dn-thanh-lap"}
    assert formulas.evaluate("100 * dn_giai_the / dn_thanh_lap", values) == 80
    assert formulas.evaluate("max(dn_giai_the, dn_thanh_lap)", values) == 50
    assert formulas.evaluate("dn_giai_the / khong", values) is None
    assert formulas.evaluate("dn_giai_the + vang_mat", values) is None


@pytest.mark.parametrize(
    "formula",
    ["__import__('os')", "a.b", "9**9**9", "'x' * 9", "[1][0]", "a if b else c", "lambda: 1",
     "open(a)", "max(a, key=b)", "", "a +", "True", "1" * 600],
)  # fmt: skip
def test_formulas_do_nothing_else(formula) -> None:
    with pytest.raises(BadFormulaError):
        formulas.names(formula)


amounts = st.lists(st.tuples(st.integers(0, 50), st.integers(1, 50)), min_size=1, max_size=8)


@given(amounts)
def test_parents_of_reported_ratios_are_ratios_of_sums(rows) -> None:
    parts = [reports.Part(above / below * 100, above, below) for above, below in rows]

    whole = reports.whole(parts, how="mean", scale=100)

    assert whole is not None
    assert not whole.is_estimate
    assert math.isclose(
        whole.value, sum(row[0] for row in rows) / sum(row[1] for row in rows) * 100, abs_tol=1e-9
    )


def test_parents_of_bare_ratios_are_estimates_or_nothing() -> None:
    parts = [reports.Part(90), reports.Part(80)]

    assert reports.whole(parts, how="mean", scale=100) == reports.Whole(85, is_estimate=True)
    assert reports.whole(parts, how="sum", scale=100) == reports.Whole(170)
    assert reports.whole(parts, how="", scale=100) is None


def test_a_figure_is_stale_from_its_moment_on() -> None:
    due = staleness.stale_at(period_end=NEXT, as_of=JANUARY, cycle=timedelta(days=1), said=True)

    assert due == NEXT + timedelta(days=1)
    assert staleness.shown("critical", stale_at=due, now=due) == "stale"
    assert staleness.shown("critical", stale_at=due, now=due - timedelta(seconds=1)) == "critical"
    assert staleness.shown("no_data", stale_at=due, now=due) == "no_data"


def test_a_running_month_grows_old_from_its_newest_day() -> None:
    due = staleness.stale_at(period_end=NEXT, as_of=JANUARY, cycle=timedelta(days=2), said=False)

    assert due == JANUARY + timedelta(days=2)


some_spans = st.lists(
    st.tuples(st.integers(0, 300), st.integers(1, 5)).map(
        lambda one: (JANUARY + timedelta(days=one[0]), JANUARY + timedelta(days=sum(one)))
    ),
    max_size=120,
)


@given(some_spans)
def test_spans_cover_all_that_was_asked_in_few(found) -> None:
    joined = spans.merged(found)

    assert len(joined) <= spans.MOST
    assert joined == sorted(joined)
    assert all(spans.inside(start, joined) for start, _ in found)


def test_bad_specs_are_refused() -> None:
    for spec in (
        {},
        {"dataset": "x", "agg": "median", "field": "a"},
        {"dataset": "x", "agg": "ratio", "numerator": "a"},
        {"dataset": "x", "agg": "max", "field": "a", "cumulative": True},
    ):
        with pytest.raises(specs.BadSpecError):
            specs.measure(spec)


@pytest.mark.parametrize(
    ("lower", "upper", "name"),
    [
        (date(2026, 1, 1), date(2027, 1, 1), "năm 2026"),
        (date(2026, 2, 1), date(2026, 3, 1), "tháng 02/2026"),
        (date(2026, 12, 1), date(2027, 1, 1), "tháng 12/2026"),
        (date(2026, 10, 15), date(2026, 11, 15), "15/10/2026 – 14/11/2026"),
        (date(2020, 1, 1), None, "từ 01/01/2020"),
    ],
)
def test_dates_are_named(lower: date, upper: date | None, name: str) -> None:
    assert words.span(lower, upper) == name
