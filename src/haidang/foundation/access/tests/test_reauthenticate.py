"""Asking for the password once more before something weighty."""

import pytest
from django.test import Client

from tests.world import PASSWORD, World, build_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    built = build_world()
    account = built.account("truongca")
    account.set_password(PASSWORD)
    account.save()
    return built


def test_the_own_password_is_taken(world: World) -> None:
    client = world.client("truongca")
    page = client.get("/accounts/2fa/totp/activate/", follow=True)
    asked = page.request["PATH_INFO"]
    assert "reauthenticate" in asked
    answer = client.post(asked, {"password": PASSWORD}, REMOTE_ADDR="127.0.0.1")
    assert answer.status_code == 302


def test_a_short_password_is_refused_in_vietnamese(world: World) -> None:
    client = world.client("truongca")
    page = client.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": "ngắn 7", "password2": "ngắn 7"},
    )
    said = page.content.decode()
    assert "Mật khẩu cần ít nhất 10 ký tự" in said
    assert "too short" not in said


def test_who_has_no_password_is_told_whom_to_ask(world: World) -> None:
    account = world.account("truongca")
    account.set_unusable_password()
    account.save()
    client = world.client("truongca")
    for page in (
        client.get("/accounts/password/change/"),
        client.post("/accounts/password/change/", {"oldpassword": "", "password1": "x"}),
    ):
        assert page.status_code == 200
        assert "nhờ quản trị hệ thống của đơn vị đặt mật khẩu" in page.content.decode()


def test_visitors_change_no_password(world: World, client: Client) -> None:
    answer = client.get("/accounts/password/change/")
    assert answer["Location"] == "/accounts/login/?next=/accounts/password/change/"
