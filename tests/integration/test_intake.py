"""Readings over MQTT and HTTP, through the real processes, into the lake."""

import gzip
import itertools
import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from typing import Any

import httpx
import paho.mqtt.client as mqtt
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from haidang.data.ingest.actions import describing, runs
from haidang.data.ingest.errors import UnreadableFileError
from haidang.data.ingest.models import QuarantinedRow, Refusal, Run
from haidang.data.warehouse import api as warehouse
from haidang.foundation.access import api as access
from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.org import api as org
from tests import telemetry
from tests.telemetry import FOREIGN, Telemetry

pytestmark = pytest.mark.django_db
NOW = 1_700_000_000
AIR = "khong-khi-ngsi"
_SOURCES = 40
SENSOR = "esp8266-12779556"


def database_url() -> str:
    found = connection.get_connection_params()
    return (
        f"postgresql://{found.get('user', '')}:{found.get('password', '')}@/{found['dbname']}"
        f"?host={found.get('host', '')}&port={found.get('port', '')}"
    )


def lake(source: str) -> list[dict[str, Any]]:
    """Return the newest readings of a source's devices."""
    try:
        table = warehouse.table("quan-trac", scope=access.EVERYTHING)
    except warehouse.UnknownTableError:  # emptied after the last test, not written since
        return []
    rows = warehouse.execute(table.filter(table.device.startswith(f"{source}-")))
    return list(rows.to_pylist())


@pytest.fixture(scope="module")
def running(
    django_db_setup: None,
    django_db_blocker: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Telemetry]:
    """Intake and web for all tests here; every test has a source of its own."""
    with django_db_blocker.unblock():
        found = Telemetry(
            tmp_path_factory.mktemp("d"),
            database_url(),
            HAIDANG_LAKE_URL=settings.LAKE_URL,
            HAIDANG_SECRET_KEY=settings.SECRET_KEY,
        )
        found.key = telemetry.prepare()
        for number in range(_SOURCES):
            telemetry.make_source(f"aq{number}", [f"aq{number}-{n}" for n in (1, 2, 3)])
        telemetry.make_source("khong-khi", [SENSOR])
        air_quality()
        found.start_intake()
        found.start_web()
        yield found
        found.close()
        call_command("flush", interactive=False, verbosity=0)


@pytest.fixture
def source(running: Telemetry) -> str:
    """A source that no other test uses, with the devices CODE-1, CODE-2 and CODE-3."""
    return f"aq{next(_numbers)}"


_numbers = itertools.count()


@pytest.fixture(params=["web", "port"])
def door(request: pytest.FixtureRequest) -> str:
    """Both HTTP doors must do the same."""
    return str(request.param)


def client(running: Telemetry, door: str = "web") -> httpx.Client:
    return httpx.Client(
        base_url=running.doors[door], headers={"Authorization": f"Bearer {running.key}"}, timeout=60
    )


def publish(running: Telemetry, topic: str, payload: str | bytes) -> None:
    """Publish with QoS 1 and wait for the PUBACK."""
    device = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv311)
    device.username_pw_set("tram", running.key)
    device.connect("127.0.0.1", running.mqtt_port)
    device.loop_start()
    device.publish(topic, payload, qos=1).wait_for_publish(20)
    device.disconnect()
    device.loop_stop()


def test_senml_and_lines_by_http_and_senml_by_mqtt_reach_the_lake(
    running: Telemetry, source: str, door: str
) -> None:
    one, two, three = (f"{source}-{n}" for n in (1, 2, 3))
    pack = [{"bn": f"{one}/", "bt": NOW, "n": "pm25", "v": 1.5}, {"n": "pm10", "v": 2, "t": 1}]
    lines = f"air,device={two},status=fault pm25=3.5,pm10=4 {NOW}"
    path = f"/api/v2/write?bucket={source}&precision=s"
    with client(running, door) as http:
        answer = http.post(f"/api/v1/readings?source={source}", json=pack)
        assert answer.status_code == 202
        assert answer.json()["id"].startswith("main-")
        assert http.post(path, content=lines).status_code == 204
        running.settle()
        packed = gzip.compress(lines.replace(two, one).encode())
        answer = http.post(path, content=packed, headers={"Content-Encoding": "gzip"})
        assert answer.status_code == 204
    payload = json.dumps([{"bt": NOW, "n": "humidity", "v": 70, "status": "calibrating"}])
    publish(running, f"haidang/v1/{source}/{three}", payload)
    running.settle()
    rows = {
        (r["device"], r["metric"], int(r["time"].timestamp())): (r["value"], r["status"], r["unit"])
        for r in lake(source)
    }
    assert rows == {
        (one, "pm25", NOW): (3.5, "fault", "25747"),
        (one, "pm10", NOW + 1): (2.0, "measuring", "25747"),
        (one, "pm10", NOW): (4.0, "fault", "25747"),
        (two, "pm25", NOW): (3.5, "fault", "25747"),
        (two, "pm10", NOW): (4.0, "fault", "25747"),
        (three, "humidity", NOW): (70.0, "calibrating", "25747"),
    }
    run = Run.objects.get(source__code=source)
    assert (run.read, run.accepted, run.quarantined, run.duplicate) == (7, 7, 0, 0)
    assert run.revised == 1


def test_bad_readings_wait_with_their_reasons_and_the_counts_reconcile(
    running: Telemetry, source: str
) -> None:
    one = f"{source}-1"
    pack = [
        {"n": f"{one}/pm25", "t": NOW, "v": 1},
        {"n": f"{one}/pm25", "t": NOW, "v": 1},
        {"n": "LA/pm25", "t": NOW, "v": 1},
        {"n": f"{one}/tieng_on", "t": NOW, "v": 1},
        {"n": f"{one}/pm25", "t": time.time() + 2 * 86400, "v": 1},
        {"n": f"{one}/pm25", "t": NOW, "v": "cao"},
    ]
    with client(running) as http:
        assert http.post(f"/api/v1/readings?source={source}", json=pack).status_code == 202
        body = f"m,device={one} pm10=inf {NOW}\nm,device={one} \x00=1\n"
        path = f"/api/v2/write?bucket={source}&precision=s"
        assert http.post(path, content=body).status_code == 204
    publish(running, f"haidang/v1/{source}/{one}", b"\xff\x00rac")
    running.settle()
    run = Run.objects.get(source__code=source)
    waiting = QuarantinedRow.objects.filter(run=run)
    codes = sorted(waiting.values_list("first_code", flat=True))
    assert codes == sorted(
        ["unknown_device", "unknown_metric", "future", "type", "json", "type", "line"]
    )
    assert all(row.raw["original"] for row in waiting)
    assert (run.accepted, run.duplicate, run.quarantined) == (1, 1, 7)
    assert run.read == run.accepted + run.duplicate + run.quarantined


@pytest.mark.parametrize(
    ("query", "status"),
    [("", 400), (f"?source={FOREIGN}", 403), ("?source=nowhere", 403), ("?source=a%00", 400)],
)
def test_only_sources_of_ones_own_units_take_readings(
    running: Telemetry, source: str, door: str, query: str, status: int
) -> None:
    with client(running, door) as http:
        answer = http.post(f"/api/v1/readings{query}", json=[{"n": f"{source}-1/pm25", "v": 1}])
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert lake(source) == []


def test_without_a_valid_key_nothing_enters(running: Telemetry, source: str, door: str) -> None:
    for headers in ({}, {"Authorization": "Bearer hd_x_y"}, {"Authorization": "Token nonsense"}):
        for path in (f"/api/v1/readings?source={source}", f"/api/v2/write?bucket={source}"):
            answer = httpx.post(
                running.doors[door] + path, content=b"[]", headers=headers, timeout=60
            )
            assert answer.status_code == 401
    refused = []
    device = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv311)
    device.on_connect = lambda c, u, f, code, p: refused.append(code.is_failure)
    device.username_pw_set("tram", "hd_x_y")
    device.connect("127.0.0.1", running.mqtt_port)
    while not refused:
        device.loop(1)
    assert refused == [True]


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"", {}, 400), (b"{", {}, 400), (b"7", {}, 400), (b"\xff[]", {}, 400),
        (b"[]", {"Content-Encoding": "gzip"}, 400), (b"[]", {"Content-Encoding": "br"}, 400),
        (gzip.compress(b" " * (40 << 20)), {"Content-Encoding": "gzip"}, 413),
        (b"x" * 300_000, {}, 400),
    ],
)  # fmt: skip
def test_what_cannot_be_a_pack_is_refused_with_a_problem(
    running: Telemetry, source: str, door: str, body: bytes, headers: dict[str, str], status: int
) -> None:
    with client(running, door) as http:
        answer = http.post(f"/api/v1/readings?source={source}", content=body, headers=headers)
    assert answer.status_code == status
    assert answer.json()["status"] == status
    assert list((running.folder / "journal" / ".spool").iterdir()) == []


def test_a_large_body_goes_through_a_file_of_its_own(
    running: Telemetry, source: str, door: str
) -> None:
    lines = "\n".join(f"m,device={source}-1 pm25={n}.5 {NOW + n}" for n in range(20_000))
    assert len(lines) > 512 * 1024
    with client(running, door) as http:
        path = f"/api/v2/write?bucket={source}&precision=s"
        assert http.post(path, content=lines).status_code == 204
    running.settle()
    assert len(lake(source)) == 20_000
    assert list((running.folder / "journal" / "main" / "large").iterdir()) == []


def test_a_large_body_of_garbage_waits_as_a_file(
    running: Telemetry, source: str, door: str
) -> None:
    garbage = b"[" + b"rac " * 100_000
    with client(running, door) as http:
        answer = http.post(f"/api/v1/readings?source={source}", content=garbage)
        assert answer.status_code == 202
    running.settle()
    row = QuarantinedRow.objects.get(run__source__code=source)
    assert row.first_code == "json"
    kept = running.folder / "files" / row.raw["file"][:2] / row.raw["file"][2:4] / row.raw["file"]
    assert kept.read_bytes() == garbage
    assert garbage.decode().startswith(row.raw["original"])


def test_while_intake_is_down_the_answer_is_503_and_then_it_goes_on(
    running: Telemetry, source: str
) -> None:
    running.intake.kill()
    pack = [{"n": f"{source}-1/pm25", "t": NOW, "v": 1}]
    with client(running) as http:
        answer = http.post(f"/api/v1/readings?source={source}", json=pack)
        assert answer.status_code == 503
        assert answer.headers["retry-after"]
        running.start_intake()
        assert http.post(f"/api/v1/readings?source={source}", json=pack).status_code == 202


def test_a_clean_stop_leaves_nothing_in_the_journal(running: Telemetry, source: str) -> None:
    with client(running) as http:
        for n in range(50):
            pack = [{"n": f"{source}-1/pm25", "t": NOW + n, "v": n}]
            assert http.post(f"/api/v1/readings?source={source}", json=pack).status_code == 202
    assert running.intake.stop() == 0
    assert len(lake(source)) == 50
    running.start_intake()


def test_an_abandoned_journal_is_adopted(running: Telemetry, source: str) -> None:
    from haidang.data.ingest.intake import adoption
    from haidang.data.ingest.intake.notes import SENML, Note
    from haidang.data.ingest.journal import Journal

    orphan = Journal(running.folder / "journal" / "gone")
    body = json.dumps([{"n": "pm25", "t": NOW, "v": 5}]).encode()
    orphan.append(Note(source, SENML, f"{source}-1").encode(), body, NOW * 1_000_000)
    orphan.sync()
    orphan.close()
    adoption.adopt(running.folder / "journal" / "gone")
    assert [row["value"] for row in lake(source)] == [5.0]
    assert not (running.folder / "journal" / "gone").exists()


def test_a_refused_publication_is_told_to_the_steward_of_the_source(
    running: Telemetry, source: str
) -> None:
    """MQTT 3.1.1 tells the device nothing, so the page of the source does."""
    device = f"{source}-1"
    topic = f"haidang/v1/{source}/{device}"
    assert _publish_once(running, f"haidang/v2/{source}/x", running.key) != 0
    assert _publish_once(running, f"haidang/v1/{FOREIGN}/x", running.key) != 0
    assert _publish_once(running, topic, "khóa sai", client=device) != 0
    assert _publish_once(running, topic, running.key, device, "x" * 300_000) != 0
    running.wait(lambda: _reasons(source) == {"topic", "key", "size"}, 20, "no refusal is kept")
    running.wait(lambda: _reasons(FOREIGN) == {"source"}, 20, "no refusal is kept")
    refused = Refusal.objects.get(source__code=FOREIGN)
    assert (refused.client, refused.address) == ("tram", "127.0.0.1")
    assert refused.topic == f"haidang/v1/{FOREIGN}/x"


def _reasons(source: str) -> set[str]:
    return set(Refusal.objects.filter(source__code=source).values_list("reason", flat=True))


def _publish_once(
    running: Telemetry, topic: str, key: str, client: str = "tram", payload: str = "[]"
) -> int:
    """Publish one message with Debian's client, QoS 1; return its exit status."""
    program = shutil.which("mosquitto_pub")
    if program is None:
        pytest.skip("CLIENT ABSENT: install Debian's mosquitto-clients to try it")
    words = [program, "-h", "127.0.0.1", "-p", str(running.mqtt_port), "-q", "1", "-s",
             "-u", client, "-P", key, "-t", topic]  # fmt: skip
    done = subprocess.run(words, input=payload, text=True, timeout=10, capture_output=True)
    return done.returncode


def test_a_broker_notifies_over_mqtt_and_its_entities_become_rows(
    running: Telemetry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "DATA_DIR", running.folder)  # where intake keeps originals
    entity = {
        "id": "urn:ngsi-ld:AirQualityObserved:tram-01", "type": "AirQualityObserved",
        "pm25": {"value": 40, "unitCode": "GQ", "observedAt": "2026-11-20T02:00:00Z"},
    }  # fmt: skip
    told = {
        "metadata": {"Content-Type": "application/json", "Link": "<https://example.org/c>"},
        "body": {
            "id": "urn:ngsi-ld:Notification:1", "type": "Notification", "data": [entity],
            "subscriptionId": "urn:ngsi-ld:Subscription:1",
        },
    }  # fmt: skip
    topic = "haidang/ngsi-ld/ngsi-khong-khi"
    for _ in range(2):  # a broker repeats what it thinks was lost
        publish(running, topic, json.dumps(told))
    publish(running, topic, "{")
    running.settle()

    run, wrong = Run.objects.filter(source__code="ngsi-khong-khi").order_by("pk")
    assert runs.process(run_id=run.pk).accepted == 1, "one run for both"
    rows = warehouse.execute(warehouse.table(AIR, scope=access.EVERYTHING)).to_pylist()
    assert [(row["thuc_the"][-2:], row["pm25"]) for row in rows] == [("01", 40)]
    with pytest.raises(UnreadableFileError, match="JSON sai"):
        runs.process(run_id=wrong.pk)

    device = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv311)
    device.username_pw_set("tram", running.key)
    device.connect("127.0.0.1", running.mqtt_port)
    device.publish(f"haidang/ngsi-ld/{FOREIGN}", json.dumps(told), qos=1)
    closed = "the connection stays open"
    running.wait(lambda: device.loop(0.1) != mqtt.MQTT_ERR_SUCCESS, 20, closed)
    assert not Run.objects.filter(source__code=FOREIGN).exists()


def air_quality() -> None:
    """Make a source of the shipped model of air quality, for the key's own commune."""
    said = describing.of_model(model="AirQualityObserved", by=SYSTEM)
    draft = describing.Draft(
        dataset=AIR, title="Không khí", source="ngsi-khong-khi", source_title="Trạm",
        fields=[describing.field_of(one) for one in said.proposal.fields],
        supplier_unit_id=org.codes()["25747"], mapping=said.proposal.mapping,
    )  # fmt: skip
    describing.make(draft=draft, by=SYSTEM, reason="Thử")
