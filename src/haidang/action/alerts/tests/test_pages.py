"""The pages and routes of alerts: what they show, who may not enter, what they cost."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from haidang.action.alerts.models import Alert
from haidang.action.alerts.queries import backtests
from haidang.action.alerts.views import alerts as views
from haidang.insight.indicators import api as indicators_api
from tests.world import World

from .conftest import NOW, FakeIndicators, See

PAGES = ["/console/alerts/", "/console/alerts/rules/"]


@pytest.fixture(autouse=True)
def _no_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "_figure", lambda alert, scope: None)


def test_the_list_shows_what_matters_and_how_many(world: World, see: See) -> None:
    see("critical")
    see("critical", unit="25741")
    client = world.client("truc1")
    page = client.get("/console/alerts/?unit=718").content.decode()
    assert "Mực nước Phú Cường 1,62 m, vượt ngưỡng nguy hiểm 1,60 m" in page
    assert "hiển thị 2/2 cảnh báo" in page
    assert "Không có cảnh báo nào" in client.get("/console/alerts/?unit=724").content.decode()
    assert "hiển thị 2/2" in client.get("/console/alerts/?severity=4").content.decode()
    assert "Không có" in client.get("/console/alerts/?state=closed").content.decode()


def test_nonsense_in_a_filter_is_left_out(world: World, alert: Alert) -> None:
    address = "/console/alerts/?state=%00x&severity=abc&unit=zz&sector=zz&page=-3"
    assert "CB-2026-0001" in world.client("truc1").get(address).content.decode()


def test_a_fragment_holds_the_list_alone(world: World, alert: Alert) -> None:
    answer = world.client("truc1").get("/console/alerts/", headers={"HX-Request": "true"})
    assert answer.content.decode().strip().startswith('<section id="alerts"')


def test_one_alert_tells_why_whose_and_what_happened(world: World, alert: Alert) -> None:
    page = world.client("truc1").get(f"/console/alerts/{alert.pk}/").content.decode()
    assert "1,62 m" in page
    assert "Sở Tài nguyên và Môi trường" in page
    assert "Phát cảnh báo" in page
    assert "Mở phiếu điều hành" in page


def test_acknowledging_twice_says_who_was_first(world: World, alert: Alert) -> None:
    address = f"/console/alerts/{alert.pk}/acknowledge/"
    assert "Đã tiếp nhận" in world.client("truc1").post(address, follow=True).content.decode()
    page = world.client("truongca").post(address, follow=True).content.decode()
    assert "đã được Phạm Quốc Bảo tiếp nhận" in page


def test_closing_without_a_note_keeps_what_was_typed(world: World, alert: Alert) -> None:
    client, address = world.client("truc1"), f"/console/alerts/{alert.pk}/close/"
    answer = client.post(address, {"outcome": "false", "note": ""})
    assert answer.status_code == 422
    assert "Cần sửa trước khi gửi" in answer.content.decode()
    page = client.post(address, {"outcome": "false", "note": "Cảm biến bẩn"}, follow=True)
    assert "sai, không có sự việc" in page.content.decode()


def test_who_only_sees_gets_no_buttons(world: World, alert: Alert) -> None:
    page = world.client("chutich").get(f"/console/alerts/{alert.pk}/").content.decode()
    assert "Đóng với kết luận này" not in page


@pytest.mark.parametrize("address", PAGES)
def test_strangers_stay_outside(world: World, address: str) -> None:
    assert Client().get(address).status_code == 302
    assert world.client("nguoila").get(address).status_code == 403


@pytest.mark.parametrize("verb", ["acknowledge", "close"])
def test_who_may_not_act(world: World, alert: Alert, verb: str) -> None:
    address = f"/console/alerts/{alert.pk}/{verb}/"
    given = {"outcome": "true", "note": "x"}
    assert Client().post(address, given).status_code == 302
    for who in ("nguoila", "chutich", "canbo.phucuong", "canbo.dian"):
        assert world.client(who).post(address, given).status_code == 403
    assert world.client("truc1").get(address).status_code == 405
    alert.refresh_from_db()
    assert alert.state == "open"


def test_another_district_sees_nothing(world: World, alert: Alert) -> None:
    client = world.client("canbo.dian")
    assert "CB-2026-0001" not in client.get("/console/alerts/").content.decode()
    assert client.get(f"/console/alerts/{alert.pk}/").status_code == 404


def test_the_api_gives_the_same_within_the_scope(world: World, alert: Alert) -> None:
    def ask(who: str, path: str = "") -> tuple[int, dict[str, object]]:
        bearer = {"Authorization": f"Bearer {world.key(who)}"}
        answer = Client().get(f"/api/v1/alerts{path}", headers=bearer)
        return answer.status_code, answer.json()

    status, body = ask("truc1")
    assert (status, body["total"]) == (200, 1)
    assert ask("canbo.dian")[1]["total"] == 0
    assert ask("canbo.dian", f"/{alert.pk}")[0] == 404
    assert ask("nguoila")[0] == 403
    assert Client().get("/api/v1/alerts").status_code == 401


def test_the_api_acknowledges_and_closes(world: World, alert: Alert) -> None:
    bearer = {"Authorization": f"Bearer {world.key('truc1')}"}
    path = f"/api/v1/alerts/{alert.pk}"
    answer = Client().post(f"{path}/acknowledge", headers=bearer)
    assert answer.json()["state"] == "acknowledged"
    assert Client().post(f"{path}/acknowledge", headers=bearer).status_code == 422
    closed = Client().post(
        f"{path}/close", {"outcome": "duplicate", "note": "Trùng"}, "application/json",
        headers=bearer,
    )  # fmt: skip
    assert closed.json()["outcome"] == "duplicate"
    leader = {"Authorization": f"Bearer {world.key('chutich')}"}
    assert Client().post(f"{path}/acknowledge", headers=leader).status_code == 403


def test_a_rule_is_tried_on_the_past(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    states = ["normal", "critical", "watch", "critical", "normal", "critical"]
    points = [
        SimpleNamespace(state=state, end=NOW - timedelta(hours=10 - hour))
        for hour, state in enumerate(states)
    ]
    monkeypatch.setattr(backtests, "indicators", SimpleNamespace(series=lambda *_: points))
    body = {"indicator": "muc-nuoc", "unit": "25747"}

    def ask(**changes: object) -> tuple[int, list[dict[str, object]]]:
        bearer = {"Authorization": f"Bearer {world.key('truc1')}"}
        answer = Client().post(
            "/api/v1/alerts/backtest", body | changes, "application/json", headers=bearer
        )
        return answer.status_code, answer.json()

    status, episodes = ask()
    assert (status, [one["count"] for one in episodes]) == (200, [2, 1])
    assert episodes[1]["cleared_at"] is None
    assert ask(hold_minutes=90)[1][0]["count"] == 1
    assert ask(raises=["critical"], clears=["critical"])[0] == 422
    stranger = {"Authorization": f"Bearer {world.key('nguoila')}"}
    answer = Client().post("/api/v1/alerts/backtest", body, "application/json", headers=stranger)
    assert answer.status_code == 403


def test_a_longer_list_costs_no_more_queries(
    world: World, see: See, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for unit in ("25747", "25741", "25942", "718", "724"):
        see("critical", unit=unit)
    client = world.client("truc1")
    client.get("/console/alerts/")
    with django_assert_max_num_queries(20) as few:
        client.get("/console/alerts/?unit=724")
    with django_assert_max_num_queries(20) as many:
        client.get("/console/alerts/")
    assert len(many) <= len(few) + 1


def test_the_indicators_door_has_what_alerts_need(indicators: FakeIndicators) -> None:
    assert {"figure", "indicator", "Figure"} <= set(dir(indicators_api))
