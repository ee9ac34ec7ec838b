import pytest

from haidang.foundation.access import api as access
from haidang.foundation.access.errors import (
    BeyondCoverageError,
    OwnRoleError,
    ReasonMissingError,
    UsernameTakenError,
    WeakPasswordError,
)
from haidang.foundation.access.models import Role, RoleAssignment
from haidang.foundation.access.starter.roles import ROLES
from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.core.errors import NotAllowedError
from haidang.foundation.core.models import AuditEntry
from tests.world import World


@pytest.fixture
def district_admin(world: World) -> access.Scope:
    """The stranger becomes administrator of Thủ Dầu Một alone."""
    access.grant(
        account=world.accounts["nguoila"], role="administrator", unit=world.unit("718"), by=SYSTEM
    )
    return world.scope("nguoila")


def test_an_administrator_grants_within_the_own_coverage(
    world: World, district_admin: access.Scope
) -> None:
    access.grant(
        account=world.accounts["canbo.phucuong"],
        role="commune_officer",
        unit=world.unit("25741"),
        by=district_admin,
        reason="kiêm nhiệm",
    )
    entry = AuditEntry.objects.filter(action="access.role_granted").latest("pk")
    assert (entry.actor_label, entry.reason) == ("Người Lạ", "kiêm nhiệm")


@pytest.mark.parametrize("unit", ["74", "724", "25942", "74.SYT"])
def test_nobody_grants_beyond_the_own_coverage(
    world: World, district_admin: access.Scope, unit: str
) -> None:
    with pytest.raises(BeyondCoverageError):
        access.grant(
            account=world.accounts["canbo.phucuong"],
            role="leader",
            unit=world.unit(unit),
            by=district_admin,
        )


def test_nobody_touches_an_account_that_reaches_further(
    world: World, district_admin: access.Scope
) -> None:
    chairman = world.accounts["chutich"]
    with pytest.raises(BeyondCoverageError):
        access.set_password(account=chairman, password="một mật khẩu dài", by=district_admin)
    with pytest.raises(BeyondCoverageError):
        access.lock_account(account=chairman, by=district_admin, reason="x")
    with pytest.raises(BeyondCoverageError):
        access.create_key(account=chairman, name="x", by=district_admin)


def test_nobody_grants_to_oneself(world: World) -> None:
    admin = world.scope("quantri")
    with pytest.raises(OwnRoleError):
        access.grant(
            account=world.accounts["quantri"],
            role="department_head",
            unit=world.unit("74"),
            by=admin,
        )


def test_a_sector_bound_administrator_cannot_grant_all_sectors(world: World) -> None:
    access.grant(
        account=world.accounts["nguoila"],
        role="administrator",
        unit=world.unit("74"),
        sector="y-te",
        by=SYSTEM,
    )
    scope = world.scope("nguoila")
    wanted = {"account": world.accounts["truc1"], "role": "leader", "unit": world.unit("718")}
    with pytest.raises(BeyondCoverageError):
        access.grant(**wanted, by=scope)
    access.grant(**wanted, sector="y-te", by=scope)


@pytest.mark.parametrize("username", ["chutich", "truc1", "thongke.stnmt", "nguoila"])
def test_who_does_not_manage_access_changes_nothing(world: World, username: str) -> None:
    scope = world.scope(username)
    with pytest.raises(NotAllowedError):
        access.create_account(username="moi", full_name="Mới", by=scope)
    with pytest.raises(NotAllowedError):
        access.grant(
            account=world.accounts["canbo.dian"], role="leader", unit=world.unit("74"), by=scope
        )


def test_the_same_role_is_granted_once_and_again_after_its_revocation(world: World) -> None:
    wanted = {"account": world.accounts["nguoila"], "role": "wall", "unit": world.unit("718")}
    first = access.grant(**wanted, by=SYSTEM)
    with pytest.raises(access.AlreadyGrantedError):
        access.grant(**wanted, by=SYSTEM)
    with pytest.raises(ReasonMissingError):
        access.revoke(grant=first, by=SYSTEM, reason=" ")
    access.revoke(grant=first, by=SYSTEM, reason="nhầm đơn vị")
    access.grant(**wanted, by=SYSTEM)


def test_user_names_are_unique_and_weak_passwords_refused(world: World) -> None:
    with pytest.raises(UsernameTakenError):
        access.create_account(username="truc1", full_name="Khác", by=SYSTEM)
    with pytest.raises(WeakPasswordError):
        access.set_password(account=world.accounts["truc1"], password="12345678", by=SYSTEM)


def test_installing_roles_again_changes_nothing_of_a_provinces_own(world: World) -> None:
    Role.objects.create(code="own", name="Vai trò riêng", capabilities=["org.view"])
    access.install_roles()
    assert Role.objects.count() == len(ROLES) + 1
    assert RoleAssignment.objects.filter(role="leader").exists()
