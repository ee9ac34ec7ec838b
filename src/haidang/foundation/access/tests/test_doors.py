"""The guards: pages, typed routes, raw streams. Who is let in, and who is not."""

import asyncio
import datetime as dt
from typing import Any

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from haidang.foundation.access import api as access
from haidang.foundation.access.doors import streams
from haidang.foundation.access.errors import ForeignOriginError
from haidang.foundation.access.models import ApiKey
from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.core.errors import NotAllowedError
from tests.world import World, build_world

live = pytest.mark.django_db(transaction=True)


@pytest.fixture
def committed(transactional_db: None) -> World:
    """The world where other threads see it."""
    streams.forget_everyone()
    return build_world()


def _asgi(method: str = "GET", **headers: str) -> dict[str, Any]:
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http", "method": method, "path": "/x", "headers": pairs}


def _ask(scope: dict[str, Any], capability: str = "alerts.view") -> access.Scope:
    return asyncio.run(access.authorise(scope, capability))


def _cookie(world: World, username: str) -> str:
    return f"sessionid={world.client(username).cookies['sessionid'].value}"


@live
def test_a_stream_knows_the_session_of_a_page(committed: World) -> None:
    scope = _ask(_asgi(cookie=_cookie(committed, "truc1")))
    assert scope.account_id == committed.accounts["truc1"]


@live
@pytest.mark.parametrize("scheme", ["Bearer", "Token", "bearer"])
def test_a_stream_knows_an_api_key(committed: World, scheme: str) -> None:
    scope = _ask(_asgi(authorization=f"{scheme} {committed.key('truc1')}"))
    assert scope.account_id == committed.accounts["truc1"]


@live
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"cookie": "sessionid=thisisnotasession"},
        {"cookie": "sessionid="},
        {"authorization": "Bearer hd_0123456789_guess"},
        {"authorization": "Bearer x"},
        {"authorization": "Basic dHJ1YzE6eA=="},
    ],
)
def test_a_stream_refuses_who_is_not_known(committed: World, headers: dict[str, str]) -> None:
    with pytest.raises(access.NotSignedInError):
        _ask(_asgi(**headers))


@live
def test_a_stream_refuses_who_lacks_the_capability(committed: World) -> None:
    with pytest.raises(NotAllowedError):
        _ask(_asgi(cookie=_cookie(committed, "nguoila")))
    with pytest.raises(NotAllowedError):
        _ask(_asgi(cookie=_cookie(committed, "truc1")), "access.manage")


@live
def test_a_stream_forgets_a_session_that_ended(committed: World) -> None:
    cookie = _cookie(committed, "truc1")
    assert _ask(_asgi(cookie=cookie))
    Session.objects.all().delete()
    streams.forget_everyone()
    with pytest.raises(access.NotSignedInError):
        _ask(_asgi(cookie=cookie))


@live
def test_a_new_password_ends_the_stream_of_a_stolen_session(committed: World) -> None:
    cookie = _cookie(committed, "truc1")
    access.set_password(
        account=committed.accounts["truc1"], password="một mật khẩu mới dài", by=SYSTEM
    )
    with pytest.raises(access.NotSignedInError):
        _ask(_asgi(cookie=cookie))


@live
def test_a_write_with_a_cookie_must_come_from_our_own_pages(committed: World) -> None:
    cookie = _cookie(committed, "truc1")
    own = {"cookie": cookie, "host": "ioc.example", "origin": "https://ioc.example"}
    assert _ask(_asgi("POST", **own))
    for origin in ("https://evil.example", "null", ""):
        with pytest.raises(ForeignOriginError):
            _ask(_asgi("POST", **(own | {"origin": origin})))
    # a key is sent on purpose, never by itself
    assert _ask(_asgi("POST", authorization=f"Bearer {committed.key('truc1')}"))


@live
def test_visitors_that_come_at_once_are_looked_up_once(
    committed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    really = streams._load

    def counted(kind: str, secret: str) -> access.Scope | None:
        asked.append(kind)
        return really(kind, secret)

    monkeypatch.setattr(streams, "_load", counted)
    header = f"Bearer {committed.key('truc1')}"

    async def many() -> None:
        await asyncio.gather(
            *(access.authorise(_asgi(authorization=header), "alerts.view") for _ in range(50))
        )

    asyncio.run(many())
    assert len(asked) == 1


def test_a_key_is_kept_only_as_a_digest_and_ends_when_revoked_or_expired(world: World) -> None:
    made = access.create_key(
        account=world.accounts["truc1"],
        name="trạm",
        expires_at=timezone.now() + dt.timedelta(days=1),
        by=SYSTEM,
    )
    row = ApiKey.objects.get()
    assert made.token not in str(vars(row)) and made.token not in repr(made)
    assert access.check_key(made.token) is not None
    assert access.check_key(made.token + "x") is None
    with time_machine.travel(timezone.now() + dt.timedelta(days=2)):
        assert access.check_key(made.token) is None
    access.revoke_key(key=made.id, by=SYSTEM, reason="lộ khóa")
    assert access.check_key(made.token) is None


def test_a_key_of_a_locked_account_is_useless(world: World) -> None:
    token = world.key("truc1")
    access.lock_account(account=world.accounts["truc1"], by=SYSTEM, reason="nghỉ việc")
    assert access.check_key(token) is None


def _page() -> Any:
    return access.requires("alerts.view")(lambda request: HttpResponse(request.scope.label))


def test_a_page_lets_in_who_holds_the_capability(world: World) -> None:
    request = RequestFactory().get("/console/x/?a=1")
    request.user = world.account("truc1")
    assert _page()(request).content.decode() == "Phạm Quốc Bảo"
    request.user = world.account("nguoila")
    with pytest.raises(NotAllowedError):
        _page()(request)


def test_a_page_sends_visitors_to_sign_in_and_a_fragment_moves_the_whole_page(db: None) -> None:
    from django.contrib.auth.models import AnonymousUser

    request = RequestFactory().get("/console/x/?a=1")
    request.user = AnonymousUser()
    assert _page()(request)["Location"] == "/accounts/login/?next=/console/x/%3Fa%3D1"
    request = RequestFactory().get(
        "/part/",
        headers={"HX-Request": "true", "HX-Current-URL": "https://h/console/board/?unit=718"},
    )
    request.user = AnonymousUser()
    answer = _page()(request)
    assert answer.status_code == 401
    assert answer["HX-Redirect"] == "/accounts/login/?next=/console/board/%3Funit%3D718"


def test_a_route_knows_a_key_and_a_session_and_refuses_others(world: World) -> None:
    door = access.SessionOrKey("alerts.view")
    make = RequestFactory(enforce_csrf_checks=True)

    by_key = make.get("/", headers={"Authorization": f"Bearer {world.key('truc1')}"})
    assert door(by_key) == by_key.scope  # type: ignore[attr-defined]

    from django.contrib.auth.models import AnonymousUser

    nobody = make.get("/")
    nobody.user = AnonymousUser()
    assert door(nobody) is None
    forged = make.get("/", headers={"Authorization": "Bearer hd_x_y"})
    forged.user = world.account("truc1")
    assert door(forged) is None, "a wrong key is not mended by a session"

    stranger = make.get("/")
    stranger.user = world.account("nguoila")
    with pytest.raises(NotAllowedError):
        door(stranger)

    foreign = make.post("/")
    foreign.user = world.account("truc1")
    with pytest.raises(ForeignOriginError):
        door(foreign)
