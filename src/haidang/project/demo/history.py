"""Three years of invented history for the datasets of the starter indicators, seeded.

`columns(dataset, grid)` returns one array per field, shaped times × units. Everything here is
"mô phỏng"; the sizes follow what is publicly known of the province, no figure is a real one.
"""

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Columns = Mapping[str, Array]

CALM = {"25747"}  # the tour brings this ward's outbreak, so its history has none

SLOW = {"724", "725"}  # these districts spend their plan late

_MONTHLY_PACE = np.array([4, 5, 7, 8, 8.5, 9, 9, 9, 9.5, 9.5, 10, 11.5]) / 100


@dataclass(frozen=True)
class Grid:
    """The periods (first days) and units of a dataset; weights are shares that sum to 1."""

    days: Sequence[date]
    units: Sequence[str]
    weights: Array

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.days), len(self.units)

    @property
    def years(self) -> Array:
        """Return years since 2023 as a column, for slow growth."""
        first = date(2023, 1, 1)
        return np.array([[(day - first).days / 365.25] for day in self.days])

    @property
    def months(self) -> NDArray[np.int64]:
        return np.array([day.month for day in self.days])

    @property
    def busy(self) -> Array:
        """Return 1 on working days and a little on weekends, as a column."""
        return np.array([[0.12 if day.weekday() >= 5 else 1.0] for day in self.days])

    def season(self, peak: date) -> Array:
        """Return a yearly course in [-1, 1] with its peak on a day of the year, as a column."""
        turns = [(day.timetuple().tm_yday - peak.timetuple().tm_yday) / 365.25 for day in self.days]
        return np.cos(2 * np.pi * np.array(turns))[:, None]


Maker = Callable[[Grid, np.random.Generator], Columns]
_makers: dict[str, Maker] = {}


def columns(dataset: str, grid: Grid) -> Columns:
    """Return the invented columns of a dataset; the same grid gives the same values."""
    return _makers[dataset](grid, np.random.default_rng(zlib.crc32(dataset.encode())))


def datasets() -> frozenset[str]:
    """Return the datasets that history can be made for."""
    return frozenset(_makers)


def days(first: date, last: date) -> list[date]:
    return [first + timedelta(n) for n in range((last - first).days + 1)]


def weeks(first: date, last: date) -> list[date]:
    """Return the Mondays of the whole weeks between two days."""
    monday = first + timedelta((7 - first.weekday()) % 7)
    return [day for day in days(monday, last - timedelta(6)) if day.weekday() == 0]


def months(first: date, last: date) -> list[date]:
    """Return the first days of the whole months between two days."""
    starts = [day for day in days(first, last + timedelta(1)) if day.day == 1]
    return starts[:-1]


def _of(dataset: str) -> Callable[[Maker], Maker]:
    def register(maker: Maker) -> Maker:
        _makers[dataset] = maker
        return maker

    return register


def _some(rng: np.random.Generator, mean: Array, grid: Grid) -> Array:
    """Return counts around a mean."""
    return rng.poisson(np.broadcast_to(np.maximum(mean, 0), grid.shape)).astype(float)


def _part(rng: np.random.Generator, whole: Array, share: Array | float) -> Array:
    """Return how many of `whole` have a property that each has with the given share."""
    return rng.binomial(whole.astype(np.int64), np.clip(share, 0, 1)).astype(float)


def _about(rng: np.random.Generator, mean: Array, spread: float, grid: Grid) -> Array:
    """Return amounts around a mean with a relative spread, two digits."""
    noise = 1 + spread * rng.standard_normal(grid.shape)
    return np.round(np.broadcast_to(mean, grid.shape) * np.clip(noise, 0.05, None), 2)


def _each(rng: np.random.Generator, grid: Grid, low: float, high: float) -> Array:
    """Return a lasting trait of every unit."""
    return rng.uniform(low, high, (1, len(grid.units)))


@_of("giai-ngan")
def _disbursement(grid: Grid, rng: np.random.Generator) -> Columns:
    plan: Array = (15000 + 1950 * np.floor(grid.years - 0.99)) * grid.weights
    pace = _MONTHLY_PACE[grid.months - 1][:, None]
    diligence = _each(rng, grid, 0.97, 1.1)
    diligence[0, [unit in SLOW for unit in grid.units]] *= 0.8
    return {
        "ke_hoach": np.broadcast_to(plan.round(2), grid.shape),
        "giai_ngan": _about(rng, plan * pace * diligence, 0.08, grid),
    }


@_of("thu-ngan-sach")
def _revenue(grid: Grid, rng: np.random.Generator) -> Columns:
    yearly = 57500 * 1.075**grid.years
    daily = yearly * grid.weights * grid.busy / 275 * (1 + 0.1 * grid.season(date(2024, 12, 15)))
    inland = _about(rng, daily * 0.73, 0.12, grid)
    border = _about(rng, daily * 0.27, 0.2, grid)
    return {
        "noi_dia": inland,
        "xuat_nhap_khau": border,
        "tong_thu": np.round(inland + border, 2),
    }


@_of("kinh-te")
def _economy(grid: Grid, rng: np.random.Generator) -> Columns:
    growth = 1.12**grid.years
    tet = np.where(np.isin(grid.months, (1, 2)), 0.88, 1.0)[:, None]
    return {
        "iip": _about(rng, np.full((1, 1), 107.4), 0.015, grid),
        "ban_le": _about(rng, 25500 * growth * (2 - tet), 0.015, grid),
        "xuat_khau": _about(rng, 2650 * 1.09**grid.years * tet, 0.03, grid),
        "nhap_khau": _about(rng, 1900 * 1.08**grid.years * tet, 0.035, grid),
        "du_an_fdi": _some(rng, np.array(14.0), grid),
        "von_fdi": _about(rng, 158 * 1.04**grid.years, 0.3, grid),
    }


@_of("doanh-nghiep")
def _enterprises(grid: Grid, rng: np.random.Generator) -> Columns:
    tet = np.where(np.isin(grid.months, (1, 2)), 0.6, 1.05)[:, None]
    founded = _some(rng, 620 * 1.15**grid.years * tet * grid.weights, grid)
    closed = _some(rng, 330 * 1.05**grid.years * grid.weights, grid)
    return {
        "thanh_lap": founded,
        "giai_the": closed,
        "von": _about(rng, founded * 6.4, 0.15, grid),
    }


@_of("lao-dong")
def _labour(grid: Grid, rng: np.random.Generator) -> Columns:
    course = 1 + 0.25 * grid.season(date(2024, 2, 20))
    return {
        "mat_viec": _some(rng, 2600 * course * 0.96**grid.years * grid.weights, grid),
        "tuyen_moi": _some(rng, 4100 * (2 - course) * grid.weights, grid),
    }


@_of("ho-so")
def _dossiers(grid: Grid, rng: np.random.Generator) -> Columns:
    received = _some(rng, 5200 * grid.weights * grid.busy * 1.05**grid.years, grid)
    solved = _part(rng, received, 0.97) + _some(rng, np.array(0.6) * grid.busy, grid)
    care = _each(rng, grid, 0.962, 0.998)
    learning = 0.012 * (grid.years - 3)
    return {
        "tiep_nhan": received,
        "giai_quyet": solved,
        "dung_han": _part(rng, solved, care + 0.4 * learning),
        "qua_han": _some(rng, 30 * (1 - care) * (6 - grid.years), grid),
        "truc_tuyen": _part(rng, received, 0.81 + 4 * learning),
        "so_hoa": _part(rng, received, 0.86 + 4 * learning),
    }


@_of("dat-dai")
def _land(grid: Grid, rng: np.random.Generator) -> Columns:
    pending = _some(rng, 5200 * grid.weights, grid)
    care = _each(rng, grid, 0.012, 0.075)
    return {"dang_xu_ly": pending, "tre_han": _part(rng, pending, care)}


@_of("phan-anh")
def _reports(grid: Grid, rng: np.random.Generator) -> Columns:
    received = _some(rng, 240 * 1.12**grid.years * (0.4 + 0.6 * grid.busy) * grid.weights, grid)
    solved = _part(rng, received, 0.96)
    rated = _part(rng, solved, 0.62)
    care = _each(rng, grid, 0.975, 0.999)
    return {
        "tiep_nhan": received,
        "xu_ly": solved,
        "dung_han": _part(rng, solved, care),
        "qua_han": _some(rng, 26 * (1 - care) * grid.weights * len(grid.units), grid),
        "danh_gia": rated,
        "hai_long": _part(rng, rated, 0.965),
        "mo_lai": _part(rng, solved, 0.012),
    }


@_of("nhiem-vu")
def _tasks(grid: Grid, rng: np.random.Generator) -> Columns:
    running = _some(rng, 46 + 30 * grid.weights, grid)
    return {"dang_thuc_hien": running, "tre_han": _part(rng, running, _each(rng, grid, 0.01, 0.06))}


@_of("dich-benh")
def _diseases(grid: Grid, rng: np.random.Generator) -> Columns:
    """Return weekly cases; an outbreak of dengue grows in the last weeks of the history."""
    wet = 1 + 0.75 * grid.season(date(2024, 9, 20))
    last = np.array([[max(0.0, 1 - (len(grid.days) - 1 - n) / 6)] for n in range(len(grid.days))])
    focus = (rng.random((1, len(grid.units))) < 0.12) * 5.0
    focus[0, [unit in CALM for unit in grid.units]] = 0
    dengue = 68 * wet * grid.weights * (1 + last * focus)
    return {
        "sot_xuat_huyet": _some(rng, dengue, grid),
        "tay_chan_mieng": _some(rng, 62 * (2 - wet) * grid.weights, grid),
    }


@_of("benh-vien")
def _beds(grid: Grid, rng: np.random.Generator) -> Columns:
    beds = np.round(5400 * np.broadcast_to(grid.weights, grid.shape)) + 60
    free = _part(rng, beds, 0.19 - 0.03 * grid.season(date(2024, 10, 1)))
    return {"giuong": beds, "trong": free, "kham": _some(rng, 16500 * grid.weights, grid)}


@_of("bao-hiem")
def _insurance(grid: Grid, rng: np.random.Generator) -> Columns:
    people = np.round(2_763_000 * 1.011**grid.years * grid.weights)
    share = np.clip(0.915 + 0.011 * grid.years + _each(rng, grid, -0.012, 0.012), 0, 0.985)
    return {"dan_so": people, "tham_gia": np.round(people * share)}


@_of("tai-nan-giao-thong")
def _accidents(grid: Grid, rng: np.random.Generator) -> Columns:
    crashes = _some(rng, 1.55 * 0.95**grid.years * grid.weights, grid)
    return {
        "so_vu": crashes,
        "chet": _part(rng, crashes, 0.42),
        "bi_thuong": _some(rng, crashes * 0.8, grid),
    }


@_of("an-ninh")
def _crimes(grid: Grid, rng: np.random.Generator) -> Columns:
    crimes = _some(rng, 185 * 0.97**grid.years * grid.weights, grid) + 1
    return {"so_vu": crimes, "kham_pha": _part(rng, crimes, 0.83)}


@_of("chay-no")
def _fires(grid: Grid, rng: np.random.Generator) -> Columns:
    dry = 1 + 0.6 * grid.season(date(2024, 3, 10))
    fires = _some(rng, 0.32 * dry * grid.weights, grid)
    return {"so_vu": fires, "thiet_hai_nguoi": _part(rng, fires, 0.06)}


@_of("rac-thai")
def _waste(grid: Grid, rng: np.random.Generator) -> Columns:
    made = _about(rng, 2620 * 1.03**grid.years * grid.weights, 0.04, grid)
    share = np.clip(_each(rng, grid, 0.945, 0.99) + 0.012 * rng.standard_normal(grid.shape), 0, 1)
    return {"phat_sinh": made, "thu_gom": np.round(made * share, 2)}


@_of("dien-nuoc")
def _supply(grid: Grid, rng: np.random.Generator) -> Columns:
    customers = np.round(978_000 * 1.025**grid.years * grid.weights)
    homes = np.round(860_000 * 1.02**grid.years * grid.weights)
    storms = 1 + 0.5 * grid.season(date(2024, 8, 20))
    share = np.clip(_each(rng, grid, 0.965, 0.997), 0, 1)
    return {
        "khach_hang": customers,
        "phut_mat_dien": _about(rng, customers * 11.5 * storms, 0.3, grid),
        "so_ho": homes,
        "ho_nuoc_sach": np.round(homes * share),
    }


@_of("an-toan-thong-tin")
def _security(grid: Grid, rng: np.random.Generator) -> Columns:
    return {
        "ma_doc": _some(rng, 26 * 0.93**grid.years * grid.weights, grid),
        "su_co": _some(rng, np.array(0.0008), grid),
    }
