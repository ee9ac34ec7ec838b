import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from haidang.foundation.access import api as access
from haidang.foundation.access.models import Account, ApiKey, RoleAssignment
from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.core.models import AuditEntry
from tests.world import World

MANAGE = "/accounts/manage/"
STRONG = "hải đăng soi sáng"


@pytest.fixture
def district_admin(world: World) -> Any:
    access.grant(
        account=world.accounts["nguoila"], role="administrator", unit=world.unit("718"), by=SYSTEM
    )
    return world.client("nguoila")


def test_my_account_says_in_words_what_i_may_do_and_where(world: World) -> None:
    page = world.client("thongke.stnmt").get("/accounts/").content.decode()
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
    assert "Cán bộ đầu mối dữ liệu Tỉnh Bình Dương và các đơn vị trực thuộc" in text
    assert "lĩnh vực Môi trường" in text
    assert "Sở Tài nguyên và Môi trường · mọi lĩnh vực" in text
    assert "Nhận nhắc việc của đơn vị" in text
    assert "Chưa có vai trò nào" in world.client("nguoila").get("/accounts/").content.decode()


@pytest.mark.parametrize("username", ["chutich", "giamdoc.ioc", "truc1", "canbo.dian", "nguoila"])
def test_only_administrators_enter_the_administration(world: World, username: str) -> None:
    client = world.client(username)
    target = world.accounts["truc1"]
    for path in ("", "new/", f"{target}/"):
        assert client.get(f"{MANAGE}{path}").status_code == 403
    for path in ("grant/", "lock/", "password/", "keys/", "revoke/1/", "keys/1/"):
        assert client.post(f"{MANAGE}{target}/{path}").status_code == 403


def test_visitors_are_sent_to_sign_in(world: World, client: Any) -> None:
    for path in ("/accounts/", MANAGE, f"{MANAGE}new/", f"{MANAGE}1/"):
        assert client.get(path)["Location"].startswith("/accounts/login/")


def test_accounts_are_found_without_accents_by_role_and_by_state(world: World) -> None:
    client = world.client("quantri")

    def found(**asked: str) -> list[str]:
        page = client.get(MANAGE, asked).content.decode()
        return re.findall(r'<span class="small dim">([a-z0-9.]+)</span></th>', page)

    assert len(found()) == len(world.accounts)
    assert found(q="huynh mai") == ["canbo.phucuong"]
    assert found(q="Huỳnh Thị") == ["canbo.phucuong"]
    assert found(role="operator") == ["truc1"]
    access.lock_account(account=world.accounts["truc1"], by=SYSTEM, reason="nghỉ việc")
    assert found(state="locked") == ["truc1"]
    assert found(q="khong ai ca") == []


def test_the_list_asks_the_same_questions_however_long_it_is(world: World) -> None:
    client = world.client("quantri")

    def asked(**filters: str) -> int:
        world.scope("quantri")  # remembered for a second
        with CaptureQueriesContext(connection) as queries:
            client.get(MANAGE, filters)
        return len(queries)

    asked()
    assert asked() == asked(role="operator")


def test_an_administrator_sees_and_touches_only_the_own_coverage(
    world: World, district_admin: Any
) -> None:
    page = district_admin.get(MANAGE).content.decode()
    assert "canbo.phucuong" in page and "canbo.dian" not in page and "chutich<" not in page
    outside = world.accounts["canbo.dian"]
    assert district_admin.get(f"{MANAGE}{outside}/").status_code == 404
    for path in ("grant/", "lock/", "password/", "keys/"):
        answer = district_admin.post(f"{MANAGE}{outside}/{path}", {"reason": "x", "lock": "1"})
        assert answer.status_code == 404
    offered = district_admin.get(f"{MANAGE}{world.accounts['canbo.phucuong']}/").content.decode()
    assert "Phường Hiệp Thành</option>" in offered and "Phường Dĩ An</option>" not in offered


def test_an_account_is_created_granted_a_role_and_the_role_taken_back(world: World) -> None:
    client = world.client("quantri")
    made = client.post(
        f"{MANAGE}new/",
        {
            "username": "canbo.hiepthanh",
            "full_name": "Lý  Văn Tám",
            "unit": world.unit("25741"),
            "title": "Công chức thống kê",
            "email": "tam@binhduong.example",
            "password": STRONG,
        },
    )
    account = Account.objects.get(username="canbo.hiepthanh")
    assert made["Location"] == f"{MANAGE}{account.pk}/"
    assert (account.full_name, account.check_password(STRONG)) == ("Lý Văn Tám", True)
    granted = client.post(
        f"{MANAGE}{account.pk}/grant/",
        {
            "role": "commune_officer",
            "unit": world.unit("25741"),
            "sector": "",
            "valid_to": "2027-06-30",
            "reason": "Quyết định 15",
        },
    )
    assert granted.status_code == 302
    grant = RoleAssignment.objects.get(account=account)
    assert (str(grant.valid_to), grant.granted_by) == ("2027-07-01", "Phan Anh Tuấn")
    assert access.scope_of(account.pk).allows("reporting.fill", world.unit("25741"))

    revoke = f"{MANAGE}{account.pk}/revoke/{grant.pk}/"
    assert client.post(revoke, {"reason": ""}).status_code == 422
    assert client.post(revoke, {"reason": "Chuyển công tác"}).status_code == 302
    assert not access.scope_of(account.pk).allows("reporting.fill")
    actions = set(AuditEntry.objects.filter(actor_label="Phan Anh Tuấn").values_list("action"))
    assert {("access.account_created",), ("access.role_granted",), ("access.role_revoked",)} <= (
        actions
    )


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("username", "truc1", "Tên đăng nhập này đã có người dùng."),
        ("username", "Có Dấu", "Chỉ dùng chữ thường không dấu"),
        ("password", "1234567890", "Mật khẩu"),
        ("full_name", "", "Họ và tên"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    world: World, field: str, value: str, said: str
) -> None:
    given = {
        "username": "moi",
        "full_name": "Người Mới",
        "unit": world.unit("718"),
        "title": "Chuyên viên",
        "password": STRONG,
    }
    answer = world.client("quantri").post(f"{MANAGE}new/", given | {field: value})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in page and 'value="Chuyên viên"' in page
    assert not Account.objects.filter(username="moi").exists()


def test_an_account_is_locked_with_a_reason_and_let_in_again(world: World) -> None:
    client = world.client("quantri")
    inside = world.client("truc1")
    path = f"{MANAGE}{world.accounts['truc1']}/lock/"
    assert client.post(path, {"lock": "1", "reason": ""}).status_code == 422
    client.post(path, {"lock": "1", "reason": "Nghỉ việc"})
    assert inside.get("/accounts/").status_code == 302
    assert AuditEntry.objects.get(action="access.account_locked").reason == "Nghỉ việc"
    client.post(path, {"lock": "0", "reason": "Trở lại"})
    assert world.account("truc1").is_active


def test_an_administrator_cannot_change_the_own_account(world: World) -> None:
    client, own = world.client("quantri"), world.accounts["quantri"]
    given = {"role": "leader", "unit": world.unit("74"), "reason": "x", "lock": "1"}
    for path in ("grant/", "lock/"):
        answer = client.post(f"{MANAGE}{own}/{path}", given)
        assert answer.status_code == 422
        assert "của chính mình" in answer.content.decode()
    assert RoleAssignment.objects.filter(account=own).count() == 1


def test_a_new_key_is_shown_once_and_revoked(world: World) -> None:
    client, account = world.client("quantri"), world.accounts["truc1"]
    page = client.post(f"{MANAGE}{account}/keys/", {"name": "Trạm bơm"}).content.decode()
    token = re.search(r"<code>(hd_\w{10}_[\w-]+)</code>", page)
    assert token is not None and access.check_key(token[1]) is not None
    assert token[1] not in client.get(f"{MANAGE}{account}/").content.decode()
    key = ApiKey.objects.get()
    client.post(f"{MANAGE}{account}/keys/{key.pk}/", {"reason": "thôi dùng"})
    assert access.check_key(token[1]) is None


def test_keys_and_grants_of_another_account_are_not_reached_through_ones_own(
    world: World, district_admin: Any
) -> None:
    """The account in the address must be the one that the grant or the key belongs to."""
    inside = world.accounts["canbo.phucuong"]
    outside = RoleAssignment.objects.get(account=world.accounts["canbo.dian"])
    key = access.create_key(account=world.accounts["canbo.dian"], name="x", by=SYSTEM)
    answer = district_admin.post(f"{MANAGE}{inside}/revoke/{outside.pk}/", {"reason": "x"})
    assert answer.status_code == 422
    district_admin.post(f"{MANAGE}{inside}/keys/{key.id}/", {"reason": "x"})
    assert access.check_key(key.token) is not None
    outside.refresh_from_db()
    assert outside.revoked_at is None
