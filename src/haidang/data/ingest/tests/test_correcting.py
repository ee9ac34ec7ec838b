"""Many waiting rows at once: one field in all of them, and a corrected file."""

import io

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from python_calamine import CalamineWorkbook

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest import api as ingest
from haidang.data.ingest.actions import amending
from haidang.data.ingest.actions.correcting import preview
from haidang.data.ingest.models import QuarantinedRow, Run
from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.core.errors import NotAllowedError
from haidang.foundation.core.models import AuditEntry

from .conftest import HEAD
from .test_loading import load

DESK = "/console/sources/quarantine/"
STEWARD = "thongke.stnmt"
BAD = HEAD + (
    "99999;20/11/2026;1;1,5;;\n"
    "99999;21/11/2026;2;;;ghi\n"
    "25747;22/11/2026;3a;1.234,5;;\n"
    "25747;23/11/2026;hai;;;\n"
)


@pytest.fixture
def receipt(source):
    return load(source, BAD)


def rows() -> list[QuarantinedRow]:
    return list(QuarantinedRow.objects.order_by("row_no", "pk"))


def taken(client, kind="xlsx", more=""):
    answer = client.get(f"{DESK}correct/rows/?dataset=ca-benh&format={kind}{more}")
    assert answer.status_code == 200
    return b"".join(answer)


def cells_of(file: bytes) -> list[list[str]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(file))
    return book.get_sheet_by_index(0).to_python()


def book_of(table) -> bytes:
    kept = io.BytesIO()
    with xlsxwriter.Workbook(kept) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(table):
            sheet.write_row(number, 0, row)
    return kept.getvalue()


def csv_of(table) -> bytes:
    rows = [
        [f"{cell:.0f}" if isinstance(cell, float) else str(cell) for cell in row] for row in table
    ]
    return "\n".join(";".join(row) for row in rows).encode()


def sent(client, content: bytes, name="sua.csv"):
    return client.post(f"{DESK}correct/", {"file": SimpleUploadedFile(name, content)})


def test_rows_go_out_with_their_reasons_and_come_back_corrected(receipt, world):
    client = world.client(STEWARD)
    table = cells_of(taken(client))
    assert table[0] == [
        "Mã dòng chờ", "Lượt nạp", "Dòng trong tệp", "Lý do phải chờ", "Phường, xã", "Ngày",
        "Số ca", "Tỷ lệ", "Mức", "Ghi chú",
    ]  # fmt: skip
    assert [row[2] for row in table[1:]] == [2, 3, 4, 5]
    assert "không phải số nguyên" in table[3][3] and table[3][7] == "1.234,5"

    table[1][4] = "25741"  # corrected
    table[3][6] = "3"  # corrected
    table[4][6] = "ba"  # still wrong; row 3 of the file stays as it was
    shown = sent(client, csv_of(table))
    assert {verdict: count for verdict, _word, count in shown.context["counts"]} == {
        "ready": 2, "wrong": 1, "same": 1, "strange": 0,
    }  # fmt: skip
    assert QuarantinedRow.objects.filter(state="open").count() == 4  # only looked at

    refused = client.post(f"{DESK}correct/", {"values": shown.context["values"], "reason": " "})
    assert refused.status_code == 422
    done = client.post(
        f"{DESK}correct/", {"values": shown.context["values"], "reason": "Theo công văn 12"}
    )

    run = Run.objects.order_by("pk").last()
    assert done.status_code == 302 and done["Location"].endswith(f"/runs/{run.pk}/")
    assert (run.mends_id, run.read, run.accepted, run.approval) == (
        receipt.run_id, 2, 2, "pending",
    )  # fmt: skip
    assert [(row.row_no, row.state) for row in rows()] == [
        (2, "mended"), (3, "open"), (4, "mended"), (5, "open"),
    ]  # fmt: skip
    told = AuditEntry.objects.filter(action="ingest.row_mended").order_by("object_id")
    assert [one.changes for one in told] == [{"xa": ["99999", "25741"]}, {"so_ca": ["3a", "3"]}]
    assert {one.reason for one in told} == {"Theo công văn 12"}


def test_what_a_spreadsheet_makes_of_numbers_and_dates_is_understood(receipt, world):
    table = cells_of(taken(world.client(STEWARD)))
    assert isinstance(table[3][0], float)  # whatever a program makes of row numbers
    table[3][6], table[3][7] = 3, 1234.75  # typed anew, stored as numbers

    scope = world.scope(STEWARD)
    content = [book_of(table)]
    judged = {one.line: one for one in preview(content=content, media="xlsx", by=scope)}

    assert judged[4].verdict == "ready"
    assert judged[4].values == {"so_ca": "3", "ty_le": "1234,75"}
    assert {judged[line].verdict for line in (2, 3, 5)} == {"same"}


def test_lines_that_fit_no_waiting_row_are_told_and_touch_nothing(receipt, world, source):
    first, second, third, fourth = rows()
    ingest.discard(rows=[fourth.pk], reason="Bỏ", by=SYSTEM)
    head = "Mã dòng chờ;Lượt nạp;Dòng trong tệp;Số ca\n"
    run = first.run_id
    file = head + (
        f"{third.pk};{run};4;3\n{third.pk};{run};4;4\n;{run};4;3\n{second.pk};{run};9;3\n"
        f"{fourth.pk};{run};5;3\n{fourth.pk + 1000};{run};5;3\n"
    )

    judged = preview(content=[file.encode()], media="csv", by=world.scope(STEWARD))

    found = {one.number: (one.verdict, one.reasons[0]["message"]) for one in judged if one.reasons}
    assert [one.verdict for one in judged].count("ready") == 1
    assert "đã có ở dòng 2" in found[3][1]
    assert "trống" in found[4][1]
    assert "phải là 3" in found[5][1]
    assert "đã được xử lý (đã loại bỏ)" in found[6][1]
    assert "Không có dòng chờ" in found[7][1]


def test_a_file_without_row_numbers_or_of_secrets_is_refused(receipt, world):
    client = world.client(STEWARD)
    plain = sent(client, HEAD.encode() + b"25747;1/1/2026;1;;;\n")
    assert plain.status_code == 422 and "Mã dòng chờ" in plain.content.decode()


def test_masked_fields_leave_masked_and_cannot_be_changed(receipt, world):
    fields = catalogue.contract("ca-benh").fields
    open_fields = [one.name for one in fields if one.name != "ghi_chu"]
    second = rows()[1]
    judged = amending.judge(
        [second], {second.pk: {"xa": "25741", "ghi_chu": "•••"}}, lambda dataset: {"ghi_chu"}
    )
    assert judged[0].values == {"xa": "25741"} and "ghi_chu" not in open_fields

    amending.amend(
        values={second.pk: {"xa": "25741", "ghi_chu": "•••"}},
        by=SYSTEM, reason="Sửa mã", closed=lambda dataset: {"ghi_chu"},
    )  # fmt: skip
    second.refresh_from_db()
    assert (second.mended["xa"], second.mended["ghi_chu"]) == ("25741", "ghi")


def test_one_field_of_all_filtered_rows_is_looked_at_and_then_mended(receipt, world):
    client = world.client(STEWARD)
    bulk = f"{DESK}bulk/"
    asked = {"all": "1", "do": "mend", "code": "unknown_unit", "field": "xa"}
    first = client.get(bulk, asked)
    assert ("=99999", "99999 · 2 dòng") in first.context["value_form"].fields["was"].choices

    shown = client.get(bulk, {**asked, "was": "=99999", "value": "25741"})
    assert shown.context["ready"] == 2
    seal = shown.context["chosen"].seal
    post = {**asked, "was": "=99999", "value": "25741", "seal": seal, "reason": "Mã cũ"}
    client.post(bulk, post)

    assert [row.state for row in rows()] == ["mended", "mended", "open", "open"]
    run = Run.objects.order_by("pk").last()
    assert (run.read, run.accepted) == (2, 2)
    assert AuditEntry.objects.filter(action="ingest.row_mended", reason="Mã cũ").count() == 2


def test_a_selection_that_changed_since_it_was_seen_is_not_touched(receipt, world, source):
    client = world.client(STEWARD)
    asked = {"all": "1", "do": "discard"}
    seal = client.get(f"{DESK}bulk/", asked).context["chosen"].seal
    load(source, HEAD + "99999;1/11/2026;1;;;\n")

    refused = client.post(f"{DESK}bulk/", {**asked, "seal": seal, "reason": "Bỏ"})
    assert refused.status_code == 422 and "thêm hoặc bớt" in refused.context["failure"]
    assert not QuarantinedRow.objects.filter(state="discarded").exists()

    again = {**asked, "seal": refused.context["chosen"].seal}
    assert client.post(f"{DESK}bulk/", {**again, "reason": ""}).status_code == 422
    client.post(f"{DESK}bulk/", {**again, "reason": "Bỏ"})
    assert QuarantinedRow.objects.filter(state="discarded").count() == 5


def test_rows_of_several_runs_are_loaded_again_each_under_its_own(receipt, source, world):
    load(source, HEAD + "99999;1/11/2026;1;;;\n")
    done = amending.replay_all(rows=[row.pk for row in rows()], by=SYSTEM, reason="Đã thêm mã")
    assert sorted(one.read for one in done.receipts) == [1, 4]
    with pytest.raises(ingest.IngestError, match="lý do"):
        amending.replay_all(rows=[1], by=SYSTEM, reason="")


def test_only_who_may_mend_sees_or_does_any_of_it(receipt, world):
    for path in ("bulk/?all=1", "correct/", "correct/rows/?dataset=ca-benh&format=csv"):
        assert world.client("nguoila").get(DESK + path).status_code == 403
        assert world.client("truc1").get(DESK + path).status_code == 403
    other = world.scope("canbo.phucuong")
    with pytest.raises(NotAllowedError):
        amending.amend(values={rows()[0].pk: {"xa": "25741"}}, by=other, reason="Thử")
    judged = preview(content=[csv_of([["Mã dòng chờ"], [rows()[0].pk]])], media="csv", by=other)
    assert [one.verdict for one in judged] == ["strange"]


def test_many_rows_cost_few_statements(source, world, django_assert_max_num_queries):
    load(source, HEAD + "".join(f"99999;{1 + n % 28}/10/2026;{n};;;\n" for n in range(60)))
    values = {row.pk: {"xa": "25741"} for row in rows()[:28]}
    with django_assert_max_num_queries(26):
        assert len(amending.amend(values=values, by=SYSTEM, reason="Mã cũ")) == 28


def test_routes_preview_and_apply(receipt, world):
    client, row = world.client(STEWARD), rows()[2]
    listed = client.get("/api/v1/quarantine?code=not_an_integer").json()
    assert client.get(f"/api/v1/quarantine?run={10**20}").json()["total"] == 4
    assert (listed["total"], listed["rows"][0]["id"]) == (2, row.pk)
    body = {"values": {str(row.pk): {"so_ca": "3"}}}
    told = client.post("/api/v1/quarantine/amend", body, "application/json").json()
    assert (told["applied"], told["counts"]["ready"]) == (False, 1)
    file = client.get("/api/v1/quarantine/file?dataset=ca-benh")
    table = [line.split(",") for line in b"".join(file).decode("utf-8-sig").splitlines()[:1]]
    assert table[0][0] == "Mã dòng chờ"
    content = f"Mã dòng chờ;Số ca\n{row.pk};3\n".encode()
    told = client.post(
        "/api/v1/quarantine/file",
        {"file": SimpleUploadedFile("sua.csv", content), "apply": "true", "reason": "Sửa"},
    ).json()
    assert (told["applied"], told["receipts"][0]["accepted"]) == (True, 1)
