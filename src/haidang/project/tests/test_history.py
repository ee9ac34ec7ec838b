"""The invented history fits the contracts of the starter datasets."""

from datetime import date

import numpy as np

from haidang.project.demo import history

UNITS = [str(code) for code in range(718, 727)]


def _grid(first: date, last: date) -> history.Grid:
    weights = np.full((1, len(UNITS)), 1 / len(UNITS))
    return history.Grid(history.days(first, last), UNITS, weights)


def test_the_same_grid_gives_the_same_history() -> None:
    grid = _grid(date(2026, 1, 1), date(2026, 2, 1))
    for dataset in sorted(history.datasets()):
        first, second = history.columns(dataset, grid), history.columns(dataset, grid)
        for name in first:
            assert np.array_equal(first[name], second[name]), (dataset, name)
            assert np.broadcast_to(first[name], grid.shape).shape == grid.shape
            assert np.all(first[name] >= 0), (dataset, name)


def test_a_part_never_exceeds_its_whole() -> None:
    grid = _grid(date(2025, 1, 1), date(2025, 12, 31))
    dossiers = history.columns("ho-so", grid)
    assert np.all(dossiers["dung_han"] <= dossiers["giai_quyet"])
    assert np.all(dossiers["so_hoa"] <= dossiers["tiep_nhan"])


def test_only_whole_weeks_and_months_are_made() -> None:
    assert history.months(date(2026, 1, 1), date(2026, 3, 30)) == [
        date(2026, 1, 1),
        date(2026, 2, 1),
    ]
    assert history.months(date(2026, 1, 1), date(2026, 3, 31))[-1] == date(2026, 3, 1)
    assert history.weeks(date(2026, 11, 2), date(2026, 11, 21)) == [
        date(2026, 11, 2),
        date(2026, 11, 9),
    ]
