"""Changes of units by other programs: dated, with their legal text, and who may not."""

import json
from datetime import date
from typing import Any

import pytest

from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.core.models import AuditEntry
from haidang.foundation.org import api as org
from tests.world import World, build_world

UNIT = "/api/v1/units/25747"
BASIS = "12/QĐ-UBND"


@pytest.fixture
def world(db: None) -> World:
    built = build_world()
    org.record_legal_basis(
        number=BASIS, title="Đổi tên", issued_by="UBND tỉnh", issued_date=date(2026, 1, 2),
        start=date(2026, 1, 2), by=SYSTEM,
    )  # fmt: skip
    return built


def _post(world: World, who: str, path: str, **body: Any) -> Any:
    return world.client(who).post(path, json.dumps(body), content_type="application/json")


NAMES = {"name": "Phường Phú Cường Mới", "short_name": "Phú Cường Mới", "on": "2026-12-01"}


def test_a_unit_is_renamed_from_a_day_on(world: World) -> None:
    made = _post(world, "quantri", f"{UNIT}/rename", **NAMES, basis=BASIS, reason="Sắp xếp")
    assert made.json()["short_name"] == "Phú Cường Mới"
    assert org.unit("25747", date(2026, 11, 30)).short_name != "Phú Cường Mới"
    assert AuditEntry.objects.get(action="org.unit_renamed").reason == "Sắp xếp"
    listed = world.client("quantri").get("/api/v1/legal-bases").json()
    assert [one["number"] for one in listed] == [BASIS]


def test_a_unit_is_moved_but_never_in_a_circle(world: World) -> None:
    made = _post(world, "quantri", f"{UNIT}/move", parent="724", on="2026-12-01")
    assert made.json()["parent"] == "724"
    circle = _post(world, "quantri", "/api/v1/units/724/move", parent="25747", on="2026-12-01")
    assert circle.status_code == 422
    assert circle["Content-Type"].startswith("application/problem+json")
    assert org.unit("724", date(2026, 12, 1)).parent_id == world.unit("74")


@pytest.mark.parametrize(
    ("wrong", "status"),
    [({"basis": "99/QĐ"}, 404), ({"on": "0001-01-01"}, 422), ({"name": ""}, 422)],
)
def test_what_is_wrong_is_told_and_nothing_changes(world: World, wrong: Any, status: int) -> None:
    assert _post(world, "quantri", f"{UNIT}/rename", **NAMES | wrong).status_code == status
    assert not AuditEntry.objects.filter(action="org.unit_renamed").exists()


def test_who_does_not_manage_the_unit_changes_nothing(world: World) -> None:
    for who in ("canbo.phucuong", "giamdoc.ioc", "nguoila"):
        assert _post(world, who, f"{UNIT}/rename", **NAMES).status_code == 403
        moved = _post(world, who, f"{UNIT}/move", parent="724", on="2026-12-01")
        assert moved.status_code == 403
