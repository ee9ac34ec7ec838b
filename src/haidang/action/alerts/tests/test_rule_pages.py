"""Rules in the hands of those who manage alerts: a new one, another version, an end."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from haidang.action.alerts.models import Alert, RuleVersion
from haidang.foundation.core.errors import NotFoundError
from haidang.foundation.core.models import AuditEntry
from tests.world import World

from .conftest import LEVEL, FakeIndicators, See

pytestmark = pytest.mark.usefixtures("indicators")

NEW = {
    "code": "muc-nuoc-dem", "kind": "state_change", "name": "Mực nước kéo dài", "subject": LEVEL,
    "sector": "", "unit": "718", "raises": ["critical"], "clears": ["normal", "watch"],
    "hold_minutes": "20", "severity": "3", "reason": "Tránh báo đỉnh ngắn.",
}  # fmt: skip
RULES = "/console/alerts/rules/"


def _post(world: World, path: str, who: str = "giamdoc.ioc", **changes: object) -> tuple[int, str]:
    answer = world.client(who).post(f"{RULES}{path}", NEW | changes, follow=True)
    return answer.status_code, answer.content.decode()


def test_a_rule_of_one_s_own_governs_from_now_on(world: World, see: See) -> None:
    status, page = _post(world, "new/")
    assert status == 200
    assert "Mực nước kéo dài" in page
    version = RuleVersion.objects.get(rule__code="muc-nuoc-dem")
    assert (version.hold, version.unit_id) == (timedelta(minutes=20), world.unit("718"))
    assert AuditEntry.objects.filter(action="alerts.rule_defined").exists()


def test_another_version_starts_from_what_the_present_one_says(world: World) -> None:
    address = f"{RULES}thuy-van-nguy-hiem/"
    page = world.client("giamdoc.ioc").get(address).content.decode()
    assert "Mực nước, mưa hoặc ngập ở mức nguy hiểm" in page
    assert 'name="code"' not in page
    _post(world, "thuy-van-nguy-hiem/", hold_minutes="5", unit="", subject="", sector="thuy-van")
    numbers = {
        version.number: (version.valid.upper is None, version.hold)
        for version in RuleVersion.objects.filter(rule__code="thuy-van-nguy-hiem")
    }
    assert numbers == {1: (False, timedelta(0)), 2: (True, timedelta(minutes=5))}


def test_a_retired_rule_is_not_offered_again(world: World) -> None:
    client = world.client("giamdoc.ioc")
    assert client.post(f"{RULES}attt-su-co/retire/", {"reason": ""}).status_code == 302
    assert RuleVersion.objects.get(rule__code="attt-su-co").valid.upper is None
    client.post(f"{RULES}attt-su-co/retire/", {"reason": "Trung tâm an ninh mạng tự theo dõi."})
    assert RuleVersion.objects.get(rule__code="attt-su-co").valid.upper is not None
    assert "attt-su-co/" not in client.get(RULES).content.decode()
    assert client.get(f"{RULES}khong-co/").status_code == 404


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"clears": ["critical"]}, "khác trạng thái hết cảnh báo"),
        ({"raises": ["late"]}, "hợp với loại quy tắc"),
        ({"code": "attt-su-co"}, "Đã có quy tắc mang mã này"),
        ({"reason": " "}, "Cần sửa trước khi gửi"),
        ({"hold_minutes": "-1"}, "Cần sửa trước khi gửi"),
    ],
)
def test_what_cannot_be_is_said_on_the_form(
    world: World, changes: dict[str, object], said: str
) -> None:
    before = RuleVersion.objects.count()
    status, page = _post(world, "new/", **changes)
    assert (status, said in page) == (422, True)
    assert "Mực nước kéo dài" in page
    assert RuleVersion.objects.count() == before


def test_a_rule_about_nothing_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*asked: object) -> None:
        raise NotFoundError

    monkeypatch.setattr(FakeIndicators, "indicator", unknown)
    status, page = _post(world, "new/")
    assert (status, "Không có chỉ tiêu hay nguồn nào" in page) == (422, True)


def test_the_api_defines_lists_and_retires(world: World) -> None:
    def ask(who: str, path: str = "", **body: object) -> tuple[int, Any]:
        bearer = {"Authorization": f"Bearer {world.key(who)}"}
        address = f"/api/v1/alert-rules{path}"
        if not body:
            answer = Client().get(address, headers=bearer)
        else:
            answer = Client().post(address, body, "application/json", headers=bearer)
        return answer.status_code, answer.json()

    body = NEW | {"hold_minutes": 20, "severity": 3}
    assert ask("truc1", **body)[0] == 403
    status, made = ask("giamdoc.ioc", **body)
    assert (status, made["number"], made["hold_minutes"], made["unit"]) == (201, 1, 20, "718")
    assert ask("giamdoc.ioc", **body)[1]["number"] == 2
    assert made["code"] in {one["code"] for one in ask("truc1")[1]}
    assert ask("truc1", "/muc-nuoc-dem/retire", reason="Thôi")[0] == 403
    assert ask("giamdoc.ioc", "/muc-nuoc-dem/retire", reason=" ")[0] == 422
    assert ask("giamdoc.ioc", "/muc-nuoc-dem/retire", reason="Thôi")[1]["is_current"] is False
    assert ask("giamdoc.ioc", "/khong-co/retire", reason="Thôi")[0] == 404


@pytest.mark.parametrize("path", ["new/", "attt-su-co/", "attt-su-co/retire/"])
def test_who_may_not_change_rules(world: World, path: str) -> None:
    for who in ("nguoila", "truc1", "chutich", "canbo.phucuong", "thongke.stnmt"):
        assert world.client(who).post(f"{RULES}{path}", NEW).status_code == 403
        assert world.client(who).get(f"{RULES}{path}").status_code in (403, 405)
    assert Client().post(f"{RULES}{path}", NEW).status_code == 302
    assert "rules/new/" not in world.client("truc1").get(RULES).content.decode()


def test_a_changed_rule_leaves_what_it_raised(world: World, see: See, alert: Alert) -> None:
    _post(world, "thuy-van-nguy-hiem/", hold_minutes="5", unit="", subject="", sector="thuy-van")
    alert.refresh_from_db()
    assert (alert.state, alert.version.number) == ("open", 1)
