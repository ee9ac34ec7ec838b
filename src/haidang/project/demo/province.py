"""Bình Dương in 2024 as configuration: units, who deals with what, the points of the map.

Codes, names and coordinates of districts and communes come from the data file of the package
`vietnamadminunits` (its code is never run); the bodies of the province are listed here.
"""

import importlib.util
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import shapely

from haidang.foundation.core.audit import SYSTEM, Actor
from haidang.foundation.org import api as org

CODE = "74"
CENTRE = "74.IOC"
# The map of 2024 is taken to have stood before: three years of history are shown on one map.
STANDS_SINCE = date(2020, 1, 1)
NEIGHBOURS = ("79", "75", "70", "72")  # Hồ Chí Minh City, Đồng Nai, Bình Phước, Tây Ninh
_AROUND_DEGREES = 0.35
_CAST_HEADS = {"25747"}  # the cast brings its own
_FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Phan", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ")
_GIVEN = ("Văn Hòa", "Thị Lan", "Minh Đức", "Thanh Tâm", "Ngọc Sơn", "Thu Trang", "Quốc Việt")


@dataclass(frozen=True)
class Body:
    """A body beside the People's Committees: code after "74.", name, short name."""

    code: str
    name: str
    short: str


DEPARTMENTS = (
    Body("VP", "Văn phòng Ủy ban nhân dân tỉnh", "Văn phòng UBND"),
    Body("SNV", "Sở Nội vụ", "Sở Nội vụ"),
    Body("STP", "Sở Tư pháp", "Sở Tư pháp"),
    Body("SKHDT", "Sở Kế hoạch và Đầu tư", "Sở KH&ĐT"),
    Body("STC", "Sở Tài chính", "Sở Tài chính"),
    Body("SCT", "Sở Công Thương", "Sở Công Thương"),
    Body("SNNPTNT", "Sở Nông nghiệp và Phát triển nông thôn", "Sở NN&PTNT"),
    Body("SGTVT", "Sở Giao thông vận tải", "Sở GTVT"),
    Body("SXD", "Sở Xây dựng", "Sở Xây dựng"),
    Body("STNMT", "Sở Tài nguyên và Môi trường", "Sở TN&MT"),
    Body("STTTT", "Sở Thông tin và Truyền thông", "Sở TT&TT"),
    Body("SLDTBXH", "Sở Lao động - Thương binh và Xã hội", "Sở LĐ-TB&XH"),
    Body("SVHTTDL", "Sở Văn hóa, Thể thao và Du lịch", "Sở VH-TT&DL"),
    Body("SKHCN", "Sở Khoa học và Công nghệ", "Sở KH&CN"),
    Body("SGDDT", "Sở Giáo dục và Đào tạo", "Sở GD&ĐT"),
    Body("SYT", "Sở Y tế", "Sở Y tế"),
    Body("SNGV", "Sở Ngoại vụ", "Sở Ngoại vụ"),
    Body("TTT", "Thanh tra tỉnh", "Thanh tra tỉnh"),
)
VERTICAL = (
    Body("CA", "Công an tỉnh Bình Dương", "Công an tỉnh"),
    Body("BCHQS", "Bộ Chỉ huy Quân sự tỉnh", "Bộ CHQS tỉnh"),
    Body("CT", "Cục Thuế tỉnh Bình Dương", "Cục Thuế"),
    Body("CHQ", "Cục Hải quan tỉnh Bình Dương", "Cục Hải quan"),
    Body("KBNN", "Kho bạc Nhà nước Bình Dương", "Kho bạc"),
    Body("BHXH", "Bảo hiểm xã hội tỉnh Bình Dương", "Bảo hiểm xã hội"),
    Body("NHNN", "Ngân hàng Nhà nước chi nhánh tỉnh Bình Dương", "Ngân hàng Nhà nước"),
    Body("CTK", "Cục Thống kê tỉnh Bình Dương", "Cục Thống kê"),
    Body("QLTT", "Cục Quản lý thị trường tỉnh Bình Dương", "Quản lý thị trường"),
    Body("KTTV", "Đài Khí tượng Thủy văn tỉnh Bình Dương", "Đài Khí tượng Thủy văn"),
)
MASS = (
    Body("MTTQ", "Ủy ban Mặt trận Tổ quốc Việt Nam tỉnh", "Mặt trận Tổ quốc"),
    Body("LDLD", "Liên đoàn Lao động tỉnh", "Liên đoàn Lao động"),
    Body("HPN", "Hội Liên hiệp Phụ nữ tỉnh", "Hội Phụ nữ"),
    Body("TD", "Tỉnh đoàn Bình Dương", "Tỉnh đoàn"),
    Body("HND", "Hội Nông dân tỉnh", "Hội Nông dân"),
    Body("HCCB", "Hội Cựu chiến binh tỉnh", "Hội Cựu chiến binh"),
)
SERVICES = (
    Body("BQLKCN", "Ban Quản lý các khu công nghiệp Bình Dương", "Ban QL khu công nghiệp"),
    Body("CC115", "Trung tâm Cấp cứu 115", "Cấp cứu 115"),
    Body("HCC", "Trung tâm Phục vụ hành chính công tỉnh", "Trung tâm Hành chính công"),
)
UTILITIES = (
    Body("BIWASE", "Công ty Cổ phần Nước - Môi trường Bình Dương", "BIWASE"),
    Body("PC", "Công ty Điện lực Bình Dương", "Điện lực Bình Dương"),
)
ROOMS = (
    Body("IOC.HC", "Phòng Hành chính - Tổng hợp", "Hành chính - Tổng hợp"),
    Body("IOC.GS", "Phòng Giám sát, điều hành", "Giám sát, điều hành"),
    Body("IOC.DL", "Phòng Dữ liệu và Công nghệ", "Dữ liệu và Công nghệ"),
)
# Who deals with the matters of a sector in the whole province.
COMPETENT = {
    "kinh-te": "74.SCT",
    "ngan-sach": "74.STC",
    "dau-tu-cong": "74.SKHDT",
    "doanh-nghiep": "74.SKHDT",
    "lao-dong": "74.SLDTBXH",
    "tthc": "74.VP",
    "phan-anh": "74.IOC",
    "moi-truong": "74.STNMT",
    "thuy-van": "74.SNNPTNT",
    "giao-thong": "74.SGTVT",
    "an-ninh": "74.CA",
    "pccc": "74.CA",
    "y-te": "74.SYT",
    "giao-duc": "74.SGDDT",
    "ha-tang": "74.SXD",
    "dat-dai": "74.STNMT",
    "attt": "74.STTTT",
    "cds": "74.STTTT",
    "ioc": "74.IOC",
}
BASES = (
    (
        "2338/QĐ-UBND",
        "Quyết định về Trung tâm Giám sát, điều hành thông minh tỉnh Bình Dương",
        "Ủy ban nhân dân tỉnh Bình Dương",
        date(2024, 8, 9),
        date(2024, 8, 9),
    ),
    (
        "09/2019/NĐ-CP",
        "Nghị định quy định về chế độ báo cáo của cơ quan hành chính nhà nước",
        "Chính phủ",
        date(2019, 1, 24),
        date(2019, 3, 12),
    ),
)


def load(*, by: Actor = SYSTEM) -> None:
    """Create the province in an empty system; what is already there stays."""
    if not org.import_units(list(units()), on=STANDS_SINCE, by=by):
        return
    ids = org.codes()
    for sector, body in COMPETENT.items():
        org.set_competent_unit(
            unit=ids[CODE], sector=sector, competent=ids[body], on=STANDS_SINCE, by=by
        )
    for number, title, issuer, issued, start in BASES:
        org.record_legal_basis(
            number=number, title=title, issued_by=issuer, issued_date=issued, start=start, by=by
        )
    _appoint_heads(ids, by)
    org.set_surroundings(neighbour_points(), by=by)
    org.set_neighbours(touching(ids), by=by)


def _appoint_heads(ids: dict[str, int], by: Actor) -> None:
    """Give every district and commune an invented head, so that there is somebody to call."""
    for number, row in enumerate([*districts(), *communes()]):
        if row.code in _CAST_HEADS:
            continue
        name = f"{_FAMILY[number % len(_FAMILY)]} {_GIVEN[number // 3 % len(_GIVEN)]}"
        org.create_officer(
            unit=ids[row.code],
            name=name,
            title=f"Chủ tịch UBND {row.designation.lower()} (mô phỏng)",
            is_head=True,
            phone=f"0274 000 {number:04d}",
            by=by,
        )


def units() -> Iterator[org.UnitRow]:
    """Yield all units of the province, parents first."""
    yield org.UnitRow(
        *(CODE, "Ủy ban nhân dân tỉnh Bình Dương", "Bình Dương", "province", "ubnd"),
        designation="Tỉnh",
        place=_province_place(),
    )
    yield from districts()
    yield from communes()
    yield from _bodies(DEPARTMENTS, "department", "directs")
    yield from _bodies(VERTICAL, "vertical", "coordinates")
    yield from _bodies(MASS, "mass", "coordinates")
    yield from _bodies(SERVICES, "service", "directs")
    yield from _bodies(UTILITIES, "utility", "coordinates")
    yield org.UnitRow(
        CENTRE,
        "Trung tâm Giám sát, điều hành thông minh tỉnh Bình Dương",
        "Trung tâm IOC",
        "province",
        "centre",
        CODE,
    )
    for room in ROOMS:
        yield org.UnitRow(f"{CODE}.{room.code}", room.name, room.short, "room", "room", CENTRE)


def districts() -> Iterator[org.UnitRow]:
    """Yield the nine districts, cities included."""
    rows = read(
        "SELECT DISTINCT districtCode, district, districtShort, districtType,"
        " districtLat, districtLon FROM admin_units_legacy WHERE provinceCode = ?"
        " ORDER BY districtCode",
        CODE,
    )
    for code, name, short, kind, lat, lon in rows:
        place = org.Place(lat, lon)
        yield org.UnitRow(
            str(code), str(name), str(short), "district", "ubnd", CODE,
            designation=str(kind), place=place,
        )  # fmt: skip


def communes() -> Iterator[org.UnitRow]:
    """Yield the 91 communes: phường, xã, thị trấn."""
    rows = read(
        "SELECT wardCode, ward, wardShort, wardType, wardLat, wardLon, districtCode"
        " FROM admin_units_legacy WHERE provinceCode = ? ORDER BY wardCode",
        CODE,
    )
    for code, name, short, kind, lat, lon, district in rows:
        place = org.Place(lat, lon)
        yield org.UnitRow(
            str(code), str(name), str(short), "commune", "ubnd", str(district),
            designation=str(kind), place=place,
        )  # fmt: skip


def commune_points() -> dict[str, org.Place]:
    """Return the points of the communes by code."""
    return {row.code: row.place for row in communes() if row.place is not None}


def neighbour_points() -> list[org.Surrounding]:
    """Return the neighbouring provinces' communes that lie around the province."""
    own = commune_points().values()
    south, north = min(p.lat for p in own), max(p.lat for p in own)
    west, east = min(p.lon for p in own), max(p.lon for p in own)
    marks = ", ".join("?" for _ in NEIGHBOURS)
    rows = read(
        "SELECT wardCode, ward, wardLat, wardLon FROM admin_units_legacy"  # noqa: S608 - marks
        f" WHERE provinceCode IN ({marks}) AND wardLat BETWEEN ? AND ? AND wardLon BETWEEN ? AND ?"
        " ORDER BY wardCode",
        *NEIGHBOURS,
        *(south - _AROUND_DEGREES, north + _AROUND_DEGREES),
        *(west - _AROUND_DEGREES, east + _AROUND_DEGREES),
    )
    return [
        org.Surrounding(str(code), str(name), org.Place(lat, lon)) for code, name, lat, lon in rows
    ]


def touching(ids: dict[str, int]) -> list[tuple[int, int]]:
    """Return the communes, and the districts, whose cells on the schematic map touch."""
    rows = [row for row in communes() if row.place is not None]
    outside = [(point.place.lon, point.place.lat) for point in neighbour_points()]
    points = [(row.place.lon, row.place.lat) for row in rows if row.place] + outside
    triangles = shapely.delaunay_triangles(shapely.MultiPoint(points), only_edges=True)
    index = {point: number for number, point in enumerate(points)}
    pairs: set[tuple[int, int]] = set()
    for edge in triangles.geoms:
        one, two = (index[(x, y)] for x, y in edge.coords)
        if one < len(rows) and two < len(rows):
            pairs.add((ids[rows[one].code], ids[rows[two].code]))
            pairs.add((ids[rows[one].parent or CODE], ids[rows[two].parent or CODE]))
    return sorted(pair for pair in pairs if pair[0] != pair[1])


def _bodies(bodies: tuple[Body, ...], kind: str, relation: str) -> Iterator[org.UnitRow]:
    for body in bodies:
        yield org.UnitRow(
            f"{CODE}.{body.code}", body.name, body.short, "province", kind, CODE, relation
        )


def _province_place() -> org.Place:
    rows = read(
        "SELECT DISTINCT provinceLat, provinceLon FROM admin_units_legacy WHERE provinceCode = ?",
        CODE,
    )
    return org.Place(rows[0][0], rows[0][1])


def read(query: str, *values: object) -> list[tuple[float, ...]]:
    """Read the package's data file without importing the package, which loads its geocoder."""
    found = importlib.util.find_spec("vietnamadminunits")
    if found is None or found.origin is None:
        raise RuntimeError("the package vietnamadminunits is not installed")
    file = Path(found.origin).parent / "data" / "dataset.db"
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro&immutable=1", uri=True)) as opened:
        return opened.execute(query, values).fetchall()
