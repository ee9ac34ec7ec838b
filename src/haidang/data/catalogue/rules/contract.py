"""The typed contract of a dataset: what its rows look like and what names them."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from haidang.foundation.core.text import fold

FieldType = Literal[
    "string", "integer", "number", "boolean", "date", "datetime", "year", "yearmonth", "unit"
]
Kind = Literal["table", "readings"]
TYPES: tuple[FieldType, ...] = (
    "string",
    "integer",
    "number",
    "boolean",
    "date",
    "datetime",
    "year",
    "yearmonth",
    "unit",
)
READINGS_DATASET = "quan-trac"
_CODE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*\Z")
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*\Z")


@dataclass(frozen=True)
class FieldSpec:
    """One column: its name, type and limits, in the words of Table Schema."""

    name: str
    title: str
    type: FieldType = "string"
    unit_of_measure: str = ""
    required: bool = False
    key: bool = False
    codes: tuple[str, ...] = ()
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    pattern: str = ""
    personal_data: str = ""


@dataclass(frozen=True)
class ContractSpec:
    """One version of a dataset's contract. `unit_field` and `time_field` name columns."""

    dataset: str
    version: int
    title: str
    fields: tuple[FieldSpec, ...]
    sector: str | None
    owner_unit_id: int | None
    kind: Kind
    unit_field: str | None
    time_field: str | None

    @property
    def key_fields(self) -> tuple[str, ...]:
        return tuple(field.name for field in self.fields if field.key)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(field.name for field in self.fields)

    def field(self, name: str) -> FieldSpec:
        return next(field for field in self.fields if field.name == name)


READINGS_FIELDS: tuple[FieldSpec, ...] = (
    FieldSpec("device", "Thiết bị", required=True, key=True),
    FieldSpec("metric", "Thông số", required=True, key=True),
    FieldSpec("time", "Thời điểm", "datetime", required=True, key=True),
    FieldSpec("value", "Giá trị", "number"),
    FieldSpec("status", "Trạng thái", codes=("measuring", "calibrating", "fault")),
    FieldSpec("unit", "Đơn vị", "unit"),
)
# What devices write in codes, as officials say it. A code that is not here is shown as it is.
READINGS_WORDS: dict[str, dict[str, str]] = {
    "status": {"measuring": "đang đo", "calibrating": "đang hiệu chuẩn", "fault": "hỏng"},
    "metric": {
        "pm25": "bụi PM2.5",
        "pm10": "bụi PM10",
        "aqi": "VN_AQI",
        "ph": "pH",
        "cod": "COD",
        "tss": "TSS",
        "nh4": "amoni",
        "flow": "lưu lượng",
        "water_level": "mực nước",
        "rain": "lượng mưa",
        "flood_depth": "độ sâu ngập",
        "traffic_speed": "tốc độ giao thông",
    },
}


def word_of(field: str, code: str) -> str:
    """Return how a code in a field of readings is said; the code itself where nothing is known."""
    return READINGS_WORDS.get(field, {}).get(code, code)


def code_of(field: str, word: str) -> str:
    """Return the code that a word stands for in a field of readings, else the word itself."""
    said = word.strip().casefold()
    codes = (
        code for code, known in READINGS_WORDS.get(field, {}).items() if known.casefold() == said
    )
    return next(codes, word)


def name_of(title: str, taken: Collection[str]) -> str:
    """Return a free name made of a title: "Số ca mắc" → so_ca_mac."""
    base = re.sub(r"[^a-z0-9]+", "_", fold(title)).strip("_")
    base = base if base[:1].isalpha() else f"truong_{base}".strip("_")
    names = [base, *(f"{base}_{number}" for number in range(2, len(taken) + 3))]
    return next(name for name in names if name not in taken)


def first_of_type(fields: Iterable[FieldSpec], *types: FieldType) -> str | None:
    """Return the name of the first field of one of the types."""
    return next((field.name for field in fields if field.type in types), None)


def faults(code: str, fields: Sequence[FieldSpec]) -> list[str]:
    """Return what is wrong with a contract, as sentences; empty when it is sound."""
    found = []
    if not _CODE.match(code):
        found.append(f"Mã “{code}” chỉ được có chữ thường không dấu, chữ số và dấu gạch nối.")
    if not any(field.key for field in fields):
        found.append("Cần ít nhất một trường khóa để nhận ra dòng trùng.")
    names = [field.name for field in fields]
    found += [
        f"Trường “{name}” bị lặp." for name in sorted({n for n in names if names.count(n) > 1})
    ]
    for field in fields:
        found += _field_faults(field)
    return found


def _field_faults(field: FieldSpec) -> list[str]:
    found = []
    if not _NAME.match(field.name):
        found.append(f"Tên trường “{field.name}” chỉ có chữ thường không dấu, số, gạch dưới.")
    if field.type not in TYPES:
        found.append(f"Trường “{field.name}”: không có kiểu “{field.type}”.")
    if field.minimum is not None and field.maximum is not None and field.minimum > field.maximum:
        found.append(f"Trường “{field.name}”: giá trị nhỏ nhất lớn hơn giá trị lớn nhất.")
    if field.pattern and not _compiles(field.pattern):
        found.append(f"Trường “{field.name}”: mẫu “{field.pattern}” không hợp lệ.")
    return found


def _compiles(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True
