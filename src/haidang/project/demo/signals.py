"""What the simulated sensors measure: pure functions of time, so history and live agree.

Every value is invented ("mô phỏng"). A metric is a sum of a level, tides or daily and yearly
courses, and a slow noise of seeded waves; a device's seed shifts all of them.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.float64]  # seconds since 1970, UTC
Values = NDArray[np.float64]

_HOUR = 3600.0
_DAY = 86400.0
_YEAR = 365.25 * _DAY
_LOCAL = 7 * _HOUR


def measure(metric: str, seed: int, times: Times) -> Values:
    """Return the values of one device's metric at the given times, rounded as sensors do."""
    shape, digits = _SHAPES[metric]
    return np.round(shape(np.random.default_rng(seed), times), digits)


def kin(metric: str) -> str:
    """Return the name whose seed a metric uses: dust, and the index computed from it, share one."""
    return "dust" if metric in {"pm25", "pm10", "aqi"} else metric


def _wave(times: Times, period: float, phase: float = 0.0) -> Values:
    return np.sin(2 * np.pi * times / period + phase)


def _noise(rng: np.random.Generator, times: Times, fastest: float = 1.5 * _HOUR) -> Values:
    """Return a slow noise of about unit size: seven waves of seeded periods and phases."""
    periods = fastest * rng.uniform(1.6, 2.4) ** np.arange(7)
    phases = rng.uniform(0, 2 * np.pi, 7)
    total = np.zeros_like(times)
    for period, phase in zip(periods, phases, strict=True):
        total += _wave(times, period, phase)
    return total / 1.9


def _season(times: Times, peak_day: float) -> Values:
    """Return a yearly course in [-1, 1] with its peak on a day of the year."""
    return np.cos(2 * np.pi * (times - peak_day * _DAY) / _YEAR)


def _rush(times: Times) -> Values:
    """Return how much the morning and evening rush weigh at each time, in [0, 1]."""
    hour = ((times + _LOCAL) / _HOUR) % 24
    return np.exp(-(((hour - 7.5) / 1.4) ** 2)) + np.exp(-(((hour - 17.5) / 1.6) ** 2))


def _pm25(rng: np.random.Generator, times: Times) -> Values:
    level = rng.uniform(17, 27) + 6 * _season(times, 20) + 7 * _rush(times)
    return np.clip(level + 5.5 * _noise(rng, times, 3 * _HOUR), 3, None)


def _pm10(rng: np.random.Generator, times: Times) -> Values:
    return _pm25(rng, times) * 1.45 + 2


def _aqi(rng: np.random.Generator, times: Times) -> Values:
    """Return the hourly VN_AQI that the PM2.5 course would give (piecewise linear bands)."""
    return np.interp(_pm25(rng, times), [0, 25, 50, 80, 150, 250], [0, 50, 100, 150, 200, 300])


def _water_level(rng: np.random.Generator, times: Times) -> Values:
    """Return a semi-diurnal tide with its fortnight of springs and neaps, in metres."""
    spring = 1 + 0.28 * _wave(times, 14.765 * _DAY)
    tide = 0.52 * _wave(times, 12.4206 * _HOUR) + 0.24 * _wave(times, 23.9345 * _HOUR, 0.7)
    offset = rng.uniform(-0.05, 0.05)
    return 0.62 + offset + spring * tide + 0.10 * _season(times, 305) + 0.03 * _noise(rng, times)


def _rain(rng: np.random.Generator, times: Times) -> Values:
    """Return millimetres in the last hour: showers on wet-season afternoons."""
    wet = np.clip(0.5 + 0.7 * _season(times, 245), 0, None)
    hour = ((times + _LOCAL) / _HOUR) % 24
    afternoon = np.exp(-(((hour - 16) / 3.0) ** 2))
    burst = np.clip(_noise(rng, times, 0.7 * _HOUR) - 0.9, 0, None)
    return 26 * wet * afternoon * burst


def _flood_depth(rng: np.random.Generator, times: Times) -> Values:
    low = rng.uniform(0.0, 1.0)
    return np.clip(0.9 * _rain(rng, times) - 7 - 8 * low, 0, 60)


def _ph(rng: np.random.Generator, times: Times) -> Values:
    return rng.uniform(6.8, 7.6) + 0.25 * _noise(rng, times)


def _cod(rng: np.random.Generator, times: Times) -> Values:
    return np.clip(rng.uniform(32, 55) + 7 * _noise(rng, times), 5, None)


def _tss(rng: np.random.Generator, times: Times) -> Values:
    return np.clip(rng.uniform(18, 34) + 5 * _noise(rng, times), 2, None)


def _nh4(rng: np.random.Generator, times: Times) -> Values:
    return np.clip(rng.uniform(1.4, 3.4) + 0.6 * _noise(rng, times), 0.05, None)


def _flow(rng: np.random.Generator, times: Times) -> Values:
    return np.clip(rng.uniform(60, 320) * (1 + 0.25 * _noise(rng, times)), 0, None)


def _traffic_speed(rng: np.random.Generator, times: Times) -> Values:
    free = rng.uniform(38, 52)
    return np.clip(free - 19 * _rush(times) + 2.5 * _noise(rng, times), 4, 70)


Shape = Callable[[np.random.Generator, Times], Values]
_SHAPES: dict[str, tuple[Shape, int]] = {
    "pm25": (_pm25, 1),
    "pm10": (_pm10, 1),
    "aqi": (_aqi, 0),
    "water_level": (_water_level, 2),
    "rain": (_rain, 1),
    "flood_depth": (_flood_depth, 0),
    "ph": (_ph, 2),
    "cod": (_cod, 1),
    "tss": (_tss, 1),
    "nh4": (_nh4, 2),
    "flow": (_flow, 1),
    "traffic_speed": (_traffic_speed, 1),
}
METRICS = frozenset(_SHAPES)
