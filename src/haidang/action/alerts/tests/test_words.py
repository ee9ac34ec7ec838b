from datetime import UTC, datetime, timedelta

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
