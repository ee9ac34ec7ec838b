"""The gallery shows every component, to whoever is signed in."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

pytestmark = pytest.mark.django_db


def test_a_visitor_is_sent_to_the_sign_in_page(client: Client, settings):
    settings.LOGIN_URL = "/accounts/login/"
    answer = client.get(reverse("ui:gallery"))
    assert answer["Location"].startswith("/accounts/login/")


def test_the_gallery_shows_every_state_in_words(client: Client):
    client.force_login(get_user_model().objects.create_user("truc1", full_name="Trần Văn Trực"))
    page = client.get(reverse("ui:gallery"))
    shown = page.content.decode()
    for words in ("Chậm nhiều", "Nguy hiểm", "Đúng tiến độ", "Chưa có số liệu", "còn 22 phút"):
        assert words in shown
    assert "script-src" not in page["Content-Security-Policy"]
    assert "default-src 'self'" in page["Content-Security-Policy"]
    assert "<script>" not in shown
