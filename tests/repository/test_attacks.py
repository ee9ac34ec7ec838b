"""What an insider or a foreign page may try: forged writes, open redirects, poisoned files."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from haidang.action.operations import api as operations
from haidang.data.warehouse import queries as lake
from haidang.foundation.access import api as access
from haidang.foundation.core import audit, spreadsheet
from haidang.foundation.core.models import AuditEntry
from haidang.insight.indicators.queries import listing
from tests.repository.test_entrances import GUARDED, ROUTES, SIGNED_IN, _address
from tests.world import World, build_world, set_password

pytestmark = pytest.mark.django_db
EVIL = "https://xau.example"


@pytest.fixture
def world() -> World:
    return build_world()


def _strict(world: World, who: str) -> Client:
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.account(who))
    return client


def test_no_page_takes_a_write_without_the_token_of_its_form(world: World) -> None:
    client = _strict(world, "giamdoc.ioc")
    for route in [*GUARDED, *SIGNED_IN]:
        for headers in ({}, {"HX-Request": "true"}):
            answer = client.post(_address(route), headers=headers)
            assert answer.status_code in (403, 405), route
            if answer.status_code == 403:
                assert "Biểu mẫu đã hết hạn" in answer.content.decode(), route


def test_no_route_takes_a_write_with_a_cookie_alone(world: World) -> None:
    client = _strict(world, "giamdoc.ioc")
    for method, path in ROUTES:
        if method == "GET":
            continue
        place = "api/v1" + path.replace("{", "<").replace("}", ">")
        answer = client.generic(method, _address(place), b"{}", content_type="application/json")
        assert answer.status_code == 403, (method, path)
        assert "trang web khác" in answer.json()["title"], (method, path)


@pytest.mark.parametrize(
    "target", [EVIL, "//xau.example/", "/\\xau.example", "javascript:alert(1)"]
)
def test_sign_in_leads_nowhere_else_and_changes_the_session(world: World, target: str) -> None:
    client = Client()
    client.get("/accounts/login/")
    session = client.session
    session["before"] = "x"
    session.save()
    old = session.session_key
    client.cookies["sessionid"] = old
    sent = {"login": "truc1", "password": set_password(world, "truc1"), "next": target}

    answer = client.post("/accounts/login/", sent)

    assert answer.status_code == 302
    assert answer["Location"] == "/console/"
    assert client.cookies["sessionid"].value != old


def test_evidence_is_what_its_bytes_are_and_cannot_run(world: World) -> None:
    operations.install_starter(by=audit.SYSTEM, now=timezone.now())
    ticket = operations.open_ticket(
        kind="other", title="<script>alert(1)</script>", severity=2, unit_id=world.unit("25747"),
        lead_unit_id=world.unit("74.STNMT"), authority="de_nghi_phoi_hop", sector=None,
        by=access.EVERYTHING, now=timezone.now(),
    )  # fmt: skip
    client = world.client("truongca")
    address = f"/console/tickets/{ticket}/evidence/"
    html = SimpleUploadedFile("a.png", b"<html><script>alert(1)</script>", "image/png")
    client.post(address, {"kind": "photo", "file": html})
    pdf = SimpleUploadedFile("a<b>.pdf", b"%PDF-1.4 <script>alert(1)</script>", "text/html")
    client.post(address, {"kind": "document", "file": pdf})

    page = client.get(f"/console/tickets/{ticket}/")
    kept = page.context["evidence"]
    shown = client.get(f"/console/tickets/evidence/{kept[0].id}/")

    assert [one.kind for one in kept] == ["document"]
    assert "<script>alert(1)</script>" not in page.content.decode()
    assert "a<b>.pdf" not in page.content.decode()
    assert shown["Content-Type"] == "application/pdf"
    assert shown["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in shown["Content-Security-Policy"]
    outsider = world.client("canbo.dian").get(f"/console/tickets/evidence/{kept[0].id}/")
    assert outsider.status_code == 404


def test_errors_tell_nothing_of_the_inside(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*_: Any, **__: Any) -> Any:
        raise RuntimeError("mật khẩu cơ sở dữ liệu")

    monkeypatch.setattr(lake, "view", break_down)
    monkeypatch.setattr(listing, "listed", break_down)
    client = Client(raise_request_exception=False)
    client.force_login(world.account("truc1"))

    page, missing = client.get("/console/indicators/"), client.get("/console/khong-co/")
    routed = client.get("/api/v1/datasets/x/records")

    assert (page.status_code, missing.status_code, routed.status_code) == (500, 404, 500)
    assert "Hệ thống gặp lỗi" in page.content.decode()
    assert "Không tìm thấy" in missing.content.decode()
    assert routed["Content-Type"].startswith("application/problem+json")
    for answer in (page, missing, routed):
        text = answer.content.decode()
        assert not any(one in text for one in ("Traceback", "mật khẩu", "RuntimeError", ".py"))
    assert json.loads(routed.content)["status"] == 500


def test_the_audit_trail_cannot_be_altered(world: World) -> None:
    entries = AuditEntry.objects.all()
    assert entries.exists()
    for change in (lambda: entries.update(reason="x"), entries.delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_text_of_a_table_becomes_a_formula(start: str) -> None:
    answer = spreadsheet.csv_response("a.csv", ["x"], [[f"{start}cmd|' /C calc'!A0"]])
    line = b"".join(answer).decode("utf-8-sig").splitlines()[1:]
    assert line[0].lstrip('"').startswith("'")
