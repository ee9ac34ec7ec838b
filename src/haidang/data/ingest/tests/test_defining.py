"""Sources are agreed and changed in the browser and by the API, within the scope, with a reason."""

import json

import pytest
from django.urls import reverse

from haidang.data.ingest import api as ingest
from haidang.data.ingest.errors import IngestError
from haidang.data.ingest.models import Source
from haidang.foundation.access import api as access
from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.core.errors import HaidangError
from haidang.foundation.core.models import AuditEntry

STEWARD = "thongke.stnmt"
NEW, OTHER = "ca-benh-thang", "truc1"


@pytest.fixture
def steward(world, source):
    return world.client(STEWARD)


def given(world, **more: object) -> dict[str, object]:
    return {
        "code": NEW, "title": "Ca bệnh hằng tháng", "kind": "file", "dataset": "ca-benh",
        "supplier": world.unit("74.STNMT"), "sector": "", "cycle": "month", "deadline": "16:30",
        "encoding": "tcvn3", "delimiter": "\t", "is_active": "on", "reason": "Công văn 12",
    } | more  # fmt: skip


def test_a_steward_agrees_on_a_source(steward, world):
    assert "Nguồn mới" in steward.get(reverse("ingest:new")).content.decode()
    answer = steward.post(reverse("ingest:new"), given(world))

    assert answer.status_code == 302, answer.content.decode()
    made = Source.objects.get(code=NEW)
    assert (made.sector, made.cycle, made.deadline.hour) == ("y-te", "month", 16)
    assert (made.encoding, made.delimiter, made.is_active) == ("tcvn3", "\t", True)
    entry = AuditEntry.objects.get(action="ingest.source_created", object_id=str(made.pk))
    assert (entry.reason, entry.actor_id) == ("Công văn 12", world.accounts[STEWARD])


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"reason": ""}, "Cần ghi lý do"),
        ({"code": "Ca Bệnh"}, "Chỉ dùng chữ thường"),
        ({"code": "runs"}, "chưa dùng được"),
        ({"code": "ca-benh-tuan"}, "đã có"),
        ({"dataset": "khong-co"}, "Bộ dữ liệu"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_made(steward, world, wrong, said):
    answer = steward.post(reverse("ingest:new"), given(world, **wrong))

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert Source.objects.count() == 1


def test_a_steward_makes_no_source_for_another_unit(steward, world):
    """Not offered, and refused when asked for all the same."""
    ward = {"role": "data_steward", "unit": world.unit("25747"), "by": SYSTEM}
    access.grant(account=world.accounts["canbo.phucuong"], **ward)
    body = world.client("canbo.phucuong").get(reverse("ingest:new")).content.decode()
    assert "(25747)" in body and "(25942)" not in body and "(74.STNMT)" not in body
    answer = steward.post(reverse("ingest:new"), given(world, supplier=world.unit("25942")))

    assert answer.status_code == 422
    assert Source.objects.count() == 1


def test_a_change_is_audited_with_before_after_and_reason(steward, source):
    address = reverse("ingest:edit", args=[source])
    assert "Báo cáo ca bệnh" in steward.get(address).content.decode()
    changed = {"title": "Báo cáo tuần", "cycle": "week", "deadline": "17:00", "reason": "Đổi kỳ"}
    answer = steward.post(address, changed)

    assert answer.status_code == 302
    found = Source.objects.get(code=source)
    assert (found.title, found.cycle, found.is_active) == ("Báo cáo tuần", "week", False)
    entry = AuditEntry.objects.get(action="ingest.source_changed")
    assert entry.reason == "Đổi kỳ"
    assert entry.changes == {
        "title": ["Báo cáo ca bệnh", "Báo cáo tuần"],
        "cycle": ["", "week"],
        "is_active": ["True", "False"],
    }


def test_who_may_not_manage_a_source_neither_makes_nor_changes_one(steward, source, world):
    addresses = [reverse("ingest:new"), reverse("ingest:edit", args=[source])]
    for address in addresses:
        assert world.client(OTHER).get(address).status_code == 403
        assert world.client(OTHER).post(address, given(world)).status_code == 403
    ward = world.client("canbo.phucuong")
    assert ward.get(addresses[1]).status_code in (403, 404)
    assert "ingest:new" not in world.client(OTHER).get(reverse("ingest:sources")).content.decode()


def test_the_api_makes_and_changes_a_source(steward, source, world, client):
    def ask(method: str, path: str, body: dict[str, object], user: str = STEWARD):
        key = {"Authorization": f"Bearer {world.key(user)}"}
        return client.generic(
            method, f"/api/v1{path}", json.dumps(body), content_type="application/json", headers=key
        )

    body = {
        "code": NEW, "title": "Ca bệnh", "kind": "file", "dataset": "ca-benh",
        "supplier": "74.STNMT", "reason": "Thử",
    }  # fmt: skip
    made = ask("POST", "/sources", body)
    assert made.status_code == 201, made.content
    assert made.json()["supplier"] == "74.STNMT"
    assert ask("POST", "/sources", body | {"code": "x", "reason": ""}).status_code == 422
    assert ask("POST", "/sources", body | {"code": "y", "supplier": "25942"}).status_code == 403
    assert ask("POST", "/sources", body | {"code": "z"}, OTHER).status_code == 403

    changed = ask("PATCH", f"/sources/{NEW}", {"is_active": False, "reason": "Ngừng"})
    assert (changed.status_code, changed.json()["is_active"]) == (200, False)
    assert changed.json()["title"] == "Ca bệnh", "what is not said stays"
    assert ask("PATCH", f"/sources/{NEW}", {"dataset": "x", "reason": "a"}).status_code == 422
    assert ask("PATCH", f"/sources/{NEW}", {"mapping": {"x": 1}, "reason": "a"}).status_code == 422


def test_a_source_needs_a_name(source, world):
    with pytest.raises(IngestError, match="tên nguồn"):
        ingest.create_source(
            code=NEW, title=" ", kind="file", dataset="ca-benh",
            supplier_unit_id=world.unit("74.STNMT"), by=SYSTEM,
        )  # fmt: skip


def test_the_dataset_s_own_sector_must_be_covered_too(source, world):
    """Naming another sector opens no way into a dataset of health."""
    who = world.accounts["canbo.phucuong"]
    access.grant(
        account=who, role="data_steward", unit=world.unit("74.SYT"), sector="moi-truong", by=SYSTEM
    )
    with pytest.raises(HaidangError):
        ingest.create_source(
            code=NEW, title="x", kind="file", dataset="ca-benh", sector="moi-truong",
            supplier_unit_id=world.unit("74.SYT"), by=access.scope_of(who),
        )  # fmt: skip
