"""The pages and routes of connections and of typed rows: what they do, and for whom."""

import json

import pytest
from django.urls import reverse

from haidang.data.ingest.actions import connections, pulling
from haidang.data.ingest.models import Connection, Run

from .conftest import HEAD
from .test_pulling import EVERY_HOUR, make_due

STEWARD = "thongke.stnmt"


@pytest.fixture
def dropped(tmp_path, settings):
    settings.WATCHED_FOLDERS = [tmp_path]
    (tmp_path / "ca-benh.csv").write_text(HEAD + "25747;1/11/2026;5;;;\n25747;x;5;;;\n")
    return tmp_path


@pytest.fixture
def connection(source, dropped) -> int:
    made = connections.create_connection(
        source=source, kind="folder", title="Thư mục của sở", schedule=EVERY_HOUR,
        settings={"path": str(dropped), "still": 0}, by=connections.audit.SYSTEM,
    )  # fmt: skip
    return made.id


def filled(dropped, do: str, **more: object) -> dict[str, object]:
    said = {
        "title": "Thư mục sở", "s-path": str(dropped), "s-pattern": "*.csv", "s-still": 0,
        "s-after": "move", "cadence": "daily", "at": "06:30", "do": do, "reason": "công văn 12",
    }  # fmt: skip
    return said | more


def test_a_steward_tries_previews_and_keeps_a_connection(source, dropped, world):
    client = world.client(STEWARD)
    assert "Thư mục theo dõi" in client.get(reverse("ingest:connect", args=[source])).text
    address = reverse("ingest:connect-new", args=[source, "folder"])
    assert "Thử kết nối" in client.get(address).text

    assert "1 tệp khớp tên" in client.post(address, filled(dropped, "test")).text
    trial = client.post(address, filled(dropped, "preview")).text
    assert "1 nhận" in trial and "1 chờ xử lý" in trial and "cột “Ngày”" in trial
    assert not Connection.objects.exists() and not Run.objects.exists()
    lacking = client.post(address, filled(dropped, "save", reason=""))
    assert lacking.status_code == 422 and "lý do" in lacking.text

    kept = client.post(address, filled(dropped, "save"), follow=True)
    assert "hằng ngày lúc 06:30" in kept.text
    assert "Thư mục sở" in client.get(reverse("ingest:source", args=[source])).text
    assert "Thư mục sở" in client.get(reverse("ingest:connections"), {"q": "thu muc"}).text
    assert "Thư mục sở" not in client.get(reverse("ingest:connections"), {"q": "khac"}).text


def test_what_is_wrong_stands_at_its_field(source, dropped, world):
    address = reverse("ingest:connect-new", args=[source, "folder"])
    client = world.client(STEWARD)
    wrong = client.post(address, filled(dropped, "test", **{"s-path": "/etc"}))
    assert wrong.status_code == 422 and "HAIDANG_WATCHED_FOLDERS" in wrong.text
    lacking = client.post(address, filled(dropped, "test", **{"s-path": ""}))
    assert 'id="id_s-path-error"' in lacking.text


def test_the_health_page_shows_attempts_and_steers(connection, world, dropped):
    client = world.client(STEWARD)
    page = reverse("ingest:connection", args=[connection])
    do = reverse("ingest:connection-do", args=[connection])
    client.post(do, {"do": "pull"})
    assert pulling.pull(connection=connection).items == 1
    shown = client.get(page).text
    assert "Đã lấy" in shown and str(Run.objects.get().pk) in shown.replace(".", "")
    client.post(do, {"do": "pause"})
    assert Connection.objects.get().paused_at is None
    client.post(do, {"do": "pause", "reason": "bảo trì"})
    assert "bảo trì" in client.get(page).text
    client.post(do, {"do": "resume"})
    client.post(do, {"do": "rewind", "reason": "đối soát"})
    assert Connection.objects.get().round == 1
    edit = reverse("ingest:connection-edit", args=[connection])
    assert "Thư mục của sở" in client.get(edit).text
    client.post(edit, filled(dropped, "save", title="Tên mới", is_active="on"))
    assert Connection.objects.get().title == "Tên mới"


def test_the_number_of_questions_does_not_grow_with_the_list(
    connection, source, world, dropped, django_assert_max_num_queries
):
    for at in range(5):
        connections.create_connection(
            source=source, kind="folder", title=f"{at}", schedule=EVERY_HOUR,
            settings={"path": str(dropped)}, by=connections.audit.SYSTEM,
        )  # fmt: skip
        make_due(connection)
        pulling.pull(connection=connection)
    client = world.client(STEWARD)
    client.get("/console/")
    with django_assert_max_num_queries(20):
        client.get(reverse("ingest:connections"))
    with django_assert_max_num_queries(22):
        client.get(reverse("ingest:connection", args=[connection]))


@pytest.mark.parametrize("user", ["canbo.phucuong", "chutich.phucuong"])
def test_another_unit_sees_nothing_of_it(connection, source, world, user):
    client = world.client(user)
    assert "Thư mục của sở" not in client.get(reverse("ingest:connections")).text
    for address in (
        reverse("ingest:connection", args=[connection]),
        reverse("ingest:connect", args=[source]),
        reverse("ingest:connection-edit", args=[connection]),
        reverse("ingest:rows", args=[source]),
    ):
        assert client.get(address).status_code in (403, 404), address
    for do in ("pull", "pause", "resume", "rewind"):
        answer = client.post(reverse("ingest:connection-do", args=[connection]), {"do": do})
        assert answer.status_code == 404


def test_who_only_looks_does_not_steer(connection, world):
    client = world.client("giamdoc.stnmt")
    for do in ("pause", "resume", "rewind"):
        said = {"do": do, "reason": "x"}
        answer = client.post(reverse("ingest:connection-do", args=[connection]), said)
        assert answer.status_code == 403, do


@pytest.fixture
def call(world, client):
    def ask(method: str, path: str, body: object = None, user: str = STEWARD):
        return client.generic(
            method, f"/api/v1{path}", json.dumps(body or {}), content_type="application/json",
            headers={"Authorization": f"Bearer {world.key(user)}"},
        )  # fmt: skip

    return ask


def test_the_api_does_what_the_pages_do(source, dropped, call):
    assert "folder" in [one["code"] for one in call("GET", "/connectors").json()]
    tried = {"kind": "folder", "settings": {"path": str(dropped), "still": 0}}
    base = f"/sources/{source}/connections"
    assert "1 tệp" in call("POST", f"{base}/test", tried).json()["sentence"]
    rows = call("POST", f"{base}/preview", tried).json()["rows"]
    assert [bool(row["reasons"]) for row in rows] == [False, True]
    body = tried | {"title": "Sở", "schedule": {"cadence": "minutes", "every": 5}, "reason": "x"}
    made = call("POST", base, body)
    assert made.status_code == 201
    where = f"/connections/{made.json()['id']}"
    assert call("POST", f"{where}/pull").status_code == 200
    pulling.pull(connection=made.json()["id"])
    attempts = call("GET", f"{where}/attempts").json()
    assert attempts["total"] == 1 and attempts["attempts"][0]["runs"]
    assert call("POST", f"{where}/pause", {"reason": "x"}).json()["state"] == "tạm dừng"
    assert call("POST", f"{where}/resume").json()["paused_because"] == ""
    assert call("POST", f"{where}/rewind", {"reason": "x"}).status_code == 200
    change = {key: body[key] for key in ("title", "settings", "schedule", "reason")}
    assert call("PUT", where, change | {"title": "Mới"}).json()["title"] == "Mới"
    assert call("GET", where).json()["settings"]["path"] == str(dropped)
    assert call("GET", "/connections", user="canbo.phucuong").json()["total"] == 0
    assert call("GET", where, user="canbo.phucuong").status_code == 404
    assert call("POST", f"{base}/test", tried, user="canbo.phucuong").status_code in (403, 404)
    wrong = call("POST", f"{base}/test", {"kind": "folder", "settings": {"path": "", "x": 1}})
    assert wrong.status_code in (400, 422) and "Thư mục" in wrong.text


ROW = {"r1-xa": "25747", "r1-ngay": "20/11/2026", "r1-so_ca": "12", "r1-ty_le": "1,5"}


def test_typed_rows_are_loaded_once_and_another_approves(source, world):
    client = world.client(STEWARD)
    address = reverse("ingest:rows", args=[source])
    assert "Số ca" in client.get(address).text
    said = ROW | {"r3-xa": "25741", "r3-ngay": "20/11/2026", "r3-so_ca": "3", "token": "t1"}
    for _ in range(2):
        assert client.post(address, said | {"do": "load"}).status_code == 302
    run = Run.objects.get()
    assert (run.channel, run.accepted, run.approval) == ("form", 2, "pending")
    assert "Nhập dòng" in client.get(reverse("ingest:source", args=[source])).text


def test_what_is_wrong_with_typed_rows_stands_at_the_cell_and_nothing_loads(source, world):
    client = world.client(STEWARD)
    address = reverse("ingest:rows", args=[source])
    said = ROW | {"r4-xa": "25741", "r4-ngay": "hôm qua", "r4-so_ca": "9999", "do": "load"}
    answer = client.post(address, said)
    assert answer.status_code == 422
    assert 'id="r4-ngay-error"' in answer.text and 'id="r4-so_ca-error"' in answer.text
    assert 'id="r1-' not in answer.text and 'value="12"' in answer.text
    twice = ROW | {"r2-" + name[3:]: value for name, value in ROW.items()}
    answer = client.post(address, twice | {"r2-so_ca": "13", "do": "load"})
    assert answer.status_code == 422 and "trùng khóa" in answer.text.lower()
    more = client.post(address, ROW | {"do": "more"})
    assert 'name="r20-xa"' in more.text
    empty = client.post(address, {"do": "load"})
    assert empty.status_code == 422 and "Chưa nhập dòng nào" in empty.text
    assert not Run.objects.exists()


def test_rows_come_by_the_api_as_well(source, call):
    row = {"xa": "25747", "ngay": "20/11/2026", "so_ca": "12"}
    assert call("POST", f"/sources/{source}/rows", {"rows": [row]}).json()["accepted"] == 1
    wrong = call("POST", f"/sources/{source}/rows", {"rows": [row | {"so_ca": "x"}]})
    assert wrong.status_code in (400, 422)
    assert call("POST", f"/sources/{source}/rows", {"rows": []}).status_code in (400, 422)
