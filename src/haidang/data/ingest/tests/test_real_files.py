"""Real files, as they are published: they load, they reconcile, nothing is doubled."""

import csv
import io
import json

import pytest

from haidang.data.catalogue import api as catalogue
from haidang.data.catalogue.api import FieldSpec
from haidang.data.ingest import api as ingest
from haidang.data.ingest.models import Run
from haidang.foundation.core.audit import SYSTEM

METRICS = {"SDS_P1": "pm10", "SDS_P2": "pm25", "Temp": "nhiet-do", "Humidity": "do-am"}


def test_a_month_of_a_real_sensor_by_file_and_again_by_api(sensors, real):
    folder = real / "hcmc-air-sensor-2018-10"
    days = sorted(folder.glob("*.csv"))
    lines = 0
    accepted = 0
    for day in days:
        receipt = ingest.load(source=sensors, file=day, by=SYSTEM)
        lines += len(day.read_text().splitlines()) - 1
        accepted += receipt.accepted
        assert receipt.reconciles
        assert receipt.duplicate == receipt.quarantined == 0
    assert lines == 13_260
    assert accepted == _cells(days)

    again = ingest.load(
        source=sensors,
        file="\n".join(json.dumps(row) for day in days for row in _long(day)).encode(),
        media="application/x-ndjson",
        channel=Run.Channel.API,
        by=SYSTEM,
    )
    assert (again.read, again.duplicate) == (accepted, accepted)


def _rows(day):
    return csv.DictReader(io.StringIO(day.read_text()), delimiter=";")


def _cells(days):
    return sum(bool(row[name]) for day in days for row in _rows(day) for name in METRICS)


def _long(day):
    for row in _rows(day):
        for name, metric in METRICS.items():
            if row[name]:
                yield {
                    "device": "esp8266-12779556",
                    "metric": metric,
                    "time": row["Time"].replace("/", "-", 2) + "+07:00",
                    "value": float(row[name]),
                }


POPULATION = (
    FieldSpec("dia_ban", "Địa bàn", required=True, key=True),
    FieldSpec("nhom", "Nhóm", key=True),
    FieldSpec("nam", "Năm", "year", required=True, key=True),
    FieldSpec("so_bo", "Sơ bộ"),
    FieldSpec("gia_tri", "Giá trị", "number"),
)
TABLES = (
    (
        "Population and Employment/Average population by province.csv",
        {"Cities, provincies": "dia_ban"},
        r"(?P<nhom>\w+) (?P<so_bo>Prel\. ?)?(?P<nam>\d{4})",
        {},
    ),
    (
        "Population and Employment/Average age of first marriage by province.csv",
        {"Cities, provinces": "dia_ban"},
        r"(?P<so_bo>Prel\. ?)?(?P<nam>\d{4})",
        {"nhom": "chung"},
    ),
    (
        "Population and Employment/"
        "Annual employed population at 15 years of age and above by occupation.csv",
        {"Occupation": "dia_ban"},
        r"(?P<so_bo>Prel\. ?)?(?P<nam>\d{4})",
        {"nhom": "nghề nghiệp"},
    ),
)


@pytest.mark.parametrize(("name", "columns", "heading", "constants"), TABLES)
def test_a_wide_table_of_the_statistics_office_loads_long(
    world, real, name, columns, heading, constants
):
    catalogue.define(dataset="thong-ke", title="Thống kê", fields=POPULATION, by=SYSTEM)
    ingest.create_source(
        code="tctk",
        title="Tổng cục Thống kê",
        kind="file",
        dataset="thong-ke",
        supplier_unit_id=world.unit("74.SKHDT"),
        mapping={
            "columns": columns,
            "unpivot": {"heading": heading, "value": "gia_tri"},
            "constants": constants,
        },
        by=SYSTEM,
    )
    path = real / "vn-gso-statistics" / name
    receipt = ingest.load(source="tctk", file=path, by=SYSTEM)

    assert receipt.reconciles
    assert receipt.accepted + receipt.duplicate == receipt.read == _filled(path)
    again = ingest.load(source="tctk", file=path, by=SYSTEM)
    assert (again.accepted, again.duplicate) == (0, again.read)


def _filled(path):
    table = list(csv.reader(io.StringIO(path.read_text("utf-8-sig")), delimiter=";"))[2:]
    return sum(cell.strip() not in {"", "..", "-"} for row in table[1:] for cell in row[1:])
