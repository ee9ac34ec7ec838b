"""The register of cameras: who registers, what must be said, who looked; no pictures anywhere."""

import datetime as dt
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

from haidang.data.ingest.models import Camera, CameraAccess
from haidang.foundation.core.models import AuditEntry
from tests.world import World

LIST = "/console/sources/cameras/"
BODY: dict[str, Any] = {
    "code": "CAM-1", "owner": "74.STNMT", "unit": "25747", "title": "Cổng xả kênh Ba Bò",
    "place": "Cống số 2, hướng kênh", "purpose": "Giám sát xả thải", "legal_basis": "QĐ 12/QĐ-UBND",
    "retention_days": 30, "viewers": "Ca trực Trung tâm", "reason": "Lắp mới",
    "sector": "moi-truong",
}  # fmt: skip


@pytest.fixture
def camera(world: World) -> str:
    client = world.client("thongke.stnmt")
    made = client.post("/api/v1/cameras", BODY, "application/json")
    assert made.status_code == 201, made.content
    return "CAM-1"


def test_a_camera_without_purpose_basis_or_whole_notice_is_refused(world: World) -> None:
    client = world.client("thongke.stnmt")
    for wrong, said in (
        ({"purpose": " "}, "mục đích"),
        ({"legal_basis": ""}, "căn cứ pháp lý"),
        ({"notice_place": "Cổng chào"}, "ngày bắt đầu"),
        ({"sector": "khong-co"}, "lĩnh vực"),
        ({"latitude": 10.9}, "kinh độ"),
    ):
        answer = client.post("/api/v1/cameras", BODY | wrong, "application/json")
        assert answer.status_code in (400, 422, 403), wrong
        assert said in answer.json()["title"] or answer.status_code == 403, answer.json()
    assert not Camera.objects.exists()


def test_the_register_is_kept_in_the_browser_and_says_what_has_no_notice(
    world: World, camera: str
) -> None:
    client = world.client("thongke.stnmt")
    page = client.get(LIST, {"q": "kenh ba bo", "sort": "-owner"}).content.decode()
    assert "Cổng xả kênh Ba Bò" in page
    assert "1 camera chưa có thông báo công khai" in page
    form = {**BODY, "unit": world.unit("25747"), "state": "active", "notice_place": "Cổng"}
    for name in ("code", "owner"):
        del form[name]
    assert client.post(f"{LIST}CAM-1/edit/", form).status_code == 422
    done = client.post(f"{LIST}CAM-1/edit/", form | {"notice_since": "2026-11-01"})
    assert done.status_code == 302, done.content.decode()
    page = client.get(f"{LIST}CAM-1/").content.decode()
    assert "từ 01/11/2026" in page
    actions = AuditEntry.objects.filter(action__startswith="ingest.camera")
    assert sorted(actions.values_list("action", flat=True)) == [
        "ingest.camera_changed", "ingest.camera_registered",
    ]  # fmt: skip


def test_who_looked_is_written_once_and_for_all(world: World, camera: str) -> None:
    client = world.client("thongke.stnmt")
    now = timezone.now()
    entry = {
        "kind": "handed", "at": now.isoformat(), "who": "Trung tá Lê Văn A, Công an TP",
        "purpose": "Điều tra vụ va chạm",
    }  # fmt: skip
    path = f"/api/v1/cameras/{camera}/accesses"
    refused = client.post(path, entry, "application/json")
    assert "văn bản" in refused.json()["title"]
    late = (now + dt.timedelta(hours=1)).isoformat()
    tomorrow = client.post(path, entry | {"at": late, "document": "CV 1"}, "application/json")
    assert "tương lai" in tomorrow.json()["title"]
    made = client.post(path, entry | {"document": "Công văn 88"}, "application/json")
    assert made.status_code == 201
    assert "Trung tá Lê Văn A" in client.get(f"{LIST}{camera}/").content.decode()
    log = client.get(f"{LIST}log/").content.decode()
    assert "Công văn 88" in log
    file = b"".join(client.get(f"{LIST}log/", {"format": "csv"})).decode()
    assert "Điều tra vụ va chạm" in file
    assert client.get("/api/v1/camera-accesses").json()[0]["camera"] == camera
    for method in (client.patch, client.delete, client.put):
        assert method(path).status_code == 405


def test_who_may_not(world: World, camera: str) -> None:
    for name in ("nguoila", "canbo.dian"):
        client = world.client(name)
        assert client.get(f"{LIST}{camera}/").status_code in (403, 404)
        assert client.get(f"/api/v1/cameras/{camera}").status_code in (403, 404)
    leader = world.client("giamdoc.stnmt")
    assert leader.get(f"{LIST}{camera}/").status_code == 200
    assert leader.get(f"{LIST}new/").status_code == 403
    assert leader.post(f"{LIST}{camera}/accesses/", {}).status_code == 403
    assert leader.get(f"{LIST}import/").status_code == 403
    other = BODY | {"code": "CAM-2", "owner": "74.SYT", "sector": "y-te"}
    made = world.client("thongke.stnmt").post("/api/v1/cameras", other, "application/json")
    assert made.status_code == 403


def test_a_file_of_cameras_goes_out_and_comes_back(world: World, camera: str) -> None:
    client = world.client("thongke.stnmt")
    file = b"".join(client.get(f"{LIST}?format=csv")).decode().lstrip("\ufeff")
    more = file.splitlines()[1].replace("CAM-1", "CAM-9").replace("Giám sát xả thải", "Đo mực nước")
    bad = more.replace("CAM-9", "CAM-8").replace("QĐ 12/QĐ-UBND", "")
    sent = SimpleUploadedFile("c.csv", "\n".join([*file.splitlines(), more, bad]).encode())
    page = client.post(f"{LIST}import/", {"file": sent}).content.decode()
    assert "Cột “Căn cứ pháp lý” để trống" in page
    assert "Giữ nguyên: <b>1</b>" in page
    rows = page.split('name="rows" value="')[1].split('"')[0]
    assert client.post(f"{LIST}import/", {"rows": rows, "reason": "CV 5"}).status_code == 302
    assert set(Camera.objects.values_list("code", flat=True)) == {"CAM-1", "CAM-9"}


def test_no_picture_can_be_kept(db: None) -> None:
    kinds = set()
    with connection.cursor() as cursor:
        for model in (Camera, CameraAccess):
            table = connection.introspection.get_table_description(cursor, model._meta.db_table)
            kinds |= {connection.introspection.get_field_type(c.type_code, c) for c in table}
    assert "BinaryField" not in kinds
    assert not any(
        f.get_internal_type() == "FileField" for f in Camera._meta.get_fields() if f.concrete
    )
