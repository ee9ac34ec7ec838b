"""A dataset of cases by ward and day, one of sums by district and month, and who works on them."""

import datetime as dt

import pyarrow as pa
import pytest

from haidang.data.catalogue import api as catalogue
from haidang.data.catalogue.api import FieldSpec
from haidang.data.pipelines import api as pipelines
from haidang.data.pipelines.models import PipelineVersion
from haidang.data.warehouse import api as warehouse
from haidang.foundation.core.audit import SYSTEM
from tests.world import World, build_world

CASES = (
    FieldSpec("xa", "Phường, xã", "unit", required=True, key=True),
    FieldSpec("ngay", "Ngày", "date", required=True, key=True),
    FieldSpec("so_ca", "Số ca", "integer", required=True),
    FieldSpec("nguoi", "Người báo", personal_data="name"),
)
SUMS = (
    FieldSpec("xa", "Phường, xã", "unit", required=True, key=True),
    FieldSpec("thang", "Tháng", "yearmonth", required=True, key=True),
    FieldSpec("so_ca", "Số ca", "integer", required=True, maximum=1000),
    FieldSpec("binh_quan", "Bình quân ngày", "number"),
    FieldSpec("cao", "Cao", "boolean"),
)
SQL = """
SELECT xa, strftime(ngay, '%Y-%m') AS thang, sum(so_ca) AS so_ca, avg(so_ca) AS binh_quan,
       max(so_ca) > 100 AS cao
FROM ca_benh WHERE ngay >= :from AND ngay < :to GROUP BY ALL
"""
WHOLE = SQL.replace("WHERE ngay >= :from AND ngay < :to", "")
WRITER, SECOND = "thongke.stnmt", "giamdoc.ioc"


@pytest.fixture
def world(db: None) -> World:
    built = build_world()
    made = {"sector": "moi-truong", "owner_unit_id": built.unit("74.STNMT"), "by": SYSTEM}
    catalogue.define(dataset="ca-benh", title="Ca bệnh", fields=CASES, **made)
    catalogue.define(dataset="tong-thang", title="Tổng tháng", fields=SUMS, **made)
    warehouse.ensure_table(catalogue.contract("ca-benh"))
    warehouse.ensure_table(catalogue.contract("tong-thang"))
    return built


def bring(*rows: tuple[str, str, int]) -> int:
    """Commit rows of cases straight to the lake; return their batch."""
    batch = warehouse.next_batch()
    table = pa.table(
        {
            "xa": [row[0] for row in rows],
            "ngay": [dt.date.fromisoformat(row[1]) for row in rows],
            "so_ca": [row[2] for row in rows],
            "nguoi": ["Nguyễn Văn A"] * len(rows),
        }
    )
    counts = {"read": len(rows), "quarantined": 0, "repeated": 0}
    warehouse.commit([warehouse.Batch(batch, "ca-benh", "thu", table, None, counts, None)])
    return batch


def make(world: World, code: str = "tong", sql: str = SQL, **more: object) -> None:
    """Write, try and switch on a pipeline of monthly sums."""
    text = pipelines.Text(sql=sql, inputs=["ca-benh"], **more)  # type: ignore[arg-type]
    writer = world.scope(WRITER)
    pipelines.create(
        code=code, title="Tổng ca bệnh theo tháng", output="tong-thang", text=text, by=writer,
        why="Theo kế hoạch 12/KH-STNMT",
    )  # fmt: skip
    tried = pipelines.try_version(
        pipeline=code, by=writer, days=(dt.date(2026, 1, 1), dt.date(2027, 1, 1))
    )
    assert tried.is_good, tried
    approve(world, code)


def approve(world: World, code: str = "tong") -> None:
    """Switch the tried version on, as who saw it."""
    seen = PipelineVersion.objects.get(pipeline__code=code, state="tried")
    pipelines.switch_on(
        pipeline=code, by=world.scope(SECOND), reason="Đã xem kết quả chạy thử", seal=seen.seal
    )
