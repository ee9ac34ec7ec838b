"""The country as every sheet of national extent shows it, both archipelagos with their names.

Our own small layer, a diagram and no boundary. Mainland, near islands: the squares of 0.2 degrees
in which a commune has its seat (coordinates of communes in the data files of `vietnamadminunits`),
small gaps between them closed. Archipelagos: places of their islands, reefs and banks as sea charts
publish them, rounded to about a minute of arc; what they belong to as in force since 01/07/2025
(special zones Hoàng Sa of Đà Nẵng and Trường Sa of Khánh Hòa).
"""

from dataclasses import dataclass
from functools import cache

STEP = 0.2
SOURCE = (
    "Sơ đồ cả nước: ô có trụ sở xã, phường (gói dữ liệu vietnamadminunits); đảo, đá theo tọa độ "
    "hải đồ đã công bố, làm tròn tới phút. Không phải đường địa giới."
)
_NORTH, _SOUTH = 20.0, 12.0
"""A sheet that reaches over both parallels shows the nation and not a province."""


@dataclass(frozen=True)
class Archipelago:
    """Islands far from the mainland, by name: (latitude, longitude)."""

    name: str
    belongs: str
    islands: dict[str, tuple[float, float]]

    @property
    def label(self) -> str:
        return f"Quần đảo {self.name} ({self.belongs})"


ARCHIPELAGOS = (
    Archipelago(
        "Hoàng Sa",
        "Đà Nẵng",
        {
            "đảo Hoàng Sa": (16.53, 111.61), "đảo Hữu Nhật": (16.51, 111.59),
            "đảo Quang Ảnh": (16.45, 111.51), "đảo Quang Hòa": (16.45, 111.71),
            "đảo Duy Mộng": (16.46, 111.74), "đảo Tri Tôn": (15.78, 111.20),
            "đảo Bạch Quy": (16.05, 111.77), "đá Bông Bay": (16.03, 112.50),
            "đảo Phú Lâm": (16.83, 112.34), "đảo Linh Côn": (16.67, 112.73),
            "đảo Cây": (16.98, 112.27), "đảo Bắc": (16.96, 112.31),
            "đá Bắc": (17.08, 111.50), "bãi Gò Nổi": (16.82, 112.88),
        },
    ),
    Archipelago(
        "Trường Sa",
        "Khánh Hòa",
        {
            "đảo Trường Sa": (8.64, 111.92), "đá Lát": (8.67, 111.68), "đá Tây": (8.85, 112.20),
            "đảo Trường Sa Đông": (8.93, 112.35), "đảo An Bang": (7.90, 112.92),
            "đảo Phan Vinh": (8.97, 113.70), "đá Tiên Nữ": (8.86, 114.66),
            "đảo Song Tử Tây": (11.43, 114.33), "đảo Song Tử Đông": (11.45, 114.35),
            "đảo Thị Tứ": (11.05, 114.28), "đảo Loại Ta": (10.67, 114.42),
            "đảo Ba Bình": (10.38, 114.37), "đảo Sơn Ca": (10.38, 114.48),
            "đảo Nam Yết": (10.18, 114.37), "đảo Sinh Tồn": (9.89, 114.33),
            "đảo Sinh Tồn Đông": (9.90, 114.56), "đá Chữ Thập": (9.55, 112.89),
            "đảo Bến Lạc": (11.08, 115.02), "đảo Vĩnh Viễn": (10.73, 115.80),
            "đá Vành Khăn": (9.90, 115.53), "đá Công Đo": (8.36, 115.22),
        },
    ),
)  # fmt: skip
# "latitude:longitudes" in steps, from north to south.
_CELLS = (
    "117:527 116:524-528 115:523-533 114:512,517-534 113:512-534 112:511-534 111:512-534 "
    "110:513-535 109:513-536 108:514-540 107:514-540 106:514-539 105:516-539 104:517-519,521-538 "
    "103:522-534 102:522-533 101:523-533,539 100:524-531 99:523-530 98:520-529 97:520-529 "
    "96:520-529 95:523-529 94:524-529 93:525-529 92:526-530 91:527-532 90:528-532 89:529-532 "
    "88:530-533 87:531-534 86:532-535,537 85:533-536 84:533-537 83:533-538 82:533-540 81:535-541 "
    "80:536-543 79:536-543 78:537-543 77:538-544,546 76:538-545 75:538-545 74:538-545 73:538-545 "
    "72:538-546 71:537-546 70:538-546 69:538-546 68:538-547 67:538-546 66:538-546 65:538-547 "
    "64:538-547 63:538-547 62:537-547 61:536-546 60:532-546 59:531-546 58:529-546 57:529-545 "
    "56:528-544 55:525-542 54:525-540 53:524-539,545 52:520-537 51:520-535 50:520,522-534 "
    "49:523-533 48:522-533 47:517,524-531 46:524-529 45:524-528 44:524-527 43:524-525,533 "
)


def is_nation(south: float, north: float) -> bool:
    """Tell whether a sheet between two parallels has the nation's extent."""
    return south <= _SOUTH and north >= _NORTH


def archipelagos(south: float, north: float) -> dict[str, list[tuple[float, float]]]:
    """Return what a sheet between two parallels has to show far out, by the name to write there:
    (latitude, longitude); nothing for less than the nation's extent."""
    if not is_nation(south, north):
        return {}
    return {one.label: list(one.islands.values()) for one in ARCHIPELAGOS}


@cache
def cells() -> frozenset[tuple[int, int]]:
    """Return the squares of the mainland and near islands: (latitude, longitude) in steps."""
    found = set()
    for row in _CELLS.split():
        latitude, _, runs = row.partition(":")
        for run in runs.split(","):
            first, _, last = run.partition("-")
            found |= {(int(latitude), at) for at in range(int(first), int(last or first) + 1)}
    return frozenset(found)


def cell_of(latitude: float, longitude: float) -> tuple[int, int]:
    """Return the square in which a place lies."""
    return round(latitude / STEP), round(longitude / STEP)
