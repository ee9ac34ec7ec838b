"""The standing cast of the tests: a small province, its people, what each may do.

    @pytest.fixture
    def world() -> World:
        return build_world()

    world.unit("718")           a unit's id by its code
    world.account("truc1")      an account (access.models.Account), for client.force_login
    world.scope("truc1")        its Scope
    world.client("truc1")       a Django test client, signed in

Two districts, three communes, four departments, one account per role and a stranger without any.
"""

import datetime as dt
from dataclasses import dataclass

from django.test import Client

from haidang.foundation.access import api as access
from haidang.foundation.access.models import Account
from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.org import api as org
from haidang.foundation.org.api import Place, UnitRow

SINCE = dt.date(2020, 1, 1)
PASSWORD = "hải đăng soi sáng 74"

UNITS = (
    UnitRow("74", "Tỉnh Bình Dương", "Bình Dương", "province", "ubnd"),
    UnitRow("718", "Thành phố Thủ Dầu Một", "Thủ Dầu Một", "district", "ubnd", "74"),
    UnitRow("724", "Thành phố Dĩ An", "Dĩ An", "district", "ubnd", "74"),
    UnitRow(
        "25747", "Phường Phú Cường", "Phú Cường", "commune", "ubnd", "718",
        place=Place(10.981, 106.651),
    ),
    UnitRow(
        "25741", "Phường Hiệp Thành", "Hiệp Thành", "commune", "ubnd", "718",
        place=Place(10.996, 106.656),
    ),
    UnitRow(
        "25942", "Phường Dĩ An", "Dĩ An", "commune", "ubnd", "724",
        place=Place(10.906, 106.764),
    ),
    UnitRow(
        "74.STNMT", "Sở Tài nguyên và Môi trường", "Sở TN&MT", "province", "department", "74",
        relation="coordinates",
    ),
    UnitRow(
        "74.SYT", "Sở Y tế", "Sở Y tế", "province", "department", "74", relation="coordinates"
    ),
    UnitRow(
        "74.SKHDT", "Sở Kế hoạch và Đầu tư", "Sở KH&ĐT", "province", "department", "74",
        relation="coordinates",
    ),
    UnitRow("74.CA", "Công an tỉnh", "Công an tỉnh", "province", "vertical", "74",
            relation="coordinates"),
    UnitRow("74.IOC", "Trung tâm Giám sát, điều hành thông minh", "Trung tâm IOC", "province",
            "centre", "74"),
)  # fmt: skip
COMPETENT = {"moi-truong": "74.STNMT", "thuy-van": "74.STNMT", "y-te": "74.SYT",
             "dau-tu-cong": "74.SKHDT", "an-ninh": "74.CA", "ioc": "74.IOC"}  # fmt: skip


@dataclass(frozen=True)
class Member:
    """One of the cast: where the post is, and the roles as (role, unit, sector)."""

    username: str
    name: str
    title: str
    unit: str
    roles: tuple[tuple[str, str, str | None], ...] = ()
    is_head: bool = False


CAST = (
    Member("chutich", "Nguyễn Thành Long", "Chủ tịch UBND tỉnh", "74",
           (("leader", "74", None),), is_head=True),
    Member("giamdoc.ioc", "Trần Minh Hải", "Giám đốc Trung tâm", "74.IOC",
           (("centre_director", "74", None),), is_head=True),
    Member("truongca", "Lê Thị Thu Hà", "Trưởng ca", "74.IOC", (("shift_leader", "74", None),)),
    Member("truc1", "Phạm Quốc Bảo", "Cán bộ trực ca", "74.IOC", (("operator", "74", None),)),
    Member("thongke.stnmt", "Võ Ngọc Ánh", "Chuyên viên tổng hợp", "74.STNMT",
           (("data_steward", "74.STNMT", None), ("data_steward", "74", "moi-truong"))),
    Member("giamdoc.stnmt", "Đặng Văn Khoa", "Giám đốc Sở", "74.STNMT",
           (("department_head", "74.STNMT", None), ("department_head", "74", "moi-truong")),
           is_head=True),
    Member("canbo.phucuong", "Huỳnh Thị Mai", "Công chức thống kê", "25747",
           (("commune_officer", "25747", None),)),
    Member("chutich.phucuong", "Bùi Đức Thắng", "Chủ tịch UBND phường", "25747",
           (("commune_head", "25747", None),), is_head=True),
    Member("canbo.dian", "Ngô Hoàng Nam", "Công chức thống kê", "25942",
           (("commune_officer", "25942", None),)),
    Member("quantri", "Phan Anh Tuấn", "Quản trị hệ thống", "74.IOC",
           (("administrator", "74", None),)),
    Member("nguoila", "Người Lạ", "Chưa phân công", "74.SYT"),
)  # fmt: skip


@dataclass(frozen=True)
class World:
    """The built world; ids by the codes and user names above."""

    units: dict[str, int]
    accounts: dict[str, int]

    def unit(self, code: str) -> int:
        return self.units[code]

    def account(self, username: str) -> Account:
        return Account.objects.get(pk=self.accounts[username])

    def scope(self, username: str) -> access.Scope:
        return access.scope_of(self.accounts[username])

    def grant(self, username: str, role: str, unit: str) -> None:
        """Give a role over a unit, by its code."""
        access.grant(account=self.accounts[username], role=role, unit=self.unit(unit), by=SYSTEM)

    def client(self, username: str) -> Client:
        client = Client()
        client.force_login(self.account(username))
        return client

    def key(self, username: str) -> str:
        """A new API key of the account, for `Authorization: Bearer …`."""
        return access.create_key(account=self.accounts[username], name="test", by=SYSTEM).token


def build_world() -> World:
    """Build units, officers, accounts and grants. Passwords are not hashed unless asked for."""
    org.import_units(UNITS, on=SINCE, by=SYSTEM)
    units = {code: unit for code, unit in org.codes().items() if code.startswith(("7", "25"))}
    for sector, competent in COMPETENT.items():
        org.set_competent_unit(
            unit=units["74"], sector=sector, competent=units[competent], on=SINCE, by=SYSTEM
        )
    return World(units, {member.username: _join(member, units) for member in CAST})


def set_password(world: World, username: str) -> str:
    """Give the account the password for a real sign-in (hashing takes time) and return it."""
    account = world.account(username)
    account.set_password(PASSWORD)
    account.save()
    return PASSWORD


def _join(member: Member, units: dict[str, int]) -> int:
    officer = org.create_officer(
        unit=units[member.unit],
        name=member.name,
        title=member.title,
        is_head=member.is_head,
        by=SYSTEM,
    )
    account = access.create_account(
        username=member.username,
        full_name=member.name,
        email=f"{member.username}@binhduong.example",
        officer_id=officer.id,
        by=SYSTEM,
    )
    for role, unit, sector in member.roles:
        access.grant(
            account=account.id,
            role=role,
            unit=units[unit],
            sector=sector,
            valid_from=SINCE,
            by=SYSTEM,
        )
    return account.id
