"""How a source's files are laid out: the declared mapping, checked and ready for use.

{"columns": {"Phường, xã": "unit"},        heading in the file → field (names and titles
                                           of fields are known by themselves; "" leaves the
                                           column out)
 "missing": ["n/a"], "decimal": ",",       "," or "."; unsaid: the column decides
 "header_row": 3, "header_rows": 2,        unsaid: the row that names most fields
 "sheet": "Biểu 1", "timezone": "Asia/Ho_Chi_Minh", "future": true,
 "constants": {"unit": "74"},
 "unpivot": {"heading": "(?P<sex>Male|Female) (?P<year>\\\\d{4})", "value": "population",
             "words": {"sex": {"Male": "nam"}}},
 "readings": {"time": "Time", "device": "kk-01", "device_column": "Trạm",
              "metrics": {"SDS_P1": "pm10"}},
 "row_number": "dong",                     the field that is the number of the row in the file
 "records": "data.level2s"}                JSON, XML: the lists, one in the other, whose objects are
                                           rows
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from haidang.data.ingest.errors import LayoutError
from haidang.data.ingest.rules.cells.dates import is_zone
from haidang.foundation.core.text import fold

MISSING = ("", "..", "...", "…", "-", "–")
LOCAL = "Asia/Ho_Chi_Minh"
_KNOWN = {
    "columns",
    "missing",
    "decimal",
    "header_row",
    "header_rows",
    "sheet",
    "timezone",
    "future",
    "constants",
    "unpivot",
    "readings",
    "row_number",
    "records",
    "format",
    "entity_type",
    "units",
}
FORMATS = ("", "ngsi", "cap")


@dataclass(frozen=True)
class Unpivot:
    """Columns whose headings carry fields: "Male 2016" is sex and year of one value."""

    heading: re.Pattern[str]
    value: str
    words: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Melt:
    """Columns of a device's file that are metrics."""

    time: str
    device: str
    device_column: str
    metrics: Mapping[str, str]


@dataclass(frozen=True)
class Layout:
    """The declared layout; what is unsaid is found in the file."""

    columns: Mapping[str, str]
    missing: frozenset[str]
    decimal: str = ""
    header_row: int | None = None
    header_rows: int = 1
    sheet: str = ""
    timezone: str = LOCAL
    future: bool = False
    constants: Mapping[str, str] = ()  # type: ignore[assignment]
    unpivot: Unpivot | None = None
    readings: Melt | None = None
    row_number: str = ""
    records: str = ""
    format: str = ""
    entity_type: str = ""
    units: Mapping[str, str] = ()  # type: ignore[assignment]


def layout(mapping: Mapping[str, Any]) -> Layout:
    """Return the layout that a mapping declares. Raises LayoutError naming the wrong part."""
    if unknown := sorted(set(mapping) - _KNOWN):
        raise LayoutError(f"Bản khai cột có mục lạ “{unknown[0]}”.")
    columns = _words(mapping, "columns")
    decimal = str(mapping.get("decimal", ""))
    zone = str(mapping.get("timezone", LOCAL))
    if decimal not in {"", ",", "."}:
        raise LayoutError("Dấu thập phân (decimal) chỉ có thể là “,” hoặc “.”.")
    if not is_zone(zone):
        raise LayoutError(f"Không có múi giờ “{zone}”. Viết ví dụ Asia/Ho_Chi_Minh.")
    return Layout(
        columns={fold(heading): field for heading, field in columns.items()},
        missing=frozenset(MISSING) | frozenset(map(str, mapping.get("missing", []))),
        decimal=decimal,
        header_row=_whole(mapping, "header_row", None),
        header_rows=_whole(mapping, "header_rows", 1) or 1,
        sheet=str(mapping.get("sheet", "")),
        timezone=zone,
        future=bool(mapping.get("future", False)),
        constants=_words(mapping, "constants"),
        unpivot=_unpivot(_part(mapping, "unpivot")),
        readings=_melt(_part(mapping, "readings")),
        row_number=str(mapping.get("row_number", "")),
        records=str(mapping.get("records", "")),
        format=_format(mapping),
        entity_type=str(mapping.get("entity_type", "")),
        units=_words(mapping, "units"),
    )


def _format(mapping: Mapping[str, Any]) -> str:
    said = str(mapping.get("format", ""))
    if said not in FORMATS:
        raise LayoutError(f"Không có dạng nội dung “{said}”; chỉ có “ngsi” và “cap”.")
    return said


def _part(mapping: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = mapping.get(name) or {}
    if not isinstance(part, Mapping):
        raise LayoutError(f"Mục “{name}” của bản khai cột phải là một bảng tên – giá trị.")
    return part


def _words(mapping: Mapping[str, Any], name: str) -> dict[str, str]:
    return {str(key): str(value) for key, value in _part(mapping, name).items()}


def _whole(mapping: Mapping[str, Any], name: str, default: int | None) -> int | None:
    value = mapping.get(name, default)
    if value is not None and (not isinstance(value, int) or not 1 <= value <= 1000):
        raise LayoutError(f"Mục “{name}” của bản khai cột phải là số từ 1 đến 1000.")
    return value


def _unpivot(part: Mapping[str, Any]) -> Unpivot | None:
    if not part:
        return None
    try:
        heading = re.compile(str(part["heading"]))
        words = {group: _words(part["words"], group) for group in part.get("words", {})}
        return Unpivot(heading, str(part["value"]), words)
    except (KeyError, re.error) as error:
        raise LayoutError(f"Mục “unpivot” của bản khai cột chưa đúng: {error}.") from error


def _melt(part: Mapping[str, Any]) -> Melt | None:
    if not part:
        return None
    metrics = {fold(key): name for key, name in _words(part, "metrics").items()}
    melt = Melt(
        time=fold(str(part.get("time", ""))),
        device=str(part.get("device", "")),
        device_column=fold(str(part.get("device_column", ""))),
        metrics=metrics,
    )
    if not melt.time or not metrics or not (melt.device or melt.device_column):
        raise LayoutError("Mục “readings” cần cột thời gian, thiết bị và các thông số.")
    return melt
