import datetime as dt
from types import SimpleNamespace

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from haidang.foundation.access import api as access
from haidang.foundation.access import rules
from haidang.foundation.access.models import RoleAssignment
from haidang.foundation.access.queries import scopes
from haidang.foundation.core.audit import SYSTEM, Actor
from haidang.foundation.core.errors import NotAllowedError
from haidang.foundation.org import api as org
from tests.world import World, set_password

COMMUNES = ("25741", "25747", "25942")


def _scope(*coverages: rules.Coverage) -> access.Scope:
    return access.Scope(1, "x", Actor(1, "x"), grants={"alerts.view": rules.merge(coverages)})


def test_a_role_covers_the_unit_and_all_below_it(world: World) -> None:
    access.grant(
        account=world.accounts["nguoila"], role="leader", unit=world.unit("718"), by=SYSTEM
    )
    scope = world.scope("nguoila")
    assert scope.units("alerts.view") == {world.unit(code) for code in ("718", "25741", "25747")}
    assert not scope.allows("alerts.view", world.unit("25942"))
    assert not scope.allows("access.manage")


def test_a_role_in_a_sector_does_not_reach_others(world: World) -> None:
    scope = world.scope("thongke.stnmt")
    dian, department = world.unit("25942"), world.unit("74.STNMT")
    assert scope.allows("indicators.report", dian, "moi-truong")
    assert not scope.allows("indicators.report", dian, "y-te")
    assert scope.allows("indicators.report", department, "y-te")
    assert scope.sectors("indicators.report") is None
    assert scope.units("indicators.report", "y-te") == {department}
    with pytest.raises(NotAllowedError):
        scope.require("indicators.report", dian, "y-te")


def test_the_root_covers_every_unit_and_everything_covers_all(world: World) -> None:
    assert world.scope("chutich").units("alerts.view") == set(world.units.values())
    assert access.EVERYTHING.allows("anything.at.all", 5, "y-te")
    assert access.EVERYTHING.units("alerts.view") == set(world.units.values())


def test_a_stranger_holds_nothing(world: World) -> None:
    scope = world.scope("nguoila")
    assert not scope.allows("dashboards.view")
    assert scope.units("dashboards.view") == frozenset()
    assert not scope.filter(RoleAssignment.objects.all(), "dashboards.view").exists()


def test_a_role_ends_on_its_last_day_and_starts_on_its_first(world: World) -> None:
    account = world.accounts["nguoila"]
    with time_machine.travel("2026-11-20T02:00:00Z", tick=False):
        access.grant(
            account=account,
            role="leader",
            unit=world.unit("718"),
            valid_from=dt.date(2026, 11, 23),
            valid_to=dt.date(2026, 11, 25),
            by=SYSTEM,
        )
    # 17:00 UTC is midnight in Viet Nam
    for moment, holds in (
        ("2026-11-22T16:59:00Z", False),
        ("2026-11-22T17:01:00Z", True),
        ("2026-11-24T16:59:00Z", True),
        ("2026-11-24T17:01:00Z", False),
    ):
        with time_machine.travel(moment, tick=False):
            scopes.forget(account)
            assert access.scope_of(account).allows("alerts.view") is holds, moment


def test_a_revoked_role_and_a_locked_account_hold_nothing_at_once(world: World) -> None:
    account = world.accounts["truc1"]
    assert world.scope("truc1").allows("alerts.handle")
    grant = RoleAssignment.objects.get(account=account)
    access.revoke(grant=grant.pk, by=SYSTEM, reason="thôi trực")
    assert not world.scope("truc1").allows("alerts.handle")

    access.lock_account(account=world.accounts["truongca"], by=SYSTEM, reason="nghỉ việc")
    assert not world.scope("truongca").allows("alerts.handle")


def test_a_scope_is_remembered_for_a_second(
    world: World, django_assert_num_queries: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SimpleNamespace(monotonic=lambda: 1000.0)
    monkeypatch.setattr(scopes, "time", clock)
    scopes.forget(world.accounts["truc1"])
    first = world.scope("truc1")
    clock.monotonic = lambda: 1000.9
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert world.scope("truc1") is first
    clock.monotonic = lambda: 1001.1
    assert world.scope("truc1") is not first


def test_filtering_adds_no_query(world: World, django_assert_num_queries: object) -> None:
    scope = world.scope("thongke.stnmt")
    with django_assert_num_queries(1):  # type: ignore[operator]
        list(scope.filter(RoleAssignment.objects.all(), "alerts.view", sector="sector"))


def test_holders_are_named_from_the_nearest_unit_up(world: World) -> None:
    found = access.holders("indicators.approve", world.unit("25747"), "moi-truong")
    assert [one.full_name for one in found] == [
        "Bùi Đức Thắng",
        "Trần Minh Hải",
        "Đặng Văn Khoa",
    ]
    assert found[0].unit_id == world.unit("25747")
    others = access.holders("indicators.approve", world.unit("25747"), "y-te")
    assert [one.full_name for one in others] == ["Bùi Đức Thắng", "Trần Minh Hải"]


UNIT_SETS = st.none() | st.frozensets(st.sampled_from(COMMUNES))
SECTOR_SETS = st.none() | st.frozensets(st.sampled_from(("y-te", "moi-truong")))


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(UNIT_SETS, SECTOR_SETS), max_size=4), st.booleans())
def test_filter_keeps_the_rows_that_a_walk_would_keep(
    world: World, given_: list[tuple[frozenset[str] | None, frozenset[str] | None]], by_sector: bool
) -> None:
    _rows(world)
    coverages = [
        rules.Coverage(codes and frozenset(map(world.unit, codes)), sectors)
        for codes, sectors in given_
    ]
    rows = RoleAssignment.objects.filter(role="wall")
    kept = _scope(*coverages).filter(rows, "alerts.view", sector="sector" if by_sector else None)
    slowly = {row.pk for row in rows if _keeps(given_, row, world, by_sector)}
    assert {row.pk for row in kept} == slowly


def _rows(world: World) -> None:
    """Any model with a unit and a sector does: nine grants, one for each pair."""
    if RoleAssignment.objects.filter(role="wall").exists():
        return
    for code in COMMUNES:
        for sector in (None, "y-te", "moi-truong"):
            access.grant(
                account=world.accounts["nguoila"],
                role="wall",
                unit=world.unit(code),
                sector=sector,
                by=SYSTEM,
            )


def _keeps(
    given_: list[tuple[frozenset[str] | None, frozenset[str] | None]],
    row: RoleAssignment,
    world: World,
    by_sector: bool,
) -> bool:
    for codes, sectors in given_:
        if sectors == frozenset():
            continue
        in_unit = codes is None or row.unit_id in {world.unit(code) for code in codes}
        in_sector = not by_sector or sectors is None or row.sector_id in sectors
        if in_unit and in_sector:
            return True
    return False


def test_the_clock_of_validity_is_the_day_in_viet_nam(world: World) -> None:
    today = timezone.localdate()
    assert RoleAssignment.objects.in_force(today).count() == RoleAssignment.objects.count()


def test_who_has_left_the_post_can_no_longer_act(world: World) -> None:
    who = "canbo.phucuong"
    client, token, unit = world.client(who), world.key(who), world.unit("25747")
    assert client.get("/console/alerts/").status_code == 200

    officer = world.account(who).officer_id
    assert officer is not None
    org.end_officer(officer=officer, on=timezone.localdate(), by=SYSTEM, reason="Chuyển công tác")
    scopes.forget(world.accounts[who])

    assert not world.scope(who).grants
    assert access.check_key(token) is None
    assert client.get("/console/alerts/").status_code == 302
    assert world.accounts[who] not in {one.id for one in access.holders("ingest.load", unit)}
    visitor = Client()
    visitor.post("/accounts/login/", {"login": who, "password": set_password(world, who)})
    assert "_auth_user_id" not in visitor.session
