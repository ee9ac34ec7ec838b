"""The pages of reports: who may enter, the thread through them, how many queries they cost."""

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from haidang.delivery.reporting.tests.stage import GOOD, NOW, Stage, build_stage
from haidang.delivery.reporting.tests.test_workbook import filled
from haidang.insight.indicators import api as indicators

pytestmark = pytest.mark.django_db
LISTS = ["reporting:list", "reporting:late", "reporting:export"]
READING = ["reporting:report"]
FILLING = ["reporting:fill", "reporting:template"]
POSTING = ["upload", "approve", "receive", "return"]


@pytest.fixture
def stage():
    with time_machine.travel(NOW, tick=False):
        yield build_stage()


def address(stage: Stage, page: str) -> str:
    return reverse(page, args=[stage.report().pk])


def fill(client: Client, stage: Stage, **more: str):
    said = {f"v-{code}": value.replace(".", ",") for code, value in GOOD.items()}
    return client.post(address(stage, "reporting:fill"), {**said, **more}, follow=True)


def test_a_visitor_is_sent_to_sign_in(client: Client, stage: Stage) -> None:
    pages = [reverse(page) for page in LISTS]
    pages += [address(stage, page) for page in READING + FILLING]

    for page in pages:
        assert "login" in client.get(page)["Location"]


def test_neither_a_stranger_nor_another_commune_enters(stage: Stage) -> None:
    for who in ("nguoila", "canbo.dian"):
        client = stage.world.client(who)
        for page in READING + FILLING:
            assert client.get(address(stage, page)).status_code == 403


def test_nor_do_they_act(stage: Stage) -> None:
    stage.submit()

    for who in ("nguoila", "canbo.dian", "truc1"):
        client = stage.world.client(who)
        for page in POSTING:
            answer = client.post(address(stage, f"reporting:{page}"), {"reason": "x"})
            assert answer.status_code == 403
    assert stage.report().state == "submitted"


def test_only_the_centre_gives_reports_out(stage: Stage) -> None:
    said, page = {"regime": "ktxh-thang", "period": "2026-10"}, reverse("reporting:assign")

    for who in ("nguoila", "canbo.phucuong", "truc1", "chutich"):
        assert stage.world.client(who).post(page, said).status_code == 403
    answer = stage.world.client("giamdoc.ioc").post(page, said, follow=True)
    assert "Đã giao 5 báo cáo." in answer.content.decode()


def test_a_list_shows_the_scope_only(stage: Stage) -> None:
    own = stage.world.client("canbo.phucuong").get(reverse("reporting:list")).content.decode()
    all_ = stage.world.client("giamdoc.ioc").get(reverse("reporting:list")).content.decode()

    assert "Hiển thị 1–1 trong 1 báo cáo" in own
    assert "Phường Dĩ An" not in own
    assert "Hiển thị 1–5 trong 5 báo cáo" in all_
    export = stage.world.client("canbo.phucuong").get(reverse("reporting:export"))
    assert "25942" not in export.getvalue().decode()


def test_the_form_says_what_is_wrong_and_loses_nothing(stage: Stage) -> None:
    client = stage.world.client("canbo.phucuong")

    shown = fill(client, stage, **{"v-ho-ngheo": "9.000", "v-so-ho": "nhiều", "submit": "1"})

    page = shown.content.decode()
    assert shown.status_code == 422
    assert "Không phải số. Viết như 1.240 hoặc 12,5." in page
    assert 'value="nhiều"' in page
    assert 'value="9.000"' in page


def test_a_conflict_is_mended_by_a_reason(stage: Stage) -> None:
    client = stage.world.client("canbo.phucuong")
    wrong = {"v-sxh-nhap-vien": "9", "submit": "1"}

    refused = fill(client, stage, **wrong)
    sent = fill(client, stage, **wrong, **{"n-sxh-nhap-vien": "2 ca chuyển từ nơi khác"})

    assert "Sửa một trong hai ô, hoặc ghi lý do." in refused.content.decode()
    assert "Đã gửi người duyệt." in sent.content.decode()


def test_the_thread_by_hand_and_by_excel(stage: Stage) -> None:
    typist, head = stage.world.client("canbo.phucuong"), stage.world.client("chutich.phucuong")
    centre = stage.world.client("giamdoc.ioc")

    template = typist.get(address(stage, "reporting:template"))
    assert template.content.startswith(b"PK")
    cells = {code: float(value) for code, value in GOOD.items()}
    book = SimpleUploadedFile("bao-cao.xlsx", filled(cells, stage.report().pk))
    shown = typist.post(address(stage, "reporting:upload"), {"file": book}, follow=True)
    assert "từ tệp Excel" in shown.content.decode()
    fill(typist, stage, submit="1")
    assert stage.report().state == "submitted"

    head.post(address(stage, "reporting:return"), {"reason": "Hộ nghèo là 40"})
    shown = typist.get(address(stage, "reporting:fill")).content.decode()
    assert "Hộ nghèo là 40" in shown
    fill(typist, stage, submit="1", **{"v-ho-ngheo": "40"})
    head.post(address(stage, "reporting:approve"))
    centre.post(address(stage, "reporting:receive"))

    assert stage.report().state == "received"
    figure = indicators.figure("ho-ngheo", stage.world.unit("25747"), stage.world.scope("chutich"))
    assert figure.value == 40
    kind, version = figure.lineage.split(":")
    lineage = centre.get(reverse("reporting:version", args=[version]))
    assert (kind, lineage["Location"]) == ("report", address(stage, "reporting:report"))
    page = centre.get(address(stage, "reporting:report")).content.decode()
    for words in ("Lần 2", "Lần 1", "Hộ nghèo là 40", "Đã tiếp nhận", "Bùi Đức Thắng"):
        assert words in page


def test_a_wrong_file_gets_a_sentence(stage: Stage) -> None:
    book = SimpleUploadedFile("x.xlsx", b"not a workbook")

    shown = stage.world.client("canbo.phucuong").post(
        address(stage, "reporting:upload"), {"file": book}, follow=True
    )

    assert "Tệp không phải biểu mẫu của báo cáo này" in shown.content.decode()


def test_a_return_without_a_reason_is_refused(stage: Stage) -> None:
    stage.submit()

    shown = stage.world.client("chutich.phucuong").post(address(stage, "reporting:return"))

    assert shown.status_code == 422
    assert stage.report().state == "submitted"


def test_the_late_list_names_whom_to_call(stage: Stage) -> None:
    with time_machine.travel(NOW.replace(day=25), tick=False):
        shown = stage.world.client("giamdoc.ioc").get(reverse("reporting:late"))

    page = shown.content.decode()
    assert "Bùi Đức Thắng" in page
    assert "Hiển thị 1–5 trong 5 báo cáo quá hạn" in page


def test_lists_cost_the_same_whatever_their_length(
    stage: Stage, django_assert_max_num_queries
) -> None:
    client = stage.world.client("giamdoc.ioc")
    client.get(reverse("reporting:list"))

    with django_assert_max_num_queries(22):
        client.get(reverse("reporting:list"))
    with django_assert_max_num_queries(22):
        client.get(reverse("reporting:late"))
