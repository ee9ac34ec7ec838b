"""Roles when the map changes: along to the successor, never up to the province, and back."""

from datetime import date
from decimal import Decimal

import pytest
from django.utils import timezone

from haidang.foundation.access import api as access
from haidang.foundation.access.actions.reforms import Grants
from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.org import api as org
from tests.world import World, build_world

pytestmark = pytest.mark.django_db
PLAN = org.Plan(
    date(2025, 7, 1),
    changes=(
        org.Change("25741", "split", (org.PartRow("25747", Decimal(1)),
                                      org.PartRow("90001", Decimal(3)))),
        org.Change("25747", "merge", (org.PartRow("25747"),)),
        org.Change("25942", "merge", (org.PartRow("90001"),)),
        org.Change("718", "abolish", (org.PartRow("74"),)),
        org.Change("724", "abolish", (org.PartRow("74"),)),
    ),
    after=tuple(
        org.UnitRow(code, f"Phường {name}", name, "commune", "ubnd", "74")
        for code, name in (("25747", "Thủ Dầu Một"), ("90001", "Dĩ An Mới"))
    ),
)  # fmt: skip


@pytest.fixture
def world() -> World:
    built = build_world()
    access.grant(
        account=built.accounts["nguoila"], role="commune_officer", unit=built.unit("718"), by=SYSTEM
    )
    return built


@pytest.fixture
def change_set(world: World) -> int:
    made = org.draft_changes(title="Sắp xếp 2025", plan=PLAN, by=SYSTEM)
    org.approve_changes(change_set=made, by=SYSTEM)
    org.apply_changes(change_set=made, by=SYSTEM, now=timezone.now())
    return made


def test_the_preview_says_where_every_role_goes(world: World) -> None:
    found = {(one.title, one.unit): one.heir for one in Grants().holdings(PLAN)}

    assert found == {
        ("Ngô Hoàng Nam: Cán bộ nhập liệu", "25942"): "90001",
        ("Người Lạ: Cán bộ nhập liệu", "718"): "",
    }


def test_roles_go_to_the_successor_and_end_with_a_district(world: World, change_set: int) -> None:
    officer, stranger = world.scope("canbo.dian"), world.scope("nguoila")

    assert officer.allows("indicators.report", org.unit("90001").id)
    assert not officer.allows("indicators.report", world.unit("74"))
    assert not stranger.allows("indicators.report")
    assert world.scope("canbo.phucuong").allows("indicators.report", world.unit("25747"))


def test_undoing_gives_every_role_back(world: World, change_set: int) -> None:
    org.undo_changes(change_set=change_set, by=SYSTEM, reason="Nhầm", now=timezone.now())

    assert world.scope("canbo.dian").allows("indicators.report", world.unit("25942"))
    assert world.scope("nguoila").allows("indicators.report", world.unit("25741"))


def test_a_role_given_since_at_a_new_unit_holds_up_the_undoing(
    world: World, change_set: int
) -> None:
    access.grant(
        account=world.accounts["nguoila"], role="commune_head", unit=org.unit("90001").id, by=SYSTEM
    )

    with pytest.raises(org.DependedUponError):
        org.undo_changes(change_set=change_set, by=SYSTEM, reason="Nhầm", now=timezone.now())
