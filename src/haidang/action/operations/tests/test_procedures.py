"""A province publishes its own procedure: faults by element, steps to see, versions that stay."""

import json
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from haidang.action.operations import actions, errors, procedures
from haidang.action.operations.models import ProcedureVersion, Run
from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.core.errors import NotAllowedError
from haidang.foundation.core.models import AuditEntry
from haidang.foundation.org import api as org
from tests.world import World

from .conftest import FLOOD, NOW, Open

FILE = Path(procedures.__file__).parent / f"{FLOOD}.bpmn"
LIST, PUBLISH = "/console/tickets/procedures/", "/console/tickets/publish-procedure/"
ROUTE = f"/api/v1/procedures/{FLOOD}/versions"
DIRECTOR = "giamdoc.ioc"


def bpmn(*changes: tuple[str, str]) -> str:
    text = FILE.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


NEWER = (("Đánh giá độ sâu ngập", "Đánh giá độ sâu và vận tốc dòng"),)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ([('minutes="240"', 'minutes="lâu"')], "báo sai” (ghi_nhan_sai): thời hạn"),
        ([('danh_gia == "nang"', 'danh_gai == "nang"')], "(f14): điều kiện hỏi “danh_gai”"),
        ([('danh_gia == "nang"', "open('/etc/passwd')")], "(f14): biểu thức"),
        ([('"PT30M"', "30")], "(qua_han_hien_truong): thời hạn “30”"),
        ([(' default="f4"', "")], "“Có ngập?” (co_ngap): thiếu đường đi mặc định"),
        ([('targetRef="gop"', 'targetRef="gap"')], "dẫn tới “gap” không có trong quy trình"),
        ([('id="thong_bao"', 'id="so_tan"')], "(so_tan): mã (id) bị trùng"),
        ([("userTask", "scriptTask")], "loại phần tử “scriptTask” không được dùng"),
        ([('targetRef="co_ngap"', 'targetRef="gop"')], "“Có ngập?” (co_ngap): không có đường nào"),
        ([('role="place"', 'role="ai"')], "(so_tan): đơn vị thực hiện “ai”"),
        ([('answers="dung:', 'answers="')], "(xac_minh): mỗi kết quả phải viết"),
        ([('attachedToRef="hien_truong"', 'attachedToRef="x"')], "phải gắn vào một bước"),
        ([('"co_ngap" targetRef="ghi_nhan_sai"', '"co_ngap" targetRef="co_ngap"')], "vòng lặp"),
        ([("</process>", "")], "không phải XML hợp lệ"),
    ],
)  # fmt: skip
def test_a_fault_is_told_by_its_element(changes: list[tuple[str, str]], said: str) -> None:
    told = [str(one) for one in procedures.faults(bpmn(*changes))]
    assert any(said in one for one in told), told


def test_all_faults_are_told_at_once_and_sound_files_have_none() -> None:
    assert procedures.faults(bpmn()) == []
    assert len(procedures.faults(bpmn(('minutes="240"', 'minutes="x"'), ('"PT30M"', "30")))) == 2


def test_branches_that_multiply_without_end_are_refused() -> None:
    gates = "".join(
        f'<parallelGateway id="g{i}"/>'
        f'<sequenceFlow id="a{i}" sourceRef="g{i}" targetRef="h{i}"/>'
        f'<sequenceFlow id="b{i}" sourceRef="g{i}" targetRef="h{i}"/>'
        f'<exclusiveGateway id="h{i}"/>'
        f'<sequenceFlow id="c{i}" sourceRef="h{i}" targetRef="g{i + 1}"/>'
        for i in range(30)
    )
    text = (
        f'<definitions xmlns="{procedures.definitions.BPMN}"><process id="p" name="P">'
        '<startEvent id="s"/><sequenceFlow id="f" sourceRef="s" targetRef="g0"/>'
        f'{gates}<userTask id="g30" name="B"/><endEvent id="e"/>'
        '<sequenceFlow id="z" sourceRef="g30" targetRef="e"/></process></definitions>'
    )
    assert [one.text for one in procedures.faults(text)] == ["mở hơn 50 nhánh cùng lúc"]


def test_a_file_is_checked_shown_and_published_on_the_page(world: World, open_ticket: Open) -> None:
    old = open_ticket(procedure=FLOOD)
    client = world.client(DIRECTOR)
    begun = client.get(f"{PUBLISH}?code={FLOOD}").context["form"].initial
    assert begun == {"code": FLOOD, "ticket_kind": "flood"}
    file = SimpleUploadedFile("x.bpmn", bpmn(*NEWER).replace("\n", "\r\n").encode())
    shown = client.post(PUBLISH, {"code": FLOOD, "ticket_kind": "flood", "file": file})
    page = shown.content.decode()
    assert "Đánh giá độ sâu và vận tốc dòng" in page
    assert "360 phút, giờ liên tục" in page
    assert ProcedureVersion.objects.filter(procedure__code=FLOOD).count() == 1
    given = {**shown.context["publishing"].initial, "do": "publish", "reason": ""}
    assert client.post(PUBLISH, given).status_code == 422

    given["reason"] = "QĐ 15/QĐ-UBND"
    done = client.post(PUBLISH, given, follow=True)
    page = done.content.decode()
    assert "bản 2 đang có hiệu lực" in page
    assert "QĐ 15/QĐ-UBND" in page
    new = open_ticket(procedure=FLOOD, title="Ngập khác")
    kept = dict(Run.objects.values_list("ticket_id", "version__number"))
    assert kept == {old.pk: 1, new.pk: 2}
    assert AuditEntry.objects.get(action="operations.procedure_published", reason="QĐ 15/QĐ-UBND")
    assert b"x\r\n" not in client.get(f"{LIST}{FLOOD}/versions/2/").content
    assert "độ sâu ngập" in client.get(f"{LIST}{FLOOD}/?version=1").content.decode()
    assert client.get(f"{LIST}{FLOOD}/?version=9").status_code == 404


def test_the_faults_of_a_file_stand_on_the_page(world: World) -> None:
    client = world.client(DIRECTOR)
    file = SimpleUploadedFile("x.bpmn", bpmn((' default="f4"', "")).encode())
    answer = client.post(PUBLISH, {"code": "rieng", "file": file})
    assert answer.status_code == 422
    assert "“Có ngập?” (co_ngap)" in answer.content.decode()
    for content in (b"\xff\xfe\x00", b"x" * 2**21):
        bad = SimpleUploadedFile("x.bpmn", content)
        assert client.post(PUBLISH, {"code": "rieng", "file": bad}).status_code == 422
    sneaked = {"do": "publish", "code": "rieng", "bpmn": "<a/>", "reason": "Thử"}
    assert client.post(PUBLISH, sneaked).status_code == 422


def test_the_route_publishes_and_tells_faults(world: World) -> None:
    client = world.client(DIRECTOR)

    def sent(text: str, reason: str = "QĐ 15"):
        return client.post(
            ROUTE, json.dumps({"bpmn": text, "reason": reason}), content_type="application/json"
        )

    made = sent(bpmn(*NEWER))
    assert (made.status_code, made.json()["number"]) == (201, 2)
    wrong = sent(bpmn((' default="f4"', "")))
    assert wrong.status_code == 422
    assert wrong["Content-Type"].startswith("application/problem+json")
    assert "(co_ngap)" in wrong.content.decode()
    assert sent(bpmn(), reason=" ").status_code == 422
    assert made.json()["ticket_kind"] == "flood"
    listed = client.get("/api/v1/procedures").json()
    assert {one["code"]: one["number"] for one in listed}[FLOOD] == 2
    assert [one["number"] for one in client.get(ROUTE).json()] == [2, 1]
    assert client.get("/api/v1/procedures/khong-co/versions").status_code == 404


def test_who_does_not_hold_the_capability_for_the_whole_province_publishes_nothing(
    world: World,
) -> None:
    body = json.dumps({"bpmn": bpmn(*NEWER), "reason": "Thử"})
    for who in ("truongca", "chutich.phucuong", "nguoila"):
        client = world.client(who)
        assert client.get(PUBLISH).status_code == 403
        assert client.post(PUBLISH, {"do": "publish"}).status_code == 403
        assert client.post(ROUTE, body, content_type="application/json").status_code == 403
    with pytest.raises(NotAllowedError):
        actions.publish_procedure(
            code="x", bpmn=bpmn(), by=world.scope("chutich"), now=NOW, reason="Thử"
        )
    assert ProcedureVersion.objects.filter(procedure__code=FLOOD).count() == 1
    with pytest.raises(errors.ReasonNeededError):
        actions.publish_procedure(code="x", bpmn=bpmn(), by=world.scope(DIRECTOR), now=NOW)


def test_a_ticket_s_legal_basis_is_chosen_or_written(world: World) -> None:
    org.record_legal_basis(
        number="2338/QĐ-UBND", title="Đề án", issued_by="UBND tỉnh", issued_date=NOW.date(),
        start=NOW.date(), by=SYSTEM,
    )  # fmt: skip
    page = world.client("truongca").get("/console/tickets/new/").content.decode()
    assert '<option value="2338/QĐ-UBND: Đề án">' in page
    assert 'list="id_legal_basis_known"' in page
