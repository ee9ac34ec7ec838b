"""The small world inside a running platform, with sources of files and of readings.

`python -m tests.sources prepare` makes it and prints an API key per account; `rows DATASET FILE`
waits for intake and writes the newest rows of the lake; `waiting SOURCE` prints the reasons of the
rows that wait. `signed_in` is a browser-like client.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

import httpx

STEWARD, APPROVER, STATION = "thongke.stnmt", "giamdoc.stnmt", "tram"
SENSOR_COLUMNS = {"SDS_P1": "pm10", "SDS_P2": "pm25", "Temp": "nhiet-do", "Humidity": "do-am"}
# One device for each way in, so that each way's rows can be compared.
SENSORS = {"kk-tep": "KK-TEP", "kk-http": "KK-HTTP", "kk-mqtt": "KK-MQTT"}
GSO = "Population and Employment"
GSO_TABLES = {
    "tctk-dan-so": (
        f"{GSO}/Average population by province.csv",
        {"Cities, provincies": "dia_ban"},
        r"(?P<nhom>\w+) (?P<so_bo>Prel\. ?)?(?P<nam>\d{4})",
        {},
    ),
    "tctk-ket-hon": (
        f"{GSO}/Average age of first marriage by province.csv",
        {"Cities, provinces": "dia_ban"},
        r"(?P<so_bo>Prel\. ?)?(?P<nam>\d{4})",
        {"nhom": "tuổi kết hôn"},
    ),
    "tctk-nghe": (
        f"{GSO}/Annual employed population at 15 years of age and above by occupation.csv",
        {"Occupation": "dia_ban"},
        r"(?P<so_bo>Prel\. ?)?(?P<nam>\d{4})",
        {"nhom": "nghề nghiệp"},
    ),
}


def signed_in(url: str, username: str, password: str) -> httpx.Client:
    """Return a client signed in through the form."""
    client = httpx.Client(base_url=url, follow_redirects=True, timeout=120)
    answer = client.post(
        "/accounts/login/",
        data={"login": username, "password": password} | form(client, "/accounts/login/"),
        headers={"Referer": f"{url}/accounts/login/"},
    )
    assert "sessionid" in client.cookies, answer.text[:500]
    return client


def form(client: httpx.Client, path: str) -> dict[str, str]:
    """Return the token that a page's form carries."""
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', client.get(path).text)
    assert token, f"{path} has no form"
    return {"csrfmiddlewaretoken": token[1]}


def upload(client: httpx.Client, source: str, name: str, content: bytes) -> httpx.Response:
    """Send a file through the upload page."""
    path = f"/console/sources/{source}/upload/"
    return client.post(
        path,
        data=form(client, path),
        files={"file": (name, content)},
        headers={"Referer": f"{client.base_url}{path}"},
    )


def prepare() -> dict[str, Any]:
    """Make the world, its datasets and its sources; return a password and the API keys."""
    from haidang.foundation.access import api as access
    from haidang.foundation.core.audit import SYSTEM
    from tests import world

    built = world.build_world()
    station = access.create_account(username=STATION, full_name="Trạm quan trắc", by=SYSTEM)
    access.grant(account=station.id, role="device", unit=built.unit("74"), by=SYSTEM)
    keys = {name: built.key(name) for name in (STEWARD, APPROVER)}
    keys[STATION] = access.create_key(account=station.id, name="tram", by=SYSTEM).token
    _define(built)
    for name in (STEWARD, APPROVER):
        world.set_password(built, name)
    return {"password": world.PASSWORD, "keys": keys}


def _define(built: Any) -> None:
    from haidang.data.catalogue import api as catalogue
    from haidang.data.catalogue.api import FieldSpec
    from haidang.foundation.core.audit import SYSTEM

    cases = (
        FieldSpec("xa", "Phường, xã", "unit", required=True, key=True),
        FieldSpec("ngay", "Ngày", "date", required=True, key=True),
        FieldSpec("so_ca", "Số ca", "integer", required=True, minimum=0, maximum=5000),
        FieldSpec("ghi_chu", "Ghi chú"),
    )
    statistics = (
        FieldSpec("dia_ban", "Địa bàn", required=True, key=True),
        FieldSpec("nhom", "Nhóm", key=True),
        FieldSpec("nam", "Năm", "year", required=True, key=True),
        FieldSpec("so_bo", "Sơ bộ"),
        FieldSpec("gia_tri", "Giá trị", "number"),
    )
    sector = "moi-truong"
    catalogue.define(dataset="ca-benh", title="Ca bệnh", fields=cases, sector=sector, by=SYSTEM)
    catalogue.define(dataset="thong-ke", title="Thống kê", fields=statistics, by=SYSTEM)
    catalogue.define(dataset="quan-trac", title="Quan trắc", kind="readings", by=SYSTEM)
    _source(built, "ca-benh-tuan", "ca-benh", {})
    for code, (_, columns, heading, constants) in GSO_TABLES.items():
        unpivot = {"heading": heading, "value": "gia_tri"}
        layout = {"columns": columns, "unpivot": unpivot, "constants": constants}
        _source(built, code, "thong-ke", layout)
    for code, device in SENSORS.items():
        melt = {"time": "Time", "device": device, "metrics": SENSOR_COLUMNS}
        _source(built, code, "quan-trac", {"readings": melt}, device)


def _source(built: Any, code: str, dataset: str, mapping: Any, device: str = "") -> None:
    from haidang.data.ingest import api as ingest
    from haidang.foundation.core.audit import SYSTEM

    ingest.create_source(
        code=code, title=code, kind="mqtt" if device else "file", dataset=dataset,
        supplier_unit_id=built.unit("74.STNMT"), sector="moi-truong", mapping=mapping, by=SYSTEM,
        max_age_days=0,  # months of the past
    )  # fmt: skip
    if device:
        ingest.register_device(
            code=device, source=code, unit_id=built.unit("25747"),
            metrics=tuple(SENSOR_COLUMNS.values()), by=SYSTEM,
        )  # fmt: skip


def rows(dataset: str, file: Path) -> dict[str, Any]:
    """Wait for intake; write the newest rows of the lake as JSON."""
    from haidang.data.warehouse import api as warehouse
    from haidang.foundation.access import api as access
    from tests import telemetry

    telemetry.settle()
    telemetry.await_runs()
    found = warehouse.execute(warehouse.table(dataset, scope=access.EVERYTHING)).to_pylist()
    file.write_text(json.dumps(found, default=str))
    return {"rows": len(found)}


def waiting(source: str) -> dict[str, Any]:
    """Wait for intake; return the first reason of every row of a source that waits."""
    from haidang.data.ingest.models import QuarantinedRow
    from tests import telemetry

    telemetry.settle()
    found = QuarantinedRow.objects.filter(run__source__code=source).order_by("pk")
    return {"reasons": [row.reasons[0] for row in found]}


def _main(verb: str, *words: str) -> dict[str, Any]:
    if verb == "prepare":
        return prepare()
    return waiting(words[0]) if verb == "waiting" else rows(words[0], Path(words[1]))


if __name__ == "__main__":
    import django

    django.setup()
    print(json.dumps(_main(*sys.argv[1:])))
