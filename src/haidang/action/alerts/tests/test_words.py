from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from haidang.action.alerts import rules

MORNING = datetime(2026, 11, 23, 3, 41, tzinfo=UTC)
WATER = rules.Reading(
    name="Mực nước",
    unit_name="Thành phố Thủ Dầu Một",
    value=1.624,
    unit_of_measure="m",
    decimals=2,
    as_of=MORNING,
    period_label="23/11/2026",
    is_hazard=True,
    critical=1.6,
)


def test_an_explanation_names_figure_place_time_threshold_and_length() -> None:
    said = rules.explain_series(WATER, state="critical", since=MORNING)
    assert said == (
        "Mực nước tại Thành phố Thủ Dầu Một: 1,62 m (lúc 10:41 ngày 23/11/2026), trạng thái"
        " “nguy hiểm”. Ngưỡng “nguy hiểm”: 1,60 m. Kéo dài từ 10:41 ngày 23/11/2026."
    )


def test_absent_data_never_shows_an_old_number() -> None:
    said = rules.explain_series(WATER, state="stale", since=MORNING)
    assert "1,62" not in said
    assert "chậm cập nhật" in said
    assert "Số liệu gần nhất: 10:41 ngày 23/11/2026" in said


def test_a_silent_life_safety_source_says_that_the_shift_is_blind() -> None:
    said = rules.explain_source(
        "Trạm thủy văn", state="late", since=MORNING, last_success_at=None, is_life_safety=True
    )
    assert "Chưa từng nhận được" in said
    assert "không nhìn thấy" in said


def test_numbers_and_lengths_are_written_as_in_vietnamese() -> None:
    assert rules.quantity(1234.5, "tỷ đồng", 1) == "1.234,5 tỷ đồng"
    assert rules.quantity(-97, "%", 0) == "−97%"
    assert rules.lasting(timedelta(hours=2, minutes=5)) == "2 giờ 5 phút"
    assert rules.number(2026, 7) == "CB-2026-0007"


HIGH_WATER = replace(
    WATER,
    place="Thủ Dầu Một",
    watch=1.4,
    legal_basis="Mức báo động III: 1,60 m",
)
SPENT = rules.Reading(
    name="Giải ngân",
    unit_name="Ủy ban nhân dân tỉnh",
    place="toàn tỉnh",
    value=61.4,
    unit_of_measure="%",
    decimals=1,
    as_of=MORNING,
    period_label="năm 2026",
    is_hazard=False,
    watch=-5,
    critical=-8,
    basis="pace",
    notes=("Tăng 2,0% so cùng kỳ", "Thấp hơn tiến độ 9,8 điểm %"),
)
ACID = replace(
    WATER, name="pH", value=5.2, unit_of_measure="", decimals=1, watch=8.5, critical=9.0,
    watch_low=6.0, critical_low=5.5,
)  # fmt: skip
ON_TIME = replace(SPENT, name="Hồ sơ đúng hạn", value=84.2, basis="value", watch=95, critical=90)


@pytest.mark.parametrize(
    ("reading", "state", "headline"),
    [
        (HIGH_WATER, "critical", "Mực nước Thủ Dầu Một 1,62 m, vượt báo động III"),
        (HIGH_WATER, "watch", "Mực nước Thủ Dầu Một 1,62 m, vượt ngưỡng theo dõi 1,40 m"),
        (
            replace(HIGH_WATER, legal_basis="QCVN 05:2023/BTNMT"),
            "critical",
            "Mực nước Thủ Dầu Một 1,62 m, vượt ngưỡng nguy hiểm 1,60 m",
        ),
        (
            replace(HIGH_WATER, value=1.58),
            "critical",
            "Mực nước Thủ Dầu Một 1,58 m, còn ở mức nguy hiểm",
        ),
        (HIGH_WATER, "stale", "Mực nước Thủ Dầu Một: chậm cập nhật"),
        (replace(HIGH_WATER, value=None), "no_data", "Mực nước Thủ Dầu Một: chưa có số liệu"),
        (
            replace(HIGH_WATER, name="Mực nước Thủ Dầu Một"),
            "critical",
            "Mực nước Thủ Dầu Một 1,62 m, vượt báo động III",
        ),
        (
            SPENT,
            "critical",
            "Giải ngân toàn tỉnh 61,4%, chậm nhiều: thấp hơn tiến độ 9,8 điểm %",
        ),
        (replace(SPENT, notes=()), "watch", "Giải ngân toàn tỉnh 61,4%, chậm"),
        (ACID, "critical", "pH Thành phố Thủ Dầu Một 5,2, dưới ngưỡng nguy hiểm 5,5"),
        (ON_TIME, "critical", "Hồ sơ đúng hạn toàn tỉnh 84,2%, chậm nhiều (dưới 90%)"),
        (
            replace(ON_TIME, name="Phản ánh quá hạn", value=37, unit_of_measure="", decimals=0,
                    watch=10, critical=30),
            "critical",
            "Phản ánh quá hạn toàn tỉnh 37, chậm nhiều (trên 30)",
        ),
    ],
)  # fmt: skip
def test_a_headline_says_what_is_wrong_in_one_line(
    reading: rules.Reading, state: str, headline: str
) -> None:
    assert rules.series_headline(reading, state=state) == headline


def test_the_headline_of_a_source_says_what_it_does_not_do() -> None:
    said = rules.source_headline("Trạm thủy văn", state="late")
    assert said == "Trạm thủy văn: chậm gửi số liệu"


def test_every_state_of_a_rule_is_offered_once_the_worst_first() -> None:
    assert rules.WORST_FIRST[0] == "critical"
    assert sorted(rules.WORST_FIRST) == sorted(frozenset().union(*rules.STATES.values()))
