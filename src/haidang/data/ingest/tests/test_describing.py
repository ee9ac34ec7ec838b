"""A dataset from a sample: what is proposed, what a person changes, what is made and loads."""

import datetime as dt
import json

import pyarrow as pa
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from hypothesis import given as over
from hypothesis import strategies as st

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest import api as ingest
from haidang.data.ingest.files import trees
from haidang.data.ingest.models import Run, Source
from haidang.data.ingest.rules.inference import propose
from haidang.foundation.core.models import AuditEntry, StoredFile

from .test_mapping import fields_of

STEWARD = "thongke.stnmt"
SAMPLE = (
    "DANH SÁCH CHỢ\n\n"
    "Mã chợ;Tên chợ;Phường, xã;Ngày khai trương;Diện tích (m2);Số quầy;Hạng\n"
    + "".join(
        f"0{at};Chợ {at};25747;{1 + at % 28:02}/03/2026;{1000 + at},5;{at * 3};{1 + at % 3}\n"
        for at in range(1, 61)
    )
)


def proposal(text: str, **how):
    rows = [line.split(";") for line in text.splitlines()]
    columns = [pa.array(column, pa.string()) for column in zip(*rows[1:], strict=True)]
    return propose(rows[0], columns, [None] * len(columns), **how)


def types_of(text: str) -> dict[str, str]:
    return {one.heading: one.type for one in proposal(text).fields if one.heading}


def test_types_are_the_narrowest_that_every_cell_keeps():
    found = types_of(
        "id;Năm;Tháng;Lúc;Giá;Tỷ lệ;Có;Mã\n"
        "1;2024;11/2026;23/11/2026 08:30;1.234,5;12%;có;007\n"
        "2;2025;12/2026;24/11/2026 09:00;17,25;100%;không;012\n"
    )
    assert found == {
        "id": "integer", "Năm": "year", "Tháng": "string", "Lúc": "datetime", "Giá": "number",
        "Tỷ lệ": "number", "Có": "boolean", "Mã": "string",
    }  # fmt: skip


def test_limits_codes_units_and_the_key_are_proposed():
    lines = [f"T{at};{at % 3};{'cao' if at % 2 else 'thấp'};10,{at % 10}1" for at in range(80)]
    made = {one.name: one for one in proposal("Trạm;Lần;Mức;Mưa (mm)\n" + "\n".join(lines)).fields}

    assert made["tram"].key and made["tram"].required
    assert made["lan"].minimum == 0
    assert made["muc"].codes == ("cao", "thấp")
    assert (made["mua"].type, made["mua"].unit_of_measure) == ("number", "mm")


def test_rows_that_nothing_tells_apart_are_numbered():
    made = proposal("Loại;Số\na;1\na;1\nb;2\n")

    assert made.mapping["row_number"] == "dong"
    assert [one.name for one in made.fields if one.key] == ["dong"]
    assert "số dòng" in made.notes[-1]


@pytest.mark.parametrize(
    ("headings", "groups"),
    [
        ("2014;2015;Prel. 2016", {"nam", "so_bo"}),
        ("Total 2014;Total 2015;Male 2015", {"nam", "nhom"}),
        ("2014 Nam;2015 Nam;2015 Nữ", {"nam", "nhom"}),
        ("X2014;X2015;Pre..2016", {"nam", "so_bo"}),
    ],
)
def test_a_column_for_each_year_becomes_rows(headings, groups):
    made = proposal(f"Tỉnh;{headings}\nBình Dương;1,5;2,5;3,5\nĐồng Nai;1;..;3\n")

    names = {one.name for one in made.fields}
    assert names == {"tinh", "gia_tri", *groups}
    assert made.mapping["unpivot"]["value"] == "gia_tri"
    assert {one.name for one in made.fields if one.key} == {"tinh", "nam"} | (groups & {"nhom"})
    kept = proposal(f"Tỉnh;{headings}\nBình Dương;1,5;2,5;3,5\n", keep_wide=True)
    assert "unpivot" not in kept.mapping and len(kept.fields) == 4


DAYS = st.dates(dt.date(1990, 1, 1), dt.date(2030, 1, 1)).map(lambda day: f"{day:%d/%m/%Y}")
CELLS = {
    "integer": st.integers(1, 10**9).map(str),
    "number": st.floats(0.01, 1e6).map(lambda number: f"{number:.2f}".replace(".", ",")),
    "date": DAYS,
    "boolean": st.sampled_from(["có", "không"]),
}


@over(st.sampled_from(sorted(CELLS)), st.data())
def test_a_column_of_one_kind_is_recognised(kind, data):
    cells = data.draw(st.lists(CELLS[kind], min_size=1, max_size=20))
    column = pa.array(cells, pa.string())
    found = propose(["Cột"], [column], [None]).fields[-1].type

    assert found == kind or (kind == "number" and all(cell.endswith(",00") for cell in cells))


def test_the_lists_inside_json_and_the_features_of_geojson_are_rows():
    tree = {
        "data": [
            {"id": 1, "xa": [{"ma": "a"}, {"ma": "b"}]},
            {"id": 2, "xa": [{"ma": "c"}, {"ma": "d"}]},
        ]
    }
    path = trees.path_of(tree)
    assert path == "data.xa"
    assert [(row["data.id"], row["ma"]) for row in trees.rows(tree, path)] == [
        (1, "a"), (1, "b"), (2, "c"), (2, "d"),
    ]  # fmt: skip
    box = {"type": "Polygon", "coordinates": [[[106, 10], [108, 10], [108, 12], [106, 10]]]}
    feature = {"type": "Feature", "id": 7, "properties": {"ten": "A"}, "geometry": box}
    rows = list(trees.features({"type": "FeatureCollection", "features": [feature]}))
    assert rows[0] == {
        "id": 7, "ten": "A", "geometry_type": "Polygon", "longitude": 107, "latitude": 11,
    }  # fmt: skip


@pytest.fixture
def steward(world):
    return world.client(STEWARD)


def sent(client, content: str | bytes, name: str = "cho.csv", **more):
    data = content.encode() if isinstance(content, str) else content
    return client.post(reverse("ingest:describe"), {"file": SimpleUploadedFile(name, data), **more})


def filled(world, body: str) -> dict[str, str]:
    found = fields_of(body)
    ticked = [line for line in body.split("<input") if "checkbox" in line and " checked" in line]
    found |= {line.split('name="')[1].split('"')[0]: "on" for line in ticked}
    return found | {
        "title": "Chợ", "dataset": "cho", "source": "cho-nam", "source_title": "Chợ hằng năm",
        "supplier": str(world.unit("74.STNMT")), "sector": "moi-truong", "cycle": "year",
    }  # fmt: skip


def test_proposed_mended_tried_made_and_loaded(steward, world):
    body = sent(steward, SAMPLE).content.decode()
    assert "60 dòng đã đọc" in body and "mọi ô là mã hoặc tên đơn vị" in body
    found = filled(world, body)
    tried = steward.post(reverse("ingest:describe"), found | {"do": "try"}).content.decode()
    assert "nhận, 0 chờ xử lý" in tried
    assert not Source.objects.exists() and not StoredFile.objects.exists()

    unsaid = steward.post(reverse("ingest:describe"), found | {"do": "save"})
    assert unsaid.status_code == 422 and "Cần ghi lý do" in unsaid.content.decode()
    # "Số quầy" is not to be loaded, and "Hạng" is text.
    found |= {"f6-type": "string", "do": "save", "reason": "Theo mẫu 2026"}
    del found["f5-use"]
    saved = steward.post(reverse("ingest:describe"), found)

    assert saved.status_code == 302, saved.content.decode()
    contract = catalogue.contract("cho")
    assert contract.names == (
        "ma_cho",
        "ten_cho",
        "phuong_xa",
        "ngay_khai_truong",
        "dien_tich",
        "hang",
    )
    assert contract.key_fields == ("ma_cho",)
    assert contract.field("phuong_xa").type == "unit" and contract.field("hang").type == "string"
    assert AuditEntry.objects.get(action="ingest.source_created").reason == "Theo mẫu 2026"
    receipt = ingest.load(source="cho-nam", file=SAMPLE.encode(), name="cho.csv", by=ingest_by())
    assert (receipt.read, receipt.accepted) == (60, 60)
    again = steward.post(reverse("ingest:describe"), found)
    assert again.status_code == 422 and "đã có" in again.content.decode()


def ingest_by():
    from haidang.foundation.core.audit import SYSTEM

    return SYSTEM


def test_what_cannot_be_a_sample_is_refused_with_the_mend(steward):
    for content, name in ((b"%PDF-1.4", "a.pdf"), (b"{", "a.json"), (b"MAT\n", "a.csv")):
        answer = sent(steward, content, name)
        assert answer.status_code == 422
        assert "Chưa đọc được tệp mẫu" in answer.content.decode()
    secret = sent(steward, "TỐI MẬT\nXã;Số\nbí mật;1\n").content.decode()
    assert "Tối mật" in secret and "bí mật;1" not in secret
    assert AuditEntry.objects.filter(action="ingest.secret_refused").count() == 1
    assert not Run.objects.exists() and not StoredFile.objects.exists()


def test_who_may_not_manage_sources_describes_nothing(world):
    for user in ("truc1", "canbo.phucuong"):
        assert world.client(user).get(reverse("ingest:describe")).status_code == 403
        assert sent(world.client(user), SAMPLE).status_code == 403


def test_the_api_proposes_and_makes(world, client):
    key = {"Authorization": f"Bearer {world.key(STEWARD)}"}

    def ask(path: str, body: bytes, media: str):
        return client.post(f"/api/v1{path}", body, content_type=media, headers=key)

    answer = ask("/descriptions/proposals?name=cho.csv", SAMPLE.encode(), "text/csv")
    assert answer.status_code == 200, answer.content
    said = answer.json()
    fields = [
        {name: value for name, value in one.items() if name != "why"} for one in said["fields"]
    ]
    body = {
        "dataset": "cho", "title": "Chợ", "supplier": "74.STNMT", "source": "cho-nam",
        "source_title": "Chợ", "sector": "moi-truong", "headings": said["headings"],
        "fields": fields, "mapping": said["mapping"], "reason": "Thử",
    }  # fmt: skip
    made = ask("/descriptions", json.dumps(body).encode(), "application/json")
    assert made.status_code == 201, made.content
    assert catalogue.contract("cho").key_fields == ("ma_cho",)
    key["Authorization"] = f"Bearer {world.key('truc1')}"
    other = json.dumps(body | {"dataset": "cho-2", "source": "cho-2"}).encode()
    assert ask("/descriptions", other, "application/json").status_code == 403
    assert ask("/descriptions/proposals", SAMPLE.encode(), "text/csv").status_code == 403


XML = "<?xml version='1.0'?><so><nam>2026</nam><cac-cho>{}</cac-cho></so>"
STALL = (
    "<cho ma='0{at}'><ten>Chợ {at}</ten><xa>25747</xa><mo>{day:02}/03/2026</mo>"
    "<quay><kin>{at}</kin></quay></cho>"
)
STALLS = XML.format("".join(STALL.format(at=at, day=1 + at % 28) for at in range(1, 61)))


def test_the_repeated_element_of_an_xml_sample_makes_a_dataset_and_loads(steward, world):
    body = sent(steward, STALLS, "cho.xml").content.decode()
    assert "<code>cac-cho.cho</code>" in body and "quay.kin" in body and "goc.nam" in body
    found = filled(world, body) | {"do": "save", "reason": "Sở gửi XML"}
    made = steward.post(reverse("ingest:describe"), found)
    assert made.status_code == 302, made.content.decode()

    by = ingest_by()
    receipt = ingest.load(source="cho-nam", file=STALLS.encode(), name="cho.xml", by=by)
    assert (receipt.read, receipt.accepted) == (60, 60)
    one = XML.format(STALL.format(at=99, day=1)).encode()
    assert ingest.load(source="cho-nam", file=one, name="m.xml", by=by).accepted == 1


def test_an_xml_sample_with_entities_is_refused_unread(steward):
    bomb = "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a><c><d>&b;</d></c></a>"
    page = sent(steward, bomb, "cho.xml")
    assert page.status_code == 422 and "DOCTYPE" in page.content.decode()
    assert "root:" not in page.content.decode()
