"""A dataset of cases by ward and day, its source, and the real files beside the checkout."""

import os
from pathlib import Path

import pytest

from haidang.data.catalogue import api as catalogue
from haidang.data.catalogue.api import FieldSpec
from haidang.data.ingest import api as ingest
from haidang.foundation.core.audit import SYSTEM
from tests.world import World, build_world

CASES = (
    FieldSpec("xa", "Phường, xã", "unit", required=True, key=True),
    FieldSpec("ngay", "Ngày", "date", required=True, key=True),
    FieldSpec("so_ca", "Số ca", "integer", required=True, minimum=0, maximum=5000),
    FieldSpec("ty_le", "Tỷ lệ", "number", unit_of_measure="%"),
    FieldSpec("muc", "Mức", codes=("thấp", "cao")),
    FieldSpec("ghi_chu", "Ghi chú"),
)
HEAD = "Phường, xã;Ngày;Số ca;Tỷ lệ;Mức;Ghi chú\n"


@pytest.fixture
def world(db: None) -> World:
    return build_world()


@pytest.fixture
def source(world: World) -> str:
    """A manual source of the department of health."""
    catalogue.define(
        dataset="ca-benh", title="Ca bệnh theo xã", fields=CASES, sector="y-te", by=SYSTEM
    )
    ingest.create_source(
        code="ca-benh-tuan",
        title="Báo cáo ca bệnh",
        kind="file",
        dataset="ca-benh",
        supplier_unit_id=world.unit("74.STNMT"),
        by=SYSTEM,
    )
    return "ca-benh-tuan"


@pytest.fixture
def sensors(world: World) -> str:
    """The real sensor of the shared files, as a source of readings."""
    catalogue.define(dataset="quan-trac", title="Quan trắc", kind="readings", by=SYSTEM)
    ingest.create_source(
        code="khong-khi",
        title="Cảm biến không khí",
        kind="file",
        dataset="quan-trac",
        supplier_unit_id=world.unit("74.STNMT"),
        sector="moi-truong",
        mapping={
            "readings": {
                "time": "Time",
                "device": "esp8266-12779556",
                "metrics": {
                    "SDS_P1": "pm10",
                    "SDS_P2": "pm25",
                    "Temp": "nhiet-do",
                    "Humidity": "do-am",
                },
            }
        },
        by=SYSTEM,
    )
    ingest.register_device(
        code="esp8266-12779556",
        source="khong-khi",
        unit_id=world.unit("25747"),
        metrics=("pm10", "pm25", "nhiet-do", "do-am"),
        by=SYSTEM,
    )
    return "khong-khi"


@pytest.fixture(scope="session")
def real() -> Path:
    """The folder of real files; without it these tests are skipped, and say so."""
    root = Path(__file__).parents[5]
    folder = Path(os.environ.get("HAIDANG_SHARED", root.parent / "shared")) / "data" / "real"
    if not folder.is_dir():
        pytest.skip(f"REAL FILES ABSENT: {folder}; set HAIDANG_SHARED to try them")
    return folder
