import re

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.conf import LazySettings
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse

from haidang.foundation.core.models import AuditEntry
from tests.world import CAST, PASSWORD, World, set_password

LOGIN = "/accounts/login/"


@pytest.fixture(autouse=True)
def fast_hashes(settings: LazySettings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def _sign_in(client: Client, username: str, password: str = PASSWORD) -> object:
    return client.post(LOGIN, {"login": username, "password": password})


def test_a_right_password_opens_the_console_in_a_new_session(world: World, client: Client) -> None:
    set_password(world, "truc1")
    client.get(LOGIN)
    client.session["before"] = True
    before = client.session.session_key
    answer = _sign_in(client, "truc1")
    assert (answer.status_code, answer["Location"]) == (302, "/console/")
    assert client.session.session_key != before
    cookie = client.cookies["sessionid"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax"
    assert AuditEntry.objects.filter(action="access.signed_in").exists()


def test_a_wrong_password_is_told_in_vietnamese(world: World, client: Client) -> None:
    set_password(world, "truc1")
    for username in ("truc1", "khongco"):
        page = _sign_in(client, username, "sai").content.decode()
        assert "Tên đăng nhập hoặc mật khẩu không đúng." in page


def test_five_wrong_passwords_lock_the_visitor_out_and_say_how_long(
    world: World, client: Client
) -> None:
    set_password(world, "truc1")
    with time_machine.travel("2026-11-23T02:00:00Z", tick=False):
        answers = [_sign_in(client, "truc1", "sai").status_code for _ in range(5)]
        assert answers == [200, 200, 200, 200, 429]
    with time_machine.travel("2026-11-23T02:04:30Z", tick=False):
        locked = _sign_in(client, "truc1")
        assert locked.status_code == 429
        assert "Hãy thử lại sau <b>11 phút</b>" in locked.content.decode()
        assert "_auth_user_id" not in client.session
    with time_machine.travel("2026-11-23T02:15:01Z", tick=False):
        assert _sign_in(client, "truc1").status_code == 302


def test_another_spelling_of_the_user_name_does_not_help_a_guesser(
    world: World, client: Client
) -> None:
    tries = ("truc1", "TRUC1", " Truc1", "trUC1", "truc1")
    assert [_sign_in(client, tried, "sai").status_code for tried in tries][-1] == 429


def test_a_lockout_of_one_user_name_leaves_others_alone(world: World, client: Client) -> None:
    set_password(world, "truc1")
    for _ in range(5):
        _sign_in(client, "chutich", "sai")
    assert _sign_in(client, "truc1").status_code == 302


def test_a_locked_account_cannot_sign_in_and_its_session_ends(world: World) -> None:
    set_password(world, "truc1")
    inside = world.client("truc1")
    account = world.account("truc1")
    account.is_active = False
    account.save()
    assert inside.get("/accounts/")["Location"].startswith(LOGIN)
    assert _sign_in(Client(), "truc1")["Location"] == "/accounts/inactive/"


def test_a_new_password_ends_sessions_that_were_stolen(world: World) -> None:
    stolen = world.client("truc1")
    assert stolen.get("/accounts/").status_code == 200
    set_password(world, "truc1")
    assert stolen.get("/accounts/").status_code == 302


def test_signing_out_needs_a_post_and_kills_the_session_itself(world: World) -> None:
    inside = world.client("truc1")
    copied = inside.cookies["sessionid"].value
    inside.get("/accounts/logout/")
    assert inside.get("/accounts/").status_code == 200
    inside.post("/accounts/logout/")
    thief = Client()
    thief.cookies["sessionid"] = copied
    assert thief.get("/accounts/").status_code == 302


def test_the_sign_in_form_is_protected_against_forgery(world: World) -> None:
    set_password(world, "truc1")
    assert _sign_in(Client(enforce_csrf_checks=True), "truc1").status_code == 403


def test_after_signing_in_nobody_is_sent_to_another_site(world: World, client: Client) -> None:
    set_password(world, "truc1")
    answer = client.post(
        LOGIN, {"login": "truc1", "password": PASSWORD, "next": "https://evil.example/"}
    )
    assert answer["Location"] == "/console/"


def test_the_cast_is_shown_on_the_demo_and_never_otherwise(
    db: None, client: Client, settings: LazySettings
) -> None:
    settings.DEMO_CAST, settings.DEMO_PASSWORD = CAST, "haidang-demo"
    settings.DEMO = False
    page = client.get(LOGIN, {"as": "chutich"}).content.decode()
    assert "chutich" not in page and "haidang-demo" not in page
    settings.DEMO = True
    page = client.get(LOGIN).content.decode()
    assert all(member.username in page for member in CAST)
    assert "haidang-demo" not in page
    filled = client.get(LOGIN, {"as": "chutich"}).content.decode()
    assert 'value="chutich"' in filled and 'value="haidang-demo"' in filled


def test_only_the_needed_pages_of_allauth_exist(db: None, client: Client) -> None:
    names = {name for name in get_resolver().reverse_dict if isinstance(name, str)}
    exposed = {name for name in names if name.startswith(("account_", "mfa_", "socialaccount"))}
    assert exposed == {
        "account_login",
        "account_logout",
        "account_inactive",
        "account_reauthenticate",
        "account_change_password",
        "mfa_index",
        "mfa_authenticate",
        "mfa_reauthenticate",
        "mfa_activate_totp",
        "mfa_deactivate_totp",
        "mfa_view_recovery_codes",
        "mfa_generate_recovery_codes",
    }
    for path in ("signup/", "password/reset/", "email/", "confirm-email/", "login/code/confirm/"):
        assert client.get(f"/accounts/{path}").status_code == 404, path
    with pytest.raises(NoReverseMatch):
        reverse("account_signup")


def _code(secret: str, now: float) -> str:
    counter = next(iter(yield_hotp_counters_from_time()))
    return format_hotp_value(hotp_value(secret, counter))


def test_the_second_factor_is_enrolled_used_and_replaced_by_a_recovery_code(world: World) -> None:
    set_password(world, "truc1")
    client = Client()
    _sign_in(client, "truc1")
    asked = client.get(reverse("mfa_activate_totp"))["Location"]
    assert "Xác nhận lại mật khẩu" in client.get(asked).content.decode()
    page = client.post(asked, {"password": PASSWORD}, follow=True)
    secret = re.search(r"<code>([A-Z2-7]+)</code>", page.content.decode())
    assert secret is not None
    wrong = client.post(reverse("mfa_activate_totp"), {"code": "000000"})
    assert "Mã xác thực không đúng." in wrong.content.decode()
    client.post(reverse("mfa_activate_totp"), {"code": _code(secret[1], 0)})
    codes = re.findall(
        r"<code>(\d{8})</code>", client.get(reverse("mfa_view_recovery_codes")).content.decode()
    )
    assert len(codes) == 10
    assert secret[1] not in str(world.account("truc1").authenticator_set.values_list("data"))

    for code in (codes[0], codes[1]):
        other = Client()
        assert _sign_in(other, "truc1")["Location"] == reverse("mfa_authenticate")
        assert other.get("/accounts/").status_code == 302  # half way in is outside
        assert (
            "Mã xác thực không đúng."
            in other.post(reverse("mfa_authenticate"), {"code": "123456"}).content.decode()
        )
        other.post(reverse("mfa_authenticate"), {"code": code})
        assert other.get("/accounts/").status_code == 200
    again = Client()
    _sign_in(again, "truc1")
    again.post(reverse("mfa_authenticate"), {"code": codes[0]})
    assert again.get("/accounts/").status_code == 302, "a recovery code works once"
