"""The pages and routes of tickets: what they show, who may not enter, what they cost."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from haidang.action.operations.models import Evidence, Ticket
from tests.world import World

from .conftest import FLOOD, Move, Open, step
from .test_evidence import PHOTO

PAGES = ["/console/tickets/", "/console/tickets/new/", "/console/tickets/export.csv"]


def test_the_list_finds_by_words_number_and_state(world: World, open_ticket: Open) -> None:
    open_ticket(procedure=FLOOD)
    open_ticket(title="=cmd|' /C calc'!A0", severity=1)
    client = world.client("truc1")
    page = client.get("/console/tickets/").content.decode()
    assert "hiển thị 2/2 phiếu" in page
    for query in ("words=bach+dang", "words=Bạch+Đằng", "words=PDH-2026-0001", "severity=3"):
        page = client.get(f"/console/tickets/?{query}").content.decode()
        assert "PDH-2026-0001" in page
        assert "hiển thị 1/2 phiếu" in page
    assert "Không có phiếu nào" in client.get("/console/tickets/?state=closed").content.decode()
    assert client.get("/console/tickets/?sort=-due&state=zz&unit=x&page=9").status_code == 200


def test_the_export_is_safe_for_spreadsheets(world: World, open_ticket: Open) -> None:
    open_ticket(title="=cmd|' /C calc'!A0")
    answer = world.client("truc1").get("/console/tickets/export.csv")
    text = b"".join(answer.streaming_content).decode()
    assert text.startswith("\ufeffSố phiếu")
    assert "'=cmd" in text


def test_a_new_ticket_is_filled_from_its_alert(world: World, alert: int) -> None:
    client = world.client("truc1")
    page = client.get(f"/console/tickets/new/?alert={alert}").content.decode()
    assert "Mực nước 1,62 m" in page
    assert f'value="{alert}"' in page
    assert world.client("canbo.dian").get(f"/console/tickets/new/?alert={alert}").status_code == 404


def new_ticket(world: World, **changes: object) -> dict[str, object]:
    return {
        "title": "Ngập", "kind": "flood", "severity": 3, "unit_id": world.unit("25747"),
        "lead_unit_id": world.unit("718"), "authority": "giao", "legal_basis": "QĐ 2338",
        "sector": "thuy-van", "procedure": FLOOD,
    } | changes  # fmt: skip


def test_opening_working_and_closing_through_the_pages(world: World, alert: int) -> None:
    client = world.client("truongca")
    client.post("/console/tickets/new/", new_ticket(world, alert_id=alert))
    ticket = Ticket.objects.get()
    address = f"/console/tickets/{ticket.pk}/"
    page = client.get(address).content.decode()
    assert "Xác minh điểm ngập" in page
    assert "còn 9 phút" in page
    client.post(f"{address}steps/{step(ticket, 'xac_minh').pk}/", {"answer": "sai"})
    client.post(f"{address}steps/{step(ticket, 'ghi_nhan_sai').pk}/", {"note": "Cảm biến"})
    photo = SimpleUploadedFile("sau.jpg", PHOTO, "image/jpeg")
    client.post(f"{address}evidence/", {"kind": "photo", "file": photo, "note": "Khô"})
    lead = {"lead_unit_id": world.unit("718"), "authority": "giao", "legal_basis": "QĐ 2338"}
    for verb, given in (
        ("verify", {}), ("assign", lead), ("accept", {}), ("start", {}), ("finish", {}),
        ("approve", {}), ("close", {"outcome": "false", "reason": "Cảm biến bẩn"}),
    ):  # fmt: skip
        ticket.refresh_from_db()
        seen = {"seen_revision": ticket.revision}
        answer = client.post(f"{address}move/{verb}/", {**given, **seen}, follow=True)
        assert "Đã ghi nhận." in answer.content.decode(), verb
    page = client.get(address).content.decode()
    assert "Sai, không có sự việc" in page
    assert "CB-2026-0007" in page
    file = client.get(f"/console/tickets/evidence/{Evidence.objects.get().pk}/")
    assert b"GPS" not in b"".join(file.streaming_content)
    assert "sandbox" in file["Content-Security-Policy"]


def test_what_is_missing_is_said_on_the_form(world: World) -> None:
    client = world.client("truc1")
    wrong = new_ticket(world, legal_basis="")
    answer = client.post("/console/tickets/new/", wrong)
    assert answer.status_code == 422
    assert "phải ghi căn cứ pháp lý" in answer.content.decode()
    wrong = new_ticket(world, lead_unit_id=world.unit("74.CA"))
    assert "không thuộc quyền giao việc" in client.post(
        "/console/tickets/new/", wrong
    ).content.decode()  # fmt: skip


def test_merging_asks_for_the_other_tickets_number(
    world: World, ticket: Ticket, open_ticket: Open
) -> None:
    other = open_ticket(title="Ngập Bạch Đằng lần hai")
    address = f"/console/tickets/{other.pk}/move/merge/"
    given = {"seen_revision": 1, "reason": "Trùng"}
    client = world.client("truongca")
    wrong = client.post(address, {**given, "other_ticket": "PDH-2026-9999"})
    assert "Không có phiếu mang số này" in wrong.content.decode()
    client.post(address, {**given, "other_ticket": ticket.number})
    other.refresh_from_db()
    assert other.merged_into_id == ticket.pk


def test_a_stale_page_is_told_what_happened(world: World, ticket: Ticket, move: Move) -> None:
    move(ticket, "verify")
    answer = world.client("truc1").post(
        f"/console/tickets/{ticket.pk}/move/verify/", {"seen_revision": 1}, follow=True
    )
    assert "Phiếu vừa được Lê Thị Thu Hà chuyển sang" in answer.content.decode()


@pytest.mark.parametrize("address", PAGES)
def test_strangers_stay_outside(world: World, address: str) -> None:
    assert Client().get(address).status_code == 302
    assert world.client("nguoila").get(address).status_code == 403


def test_a_leader_sees_and_does_nothing(world: World, ticket: Ticket) -> None:
    client = world.client("chutich")
    page = client.get(f"/console/tickets/{ticket.pk}/").content.decode()
    assert "Thêm minh chứng" not in page
    assert "Việc tiếp theo" not in page
    assert client.get("/console/tickets/new/").status_code == 403
    for path in ("move/verify/", "evidence/", "steps/1/"):
        given = {"seen_revision": 1, "kind": "figure", "note": "x"}
        assert client.post(f"/console/tickets/{ticket.pk}/{path}", given).status_code == 403


def test_another_district_sees_nothing(world: World, ticket: Ticket) -> None:
    client = world.client("canbo.dian")
    assert "PDH-2026-0001" not in client.get("/console/tickets/").content.decode()
    assert client.get(f"/console/tickets/{ticket.pk}/").status_code == 404
    assert client.post(
        f"/console/tickets/{ticket.pk}/move/verify/", {"seen_revision": 1}
    ).status_code == 404  # fmt: skip
    assert b"PDH" not in b"".join(
        client.get("/console/tickets/export.csv").streaming_content
    )  # fmt: skip


def test_the_api_opens_moves_and_keeps_the_scope(world: World) -> None:
    def ask(who: str, verb: str, path: str, body: object = None) -> tuple[int, object]:
        bearer = {"Authorization": f"Bearer {world.key(who)}"}
        send = getattr(Client(), verb)
        given = [] if verb == "get" else [body or {}, "application/json"]
        answer = send(f"/api/v1/tickets{path}", *given, headers=bearer)
        return answer.status_code, answer.json()

    ticket = {
        "kind": "flood", "title": "Ngập", "unit": "25747", "lead": "74.STNMT",
        "sector": "thuy-van", "procedure": FLOOD,
    }  # fmt: skip
    status, opened = ask("truc1", "post", "", ticket)
    assert status == 201
    id = opened["id"]
    assert ask("truc1", "post", f"/{id}/moves/verify")[1]["state"] == "verifying"
    assert ask("truc1", "post", f"/{id}/moves/assign")[0] == 403
    assert ask("truc1", "post", f"/{id}/moves/close", {"outcome": "true"})[0] == 422
    stale = {"seen_revision": 1}
    assert ask("truongca", "post", f"/{id}/moves/assign", stale)[0] == 422
    [first] = ask("truc1", "get", f"/{id}/steps")[1]
    done = ask("truc1", "post", f"/{id}/steps/{first['id']}", {"answer": "dung"})[1]
    assert [one["state"] for one in done] == ["done", "ready", "ready"]
    assert ask("truc1", "get", "")[1]["total"] == 1
    assert ask("canbo.dian", "get", "")[1]["total"] == 0
    for path in (f"/{id}", f"/{id}/steps"):
        assert ask("canbo.dian", "get", path)[0] == 404
    assert ask("nguoila", "get", "")[0] == 403
    assert ask("chutich", "post", "", ticket)[0] == 403
    assert Client().get("/api/v1/tickets").status_code == 401


def test_the_api_takes_evidence(world: World, ticket: Ticket) -> None:
    bearer = {"Authorization": f"Bearer {world.key('truc1')}"}
    path = f"/api/v1/tickets/{ticket.pk}/evidence"
    photo = SimpleUploadedFile("sau.jpg", PHOTO, "image/jpeg")
    answer = Client().post(path, {"kind": "photo", "file": photo}, headers=bearer)
    assert answer.status_code == 201
    assert Client().post(path, {"kind": "none"}, headers=bearer).status_code == 422
    leader = {"Authorization": f"Bearer {world.key('chutich')}"}
    given = {"kind": "figure", "note": "x"}
    assert Client().post(path, given, headers=leader).status_code == 403


def test_longer_lists_and_stories_cost_no_more_queries(
    world: World,
    open_ticket: Open,
    move: Move,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    ticket = open_ticket(procedure=FLOOD)
    client = world.client("truongca")
    addresses = ["/console/tickets/", f"/console/tickets/{ticket.pk}/"]
    for address in addresses:
        client.get(address)
    counts = []
    for address in addresses:
        with django_assert_max_num_queries(40) as found:
            client.get(address)
        counts.append(len(found))
    for lead in ("718", "724", "74.SYT"):
        open_ticket(lead=lead, unit_id=world.unit("25942"), procedure=FLOOD)
    for verb in ("verify", "assign", "accept", "start"):
        move(ticket, verb)
    for address, before in zip(addresses, counts, strict=True):
        with django_assert_max_num_queries(before + 2):
            client.get(address)
