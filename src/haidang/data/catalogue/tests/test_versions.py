"""Versions of contracts: what tells two apart, since when they hold, who made them and why."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haidang.data.catalogue import api as catalogue
from haidang.data.catalogue.api import ContractSpec, FieldSpec
from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.core.models import AuditEntry
from tests.world import World, build_world

KEY = FieldSpec("ma", "Mã", required=True, key=True)
VALUES = (None, "a", "b", "c", -1, 0, 1, 2, 0.5)

limits = st.sampled_from([None, Decimal(-1), Decimal(0), Decimal(1), Decimal(2)])
fields = st.builds(
    FieldSpec,
    name=st.just("x"),
    title=st.sampled_from(["X", "Tên khác"]),
    type=st.sampled_from(["string", "integer", "number"]),
    required=st.booleans(),
    codes=st.sampled_from([(), ("a",), ("a", "b")]),
    minimum=limits,
    maximum=limits,
)


def spec(*own: FieldSpec, version: int = 1) -> ContractSpec:
    return ContractSpec("bo", version, "Bộ", (KEY, *own), None, None, "table", None, None)


def fits(field: FieldSpec, value: object) -> bool:
    """The slow and obvious: may this value stand in this field?"""
    if value is None:
        return not field.required
    if field.type == "string":
        return isinstance(value, str) and (not field.codes or value in field.codes)
    if isinstance(value, str) or (field.type == "integer" and isinstance(value, float)):
        return False
    above = field.minimum is None or value >= field.minimum  # type: ignore[operator]  # numbers only
    return above and (field.maximum is None or value <= field.maximum)  # type: ignore[operator]  # numbers only


@given(fields, fields)
def test_what_a_compatible_version_follows_it_takes_too(old: FieldSpec, new: FieldSpec) -> None:
    if catalogue.is_compatible(spec(old), spec(new)):
        assert all(fits(new, value) for value in VALUES if fits(old, value))


@given(fields, st.data())
def test_what_only_opens_a_field_is_called_compatible(old: FieldSpec, data: st.DataObject) -> None:
    """Each single step that takes more than before, and each that takes less."""
    wider = {
        "required": False,
        "codes": () if not old.codes else data.draw(st.sampled_from([(), (*old.codes, "z")])),
        "minimum": None if old.minimum is None else old.minimum - 1,
        "maximum": None if old.maximum is None else old.maximum + 1,
        "type": "number" if old.type == "integer" else old.type,
    }
    name = data.draw(st.sampled_from(sorted(wider)))
    new = replace(old, **{name: wider[name]})
    assert catalogue.is_compatible(spec(old), spec(new))
    assert old == new or not catalogue.is_compatible(spec(new), spec(old))


@given(st.lists(fields, max_size=3), st.lists(fields, max_size=3))
def test_equal_versions_differ_in_nothing_and_order_is_no_difference(some, others) -> None:
    left = spec(*(replace(one, name=f"a{at}") for at, one in enumerate(some)))
    right = spec(*(replace(one, name=f"a{at}") for at, one in enumerate(others)))
    assert catalogue.differences(left, left) == []
    assert bool(catalogue.differences(left, right)) == (left.fields != right.fields)
    turned = replace(left, fields=left.fields[::-1])
    assert catalogue.differences(left, turned) == []


@pytest.mark.parametrize(
    ("new", "what", "is_breaking"),
    [
        ((KEY, FieldSpec("x", "X")), None, False),
        ((KEY,), "removed", True),
        ((KEY, FieldSpec("x", "X"), FieldSpec("y", "Y")), "added", False),
        ((KEY, FieldSpec("x", "X"), FieldSpec("y", "Y", required=True)), "added", True),
        ((KEY, FieldSpec("x", "X", key=True)), "key", True),
        ((KEY, FieldSpec("x", "X", unit_of_measure="tấn")), "unit_of_measure", True),
        ((KEY, FieldSpec("x", "X", codes=("Có", "CÓ"))), "codes", True),
    ],
)
def test_kinds_of_change(new, what, is_breaking) -> None:
    old = spec(FieldSpec("x", "X"))
    found = catalogue.differences(old, replace(old, fields=new))
    assert [one.what for one in found] == ([what] if what else [])
    assert any(one.is_breaking for one in found) == is_breaking


def made(*own: FieldSpec) -> ContractSpec:
    return catalogue.define(
        dataset="bo", title="Bộ", fields=(KEY, *own), sector="moi-truong", by=SYSTEM
    )


@pytest.mark.django_db
def test_a_version_holds_from_its_day_and_says_who_and_why() -> None:
    made()
    today = dt.date.today()
    later = today + dt.timedelta(days=10)
    new = (KEY, FieldSpec("x", "X"))
    catalogue.revise(dataset="bo", fields=new, reason="Thông tư 5", valid_from=later, by=SYSTEM)

    assert catalogue.contract("bo").version == 1
    assert catalogue.contract("bo", on=later).version == 2
    assert catalogue.newest("bo").version == 2
    second, first = catalogue.versions("bo")
    assert (second.reason, second.made_by, second.valid_from) == (
        "Thông tư 5", SYSTEM.label, later,
    )  # fmt: skip
    assert [one.what for one in second.changes] == ["added"]
    assert first.is_in_force and not second.is_in_force
    assert AuditEntry.objects.get(action="catalogue.contract_made", reason="Thông tư 5")
    with pytest.raises(catalogue.ContractError, match="Ngày hiệu lực"):
        catalogue.revise(dataset="bo", fields=(KEY,), reason="x", valid_from=today, by=SYSTEM)


@pytest.mark.django_db
def test_a_new_version_needs_a_reason_a_change_and_the_newest_seen() -> None:
    made()
    new = (KEY, FieldSpec("x", "X"))
    for wrong in (
        {"fields": new, "reason": " "},
        {"fields": (KEY,), "reason": "x"},
        {"fields": new, "reason": "x", "seen": 7},
    ):
        with pytest.raises(catalogue.ContractError):
            catalogue.revise(dataset="bo", by=SYSTEM, **wrong)  # type: ignore[arg-type]  # wrong on purpose


@pytest.fixture
def world(db: None) -> World:
    built = build_world()
    made(FieldSpec("so", "Số", "integer"))
    return built


ADDRESS = "/console/datasets/bo/versions/"


def lines(*rows: dict[str, str]) -> dict[str, str]:
    data = {"f-TOTAL_FORMS": str(len(rows)), "f-INITIAL_FORMS": str(len(rows))}
    return data | {
        f"f-{at}-{key}": text for at, row in enumerate(rows) for key, text in row.items()
    }


WRITTEN = (
    {"name": "ma", "title": "Mã", "type": "string", "required": "on", "key": "on"},
    {"name": "so", "title": "Số", "type": "number", "maximum": "1,5"},
    {"name": "", "title": "Ghi chú thêm", "type": "string", "codes": "a; b"},
)


def test_a_steward_looks_at_the_differences_and_publishes(world: World) -> None:
    steward = world.client("thongke.stnmt")
    looked = steward.post(f"{ADDRESS}new/", lines(*WRITTEN) | {"do": "look", "seen": "1"})
    page = looked.content.decode()
    assert looked.status_code == 200 and "trường mới" in page and "giá trị lớn nhất" in page
    assert catalogue.newest("bo").version == 1, "looking publishes nothing"
    assert "siết lại" in page, "a new limit narrows"

    unsaid = steward.post(f"{ADDRESS}new/", lines(*WRITTEN) | {"do": "publish", "seen": "1"})
    assert unsaid.status_code == 422 and "Cần ghi lý do" in unsaid.content.decode()
    said = lines(*WRITTEN) | {"do": "publish", "seen": "1", "reason": "Công văn 12"}
    assert steward.post(f"{ADDRESS}new/", said).status_code == 302
    found = catalogue.contract("bo")
    assert found.names == ("ma", "so", "ghi_chu_them")
    assert found.field("so").maximum == Decimal("1.5")
    assert found.field("ghi_chu_them").codes == ("a", "b")
    listed = steward.get(f"{ADDRESS}?old=1&new=2").content.decode()
    assert "Công văn 12" in listed and "đang áp dụng" in listed


def test_who_may_not(world: World) -> None:
    assert world.client("nguoila").get(ADDRESS).status_code == 403
    operator = world.client("truc1")
    assert operator.get(ADDRESS).status_code == 200
    assert operator.get(f"{ADDRESS}new/").status_code == 403
    body = {"fields": [{"name": "ma", "title": "M", "key": True}], "reason": "x"}
    route = "/api/v1/datasets/bo/versions"
    sent = {"data": body, "content_type": "application/json"}
    assert operator.post(route, **sent).status_code == 403


def test_the_routes_say_and_do_the_same(world: World) -> None:
    steward, route = world.client("thongke.stnmt"), "/api/v1/datasets/bo/versions"
    field = {"name": "ma", "title": "Mã", "required": True, "key": True}
    body = {"fields": [field], "reason": "Bỏ cột", "seen": 1}
    answer = steward.post(route, data=body, content_type="application/json")
    assert answer.status_code == 201 and answer.json()["version"] == 2
    newest, first = steward.get(route).json()
    assert newest["is_breaking"] and newest["reason"] == "Bỏ cột" and not first["changes"]
    told = steward.get(f"{route}/1/differences/2").json()
    assert [(one["field"], one["what"]) for one in told] == [("so", "removed")]
    assert steward.get(f"{route}/1/differences/9").status_code == 404
