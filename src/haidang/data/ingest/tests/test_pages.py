"""The pages: who may enter, what they show of whom, and how many questions they ask."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from haidang.data.ingest import api as ingest
from haidang.data.ingest.models import QuarantinedRow, Run, Source
from haidang.foundation.core.audit import SYSTEM

from .test_loading import BAD, GOOD, load

STEWARD, HEAD_OF_UNIT = "thongke.stnmt", "giamdoc.stnmt"


def url(name: str, *args: object) -> str:
    return reverse(f"ingest:{name}", args=args)


def page(client, name: str, *args: object, **query: str) -> str:
    response = client.get(url(name, *args), query)
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def run(source):
    return Run.objects.get(pk=load(source, BAD).run_id)


def every_page(run: Run) -> list[str]:
    row = run.quarantine.first()
    return [
        url("sources"),
        url("source", run.source.code),
        url("upload", run.source.code),
        url("runs"),
        url("run", run.pk),
        url("original", run.pk),
        url("approvals"),
        url("quarantine"),
        url("quarantine") + "?format=csv",
        url("bulk"),
        url("correct"),
        url("correct_rows"),
        url("mend", row.pk),
        url("devices"),
    ]


def every_write(run: Run) -> list[str]:
    return [
        url("upload", run.source.code),
        url("automatic", run.source.code),
        url("cancel", run.pk),
        url("decide", run.pk),
        url("bulk"),
        url("mend", run.quarantine.first().pk),
    ]


def test_a_visitor_is_sent_to_sign_in(run, client):
    for address in every_page(run):
        assert client.get(address).status_code == 302, address
    for address in every_write(run):
        assert client.post(address).status_code == 302, address


def test_an_account_without_a_role_enters_nowhere(run, world):
    client = world.client("nguoila")
    for address in every_page(run):
        assert client.get(address).status_code == 403, address
    for address in every_write(run):
        assert client.post(address).status_code == 403, address


def test_a_ward_s_officer_sees_nothing_of_a_department_s_source(run, world):
    client = world.client("canbo.phucuong")
    row = run.quarantine.first().pk
    for name, *args in (
        ("source", run.source.code),
        ("upload", run.source.code),
        ("run", run.pk),
        ("original", run.pk),
        ("mend", row),
    ):
        assert client.get(url(name, *args)).status_code == 404, name
    tables = (url(name) + "?format=csv" for name in ("sources", "runs", "quarantine"))
    for name in (url("sources"), url("runs"), url("quarantine"), *tables):
        response = client.get(name)
        body = b"".join(response).decode()
        assert "Báo cáo ca bệnh" not in body and "ca-benh.csv" not in body, name
    client.post(url("bulk"), {"do": "discard", "row": [row], "reason": "phá"})
    assert QuarantinedRow.objects.get(pk=row).state == "open"


def test_who_sees_may_not_therefore_load_mend_or_approve(run, world):
    client = world.client("truc1")
    assert client.get(url("run", run.pk)).status_code == 200
    for name, *args in (
        ("upload", run.source.code),
        ("mend", run.quarantine.first().pk),
        ("approvals",),
    ):
        assert client.get(url(name, *args)).status_code == 403, name
    assert client.post(url("decide", run.pk)).status_code == 403


def test_a_file_is_uploaded_and_its_receipt_reconciles(source, world):
    client = world.client(STEWARD)
    file = SimpleUploadedFile("ca.csv", BAD.encode(), content_type="text/csv")

    assert "Số ca" in page(client, "upload", source)
    response = client.post(url("upload", source), {"file": file})
    body = client.get(response.url).content.decode()

    assert "đọc = nhận + chờ xử lý + trùng" in body
    assert "“12a” không phải số nguyên" in body
    assert "người nạp không tự duyệt" in body


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "Tệp trống"), (b"x;y\n1;2\n", "Không tìm thấy dòng tiêu đề"), (b"%PDF-1", "PDF")],
)
def test_a_file_that_cannot_be_read_is_answered_with_the_mend(source, world, content, said):
    file = SimpleUploadedFile("ca.csv", content, content_type="text/csv")
    response = world.client(STEWARD).post(url("upload", source), {"file": file})

    assert said in response.content.decode()
    assert response.status_code in (200, 422)


def test_the_original_comes_back_byte_for_byte_and_never_opens_in_the_page(run, world):
    response = world.client(STEWARD).get(url("original", run.pk))

    assert b"".join(response.streaming_content) == BAD.encode()
    assert response["Content-Disposition"].startswith("attachment")
    assert response["Content-Type"] == "application/octet-stream"


def test_a_row_is_mended_on_its_page_and_loaded_again(run, world):
    client = world.client(STEWARD)
    row = run.quarantine.get(row_no=5)
    values = dict(row.raw)
    wrong = client.post(url("mend", row.pk), values | {"so_ca": "mười", "do": "replay"})
    right = client.post(url("mend", row.pk), values | {"so_ca": "12", "do": "replay"})

    assert wrong.status_code == 422
    assert "“mười” không phải số nguyên" in wrong.content.decode()
    assert right.status_code == 302
    row.refresh_from_db()
    assert row.state == "mended"
    assert f"lượt nạp {row.mended_in_id}" in page(client, "run", run.pk)


def test_chosen_rows_are_discarded_together(run, world):
    client = world.client(STEWARD)
    rows = list(run.quarantine.values_list("pk", flat=True))
    asked = client.get(url("bulk"), {"do": "discard", "row": rows})
    assert len(asked.context["chosen"].rows) == 3
    without = client.post(url("bulk"), {"do": "discard", "row": rows})
    given = client.post(
        url("bulk"), {"do": "discard", "row": rows, "reason": "Thử nghiệm"}, follow=True
    )

    assert "Cần ghi lý do" in without.content.decode()
    assert "Đã loại bỏ 3 dòng" in given.content.decode()


def test_the_unit_s_approver_decides_from_the_queue(run, world):
    client = world.client(HEAD_OF_UNIT)
    assert "ca-benh.csv" in page(client, "approvals")

    client.post(url("decide", run.pk), {"do": "approve"})

    run.refresh_from_db()
    assert (run.approval, run.decided_by) == ("approved", world.account(HEAD_OF_UNIT))
    assert "ca-benh.csv" not in page(client, "approvals")


def test_a_source_becomes_automatic_by_two_persons(source, world):
    world.client(STEWARD).post(url("automatic", source), {"do": "propose"})
    assert "Báo cáo ca bệnh" in page(world.client(HEAD_OF_UNIT), "approvals")
    world.client(HEAD_OF_UNIT).post(url("automatic", source), {"do": "approve"})

    assert Source.objects.get().is_automatic


def test_the_export_never_runs_in_a_spreadsheet(run, world):
    response = world.client(STEWARD).get(url("quarantine"), {"run": run.pk, "format": "csv"})
    text = b"".join(response.streaming_content).decode()

    assert text.startswith("\ufeff")
    cells = [cell for line in csv.reader(io.StringIO(text)) for cell in line]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@"))]
    assert "=cmd|" in text, "kept, inside a cell that begins otherwise"


def test_a_running_load_asks_for_its_progress(source, world, monkeypatch):
    monkeypatch.setattr("haidang.data.ingest.actions.runs.INLINE_BYTES", 1)
    client = world.client(STEWARD)
    file = SimpleUploadedFile("ca.csv", GOOD.encode(), content_type="text/csv")
    address = client.post(url("upload", source), {"file": file}).url

    assert 'hx-trigger="every 1s"' in client.get(address).content.decode()
    fragment = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in fragment

    client.post(url("cancel", Run.objects.get().pk))
    assert "Đã hủy" in client.get(address).content.decode()


def test_lists_ask_a_constant_number_of_questions(
    run, source, world, django_assert_max_num_queries
):
    for at in range(12):
        ingest.create_source(
            code=f"nguon-{at}",
            title=f"Nguồn {at}",
            kind="file",
            dataset="ca-benh",
            supplier_unit_id=world.unit("74.STNMT"),
            by=SYSTEM,
        )
        load(f"nguon-{at}", BAD.replace("20/11", f"{at + 1}/10"))
    client = world.client("giamdoc.ioc")
    page(client, "sources")
    for name in ("sources", "runs", "quarantine", "devices", "approvals"):
        with django_assert_max_num_queries(16):
            page(client, name)


LISTS = (
    "ingest:sources", "ingest:runs", "ingest:quarantine", "ingest:approvals", "ingest:quality",
    "ingest:devices", "ingest:device_events", "ingest:device_gaps", "ingest:connections",
    "ingest:cameras", "ingest:camera_log", "ingest:rule-datasets", "catalogue:datasets",
    "catalogue:difficulties", "pipelines:list", "obligations:list",
)  # fmt: skip


def test_every_list_sorts_and_leaves_as_a_table(run, world):
    client = world.client("giamdoc.ioc")
    for name in LISTS:
        address = reverse(name)
        shown = client.get(address).content.decode()
        assert "format=csv" in shown and "format=xlsx" in shown, name
        assert client.get(address, {"sort": "-title"}).status_code == 200
        text = b"".join(client.get(address, {"format": "csv"})).decode()
        book = b"".join(client.get(address, {"format": "xlsx"}))
        assert text.startswith("\ufeff") and book.startswith(b"PK"), name


def test_sources_are_found_without_accents_and_by_state(run, world):
    client = world.client("giamdoc.ioc")

    assert "Báo cáo ca bệnh" in page(client, "sources", q="bao cao CA BENH")
    assert "Báo cáo ca bệnh" not in page(client, "sources", q="không có")
    assert "Báo cáo ca bệnh" not in page(client, "sources", state="late")


def test_waiting_rows_are_filtered_by_reason(run, world):
    client = world.client(STEWARD)
    body = page(client, "quarantine", code="unknown_unit")

    assert "Dòng 4" in body and "Dòng 5" not in body


def test_devices_are_listed_within_the_scope(sensors, world):
    assert "esp8266-12779556" in page(world.client(STEWARD), "devices")
    assert "esp8266-12779556" not in page(world.client("canbo.dian"), "devices")


def test_the_desk_names_the_fields_as_people_do(run, world):
    shown = page(world.client(STEWARD), "quarantine")
    assert '<span class="dim">Số ca</span>' in shown
    assert '<span class="dim">so_ca</span>' not in shown
