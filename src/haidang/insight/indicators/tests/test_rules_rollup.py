"""Roll-ups add the parts, never average the quotients."""

from collections import defaultdict

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from haidang.insight.indicators.rules import rollup
from haidang.insight.indicators.rules.rollup import Cells

# leaves 0..3: two communes in district 20, one in 21, one directly under the province
ANCESTORS = np.array([[10, 20, 30], [11, 20, 30], [12, 21, 30], [13, 30, -1]])


def _cells(rows) -> Cells:
    return Cells(
        unit=np.array([row[0] for row in rows], dtype=np.int64),
        period=np.array([row[1] for row in rows], dtype=np.int64),
        numerator=np.array([row[2] for row in rows], dtype=np.float64),
        denominator=np.array([row[3] for row in rows], dtype=np.float64),
        as_of=np.array([row[4] for row in rows], dtype=np.int64),
        batch=np.array([row[4] for row in rows], dtype=np.int64),
        reported=np.ones(len(rows), dtype=np.int64),
        estimated=np.zeros(len(rows), dtype=np.int64),
    )


leaves = st.dictionaries(
    st.tuples(st.integers(0, 3), st.integers(0, 5)),
    st.tuples(st.integers(-9, 9), st.integers(0, 9), st.integers(0, 9)),
    max_size=24,
).map(lambda found: [(*key, *rest) for key, rest in found.items()])


@given(leaves, st.sampled_from(["sum", "max", "min"]))
def test_each_unit_has_the_sum_of_the_parts_below_it(rows, how) -> None:
    slow = defaultdict(list)
    for unit, period, numerator, denominator, as_of in rows:
        for ancestor in ANCESTORS[unit]:
            if ancestor >= 0:
                slow[int(ancestor), period].append((numerator, denominator, as_of))
    operation = {"sum": sum, "max": max, "min": min}[how]

    fast = rollup.roll_up(_cells(rows), ANCESTORS, rollup=how)

    assert len(fast) == len(slow)
    for index in range(len(fast)):
        parts = slow[int(fast.unit[index]), int(fast.period[index])]
        assert fast.numerator[index] == operation(part[0] for part in parts)
        assert fast.denominator[index] == sum(part[1] for part in parts)
        assert fast.as_of[index] == max(part[2] for part in parts)
        assert fast.reported[index] == len(parts)


@given(leaves)
def test_running_sums_begin_anew_each_year(rows) -> None:
    cells = _cells(rows)

    running = rollup.accumulate(cells, cells.period // 3)

    assert len(running) == len(rows)
    for index in range(len(running)):
        unit, period = running.unit[index], running.period[index]
        wanted = sum(
            r[2] for r in rows if r[0] == unit and r[1] // 3 == period // 3 and r[1] <= period
        )
        assert running.numerator[index] == wanted


def test_a_quotient_without_a_base_is_no_value() -> None:
    cells = _cells([(0, 0, 1, 0, 0), (1, 0, 1, 4, 0)])

    result = rollup.values(cells, scale=100, quotient=True)

    assert np.isnan(result[0])
    assert result[1] == 25
