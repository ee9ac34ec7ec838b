"""Reports for other programs: the same steps, the same walls."""

import pytest
import time_machine

from haidang.delivery.reporting.tests.stage import GOOD, NOW, Stage, build_stage

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage():
    with time_machine.travel(NOW, tick=False):
        yield build_stage()


def call(stage: Stage, who: str, method: str, path: str, **body: object):
    key = {"HTTP_AUTHORIZATION": f"Bearer {stage.world.key(who)}"}
    client = stage.world.client(who)
    client.logout()
    return getattr(client, method)(
        f"/api/v1/reports{path}", body or None, content_type="application/json", **key
    )


def test_who_may_not_enter(client, stage: Stage) -> None:
    report = stage.submit().pk

    assert client.get("/api/v1/reports").status_code == 401
    assert call(stage, "nguoila", "get", "").status_code == 403
    for who in ("nguoila", "canbo.dian", "truc1"):
        for path in ("draft", "submit", "approve", "receive", "return"):
            method = "put" if path == "draft" else "post"
            said = {"values": {}, "reason": "x"}
            answer = call(stage, who, method, f"/{report}/{path}", **said)
            assert answer.status_code == 403, (who, path)
    assert call(stage, "canbo.dian", "get", f"/{report}").status_code == 403
    assert stage.report().state == "submitted"


def test_a_program_goes_the_whole_way(stage: Stage) -> None:
    report = stage.report().pk

    kept = call(stage, "canbo.phucuong", "put", f"/{report}/draft", values={"so-ho": "8000"})
    assert {one["kind"] for one in kept.json()["findings"]} == {"missing"}
    wrong = call(stage, "canbo.phucuong", "post", f"/{report}/submit", values={"so-ho": "-1"})
    assert wrong.status_code == 422
    sent = call(stage, "canbo.phucuong", "post", f"/{report}/submit", values=GOOD)
    assert sent.json()["report"]["state"] == "submitted"
    back = call(stage, "chutich.phucuong", "post", f"/{report}/return", reason="Sai")
    assert back.json()["state"] == "returned"
    call(stage, "canbo.phucuong", "post", f"/{report}/submit", values=GOOD)
    call(stage, "chutich.phucuong", "post", f"/{report}/approve")
    call(stage, "giamdoc.ioc", "post", f"/{report}/receive")

    whole = call(stage, "chutich.phucuong", "get", f"/{report}").json()
    assert whole["state"] == "received"
    assert [version["number"] for version in whole["versions"]] == [2, 1]


def test_a_list_shows_the_scope_only(stage: Stage) -> None:
    assert call(stage, "canbo.phucuong", "get", "").json()["total"] == 1
    assert call(stage, "giamdoc.ioc", "get", "?limit=2").json()["total"] == 5
