"""Inhabitants and area of the communes of 2024: the districts' known sums, divided by invention.

The sums of the districts are public; how they fall to communes is simulated, seeded by code.
"""

import zlib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache

import numpy as np

from haidang.project.demo import province
from haidang.project.demo.past import PEOPLE

SQUARE_KM = {
    "718": 119, "719": 399, "720": 720, "721": 234, "722": 543,
    "723": 192, "724": 60, "725": 84, "726": 400,
}  # fmt: skip


@lru_cache(maxsize=1)
def inhabitants() -> Mapping[str, int]:
    """Return the simulated inhabitants of each commune, by code."""
    totals = {code: round(thousands * 1000) for code, thousands in PEOPLE.items()}
    return _divided(totals, "dân số", 0.6, 1.5)


@lru_cache(maxsize=1)
def areas() -> Mapping[str, Decimal]:
    """Return the simulated area of each commune in km², to the hectare, by code."""
    totals = {code: square * 100 for code, square in SQUARE_KM.items()}
    hectares = _divided(totals, "diện tích", 0.5, 1.6)
    return {code: Decimal(number) / 100 for code, number in hectares.items()}


def _divided(totals: Mapping[str, int], what: str, low: float, high: float) -> dict[str, int]:
    """Divide each district's sum among its communes; the parts are whole and add up to it."""
    below: dict[str, list[str]] = {}
    for row in province.communes():
        below.setdefault(row.parent or "", []).append(row.code)
    found: dict[str, int] = {}
    for district, codes in below.items():
        seed = zlib.crc32(f"{what} {district}".encode())
        shares = np.random.default_rng(seed).uniform(low, high, len(codes))
        found |= dict(zip(codes, _whole_parts(totals[district], shares.tolist()), strict=True))
    return found


def _whole_parts(total: int, shares: Sequence[float]) -> list[int]:
    ends = np.round(np.cumsum(shares) / sum(shares) * total).astype(int)
    return [int(part) for part in np.diff(np.r_[0, ends])]
