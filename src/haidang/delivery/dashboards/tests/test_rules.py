"""Which figures are chosen, what the sentence says, how the small words read."""

from datetime import UTC, datetime
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from haidang.delivery.dashboards.rules import choosing, speech, words


def figure(state, reported=9, expected=9):
    return SimpleNamespace(state=state, reported=reported, expected=expected)


def said(*figures, alerts=0, blind=0):
    parts = speech.phrases(speech.count(figures), alerts, blind)
    return [part.text for part in parts]


def test_the_worst_is_said_first_and_nothing_that_is_zero():
    assert said(
        figure("normal"), figure("watch"), figure("critical"), figure("stale", 3, 9), alerts=2
    ) == [
        "2 cảnh báo đang mở",
        "1 nguy hiểm hoặc chậm nhiều",
        "1 theo dõi hoặc chậm",
        "1 chậm cập nhật",
        "1/4 chỉ tiêu bình thường, đúng tiến độ",
        "dữ liệu đủ 83%",
    ]


def test_a_calm_province_is_said_to_be_calm():
    assert said(figure("normal"), figure("normal")) == [
        "cả 2 chỉ tiêu bình thường, đúng tiến độ",
        "dữ liệu đủ 100%",
    ]


def test_a_blind_shift_is_said():
    assert "1 nguồn mất số liệu" in said(figure("normal"), blind=1)


def test_too_many_reports_do_not_hide_missing_ones():
    assert speech.count([figure("normal", 20, 10), figure("normal", 0, 10)]).complete == 0.5


@given(
    st.lists(st.sampled_from("abcdef")),
    st.dictionaries(st.sampled_from("abcdefgh"), st.booleans()),
    st.integers(1, 10),
    st.booleans(),
)
def test_chosen_figures_are_allowed_once_and_wanted_ones_first(wanted, has_value, most, fills):
    chosen = choosing.order(wanted, has_value, most=most, fills=fills)
    assert len(chosen) == len(set(chosen)) <= most
    assert set(chosen) <= set(has_value)
    first = [code for code in dict.fromkeys(wanted) if code in has_value]
    assert chosen[: len(first)] == first[:most]
    if not fills:
        assert set(chosen) <= set(wanted)


def test_a_unit_has_figures_of_its_own_level_and_of_those_below():
    assert choosing.has_figures("commune", "province")
    assert choosing.has_figures("district", "district")
    assert not choosing.has_figures("province", "commune")


def test_thresholds_are_written_with_the_decimals_of_the_figure():
    level = SimpleNamespace(
        basis="value", watch=1.4, critical=1.6, watch_low=None, critical_low=None
    )
    assert words.limits(level, 2) == "Ngưỡng 1,40 · 1,60"
    level.watch_low, level.critical_low = 6, 5.5
    assert words.limits(level, 1) == "Ngưỡng dưới 5,5 · 6, trên 1,4 · 1,6"
    level.basis = "pace"
    assert words.limits(level, 1) == ""
    assert words.limits(None, 1) == ""


def test_an_outcome_says_what_it_was_and_when():
    closed = datetime(2026, 11, 21, 3, tzinfo=UTC)
    assert words.outcome("Đúng", closed) == "Cảnh báo gần nhất: đúng · đóng 21/11"
