"""The contract's check at the speed of columns, against a slow one row by row."""

import datetime as dt

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from haidang.data.catalogue.api import FieldSpec
from haidang.data.ingest.rules.check import Checker, Facts
from haidang.data.ingest.rules.chunk import Chunk
from haidang.data.ingest.rules.repeats import find
from haidang.data.ingest.rules.units import UnitBook

NOW = dt.datetime(2026, 11, 23, 3, 0, tzinfo=dt.UTC)
FIELDS = (
    FieldSpec("xa", "Xã", "unit", required=True, key=True),
    FieldSpec("ngay", "Ngày", "date", required=True, key=True),
    FieldSpec("so_ca", "Số ca", "integer", required=True, minimum=0, maximum=100),
    FieldSpec("muc", "Mức", codes=("thấp", "cao")),
    FieldSpec("ma", "Mã", pattern="[A-Z]{2}"),
)
BOOK = UnitBook(
    codes={"25747": "25747", "cũ": "25747", "phu cuong": "25747", "25741": "25741"},
    spans={
        "25747": [(dt.date(2020, 1, 1), None)],
        "25741": [(dt.date(2020, 1, 1), dt.date(2025, 7, 1))],
    },
)


def facts(**more: object) -> Facts:
    return Facts(now=NOW, units=BOOK, time_field="ngay", unit_field="xa", **more)  # type: ignore[arg-type]


def chunk(rows: list[dict[str, str]]) -> Chunk:
    names = [field.name for field in FIELDS]
    return Chunk(
        rows=pa.array(range(2, len(rows) + 2), pa.int64()),
        columns={name: pa.array([row[name] for row in rows], pa.string()) for name in names},
        plain={},
        labels={},
    )


def row(**more: str) -> dict[str, str]:
    return {"xa": "25747", "ngay": "23/11/2026", "so_ca": "3", "muc": "", "ma": ""} | more


def reasons(**more: str) -> list[tuple[str, str]]:
    checked = Checker(FIELDS, facts()).check(chunk([row(**more)]))
    return [(why["field"], why["code"]) for _, _, found in checked.rejected for why in found]


def test_a_reason_names_the_place_and_the_mend():
    checked = Checker(FIELDS, facts()).check(chunk([row(), row(so_ca="12a")]))

    assert checked.table.num_rows == 1
    line, raw, found = checked.rejected[0]
    assert (line, raw["so_ca"]) == (3, "12a")
    assert found[0]["message"] == (
        "Dòng 3, cột “Số ca”: “12a” không phải số nguyên. Sửa thành số, ví dụ 12."
    )


def test_every_reason_of_a_row_is_named_at_once():
    assert reasons(xa="99999", ngay="31/02/2026", so_ca="", muc="vừa", ma="ab") == [
        ("xa", "unknown_unit"),
        ("ngay", "not_a_date"),
        ("so_ca", "required"),
        ("muc", "not_in_codes"),
        ("ma", "pattern"),
    ]


def test_units_are_known_by_code_alias_and_name_on_the_row_s_own_day():
    assert reasons(xa="cũ") == reasons(xa="Phú Cường") == []
    assert reasons(xa="25741", ngay="30/06/2025") == []
    assert reasons(xa="25741", ngay="01/07/2025") == [("xa", "unit_not_in_force")]


def test_tomorrow_waits_and_today_does_not():
    assert reasons(ngay="24/11/2026") == [("ngay", "future")]
    assert reasons(ngay="23/11/2026") == []


def test_a_supplier_speaks_of_its_own_units_only():
    mine = UnitBook(BOOK.codes, BOOK.spans, allowed=frozenset({"25741"}))
    checker = Checker(FIELDS, Facts(now=NOW, units=mine, time_field="ngay"))

    found = checker.check(chunk([row()])).rejected[0][2]

    assert [why["code"] for why in found] == ["unit_outside"]


def test_nul_is_shown_by_its_picture_so_that_the_row_can_be_kept():
    checked = Checker(FIELDS, facts()).check(chunk([row(ma="A\x00")]))

    assert checked.rejected[0][1]["ma"] == "A\u2400"


texts = st.fixed_dictionaries(
    {
        "xa": st.sampled_from(["25747", "cũ", "25741", "0", "", "Phú Cường", " 25747 "]),
        "ngay": st.sampled_from(
            [
                "23/11/2026",
                "24/11/2026",
                "1/7/2025",
                "30/6/2025",
                "2019-05-05",
                "x",
                "",
                "31/4/2026",
            ]
        ),
        "so_ca": st.sampled_from(["0", "-1", "100", "101", "12a", "", "..", "1.000", "5"]),
        "muc": st.sampled_from(["", "cao", "THẤP", "thap", "vừa", "=1+1"]),
        "ma": st.sampled_from(["", "AB", "ab", "A", "-"]),
    }
)


@settings(max_examples=200)
@given(st.lists(texts, min_size=1, max_size=12))
def test_columns_agree_with_a_slow_check_of_each_row(rows):
    checked = Checker(FIELDS, facts(missing=frozenset({"", "..", "-"}))).check(chunk(rows))

    waiting = {line for line, _, _ in checked.rejected}
    assert waiting == {at + 2 for at, one in enumerate(rows) if not slow_is_good(one)}
    assert checked.rows.to_pylist() == [at + 2 for at, one in enumerate(rows) if slow_is_good(one)]


def slow_is_good(one: dict[str, str]) -> bool:
    said = {name: "" if value.strip() in {"", "..", "-"} else value for name, value in one.items()}
    unit = {"25747": "25747", "cũ": "25747", "Phú Cường": "25747", "25741": "25741"}.get(
        said["xa"].strip()
    )
    day = {
        "23/11/2026": dt.date(2026, 11, 23),
        "1/7/2025": dt.date(2025, 7, 1),
        "30/6/2025": dt.date(2025, 6, 30),
        "2019-05-05": dt.date(2019, 5, 5),
    }.get(said["ngay"])
    if unit is None or day is None or day < dt.date(2020, 1, 1):
        return False
    if unit == "25741" and day >= dt.date(2025, 7, 1):
        return False
    return (
        said["so_ca"] in {"0", "100", "5"}
        and said["muc"] in {"", "cao", "THẤP", "thap"}
        and said["ma"] in {"", "AB"}
    )


keyed = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 2)), max_size=20)


@given(keyed)
def test_rows_that_share_a_key_are_parted_as_a_slow_reader_parts_them(rows):
    table = pa.table(
        {
            "khoa": pa.array([key for key, _ in rows], pa.int64()),
            "so": pa.array([value for _, value in rows], pa.int64()),
        }
    )
    found = find(table, ["khoa"])

    values: dict[int, set[int]] = {}
    for key, value in rows:
        values.setdefault(key, set()).add(value)
    clashing = {at for at, (key, _) in enumerate(rows) if len(values[key]) > 1}
    assert set(found.clashing) == clashing
    assert found.repeated == sum(
        len([1 for key, _ in rows if key == one]) - 1
        for one, said in values.items()
        if len(said) == 1
    )
    assert all(rows[place][0] == rows[other][0] for place, other in found.clashing.items())
