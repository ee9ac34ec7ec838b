"""What is owed for other programs: the same list as the page, within the scope."""

from datetime import timedelta

import pytest
from django.utils import timezone

from haidang.foundation.obligations import api as obligations
from tests.world import World, build_world

LIST = "/api/v1/obligations"


@pytest.fixture
def world(db: None) -> World:
    return build_world()


def _owe(world: World, unit: str, days: int) -> int:
    return obligations.owe(
        kind="reporting.report", debtor_unit_id=world.unit(unit),
        creditor_unit_id=world.unit("74.IOC"), due_at=timezone.now() + timedelta(days=days),
        ref=f"thu:{unit}:{days}", title=f"Báo cáo {unit} {days}",
    )  # fmt: skip


def test_what_i_owe_is_listed_the_earliest_first(world: World) -> None:
    later, late = _owe(world, "25747", 3), _owe(world, "25747", -1)
    _owe(world, "25942", 1)
    client = world.client("canbo.phucuong")

    page = client.get(LIST).json()
    assert [one["id"] for one in page["items"]] == [late, later]
    assert [one["is_overdue"] for one in page["items"]] == [True, False]
    assert client.get(f"{LIST}?overdue=true").json()["total"] == 1
    assert client.get(f"{LIST}?side=all&state=any&limit=1&offset=1").json()["total"] == 2
    assert client.get(f"{LIST}?side=x").status_code == 422
    assert client.get(f"{LIST}/{later}").json()["proofs"] == []


def test_what_others_owe_is_not_told(world: World) -> None:
    theirs = _owe(world, "25942", 1)
    client = world.client("canbo.phucuong")
    assert client.get(f"{LIST}?side=all").json()["total"] == 0
    answer = client.get(f"{LIST}/{theirs}")
    assert answer.status_code == 404
    assert answer["Content-Type"].startswith("application/problem+json")
    assert world.client("nguoila").get(LIST).status_code == 403
