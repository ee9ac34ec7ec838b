"""NGSI-LD: entities and notifications load as rows; what is wrong is named by its place."""

import json

import orjson
import pytest
from hypothesis import given as over
from hypothesis import strategies as st

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest import api as ingest
from haidang.data.ingest.actions import describing
from haidang.data.ingest.errors import UnreadableFileError
from haidang.data.ingest.files import ngsi
from haidang.data.ingest.models import QuarantinedRow, Run
from haidang.data.ingest.rules.layout import layout
from haidang.data.ingest.rules.ngsi import MODELS, converted
from haidang.foundation.core.audit import SYSTEM

CONTEXT = "https://example.org/ngsi-ld/context.jsonld"
NORMALIZED = {
    "id": "urn:ngsi-ld:AirQualityObserved:tram-01",
    "type": "AirQualityObserved",
    "dateObserved": {
        "type": "Property",
        "value": {"@type": "DateTime", "@value": "2026-11-20T01:00:00Z"},
    },
    "co": {
        "type": "Property",
        "value": 0.5,
        "unitCode": "GP",
        "observedAt": "2026-11-20T01:00:00Z",
    },
    "pm25": {"type": "Property", "value": 35, "unitCode": "GQ"},
    "address": {"type": "Property", "value": {"addressLocality": "Dĩ An", "type": "PostalAddress"}},
    "location": {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [106.7, 10.9]}},
    "@context": [CONTEXT],
}
CONCISE = {
    "id": "urn:ngsi-ld:AirQualityObserved:tram-02",
    "type": "AirQualityObserved",
    "pm25": {"value": 40, "unitCode": "GQ", "observedAt": "2026-11-20T02:00:00Z"},
    "location": {"value": {"type": "Point", "coordinates": [106.8, 10.8]}},
}
KEY_VALUES = {
    "id": "urn:ngsi-ld:AirQualityObserved:tram-03",
    "type": "AirQualityObserved",
    "dateObserved": "2026-11-20T02:00:00Z/2026-11-20T03:00:00Z",
    "pm25": 12.5,
    "location": {"type": "Point", "coordinates": [106.9, 10.7]},
}


@pytest.fixture
def air(world) -> str:
    """A source of the shipped model of air quality."""
    said = describing.of_model(model="AirQualityObserved", by=SYSTEM)
    fields = [describing.field_of(one) for one in said.proposal.fields]
    draft = describing.Draft(
        dataset="khong-khi", title="Không khí", fields=fields, source="ngsi-khong-khi",
        source_title="Trạm", supplier_unit_id=world.unit("74.STNMT"), sector="moi-truong",
        mapping=said.proposal.mapping,
    )  # fmt: skip
    return describing.make(draft=draft, by=SYSTEM, reason="Thử").code


def test_the_three_forms_load_into_one_contract(air, world):
    content = orjson.dumps([NORMALIZED, CONCISE, KEY_VALUES])
    receipt = ingest.load(source=air, file=content, media="application/ld+json", by=SYSTEM)

    assert (receipt.read, receipt.accepted) == (3, 3)
    other = NORMALIZED | {"id": "urn:ngsi-ld:AirQualityObserved:tram-04", "new": {"value": 1}}
    more = ingest.load(source=air, file=orjson.dumps(other), media="application/ld+json", by=SYSTEM)
    assert more.accepted == 1, "an attribute that nobody declared holds nothing up"
    again = ingest.load(source=air, file=content, media="application/json", by=SYSTEM)
    assert again.duplicate == 3
    from haidang.data.warehouse import api as warehouse
    from haidang.foundation.access import api as access

    table = warehouse.execute(warehouse.table("khong-khi", scope=access.EVERYTHING))
    rows = {row["thuc_the"][-2:]: row for row in table.to_pylist()}
    assert rows["01"]["co"] == 500 and rows["01"]["dia_ban"] == "Dĩ An", "mg/m³ became µg/m³"
    assert (rows["01"]["kinh_do"], rows["01"]["vi_do"]) == (106.7, 10.9)
    assert rows["02"]["thoi_diem"].isoformat() == "2026-11-20T02:00:00+00:00", "observedAt"
    assert rows["03"]["thoi_diem"].hour == 3, "the end of the interval"


WRONG = [
    ({"pm25": {"type": "Property"}}, "“pm25”: kiểu Property phải có “value”"),
    (
        {"a": {"type": "Relationship", "object": "x y"}},
        "“a”: “object” của Relationship phải là URI",
    ),
    ({"pm25": {"value": 1, "observedAt": "hôm qua"}}, "“pm25”: “observedAt” phải là ngày giờ"),
    ({"pm25": {"value": 1, "observedAt": "2026-11-20T02:00:00+07:00"}}, "kết thúc bằng chữ Z"),
    ({"location": {"type": "Point", "coordinates": [10.9, 106.7]}}, "ngoài phạm vi"),
    ({"location": {"type": "Polygon", "coordinates": [1, 2]}}, "không khớp với kiểu hình"),
    ({"pm25": {"value": 1, "unitCode": "CEL"}}, "“CEL” không đổi được sang µg/m³"),
    ({"t": {"type": "LanguageProperty", "languageMap": "vi"}}, "“languageMap” phải là bảng"),
    ({"@context": 7}, "“@context” phải là địa chỉ"),
    ({"id": ""}, "thiếu “id”"),
    ({"id": "tram 1", "@context": CONTEXT}, "phải là URI"),
    ({"type": "type"}, "từ khóa"),
    ({"type": "Vehicle"}, "không phải “AirQualityObserved”"),
]


@pytest.mark.parametrize(("change", "said"), WRONG)
def test_a_wrong_entity_is_refused_naming_the_place(tmp_path, change, said):
    path = tmp_path / "e"
    path.write_bytes(orjson.dumps(KEY_VALUES | change))
    declared = layout(MODELS["AirQualityObserved"].mapping)

    with pytest.raises(UnreadableFileError) as refused:
        list(ngsi.items(path, declared))
    assert said in refused.value.message and "Thực thể 1" in refused.value.message


def test_a_wrong_entity_among_right_ones_waits(air):
    wrong = KEY_VALUES | {"pm25": {"type": "Property", "value": None}}
    content = orjson.dumps([NORMALIZED, wrong, CONCISE])
    receipt = ingest.load(source=air, file=content, media="application/ld+json", by=SYSTEM)

    assert (receipt.read, receipt.accepted, receipt.quarantined) == (3, 2, 1)
    waiting = QuarantinedRow.objects.get()
    assert "Thực thể 2 (urn:ngsi-ld:AirQualityObserved:tram-03)" in waiting.reasons[0]["message"]


def test_a_broker_notifies_and_repeats_itself(air, world, client):
    notification = {
        "id": "urn:ngsi-ld:Notification:1", "type": "Notification",
        "subscriptionId": "urn:ngsi-ld:Subscription:1", "notifiedAt": "2026-11-20T02:00:00Z",
        "data": [NORMALIZED, CONCISE],
    }  # fmt: skip

    def tell(body, user="thongke.stnmt"):
        return client.post(
            f"/api/v1/ngsi-ld/{air}/notify", json.dumps(body), content_type="application/ld+json",
            headers={"Authorization": f"Bearer {world.key(user)}"},
        )  # fmt: skip

    first, again = tell(notification), tell(notification)
    assert (first.status_code, first.json()["accepted"]) == (201, 2)
    assert again.json()["run_id"] == first.json()["run_id"] and Run.objects.count() == 1
    assert tell(notification | {"data": []}).status_code == 422
    assert tell(notification, "truc1").status_code == 403


def test_the_page_makes_a_dataset_of_a_model(world):
    from django.urls import reverse

    from .test_describing import filled

    steward, address = world.client("thongke.stnmt"), reverse("ingest:describe")
    body = steward.post(address, {"model": "WaterQualityObserved"}).content.decode()
    assert "pH" in body and "Chạy thử" not in body
    saved = steward.post(address, filled(world, body) | {"do": "save", "reason": "Trạm nước"})
    assert saved.status_code == 302, saved.content.decode()
    assert catalogue.contract("cho").key_fields == ("thuc_the", "thoi_diem")
    assert ingest.source("cho-nam").dataset == "cho"


@over(
    st.floats(-1e6, 1e6),
    st.sampled_from(
        [("CEL", "°C", "FAH", "°F"), ("GP", "mg/m³", "GQ", "µg/m³"), ("KMH", "km/h", "MTS", "m/s")]
    ),
)
def test_conversion_there_and_back(value, units):
    code, sign, other_code, other_sign = units
    there = converted(value, code, other_sign)
    assert there is not None
    assert converted(there, other_code, sign) == pytest.approx(value, rel=1e-9, abs=1e-6)
    assert converted(value, code, "dB") is None


def test_the_suite_of_payloads_and_the_models_own_examples(real, tmp_path):
    """Valid ones are read; the deliberately wrong ones are refused with a sentence."""
    refused = {}
    read = 0
    files = sorted((real / "ngsi-ld-payloads" / "entities").glob("*.json*"))
    files += sorted((real / "ngsi-ld-payloads" / "entities" / "batch").glob("*.json*"))
    files += sorted(
        one
        for one in (real / "smart-data-models").rglob("examples/*.json*")
        if one.suffix != ".csv"
    )
    for path in files:
        try:
            read += sum(len(item) == 2 for item in ngsi.items(path, layout({})))
        except UnreadableFileError as error:
            refused.setdefault(path.name, error.message)
    wrong = {
        name for name in (path.name for path in files)
        if any(word in name for word in ("invalid", "empty", "meta-model", "temporal-observedat"))
    }  # fmt: skip
    assert wrong <= set(refused)
    assert read >= 230 and len(refused) <= 32
    assert all(
        "Thực thể" in said or "JSON sai ở dòng" in said or "Không có" in said
        for said in refused.values()
    )


def test_the_envelope_of_mqtt_is_opened_and_another_form_in_it_is_refused(tmp_path):
    declared = layout(MODELS["AirQualityObserved"].mapping)
    body = {
        "type": "Notification", "subscriptionId": "urn:ngsi-ld:Subscription:1", "data": [CONCISE]
    }  # fmt: skip
    path = tmp_path / "e"

    def rows(metadata):
        path.write_bytes(orjson.dumps({"metadata": metadata, "body": body}))
        return list(ngsi.items(path, declared))

    for metadata in ({"Content-Type": "application/ld+json; charset=utf-8"}, {}, None):
        assert len(rows(metadata)) == 1
    with pytest.raises(UnreadableFileError, match="geo"):
        rows({"content-type": "application/geo+json"})
