"""A forgotten password, where a mail server is set; elsewhere these pages do not exist."""

import re
import sys
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType

import pytest
from django.conf import LazySettings
from django.core import mail
from django.test import Client
from django.urls import include, path

from haidang.foundation.access import urls
from tests.world import World

STRONG = "hải đăng soi sáng"


@pytest.fixture
def with_mail(settings: LazySettings) -> Iterator[None]:
    module = ModuleType("urls_with_mail")
    usual = import_module(settings.ROOT_URLCONF).urlpatterns
    module.urlpatterns = [path("accounts/", include(urls._RESET)), *usual]  # type: ignore[attr-defined]
    sys.modules[module.__name__] = module
    settings.ROOT_URLCONF, settings.HAS_MAIL_SERVER = module.__name__, True
    yield
    del sys.modules[module.__name__]


def test_a_forgotten_password_is_replaced_through_the_mail_once(
    world: World, with_mail: None
) -> None:
    client = Client()
    assert "Quên mật khẩu</a>" in client.get("/accounts/login/").content.decode()
    client.post("/accounts/password/reset/", {"email": "truc1@binhduong.example"})
    [letter] = mail.outbox
    assert letter.subject == "Đặt lại mật khẩu" and "tài khoản truc1" in letter.body
    link = re.search(r"http://testserver(\S+)", letter.body)
    assert link is not None
    form = client.get(link[1], follow=True)
    assert "Đặt mật khẩu mới" in form.content.decode()
    weak = client.post(form.request["PATH_INFO"], {"password1": "123", "password2": "123"})
    assert weak.status_code == 200
    client.post(form.request["PATH_INFO"], {"password1": STRONG, "password2": STRONG})
    assert world.account("truc1").check_password(STRONG)
    again = Client().get(link[1], follow=True).content.decode()
    assert "Đường dẫn không còn hiệu lực" in again


def test_nobody_learns_from_it_who_has_an_account(world: World, with_mail: None) -> None:
    answers = [
        Client().post("/accounts/password/reset/", {"email": address}, follow=True)
        for address in ("truc1@binhduong.example", "khongco@binhduong.example")
    ]
    assert answers[0].redirect_chain == answers[1].redirect_chain
    assert "Nếu địa chỉ này có tài khoản" in answers[1].content.decode()
    assert [letter.to for letter in mail.outbox] == [["truc1@binhduong.example"]]
