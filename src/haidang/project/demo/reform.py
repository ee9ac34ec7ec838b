"""The reform of 01/07/2025 as a prepared set: 91 communes to 36, 16 of them divided, no districts.

Which commune became part of which comes from the data files of the package `vietnamadminunits`
(its code is never run). How a divided commune falls to its successors is not in them: the main
successor is assumed to get two thirds of its simulated inhabitants, the others the rest.
"""

import importlib.util
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.org import api as org
from haidang.project.demo import ground, province

DAY = date(2025, 7, 1)
TITLE = "Sắp xếp đơn vị hành chính 01/07/2025 (bộ chuẩn bị sẵn)"
NOTE = (
    "Bộ chuẩn bị sẵn để thử: đơn vị nào nhập vào đơn vị nào lấy theo gói dữ liệu vietnamadminunits;"
    " dân số từng xã là mô phỏng; 16 đơn vị bị chia được giả định chuyển hai phần ba dân số về đơn"
    " vị nhận chính. Bản trình diễn không lập cấp tỉnh mới. Có thể chọn ngày hiệu lực khác."
)
_MAIN = Decimal(2) / Decimal(3)


@dataclass(frozen=True)
class Successor:
    """A commune since the reform, in the words of the package."""

    code: str
    name: str
    short: str
    kind: str


def install() -> None:
    """Lay the set down as a draft, ready to be approved and applied with a chosen date."""
    org.draft_changes(title=TITLE, plan=plan(), by=SYSTEM, note=NOTE)


def plan(on: date = DAY) -> org.Plan:
    """Return the reform as it would be on a day."""
    went = _went()
    codes = {part.target for parts in went.values() for part in parts}
    return org.Plan(
        on,
        changes=(*_communes(went), *_districts()),
        after=tuple(_unit(one) for code, one in sorted(_successors().items()) if code in codes),
    )


def _communes(went: Mapping[str, tuple[org.PartRow, ...]]) -> list[org.Change]:
    return [
        org.Change(code, "split" if len(parts) > 1 else "merge", parts)
        for code, parts in sorted(went.items())
    ]


def _districts() -> list[org.Change]:
    return [
        org.Change(row.code, "abolish", (org.PartRow(province.CODE),))
        for row in province.districts()
    ]


def _unit(one: Successor) -> org.UnitRow:
    """The commune as it will be; the package gives it the code of one that it was made of."""
    return org.UnitRow(
        one.code, one.name, one.short, "commune", "ubnd", province.CODE, designation=one.kind
    )


def _went() -> dict[str, tuple[org.PartRow, ...]]:
    """Return, by code, where each commune of 2024 went, with its simulated inhabitants."""
    keys, successors = _legacy_keys(), _successors_by_key()
    people = ground.inhabitants()
    whole, divided = _tables()
    found: dict[str, tuple[org.PartRow, ...]] = {}
    for new, olds in whole.items():
        for old in olds:
            if old in keys:
                code = keys[old]
                found[code] = (org.PartRow(successors[new].code, Decimal(people[code])),)
    for old, parts in divided.items():
        if old in keys:
            code = keys[old]
            found[code] = tuple(
                org.PartRow(successors[key].code, amount)
                for key, amount in _amounts(parts, people[code])
            )
    return found


def _amounts(parts: list[dict[str, Any]], people: int) -> list[tuple[str, Decimal]]:
    """Return the inhabitants that each successor is assumed to get; the main one comes first."""
    ordered = sorted(parts, key=lambda part: not part["isDefaultNewWard"])
    main = round(people * _MAIN)
    others = org.apportion(people - main, [Fraction(1, len(ordered) - 1)] * (len(ordered) - 1))
    amounts = [main, *others]
    return [
        (part["newWardKey"], Decimal(amount)) for part, amount in zip(ordered, amounts, strict=True)
    ]


def _tables() -> tuple[Mapping[str, list[str]], Mapping[str, list[dict[str, Any]]]]:
    """Return which communes were joined whole, by successor, and which divided, by commune."""
    found = importlib.util.find_spec("vietnamadminunits")
    if found is None or found.origin is None:
        raise RuntimeError("the package vietnamadminunits is not installed")
    file = Path(found.origin).parent / "data" / "converter_2025.json"
    read = json.loads(file.read_text(encoding="utf-8"))
    whole = read["DICT_PROVINCE_WARD_NO_DIVIDED"][_NEW_PROVINCE]
    divided = read["DICT_PROVINCE_WARD_DIVIDED"][_NEW_PROVINCE]
    return whole, divided


_NEW_PROVINCE = "thanhphohochiminh"


def _legacy_keys() -> dict[str, str]:
    """Return the codes of the communes of 2024 by the keys of the package."""
    rows = province.read(
        "SELECT provinceKey || '_' || districtKey || '_' || wardKey, wardCode"
        " FROM admin_units_legacy WHERE provinceCode = ?",
        province.CODE,
    )
    return {str(key): str(code) for key, code in rows}


def _successors_by_key() -> dict[str, Successor]:
    rows = province.read(
        "SELECT wardKey, wardCode, ward, wardShort, wardType FROM admin_units"
        " WHERE provinceKey = ?",
        _NEW_PROVINCE,
    )
    return {
        str(key): Successor(str(code), str(name), str(short), str(kind))
        for key, code, name, short, kind in rows
    }


def _successors() -> dict[str, Successor]:
    return {one.code: one for one in _successors_by_key().values()}
