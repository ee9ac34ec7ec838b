"""What a quality rule says, kind by kind; read from its settings and held against the contract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from haidang.data.ingest.errors import IngestError

if TYPE_CHECKING:
    from haidang.data.catalogue.api import ContractSpec, FieldSpec

KINDS = {
    "compare": "So sánh hai trường",
    "sum": "Tổng các trường bằng trường tổng",
    "codes": "Thuộc danh mục",
    "reference": "Có trong bộ dữ liệu khác",
    "total": "Khớp tổng của bộ dữ liệu khác",
    "jump": "Không nhảy khỏi lịch sử",
}
OPERATORS = {"<=": "≤", "<": "<", "=": "=", "!=": "≠", ">=": "≥", ">": ">"}
_NUMBERS = {"integer", "number", "year"}
_IN_TIME = {"date", "datetime", "year", "yearmonth"}


@dataclass(frozen=True)
class Compare:
    """left operator right, where both are filled."""

    left: str
    operator: str
    right: str


@dataclass(frozen=True)
class Sum:
    """The sum of `parts` (an empty one is 0) is `total`, within `tolerance`; empty total passes."""

    parts: tuple[str, ...]
    total: str
    tolerance: float = 0.0


@dataclass(frozen=True)
class Codes:
    """A filled field holds one of the codes."""

    field: str
    codes: tuple[str, ...]


@dataclass(frozen=True)
class Reference:
    """A filled field's value stands in a field of another dataset."""

    field: str
    dataset: str
    to: str


@dataclass(frozen=True)
class Total:
    """The sum of `field` over a load's rows of each group is the other dataset's sum there.

    Groups are told by the same-named fields `by`. A group that the other does not have passes.
    """

    field: str
    by: tuple[str, ...]
    dataset: str
    total: str
    tolerance: float = 0.0
    percent: float = 0.0


@dataclass(frozen=True)
class Jump:
    """A value stays near the median of the last values of its series.

    It fails beyond both `times` × MAD and `percent` of the median; 0 leaves one of them out.
    Fewer than `least` values before it: it passes.
    """

    field: str
    series: tuple[str, ...]
    time: str
    last: int = 12
    times: float = 5.0
    percent: float = 0.0
    least: int = 4


Spec = Compare | Sum | Codes | Reference | Total | Jump


def together(spec: Spec) -> frozenset[str] | None:
    """Return the fields that rows have in common which a rule looks at together; None: any row
    is looked at alone."""
    match spec:
        case Total():
            return frozenset(spec.by)
        case Jump():
            return frozenset(spec.series)
        case _:
            return None


def spec_of(
    kind: str,
    settings: Mapping[str, Any],
    contract: ContractSpec,
    other: ContractSpec | None = None,
) -> Spec:
    """Return the rule that settings say. `other` is the contract of the dataset that they name.

    Raises IngestError naming what does not fit.
    """
    fields = {field.name: field for field in contract.fields}
    match kind:
        case "compare":
            return _compare(settings, fields)
        case "sum":
            parts = _several(settings, "parts", fields, _NUMBERS)
            if len(parts) < 2:
                raise IngestError("Cần ít nhất hai trường để cộng.")
            total = _one(settings, "total", fields, _NUMBERS)
            if total in parts:
                raise IngestError("Trường tổng không được nằm trong các trường cộng.")
            return Sum(parts, total, _number(settings, "tolerance", 0.0))
        case "codes":
            codes = tuple(dict.fromkeys(str(one).strip() for one in settings.get("codes") or ()))
            if not all(codes) or not codes:
                raise IngestError("Cần ít nhất một mã trong danh mục.")
            return Codes(_one(settings, "field", fields, {"string", "unit", "yearmonth"}), codes)
        case "reference":
            named = _of_other(settings, "to", other, None)
            name = _one(settings, "field", fields, None)
            if fields[name].type != named.type:
                raise IngestError("Hai trường đối chiếu khác kiểu.")
            return Reference(name, str(settings["dataset"]), named.name)
        case "total":
            return _total(settings, fields, other)
        case "jump":
            return _jump(settings, fields, contract)
        case _:
            raise IngestError(f"Không có loại quy tắc “{kind}”.")


def _compare(settings: Mapping[str, Any], fields: Mapping[str, FieldSpec]) -> Compare:
    left, right = _one(settings, "left", fields, None), _one(settings, "right", fields, None)
    operator = str(settings.get("operator", ""))
    if operator not in OPERATORS:
        raise IngestError(f"Không có phép so sánh “{operator}”.")
    types = {fields[left].type, fields[right].type}
    if left == right or (len(types) > 1 and not types <= _NUMBERS):
        raise IngestError("Cần hai trường khác nhau, cùng kiểu, để so sánh.")
    if "boolean" in types and operator not in {"=", "!="}:
        raise IngestError("Trường đúng, sai chỉ so sánh bằng hoặc khác.")
    return Compare(left, operator, right)


def _total(
    settings: Mapping[str, Any], fields: Mapping[str, FieldSpec], other: ContractSpec | None
) -> Total:
    by = _several(settings, "by", fields, None)
    there = {} if other is None else {field.name: field.type for field in other.fields}
    if not by:
        raise IngestError("Cần ít nhất một trường để ghép nhóm hai bên.")
    if strange := [name for name in by if there.get(name) != fields[name].type]:
        raise IngestError(f"Bộ dữ liệu kia không có trường “{strange[0]}” cùng kiểu.")
    return Total(
        _one(settings, "field", fields, _NUMBERS),
        by,
        str(settings.get("dataset", "")),
        _of_other(settings, "total", other, _NUMBERS).name,
        _number(settings, "tolerance", 0.0),
        _number(settings, "percent", 0.0),
    )


def _jump(
    settings: Mapping[str, Any], fields: Mapping[str, FieldSpec], contract: ContractSpec
) -> Jump:
    time = contract.time_field or next(
        (field.name for field in contract.fields if field.key and field.type in _IN_TIME), ""
    )
    if not time:
        raise IngestError("Bộ dữ liệu không có trường thời gian để so với lịch sử.")
    made = Jump(
        field=_one(settings, "field", fields, _NUMBERS),
        series=tuple(name for name in contract.key_fields if name != time),
        time=time,
        last=int(_number(settings, "last", 12)),
        times=_number(settings, "times", 5.0),
        percent=_number(settings, "percent", 0.0),
    )
    if not 4 <= made.last <= 500:
        raise IngestError("Số giá trị lịch sử để so từ 4 đến 500.")
    if not made.times and not made.percent:
        raise IngestError("Cần ngưỡng lệch: số lần MAD hoặc tỷ lệ phần trăm.")
    return made


def _one(
    settings: Mapping[str, Any],
    key: str,
    fields: Mapping[str, FieldSpec],
    types: set[str] | None,
) -> str:
    name = str(settings.get(key) or "")
    if name not in fields:
        raise IngestError(
            f"Không có trường “{name}” trong hợp đồng." if name else "Chưa chọn trường."
        )
    if types is not None and fields[name].type not in types:
        raise IngestError(f"Trường “{fields[name].title}” không hợp kiểu của quy tắc này.")
    return name


def _several(
    settings: Mapping[str, Any],
    key: str,
    fields: Mapping[str, FieldSpec],
    types: set[str] | None,
) -> tuple[str, ...]:
    said: Sequence[Any] = settings.get(key) or ()
    return tuple(dict.fromkeys(_one({key: one}, key, fields, types) for one in said))


def _of_other(
    settings: Mapping[str, Any], key: str, other: ContractSpec | None, types: set[str] | None
) -> FieldSpec:
    if other is None:
        raise IngestError("Chưa chọn bộ dữ liệu để đối chiếu.")
    fields = {field.name: field for field in other.fields}
    return fields[_one(settings, key, fields, types)]


def _number(settings: Mapping[str, Any], key: str, default: float) -> float:
    said = settings.get(key)
    try:
        value = default if said in (None, "") else float(str(said).replace(",", "."))
    except ValueError as error:
        raise IngestError(f"“{said}” không phải số.") from error
    if not 0 <= value < 1e15:
        raise IngestError(f"“{said}” ngoài khoảng cho phép.")
    return value
