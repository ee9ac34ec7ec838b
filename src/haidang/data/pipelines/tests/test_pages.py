"""The browser's way: write, try, a second person approves, run, look; and the typed routes."""

import datetime as dt
import json
import re
from dataclasses import replace
from typing import Any

import pytest
from django.apps import apps
from django.http import HttpResponse

from haidang.data.catalogue import api as catalogue
from haidang.data.pipelines import api as pipelines
from haidang.data.pipelines.models import Pipeline, PipelineRun
from haidang.data.pipelines.tests.conftest import SECOND, SQL, SUMS, WRITER, bring, make
from haidang.foundation.core.audit import SYSTEM
from tests.world import World

HOME = "/console/pipelines/"
FORM: dict[str, Any] = {
    "title": "Tổng ca bệnh", "code": "tong", "output": "tong-thang", "inputs": ["ca-benh"],
    "sql": SQL, "min_rows": "1", "test_title_1": "Không âm",
    "test_sql_1": "SELECT * FROM ket_qua WHERE so_ca < 0", "cadence": "daily", "at": "02:15",
    "lookback": "40", "why": "Theo kế hoạch 12/KH",
}  # fmt: skip
YEAR = (dt.date(2026, 1, 1), dt.date(2027, 1, 1))
SPAN = {"from_day": "2026-01-01", "last_day": "2026-12-31"}


def test_from_the_form_to_rows(world: World) -> None:
    bring(("25747", "2026-01-05", 3), ("25741", "2026-02-01", 5000))
    writer, second = world.client(WRITER), world.client(SECOND)
    wrong = writer.post(f"{HOME}new/", FORM | {"sql": "SELECT * FROM khac"})
    assert wrong.status_code == 422 and "không có trong các bộ dữ liệu" in wrong.content.decode()
    assert writer.post(f"{HOME}new/", FORM)["Location"] == f"{HOME}tong/"

    tried = writer.post(f"{HOME}tong/try/", SPAN).content.decode()
    assert "chỗ chưa đạt" in tried and "so_ca" in tried  # 5000 breaks the contract
    draft = FORM | {"sql": SQL.replace("WHERE", "WHERE so_ca < 1000 AND")}
    assert writer.post(f"{HOME}tong/edit/", draft).status_code == 302
    assert "Chạy thử đạt" in writer.post(f"{HOME}tong/try/", SPAN).content.decode()
    assert 'value="approve"' not in writer.get(f"{HOME}tong/").content.decode()
    assert 'value="approve"' in second.get(f"{HOME}tong/").content.decode()
    seen = re.search(r'name="seal"\s+value="(\w+)"', second.get(f"{HOME}tong/").content.decode())
    assert seen
    approval = {"do": "approve", "reason": "Đã xem", "seal": seen[1]}
    old = second.post(f"{HOME}tong/do/", approval | {"seal": "khac"}, follow=True)
    assert "đã đổi từ lúc bạn xem" in old.content.decode()
    second.post(f"{HOME}tong/do/", approval)
    one = Pipeline.objects.get()
    assert one.is_on and one.next_at is not None and one.lookback == 40

    answer = writer.post(f"{HOME}tong/do/", SPAN | {"do": "run"})
    run = pipelines.run(PipelineRun.objects.get().pk)
    page = writer.get(answer["Location"]).content.decode()
    assert run.state == "landed" and f"Biên nhận của lô {run.batch}" in page
    past = SPAN | {"step": "month", "reason": "Sửa cách tính"}
    writer.post(f"{HOME}tong/backfill/", past)
    page = writer.get(f"{HOME}tong/").content.decode()
    assert "0/12 kỳ xong" in page
    assert "Tổng ca bệnh" in writer.get(HOME).content.decode()
    assert "Tổng tháng" in writer.get(f"{HOME}graph/").content.decode()
    assert b"tong-thang" in b"".join(writer.get(f"{HOME}?format=csv"))
    assert writer.post(f"{HOME}tong/timing/", FORM | {"cadence": "hourly"}).status_code == 302


def told(answer: HttpResponse) -> set[str]:
    """Return the columns under which an answer shows the value 63."""
    assert answer.status_code == 200
    return set(re.findall(r"\b(so_ca|x)\W{1,5}63\b", answer.content.decode()))


def test_rows_of_a_failing_test_show_personal_data_only_to_who_may_see_it(world: World) -> None:
    bring(("25747", "2026-01-05", 3))
    make(world, tests=[{"title": "Dưới 50", "sql": "SELECT so_ca, so_ca AS x FROM ket_qua"
                        " WHERE so_ca >= 50"}])  # fmt: skip
    bring(("25747", "2026-01-06", 60))
    run = pipelines.run(pipelines.run_now(pipeline="tong", by=world.scope(WRITER), days=YEAR).pk)
    pages = (
        f"{HOME}runs/{run.pk}/",
        f"/api/v1/pipeline-runs/{run.pk}",
        "/api/v1/pipelines/tong/runs",
    )
    viewer, writer = world.client("giamdoc.stnmt"), world.client(WRITER)
    assert all(told(viewer.get(page)) == {"so_ca"} for page in pages), "x may be of the masked name"

    fields = [replace(one, personal_data="name" if one.name == "so_ca" else "") for one in SUMS]
    catalogue.revise(dataset="tong-thang", fields=fields, reason="x", by=SYSTEM)
    for page in pages:
        assert told(viewer.get(page)) == set()
        assert told(writer.get(page)) == {"so_ca", "x"}
    looks = apps.get_model("protection", "Look").objects.filter(
        dataset="tong-thang", way="query", columns=["so_ca"], rows=1
    )
    assert looks.count() == len(pages)


def test_who_may_not(world: World) -> None:
    bring(("25747", "2026-01-05", 3))
    make(world)
    run = pipelines.run_now(pipeline="tong", by=world.scope(WRITER))
    for stranger, wanted in (("nguoila", 403), ("canbo.phucuong", 404)):
        client = world.client(stranger)
        for page in ("tong/", f"runs/{run.pk}/"):
            assert client.get(HOME + page).status_code == wanted, (stranger, page)
        assert client.post(f"{HOME}tong/do/", {"do": "run"}).status_code == wanted
        assert "Tổng ca bệnh" not in client.get(HOME).content.decode()
    leader = world.client("chutich")
    assert leader.get(f"{HOME}tong/").status_code == 200
    assert leader.post(f"{HOME}tong/do/", {"do": "run"}).status_code == 403
    assert leader.post(f"{HOME}tong/do/", {"do": "stop", "reason": "x"}).status_code == 403
    assert leader.get(f"{HOME}tong/edit/").status_code == 403


def test_the_routes(world: World) -> None:
    bring(("25747", "2026-01-05", 3))

    def call(who: str, method: str, path: str, body: Any = None) -> Any:
        answer = world.client(who).generic(
            method, f"/api/v1{path}", json.dumps(body or {}), content_type="application/json"
        )
        return answer.status_code, answer.json() if answer.content else None

    body = {"code": "tong", "title": "Tổng", "output": "tong-thang", "sql": SQL,
            "inputs": ["ca-benh"], "why": "thử", "timing": {"cadence": "landed"}}  # fmt: skip
    year = {"from_day": "2026-01-01", "to_day": "2027-01-01"}
    assert call("chutich", "POST", "/pipelines", body)[0] == 403
    assert call(WRITER, "POST", "/pipelines", body)[0] == 201
    assert call(WRITER, "POST", "/pipelines", body)[0] == 422
    status, tried = call(WRITER, "POST", "/pipelines/tong/try", year)
    assert status == 200 and tried["is_good"] and tried["first"][0]["cells"]
    seal = call(SECOND, "GET", "/pipelines/tong")[1]["versions"][0]["seal"]
    approval = {"reason": "được", "seal": seal}
    assert call(WRITER, "POST", "/pipelines/tong/approve", approval)[0] == 403
    status, refused = call(SECOND, "POST", "/pipelines/tong/approve", approval | {"seal": ""})
    assert status == 422 and "đã đổi từ lúc bạn xem" in str(refused)
    assert call(SECOND, "POST", "/pipelines/tong/approve", approval)[1]["is_on"]
    status, run = call(WRITER, "POST", "/pipelines/tong/runs", year)
    assert status == 202
    pipelines.run(run["id"])
    told = call("chutich", "GET", f"/pipeline-runs/{run['id']}")[1]
    assert told["state"] == "landed" and told["rows_made"] == 1 and told["inputs"][0]["new"]
    assert call(WRITER, "POST", f"/pipeline-runs/{run['id']}/cancel")[0] == 422
    past = year | {"step": "year", "reason": "lại"}
    assert call(WRITER, "POST", "/pipelines/tong/backfills", past)[1][0]["total"] == 1
    asked = call(WRITER, "GET", "/pipelines/tong/backfills")[1][0]["id"]
    assert call(WRITER, "POST", f"/pipeline-backfills/{asked}/cancel")[0] == 204
    assert call(WRITER, "POST", "/pipelines/tong/stop", {"reason": "nghỉ"})[1]["is_on"] is False
    assert call(WRITER, "POST", "/pipelines/tong/resume")[1]["is_on"]
    assert call(WRITER, "POST", "/pipelines/tong/versions", body)[1]["number"] == 2
    around = {"title": "Tên mới", "cadence": "daily", "at": "01:00:00", "lookback": 9}
    assert call(WRITER, "PUT", "/pipelines/tong", around)[1]["title"] == "Tên mới"
    assert call(WRITER, "GET", "/pipelines")[1]["total"] == 1
    assert call(WRITER, "GET", "/pipelines/graph")[1][0]["output"] == "tong-thang"
    assert call("canbo.phucuong", "GET", "/pipelines/tong")[0] == 404
    assert call(WRITER, "GET", "/pipelines/tong/runs")[1]["total"] == 2


@pytest.mark.parametrize("days", [{"from_day": "2026-01-01"}, {"from_day": "x", "last_day": "y"}])
def test_bad_days_are_told(world: World, days: dict[str, str]) -> None:
    bring(("25747", "2026-01-05", 3))
    make(world)
    assert world.client(WRITER).post(f"{HOME}tong/try/", days).status_code == 422
