"""What is kept no longer goes, and nothing else: rows by their time, files since they came."""

import datetime as dt
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from haidang.data.catalogue import api as catalogue
from haidang.data.catalogue.api import FieldSpec
from haidang.data.ingest import api as ingest
from haidang.data.ingest.models import Run
from haidang.data.protection import api as protection
from haidang.data.protection import errors
from haidang.data.protection.actions import carrying, ledger, retaining
from haidang.data.protection.models import Removal, Retention
from haidang.data.protection.rules import keeping
from haidang.data.warehouse import api as warehouse
from haidang.foundation.access import api as access
from haidang.foundation.access.api import EVERYTHING
from haidang.foundation.core import files
from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.core.errors import NotAllowedError
from haidang.foundation.core.models import AuditEntry
from haidang.foundation.core.testing import run_jobs
from tests.world import World, build_world

FIELDS = (
    FieldSpec("xa", "Phường, xã", "unit", required=True, key=True),
    FieldSpec("ma", "Mã", required=True, key=True),
    FieldSpec("ngay", "Ngày", "date"),
    FieldSpec("so", "Số", "integer"),
)
HEAD = "Phường, xã;Mã;Ngày;Số\n"
NOW = dt.datetime(2026, 11, 24, 1, 40, tzinfo=keeping._ZONE)
TODAY = NOW.date()
PERIOD = retaining.Period(24, 12, "Danh mục thời hạn bảo quản của tỉnh", "45/QĐ-UBND")


@pytest.fixture
def world(db: None) -> World:
    built = build_world()
    for dataset in ("ho-so", "ho-khac"):
        catalogue.define(
            dataset=dataset, title="Hồ sơ", fields=FIELDS, time_field="ngay", by=SYSTEM,
            owner_unit_id=built.unit("74.STNMT"),
        )  # fmt: skip
        ingest.create_source(
            code=f"{dataset}-xa", title="Hồ sơ của xã", kind="file", dataset=dataset,
            supplier_unit_id=built.unit("74.STNMT"), by=SYSTEM,
        )  # fmt: skip
    for who, role in (
        ("thongke.stnmt", "data_steward"),
        ("giamdoc.stnmt", "data_steward"),
        ("giamdoc.stnmt", "data_protection_officer"),
    ):
        access.grant(account=built.accounts[who], role=role, unit=built.unit("74"), by=SYSTEM)
    return built


def load(*rows: str, dataset: str = "ho-so", came: dt.date = TODAY) -> Run:
    text = HEAD + "".join(f"25747;{row}\n" for row in rows)
    receipt = ingest.load(source=f"{dataset}-xa", file=text.encode(), name=f"{came}.csv", by=SYSTEM)
    moment = dt.datetime.combine(came, dt.time(9), keeping._ZONE)
    Run.objects.filter(pk=receipt.run_id).update(received_at=moment, approval="not_needed")
    return Run.objects.get(pk=receipt.run_id)


def keep(world: World, period: retaining.Period = PERIOD) -> Retention:
    made = retaining.propose(dataset="ho-so", period=period, by=world.scope("thongke.stnmt"))
    retaining.approve(dataset="ho-so", by=world.scope("giamdoc.stnmt"), seal=made.seal)
    return Retention.objects.get()


def held(dataset: str = "ho-so") -> dict[str, Any]:
    rows = warehouse.rows(dataset, scope=EVERYTHING, columns=["ma", "so"]).rows
    return dict(rows)


def is_kept(run: Run) -> bool:
    return files.path(str(run.file_id)).exists()


def test_only_what_is_over_goes_and_what_remains_says_so(world: World) -> None:
    old = load(
        "A;01/02/2020;1", "B;23/11/2024;2", "C;24/11/2024;3", "D;;4", came=dt.date(2025, 1, 1)
    )
    load("A;01/03/2020;9", came=dt.date(2025, 1, 2))  # a correction, over as well
    load("E;01/02/2020;5", came=dt.date(2025, 1, 3))
    load("E;01/02/2026;6")  # its newest value is not over: its history stays
    other = load("A;01/02/2020;1", dataset="ho-khac", came=dt.date(2020, 1, 1))
    waits = load("F;01/02/2020;1", "G;không phải ngày;1", came=dt.date(2025, 1, 5))
    assert warehouse.faults() == [] and len(held()) == 6

    found = keep(world)
    seen = retaining.preview(found, NOW)
    assert seen["lake"]["counts"]["dòng của ho-so"] == 4  # A twice, B, F
    assert seen["originals"]["counts"] == {"tệp gốc": 3}
    assert len(held()) == 6, "a preview takes nothing"

    assert retaining.remove_what_is_over(NOW) == 1
    assert retaining.remove_what_is_over(NOW) == 0, "one at work is not begun again"
    run_jobs()
    assert held() == {"C": 3, "D": 4, "E": 6} and held("ho-khac") == {"A": 1}
    assert [is_kept(one) for one in (old, waits, other)] == [False, True, True]
    assert warehouse.faults() == []
    removal = Removal.objects.get()
    assert removal.state == "done" and "24/11/2024" in removal.shown and not removal.refuses
    assert retaining.remove_what_is_over(NOW) == 0, "nothing is left that is over"
    done = AuditEntry.objects.filter(action__startswith="protection.").values_list(
        "action", flat=True
    )
    assert {"protection.retention_due", "protection.removal_done"} <= set(done)

    receipt = ingest.receipt(old.pk)
    assert (receipt.read, receipt.accepted) == (4, 4), "the receipt still says what came"
    assert ingest.lineage("ho-so", old.pk).file_gone == "Đã hết thời hạn lưu giữ"
    page = world.client("thongke.stnmt").get(f"/console/sources/runs/{old.pk}/").content.decode()
    assert page.count("hết thời hạn lưu giữ") == 2 and "/original" not in page
    assert protection.file_guard(str(old.file_id)) == "erased", "the same may come again"


def test_files_that_others_need_stay(world: World) -> None:
    shared = load("A;01/02/2026;1", came=dt.date(2025, 1, 1))
    again = load("A;01/02/2026;1", dataset="ho-khac")
    assert shared.file_id == again.file_id
    pending = load("B;01/02/2026;1", came=dt.date(2025, 1, 1))
    Run.objects.filter(pk=pending.pk).update(approval="pending")
    keep(world, retaining.Period(None, 12, "Danh mục", "45/QĐ"))

    assert retaining.remove_what_is_over(NOW) == 0
    assert is_kept(shared) and is_kept(pending)


def test_a_restored_backup_loses_again_what_was_over(world: World) -> None:
    load("A;01/02/2020;1", "C;24/11/2025;3", came=dt.date(2025, 12, 1))
    keep(world, retaining.Period(24, None, "Danh mục", "45/QĐ"))
    retaining.remove_what_is_over(NOW)
    run_jobs()
    entry = ledger.read(ledger.folder())[-1]
    assert entry["expired"]["ho-so"]["rows"].startswith("2024-11-24")
    load("A;01/02/2020;1")  # as an older backup would still hold it
    carrying.repeat(Removal.objects.get())
    assert held() == {"C": 3}


def test_two_persons_and_the_reach_of_each(world: World) -> None:
    steward = world.scope("thongke.stnmt")
    made = retaining.propose(dataset="ho-so", period=PERIOD, by=steward)
    with pytest.raises(NotAllowedError):
        retaining.approve(dataset="ho-so", by=steward, seal=made.seal)
    with pytest.raises(NotAllowedError):
        retaining.propose(dataset="ho-so", period=PERIOD, by=world.scope("canbo.dian"))
    load("A;01/02/2020;1", came=dt.date(2020, 1, 1))
    assert retaining.remove_what_is_over(NOW) == 0, "proposed is not approved"
    other = replace(PERIOD, rows_months=(PERIOD.rows_months or 0) + 1)
    seen = retaining.propose(dataset="ho-so", period=other, by=steward)
    made = retaining.propose(dataset="ho-so", period=PERIOD, by=steward)
    head = world.scope("giamdoc.stnmt")
    with pytest.raises(errors.ChangedPeriodError, match="đã đổi"):
        retaining.approve(dataset="ho-so", by=head, seal=seen.seal)
    retaining.approve(dataset="ho-so", by=head, seal=made.seal)
    retaining.propose(dataset="ho-so", period=PERIOD, by=steward)
    assert retaining.remove_what_is_over(NOW) == 0, "a changed period waits again"
    retaining.stop(dataset="ho-so", by=steward, reason="Đang thanh tra")
    assert retaining.remove_what_is_over(NOW) == 0 and held() == {"A": 1}
    with pytest.raises(protection.ProtectionError, match="thời gian"):
        catalogue.define(
            dataset="khong-gio", title="Không giờ", fields=FIELDS[:2], by=SYSTEM,
            owner_unit_id=world.unit("74.STNMT"),
        )  # fmt: skip
        retaining.propose(dataset="khong-gio", period=PERIOD, by=steward)


def test_page_and_route_go_the_same_way(world: World) -> None:
    load("A;01/02/2020;1", came=dt.date(2020, 1, 1))
    steward, officer = (world.client(one) for one in ("thongke.stnmt", "giamdoc.stnmt"))
    where = "/console/protection/retention/ho-so/"
    said = {"rows_months": "24", "files_months": "", "legal_basis": "Danh mục", "document": "45/QĐ"}
    assert "giữ mãi" in steward.get(where).content.decode()
    assert steward.post(where, said | {"legal_basis": ""}).status_code == 422
    assert steward.post(where, said).status_code == 302
    page = steward.get(where).content.decode()
    assert "1 dòng của ho-so" in page and "Duyệt thời hạn" not in page
    assert "Duyệt thời hạn" in officer.get(where).content.decode()
    assert "24 tháng" not in page and "2 năm" in page
    body = {"rows_months": 60, "legal_basis": "Danh mục", "document": "46/QĐ"}
    url = "/api/v1/datasets/ho-so/retention"
    put = steward.put(url, body, content_type="application/json")
    assert put.status_code == 200 and put.json()["state"] == "proposed", put.content
    seal = {"seal": put.json()["seal"]}
    approve = partial(Client.post, path=f"{url}/approve", content_type="application/json")
    assert approve(steward, data=seal).status_code == 403
    assert approve(officer, data={"seal": "khac"}).status_code == 422
    assert approve(officer, data=seal).json()["state"] == "on"
    seen = steward.get(url).json()
    assert seen["preview"]["lake"]["counts"]["dòng của ho-so"] == 1
    assert [one["dataset"] for one in steward.get("/api/v1/retention").json()] == ["ho-so"]
    listed = steward.get("/console/protection/retention/?sort=-state").content.decode()
    assert "dòng 5 năm" in listed
    told = b"".join(steward.get("/console/protection/retention/?format=csv")).decode()  # type: ignore[arg-type]
    assert "ho-so,Hồ sơ,dòng 5 năm" in told.replace(";", ",")
    stranger = world.client("canbo.dian")
    assert stranger.get(where).status_code in {403, 404}
    assert stranger.get(url).status_code in {403, 404}


def test_a_moment_for_every_kind_of_time() -> None:
    before = dt.datetime(2024, 11, 24, tzinfo=keeping._ZONE)
    from haidang.data.warehouse import rules

    assert rules.cut("datetime", before) == "TIMESTAMPTZ '2024-11-24T00:00:00+07:00'"
    assert rules.cut("date", before) == "DATE '2024-11-24'"
    assert (rules.cut("year", before), rules.cut("yearmonth", before)) == ("2024", "'2024-11'")
    assert rules.cut("string", before) is None


@given(st.datetimes(dt.datetime(2020, 1, 1), dt.datetime(2100, 1, 1)), st.integers(1, 1200))
@settings(suppress_health_check=[HealthCheck.differing_executors])
def test_months_are_counted_as_people_do(moment: dt.datetime, months: int) -> None:
    now = moment.replace(tzinfo=keeping._ZONE)
    before = keeping.over_before(months, now)
    gone = (now.year - before.year) * 12 + now.month - before.month
    assert gone == months and before.day in {now.day, before.day} and before.day <= now.day
    after = before.date() + dt.timedelta(days=1)
    assert before.day == now.day or after.day == 1
