"""The benchmark of queries must notice when two engines do not answer the same."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from bench import answers

NINE = datetime(2026, 11, 1, 9, tzinfo=UTC)
HERE = NINE.astimezone(timezone(timedelta(hours=7)))
ROWS = [("a", NINE, 0.1 + 0.2), ("b", NINE, 1.0)]


def compare(other: list[tuple], *, is_ordered: bool = False) -> None:
    sides = {"ours": ROWS, "peer": other}
    answers.must_be_equal(
        "max", {name: answers.plain(rows, is_ordered=is_ordered) for name, rows in sides.items()}
    )


def test_the_same_answer_in_other_words_is_equal() -> None:
    compare([("b", "2026-11-01T09:00:00Z", 1.0), ("a", HERE, 0.3)])


@pytest.mark.parametrize(
    "other",
    [
        ROWS[:1],
        [("a", NINE, 0.3), ("b", NINE, 1.0001)],
        [("a", NINE, 0.3), ("c", NINE, 1.0)],
        [("a", NINE, 0.3), ("b", NINE + timedelta(minutes=1), 1.0)],
        [("a", NINE, 0.3), ("b", NINE, None)],
    ],
)
def test_another_answer_is_an_error(other) -> None:
    with pytest.raises(RuntimeError, match="max: ours answers"):
        compare(other)


def test_an_answer_in_another_order_is_an_error_where_order_was_asked() -> None:
    with pytest.raises(RuntimeError, match="ours answers"):
        compare(ROWS[::-1], is_ordered=True)
