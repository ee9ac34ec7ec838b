"""The wizard: a sample is matched, tried without landing, kept as the mapping; then one click."""

import html
import io
import re

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from hypothesis import given as over
from hypothesis import strategies as st

from haidang.data.catalogue.api import FieldSpec
from haidang.data.ingest import api as ingest
from haidang.data.ingest.models import QuarantinedRow, Run, Source
from haidang.data.ingest.rules import matching
from haidang.data.ingest.rules.layout import layout
from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.core.models import AuditEntry, StoredFile

from .conftest import CASES

STEWARD = "thongke.stnmt"
SAMPLE = (
    "BÁO CÁO TUẦN 47\n"
    "Dia ban;Ngay;So ca mac moi;Tỷ lệ;Ghi chú\n"
    "25747;20/11/2026;12;1,5%;\n"
    "25741;20/11/2026;3a;;xem lại\n"
    "25942;20/11/2026;không có;;\n"
)


@pytest.fixture
def steward(world, source):
    return world.client(STEWARD)


@pytest.fixture
def address(source) -> str:
    return reverse("ingest:mapping", args=[source])


def sent(client, address: str, content: bytes | str, name: str = "thang-10.csv"):
    data = content.encode() if isinstance(content, str) else content
    return client.post(address, {"file": SimpleUploadedFile(name, data)})


def fields_of(body: str) -> dict[str, str]:
    """What a browser would send back: hidden values, texts and chosen options."""
    found = {}
    for tag in re.findall(r"<input[^>]*>", body):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and "checkbox" not in tag and name[1] != "csrfmiddlewaretoken":
            found[name[1]] = html.unescape(value[1]) if value else ""
    for name, inner in re.findall(r'<select[^>]*name="([^"]+)".*?>(.*?)</select>', body, re.S):
        chosen = re.search(r'value="([^"]*)"\s+selected', inner)
        found[name] = chosen[1] if chosen else ""
    return found


def test_a_sample_is_shown_beside_the_contract_and_matched_without_accents(steward, address):
    body = sent(steward, address, SAMPLE).content.decode()

    found = fields_of(body)
    assert found["col-1"] == "ngay" and found["col-2"] == "so_ca" and found["col-3"] == "ty_le"
    assert found["col-0"] == "", "“Dia ban” is for a person to say"
    assert "dòng 2" in body and "UTF-8" in body and "Còn thiếu: Phường, xã" in body
    assert "xem lại" in body


def test_matched_tried_saved_and_next_month_is_one_click(steward, address, source):
    found = fields_of(sent(steward, address, SAMPLE).content.decode())
    found |= {"col-0": "xa", "missing": "không có", "do": "try"}
    tried = steward.post(address, found).content.decode()

    assert "3 dòng đầu: 1 nhận, 2 chờ xử lý" in tried
    assert "“3a” không phải số nguyên" in tried
    assert not Run.objects.exists() and not QuarantinedRow.objects.exists()
    assert not StoredFile.objects.exists()
    assert Source.objects.get().mapping == {}

    unsaid = steward.post(address, found | {"do": "save"})
    assert unsaid.status_code == 422 and "Cần ghi lý do" in unsaid.content.decode()
    saved = steward.post(address, found | {"do": "save", "reason": "Mẫu tháng 10"})
    assert saved.status_code == 302, saved.content.decode()
    assert Source.objects.get().mapping == {
        "columns": {"Dia ban": "xa", "So ca mac moi": "so_ca"},
        "missing": ["không có"],
    }
    entry = AuditEntry.objects.get(action="ingest.source_changed")
    assert (entry.reason, list(entry.changes)) == ("Mẫu tháng 10", ["mapping"])
    assert not StoredFile.objects.exists(), "nothing of the sample is kept"

    receipt = ingest.load(source=source, file=SAMPLE.encode(), name="t11.csv", by=SYSTEM)
    assert (receipt.read, receipt.accepted, receipt.quarantined) == (3, 1, 2)


def test_a_workbook_shows_its_sheets_and_a_heading_of_two_lines(steward, address):
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True})
    book.add_worksheet("Bìa").write(0, 0, "Trang bìa")
    sheet = book.add_worksheet("Số liệu")
    sheet.write(0, 0, "Biểu 1")
    sheet.merge_range(1, 0, 2, 0, "Xã")
    sheet.merge_range(1, 1, 2, 1, "Ngày")
    sheet.merge_range(1, 2, 1, 3, "Số ca")
    sheet.write_row(2, 2, ["mới", "cũ"])
    sheet.write_row(3, 0, ["25747", "20/11/2026", 12, 4])
    book.close()

    first = fields_of(sent(steward, address, content.getvalue(), "t.xlsx").content.decode())
    body = steward.post(address, first | {"sheet": "Số liệu", "do": "try"}).content.decode()
    found = fields_of(body)
    assert "dòng 2–3" in body and "Số ca mới" in body
    found |= {"col-0": "xa", "col-1": "ngay", "col-2": "so_ca", "col-3": "", "do": "try"}
    tried = steward.post(address, found).content.decode()
    assert "1 dòng đầu: 1 nhận, 0 chờ xử lý" in tried
    steward.post(address, found | {"do": "save", "reason": "Mẫu"})

    mapping = Source.objects.get().mapping
    assert mapping["sheet"] == "Số liệu"
    receipt = ingest.load(source="ca-benh-tuan", file=content.getvalue(), name="t.xlsx", by=SYSTEM)
    assert (receipt.read, receipt.accepted) == (1, 1)


def test_a_constant_stands_for_a_column_that_the_file_lacks(steward, address):
    found = fields_of(sent(steward, address, "Ngày;Số ca\n20/11/2026;4\n").content.decode())
    assert "const-xa" in found
    body = steward.post(address, found | {"const-xa": "25747", "do": "try"}).content.decode()

    assert "1 dòng đầu: 1 nhận, 0 chờ xử lý" in body


def test_a_column_may_be_left_out_and_two_for_one_field_are_refused(steward, address, source):
    content = "Phường, xã;Ngày;Số ca;Mới\n25747;20/11/2026;đủ;7\n"
    found = fields_of(sent(steward, address, content).content.decode())
    twice = steward.post(address, found | {"col-3": "so_ca", "do": "try"})
    assert twice.status_code == 422 and "đã ghép với cột" in twice.content.decode()

    found |= {"col-2": "", "col-3": "so_ca", "do": "save", "reason": "Cột Mới là số"}
    assert steward.post(address, found).status_code == 302
    assert Source.objects.get().mapping == {"columns": {"Số ca": "", "Mới": "so_ca"}}
    receipt = ingest.load(source=source, file=content.encode(), name="a.csv", by=SYSTEM)
    assert (receipt.read, receipt.accepted) == (1, 1)


def test_a_secret_sample_is_refused_and_only_that_is_recorded(steward, address):
    answer = sent(steward, address, "TỐI MẬT\nXã;Số ca\nbí mật;1\n")

    assert answer.status_code == 422
    body = answer.content.decode()
    assert "Tối mật" in body and "bí mật;1" not in body
    entry = AuditEntry.objects.get(action="ingest.secret_refused")
    assert entry.changes == {"mark": "Tối mật"}
    assert not StoredFile.objects.exists() and not Run.objects.exists()


@pytest.mark.parametrize(
    "content", [b"%PDF-1.4", b"\xd0\xcf\x11\xe0abcd", b"PK\x03\x04xxxx", b"\n"]
)
def test_what_is_no_table_is_refused_with_the_mend(steward, address, content):
    answer = sent(steward, address, content)

    assert answer.status_code == 422
    assert "Chưa đọc được tệp mẫu" in answer.content.decode()


def test_what_the_page_carries_is_signed_and_belongs_to_one_person(steward, address, world):
    found = fields_of(sent(steward, address, SAMPLE).content.decode())
    forged = steward.post(address, found | {"sample": found["sample"][:-2] + "xx", "do": "try"})
    another = world.client("quantri").post(address, found | {"do": "try"})

    for answer in (forged, another):
        assert answer.status_code == 422
        assert "Tệp mẫu đã quá hạn" in answer.content.decode()


def test_who_may_not_manage_the_source_maps_nothing(address, world):
    assert world.client("truc1").get(address).status_code == 403
    assert world.client("canbo.phucuong").post(address).status_code in (403, 404)


HEADINGS = st.lists(
    st.sampled_from(["Phường, xã", "so ca", "Số ca", "Mới", "Ngày", "Tỷ lệ", "Cột lạ"]),
    unique_by=lambda text: matching.fold(text),
    max_size=6,
)


@over(HEADINGS, st.data())
def test_what_is_chosen_is_what_is_matched_next_month(headings, data):
    fields: tuple[FieldSpec, ...] = CASES
    names = data.draw(st.permutations([*(one.name for one in fields), "", ""]))
    chosen = list(names)[: len(headings)]

    columns = matching.columns(headings, chosen, fields, {})
    known = {matching.fold(one.title): one.name for one in fields} | dict(
        layout({"columns": columns}).columns
    )
    assert [known.get(matching.fold(text), "") for text in headings] == chosen


XML = (
    "<bao-cao><ky>47</ky><ca><noi>25747</noi><ngay>20/11/2026</ngay><moi>12</moi></ca>"
    "<ca><noi>25741</noi><ngay>20/11/2026</ngay><moi>3a</moi></ca></bao-cao>"
)
JSON = (
    '{"data": {"ca": [{"noi": "25747", "ngay": "2026-11-20", "moi": 12},'
    ' {"noi": "25741", "ngay": "2026-11-20", "moi": "3a"}]}}'
)
GEOJSON = (
    '{"type": "FeatureCollection", "features": ['
    '{"type": "Feature", "properties": {"noi": "25747", "ngay": "2026-11-20", "moi": 12},'
    ' "geometry": {"type": "Point", "coordinates": [106.6, 10.9]}},'
    '{"type": "Feature", "properties": {"noi": "25741", "ngay": "2026-11-20", "moi": "3a"},'
    ' "geometry": null}]}'
)


@pytest.mark.parametrize(
    ("name", "content", "records"),
    [("a.xml", XML, "ca"), ("a.json", JSON, "data.ca"), ("a.geojson", GEOJSON, None)],
)
def test_objects_are_matched_by_the_names_of_their_values(
    steward, address, source, name, content, records
):
    body = sent(steward, address, content, name).content.decode()
    found = fields_of(body)
    assert "Mỗi dòng là một" in body and "header_row" not in found
    given = {"noi": "xa", "ngay": "ngay", "moi": "so_ca"}
    for place, heading in re.findall(r'<label for="id_col-(\d+)"><span>([^<]*?) ?<', body):
        found[f"col-{place}"] = given.get(heading, "")
    tried = steward.post(address, found | {"do": "try"}).content.decode()
    assert "2 dòng đầu: 1 nhận, 1 chờ xử lý" in tried and "“3a” không phải số nguyên" in tried
    saved = steward.post(address, found | {"do": "save", "reason": "Mẫu"})
    assert saved.status_code == 302, saved.content.decode()

    assert Source.objects.get().mapping.get("records") == records
    receipt = ingest.load(source=source, file=content.encode(), name=name, by=SYSTEM)
    assert (receipt.read, receipt.accepted, receipt.quarantined) == (2, 1, 1)
