"""The simulated network of about 200 devices: which stations, where, measuring what."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Network:
    """One source of telemetry: its devices measure the same metrics in the same rhythm."""

    source: str
    title: str
    supplier: str  # code of the unit that supplies the data
    sector: str
    prefix: str
    count: int
    metrics: tuple[str, ...]
    every: int  # seconds between live messages of one device


@dataclass(frozen=True)
class Station:
    """One simulated device at a commune."""

    code: str
    source: str
    unit: str  # commune code
    metrics: tuple[str, ...]
    seed: int


NETWORKS: tuple[Network, ...] = (
    Network("qt-khong-khi", "Quan trắc không khí tự động", "74.STNMT", "moi-truong", "KK", 30,
            ("pm25", "pm10", "aqi"), 10),
    Network("qt-nuoc-thai", "Quan trắc nước thải công nghiệp", "74.STNMT", "moi-truong",
            "NT", 58, ("ph", "cod", "tss", "nh4", "flow"), 30),
    Network("qt-thuy-van", "Trạm thủy văn và mưa", "74.STNMT", "thuy-van", "TV", 37,
            ("water_level", "rain"), 10),
    Network("qt-ngap", "Cảm biến ngập đường phố", "74.SXD", "ha-tang", "NG", 40,
            ("flood_depth",), 15),
    Network("qt-giao-thong", "Tốc độ giao thông tuyến chính", "74.SGTVT", "giao-thong",
            "GT", 35, ("traffic_speed",), 10),
)  # fmt: skip

# A gauge that nobody simulates: whoever follows the tour sends its readings by hand.
TOUR_GAUGE = Station("TV-900", "qt-thuy-van", "25747", ("water_level",), 0)


def seed_of(code: str, metric: str) -> int:
    """Return the lasting seed of one device's metric."""
    return int.from_bytes(hashlib.sha256(f"{code}/{metric}".encode()).digest()[:4])


def stations(communes: Sequence[str]) -> Iterator[Station]:
    """Yield every simulated device, spread over the commune codes in a lasting order."""
    order = sorted(communes, key=lambda code: hashlib.sha256(code.encode()).digest())
    place = 0
    for network in NETWORKS:
        for number in range(1, network.count + 1):
            code = f"{network.prefix}-{number:03d}"
            unit = order[place % len(order)]
            place += 1
            if (network.source, unit) == (TOUR_GAUGE.source, TOUR_GAUGE.unit):
                unit = order[place % len(order)]  # the tour's gauge is the only one there
            yield Station(code, network.source, unit, network.metrics, seed_of(code, ""))
