"""CAP: sound alerts load, an area a row; what breaks the standard, or attacks, is refused."""

import pytest
from django.urls import reverse

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest import api as ingest
from haidang.data.ingest.actions import describing
from haidang.data.ingest.errors import TooLargeError, UnreadableFileError
from haidang.data.ingest.files import cap, markup
from haidang.data.ingest.models import QuarantinedRow, Run
from haidang.data.warehouse import api as warehouse
from haidang.foundation.access import api as access
from haidang.foundation.core.audit import SYSTEM

AREA = (
    "<area><areaDesc>Phường Phú Cường</areaDesc>"
    "<polygon>10.9,106.6 10.9,106.8 11.1,106.8 10.9,106.6</polygon>"
    "<geocode><valueName>DVHC</valueName><value>25747</value></geocode></area>"
)
INFO = (
    "<info><language>vi-VN</language><category>Met</category><category>Safety</category>"
    "<event>Mưa lớn</event><urgency>Expected</urgency><severity>Severe</severity>"
    "<certainty>Likely</certainty><expires>2026-11-24T08:00:00+07:00</expires>"
    f"<headline>Mưa lớn diện rộng</headline>{AREA}"
    "<area><areaDesc>Dĩ An</areaDesc><circle>10.9,106.75 5</circle></area></info>"
)


def alert(inner: str = INFO, **said: str) -> str:
    own = {
        "identifier": "VN-1", "sender": "kttv@example.vn", "sent": "2026-11-23T08:00:00+07:00",
        "status": "Actual", "msgType": "Alert", "scope": "Public",
    } | said  # fmt: skip
    words = "".join(f"<{name}>{text}</{name}>" for name, text in own.items() if text)
    return f'<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">{words}{inner}</alert>'


def feed(*alerts: str) -> str:
    entries = "".join(
        f"<entry><id>{at}</id><title>t</title><updated>x</updated><content>{one}</content></entry>"
        for at, one in enumerate(alerts)
    )
    head = "<id>1</id><title>t</title><updated>x</updated>"
    return f'<feed xmlns="http://www.w3.org/2005/Atom">{head}{entries}</feed>'


@pytest.fixture
def alerts(world) -> str:
    """A source of the shipped contract."""
    said = describing.of_model(model="canh-bao-cap", by=SYSTEM)
    draft = describing.Draft(
        dataset="canh-bao-cap", title="Cảnh báo", source="cap-kttv", source_title="Đài KTTV",
        fields=[describing.field_of(one) for one in said.proposal.fields],
        supplier_unit_id=world.unit("74.STNMT"), sector="thuy-van", mapping=said.proposal.mapping,
    )  # fmt: skip
    return describing.make(draft=draft, by=SYSTEM, reason="Thử").code


def load(source: str, content: str, media: str = "application/cap+xml"):
    return ingest.load(source=source, file=content.encode(), media=media, by=SYSTEM)


def test_an_alert_is_a_row_for_each_area_and_its_repeat_is_a_duplicate(alerts):
    receipt = load(alerts, alert())
    assert (receipt.read, receipt.accepted) == (2, 2)
    assert load(alerts, alert()).duplicate == 2
    cancel = alert("", identifier="VN-2", msgType="Cancel",
                   references="kttv@example.vn,VN-1,2026-11-23T08:00:00+07:00")  # fmt: skip
    cancel = cancel.replace("<references>", "<references>\n  ")
    assert load(alerts, cancel).accepted == 1

    table = warehouse.execute(warehouse.table("canh-bao-cap", scope=access.EVERYTHING))
    rows = {(row["ma"], row["muc"]): row for row in table.to_pylist()}
    first, second, ended = rows["VN-1", "1.1"], rows["VN-1", "1.2"], rows["VN-2", "0"]
    assert first["nhom"] == "Met; Safety" and first["ma_khu_vuc"] == "DVHC=25747"
    assert (first["vi_do"], first["kinh_do"]) == (11.0, 106.7)
    assert second["khu_vuc"] == "Dĩ An" and second["hinh_tron"] == "10.9,106.75 5"
    assert ended["loai"] == "Cancel" and "VN-1" in ended["tham_chieu"]


def test_a_feed_brings_its_sound_alerts_and_the_wrong_one_waits(alerts):
    wrong = alert(identifier="VN-3", scope="")
    content = feed(alert(identifier="VN-4"), wrong, alert(identifier="VN-5"))
    receipt = load(alerts, content, "application/atom+xml")

    assert (receipt.read, receipt.accepted, receipt.quarantined) == (5, 4, 1)
    assert "thiếu <scope>" in QuarantinedRow.objects.get().reasons[0]["message"]


WRONG = [
    (alert(status="Real"), "“Real” không thuộc: Actual"),
    (alert(sent="2026-11-23T08:00:00Z"), "kèm múi giờ"),
    (alert(identifier="VN 1"), "không được có dấu cách"),
    (alert(msgType="Update"), "bản tin Update phải có <references>"),
    (alert(references="VN-1"), "người-gửi,mã,lúc-gửi"),
    (alert(scope="Restricted"), "phải có <restriction>"),
    (alert(INFO.replace("<event>Mưa lớn</event>", "")), "thiếu <event>"),
    (alert(INFO.replace("Severe", "Bad")), "“Bad” không thuộc"),
    (alert(INFO.replace(" 10.9,106.6</polygon>", "</polygon>")), "ít nhất phải 4"),
    (alert(INFO.replace(" 10.9,106.6</polygon>", " 1,1</polygon>")), "điểm cuối phải trùng"),
    (alert(INFO.replace("10.9,106.75 5", "106.75,10.9 5")), "vĩ-độ,kinh-độ bán-kính"),
    (alert(INFO.replace("</areaDesc>", "</areaDesc><ceiling>3</ceiling>")), "<altitude>"),
    (alert("<level>3</level>"), "không có trong chuẩn CAP 1.2"),
    ("<alert/>", "Không có bản tin CAP"),
    (feed(), "không chứa bản tin CAP"),
    ("<alert", "XML sai ở dòng 1"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "said"), WRONG)
def test_what_breaks_the_standard_is_refused_with_its_place(alerts, content, said):
    with pytest.raises(UnreadableFileError) as refused:
        load(alerts, content)
    assert said in refused.value.message
    assert Run.objects.get().status == Run.Status.FAILED


def laugh(at: int) -> str:
    said = f"&l{at - 1};" * 10 if at else "ha"
    return f'<!ENTITY l{at} "{said}">'


LAUGHS = "".join(map(laugh, range(9)))
ATTACKS = [
    f"<!DOCTYPE alert [{LAUGHS}]>" + alert(note="&l8;"),
    '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]>' + alert(note="&x;"),
    '<!doctype a SYSTEM "http://127.0.0.1:9/a.dtd">' + alert(),
    '<!DOCTYPE a [<!ENTITY % r SYSTEM "http://127.0.0.1:9/a">%r;]>' + alert(),
]


@pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
@pytest.mark.parametrize("content", ATTACKS)
def test_document_types_and_entities_are_refused_unread(tmp_path, content, codec):
    path = tmp_path / "a.xml"
    path.write_bytes(content.encode(codec))
    with pytest.raises(UnreadableFileError, match="DOCTYPE"):
        list(cap.items(path))


def test_depth_and_size_are_bounded(tmp_path, monkeypatch):
    path = tmp_path / "a.xml"
    path.write_text(alert("<info>" * 100 + "</info>" * 100))
    with pytest.raises(UnreadableFileError, match="lồng quá"):
        list(cap.items(path))
    monkeypatch.setattr(markup, "MOST_BYTES", 100)
    with pytest.raises(TooLargeError):
        list(cap.items(path))


def test_the_page_makes_the_dataset_of_alerts(world):
    from .test_describing import filled

    steward, address = world.client("thongke.stnmt"), reverse("ingest:describe")
    body = steward.post(address, {"model": "canh-bao-cap"}).content.decode()
    assert 'value="canh-bao-cap"' in body
    answer = steward.post(address, filled(world, body) | {"do": "save", "reason": "Nhận CAP"})
    assert answer.status_code == 302, answer.content.decode()
    assert catalogue.contract("cho").key_fields == ("ma", "nguoi_gui", "luc_gui", "muc")


SOUND = {
    "amber.atom": 1, "canada.cap": 4, "canada_signed.atom": 4, "canada_signed.cap": 4,
    "earthquake-iso8859-1.cap": 1, "earthquake.cap": 1, "earthquake_signed.cap": 1,
    "ibm-cap_amber_alert_example": 2, "no_optional_fields.cap": 1, "wcatwc-warning.cap": 1,
}  # fmt: skip
REFUSED = {
    "xee.cap": "DOCTYPE", "xee.atom": "DOCTYPE", "invalid.cap": "thiếu <scope>",
    "canada_errors.cap": "<references>", "noaa_errors.cap": "thiếu <urgency>",
    "invalid.rss": "<rss>", "no_id.atom": "thiếu <id>", "no_title.atom": "thiếu <title>",
    "weather_invalid.atom": "dấu phẩy", "weather_index.atom": "chỉ có đường dẫn",
}  # fmt: skip


def test_the_real_alerts_are_read_and_the_wrong_ones_refused(real):
    folder = real / "cap-alerts"
    for name, rows in SOUND.items():
        found = list(cap.items(folder / f"{name}.xml"))
        assert [len(item) for item in found] == [2] * rows, name
    for name, said in REFUSED.items():
        with pytest.raises(UnreadableFileError) as refused:
            list(cap.items(folder / f"{name}.xml"))
        assert said in refused.value.message, (name, refused.value.message)
