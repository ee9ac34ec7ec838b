"""The register of devices: pages, file, calendar, silence; who may not; constant queries."""

import csv
import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from haidang.data.ingest import api as ingest
from haidang.data.ingest.models import Device, Watch
from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.core.models import AuditEntry
from tests.readings import read
from tests.world import World

LIST = "/console/sources/devices/"
HEAD = "Mã thiết bị;Tên thiết bị;Mã nguồn;Mã đơn vị;Vĩ độ;Kinh độ;Thông số;Chu kỳ gửi (giây)\n"


@pytest.fixture
def steward(world: World, sensors: str) -> Client:
    return world.client("thongke.stnmt")


def _get(client: Client, path: str, **query: str) -> str:
    answer = client.get(path, query)
    assert answer.status_code == 200, answer.content.decode()[:500]
    body = b"".join(answer) if answer.streaming else answer.content
    return body.decode()


def test_a_device_is_registered_changed_and_retired_in_the_browser(
    world: World, steward: Client
) -> None:
    said = {
        "code": "NT-001", "source": "khong-khi", "title": "Trạm nước thải Sóng Thần",
        "unit": world.unit("25747"), "latitude": "10,9804", "longitude": "106.6519",
        "metrics": "ph, cod", "interval": "300", "limits": "cod: 75", "note": "",
        "reason": "Quyết định 12",
    }  # fmt: skip
    refused = steward.post(f"{LIST}new/", {**said, "longitude": "", "limits": "cod 75"})
    assert refused.status_code == 422
    assert "Cần ghi cả vĩ độ và kinh độ" in refused.content.decode()
    assert "thông số: số" in refused.content.decode()
    made = steward.post(f"{LIST}new/", said)
    assert made["Location"] == f"{LIST}NT-001/"
    page = _get(steward, f"{LIST}NT-001/")
    assert "Trạm nước thải Sóng Thần" in page
    assert "10,98040, 106,65190" in page
    del said["code"], said["source"]
    assert steward.post(f"{LIST}NT-001/edit/", {**said, "title": "Trạm 1"}).status_code == 302
    assert steward.post(f"{LIST}NT-001/state/", {"state": "retired"}).status_code == 302
    assert Device.objects.get(code="NT-001").state == "active", "no reason, no change"
    steward.post(f"{LIST}NT-001/state/", {"state": "retired", "reason": "Đã tháo dỡ"})
    assert Device.objects.get(code="NT-001").state == "retired"
    entries = AuditEntry.objects.filter(action__startswith="ingest.device").order_by("id")
    told = [(one.action, one.reason) for one in entries if one.actor_label != SYSTEM.label]
    assert told == [
        ("ingest.device_registered", "Quyết định 12"),
        ("ingest.device_changed", "Quyết định 12"),
        ("ingest.device_state_set", "Đã tháo dỡ"),
    ]


def test_the_list_is_searched_without_accents_narrowed_and_taken_away(
    world: World, steward: Client
) -> None:
    for code, title, unit in (("A-1", "Cầu Phú Cường", "25747"), ("B-2", "Dĩ An", "25942")):
        ingest.register_device(
            code=code, source="khong-khi", unit_id=world.unit(unit), title=title, by=SYSTEM
        )
    Watch.objects.filter(device__code="B-2").update(silent_since=timezone.now())
    assert "A-1" in (page := _get(steward, LIST, q="cau phu"))
    assert "B-2" not in page
    assert "B-2" in (page := _get(steward, LIST, state="silent"))
    assert "A-1" not in page
    assert "A-1" in (page := _get(steward, LIST, unit="25747", sort="-title"))
    assert "Phường Phú Cường</td>" in page
    for column in ("code", "unit", "source", "last"):
        _get(steward, LIST, sort=column)
    assert "B-2" not in page
    file = _get(steward, LIST, format="csv", q="di an")
    assert "B-2,Dĩ An,khong-khi,25942" in file
    assert "A-1" not in file


def test_who_may_not_see_or_change_a_device(world: World, sensors: str) -> None:
    code = "esp8266-12779556"
    for name in ("nguoila", "canbo.dian"):
        client = world.client(name)
        assert client.get(f"{LIST}{code}/").status_code in (403, 404)
        assert client.get(f"/api/v1/devices/{code}").status_code in (403, 404)
        assert client.post(f"{LIST}{code}/state/", {"state": "retired"}).status_code in (403, 404)
    head = world.client("giamdoc.stnmt")
    assert head.get(f"{LIST}{code}/").status_code == 200
    assert head.get(f"{LIST}new/").status_code == 403
    assert head.post(f"{LIST}import/").status_code == 403
    assert head.post(f"{LIST}{code}/plans/", {}).status_code == 403


def _sent(client: Client, content: bytes, name: str = "x.csv") -> Any:
    return client.post(f"{LIST}import/", {"file": SimpleUploadedFile(name, content)})


def _hidden(page: str) -> str:
    return page.split('name="rows" value="')[1].split('"')[0]


def test_a_file_is_shown_before_it_is_taken_and_says_what_is_wrong_with_which_row(
    world: World, steward: Client
) -> None:
    rows = (
        "N-1;Trạm một;khong-khi;25747;10,9;106,6;ph, cod;300\n"
        "N-2;Trạm hai;khong-khi;99999;;;;\n"
        "N-3;Trạm ba;nguon-la;25747;;;;\n"
        "N-1;Trùng mã;khong-khi;25747;;;;\n"
        "N-4;Đổi chỗ;khong-khi;25747;106,6;10,9;;\n"
        "esp8266-12779556;Cảm biến cầu;khong-khi;25747;;;pm10, pm25, nhiet-do, do-am;\n"
        ";Không mã;khong-khi;25747;;;;\n"
    )
    page = _sent(steward, (HEAD + rows).encode()).content.decode()
    for said in (
        "Không có đơn vị mang mã “99999”", "Nguồn “nguon-la” không có trong phạm vi",
        "đã có ở dòng 2", "Tọa độ nằm ngoài phạm vi",
        "Cột “Mã thiết bị” để trống", "Tên thiết bị: trống → <b>Cảm biến cầu</b>",
    ):  # fmt: skip
        assert said in page, said
    assert not Device.objects.filter(code="N-1").exists(), "a preview changes nothing"
    rows_sent = _hidden(page)
    lacking = steward.post(f"{LIST}import/", {"rows": rows_sent})
    assert "Cần ghi lý do" in lacking.content.decode()
    other = world.client("quantri").post(f"{LIST}import/", {"rows": rows_sent, "reason": "x"})
    assert "quá hạn" in other.content.decode(), "another account cannot use the rows"
    done = steward.post(f"{LIST}import/", {"rows": rows_sent, "reason": "Công văn 7"})
    assert done.status_code == 302
    assert set(Device.objects.values_list("code", "title")) == {
        ("N-1", "Trạm một"), ("esp8266-12779556", "Cảm biến cầu"),
    }  # fmt: skip
    assert AuditEntry.objects.filter(reason="Công văn 7").count() == 2
    again = _sent(steward, (HEAD + rows).encode()).content.decode()
    assert "Không có dòng nào để nhập" in again


def test_what_is_exported_can_be_imported_again_as_a_workbook(
    world: World, steward: Client
) -> None:
    file = _get(steward, LIST, format="csv").lstrip("\ufeff")
    sent = io.BytesIO()
    book = xlsxwriter.Workbook(sent)
    sheet = book.add_worksheet()
    for number, row in enumerate(csv.reader(io.StringIO(file))):
        sheet.write_row(number, 0, row)
    book.close()
    answer = steward.post(
        "/api/v1/device-table", {"file": SimpleUploadedFile("x.xlsx", sent.getvalue())}
    )
    assert answer.status_code == 200, answer.content
    said = answer.json()
    assert said["counts"] == {"new": 0, "changed": 0, "same": 1, "refused": 0}, said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Tệp trống"),
        ("Tên;Mã nguồn\nx;y\n".encode(), "Tệp thiếu cột “Mã thiết bị”, “Mã đơn vị”"),
        (b"%PDF-1.4", "PDF"),
        (("TUYỆT MẬT\n" + HEAD).encode(), "độ mật"),
    ],
)
def test_files_that_cannot_be_read_are_refused_with_the_mend(
    steward: Client, content: bytes, said: str
) -> None:
    answer = _sent(steward, content)
    assert answer.status_code == 422
    assert said in answer.content.decode()


def test_the_api_does_all_that_the_pages_do(world: World, steward: Client) -> None:
    body = {
        "code": "API-1", "source": "khong-khi", "unit": "25747", "metrics": ["ph"],
        "reason": "Thử", "interval": 60, "limits": {"ph": 9},
    }  # fmt: skip
    post = _poster(steward)
    assert post("/api/v1/devices", body).status_code == 201
    assert post("/api/v1/devices", body).status_code in (400, 422)
    changed = steward.patch(
        "/api/v1/devices/API-1", {"title": "Mới", "reason": "Thử"}, "application/json"
    )
    assert changed.json()["title"] == "Mới"
    start = (timezone.now() + dt.timedelta(days=1)).isoformat()
    plan = {"kind": "calibration", "starts_at": start, "minutes": 60, "performer": "Quatest 3"}
    made = post("/api/v1/devices/API-1/calendar", plan | {"every_days": 30})
    assert made.status_code == 201, made.content
    calendar = steward.get("/api/v1/devices/API-1/calendar").json()
    assert len(calendar) == 6
    address = f"/api/v1/devices/API-1/calendar/{made.json()['plan']}/withdraw"
    assert post(address, {"reason": "Hoãn"}).status_code == 204
    assert steward.get("/api/v1/devices/API-1/calendar").json() == []
    assert (
        post("/api/v1/devices/API-1/state", {"state": "maintenance", "reason": "x"}).json()["state"]
        == "maintenance"
    )
    listed = steward.get("/api/v1/devices", {"q": "moi"}).json()
    assert (listed["total"], listed["items"][0]["code"]) == (1, "API-1")


def _poster(client: Client) -> Callable[[str, Any], Any]:
    return lambda path, body: client.post(path, body, "application/json")


def test_a_page_of_many_devices_costs_as_many_queries_as_one(
    world: World, steward: Client, django_assert_max_num_queries: Any
) -> None:
    owner = Device.objects.get().source
    Device.objects.bulk_create(
        Device(code=f"M-{n}", source=owner, unit_id=world.unit("25747")) for n in range(60)
    )
    with django_assert_max_num_queries(24):
        _get(steward, LIST)


def test_the_page_of_a_device_shows_what_it_measured(steward: Client) -> None:
    now = timezone.now()
    code = "esp8266-12779556"
    read(
        [
            (code, "pm25", now - dt.timedelta(minutes=10 * n), 30.0 + n, "measuring")
            for n in range(9)
        ]
        + [(code, "pm10", now - dt.timedelta(minutes=1), 4.0, "calibrating")]
    )
    page = _get(steward, f"{LIST}{code}/")
    assert "30,00" in page
    assert "đang hiệu chuẩn" in page
    assert 'class="spark"' in page
