"""Changes of units by other programs: dated, with their legal text, and who may not."""

import json
from datetime import date
from decimal import Decimal
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


def test_a_map_change_is_approved_applied_and_taken_back_by_two_persons(world: World) -> None:
    plan = org.Plan(
        date(2026, 3, 1),
        changes=(
            org.Change("25747", "merge", (org.PartRow("25747", Decimal(6)),)),
            org.Change("25741", "merge", (org.PartRow("25747", Decimal(4)),)),
        ),
    )
    made = org.draft_changes(title="Nhập hai phường", plan=plan, by=SYSTEM)
    path, director = f"/api/v1/map-changes/{made}", "giamdoc.ioc"
    assert world.client("truc1").get(path).status_code == 403, "a draft is for who prepares it"
    assert _post(world, "quantri", f"{path}/approve").status_code == 403
    assert _post(world, director, f"{path}/approve").json()["state"] == "approved"
    assert _post(world, "quantri", f"{path}/apply").json()["state"] == "applied"
    seen = world.client("truc1").get(path).json()
    assert (seen["title"], seen["blockers"]) == ("Nhập hai phường", [])

    assert _post(world, director, f"{path}/reverse", on="2026-04-01").status_code == 403
    early = _post(world, "quantri", f"{path}/reverse", on="2026-03-01")
    assert early.status_code in (400, 422) and "sau ngày" in early.json()["title"]
    back = _post(world, "quantri", f"{path}/reverse", on="2026-04-01")
    assert back.status_code == 201 and back.json()["reverses_id"] == made
    assert back.json()["problems"] == []
    assert _post(world, "quantri", f"{path}/undo", reason="Nhầm").json()["state"] == "undone"
    assert len(world.client("quantri").get("/api/v1/map-changes").json()) == 2
