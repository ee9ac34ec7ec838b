"""An invented steward's work: a watched folder with files, quality rules, a pipeline over them.

Only agreements are made here; the files are fetched, judged and summed by the running platform
itself within its first minutes, through the doors of every day.
"""

import zlib
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
from django.conf import settings
from django.utils import timezone

from haidang.data.catalogue import api as catalogue
from haidang.data.catalogue.api import FieldSpec
from haidang.data.ingest import api as ingest
from haidang.data.pipelines import api as pipelines
from haidang.data.warehouse import api as warehouse
from haidang.foundation.core.audit import SYSTEM
from haidang.foundation.org import api as org
from haidang.project.demo import acting

DATASET, SUMS, SOURCE = "rac-thai-xa", "rac-thai-xa-thang", "rac-thai-theo-tuan"
SUPPLIER, SECTOR = "74.STNMT", "moi-truong"
WRITER, SECOND = "thongke.stnmt", "giamdoc.ioc"
FOLDER = "thu-muc-theo-doi"
WEEKS = 8
_UNIT = FieldSpec("don_vi", "Xã, phường", "unit", required=True, key=True)
FIELDS = (
    FieldSpec("ngay", "Ngày", "date", required=True, key=True),
    _UNIT,
    FieldSpec(
        "thu_gom",
        "Thu gom",
        "number",
        unit_of_measure="tấn",
        required=True,
        minimum=Decimal(0),
        maximum=Decimal(500),
    ),
    FieldSpec("xu_ly", "Xử lý", "number", unit_of_measure="tấn", minimum=Decimal(0)),
)
SUM_FIELDS = (
    FieldSpec("thang", "Tháng", "yearmonth", required=True, key=True),
    _UNIT,
    FieldSpec("thu_gom", "Thu gom", "number", unit_of_measure="tấn", required=True),
    FieldSpec("xu_ly", "Xử lý", "number", unit_of_measure="tấn"),
)
SQL = """
SELECT strftime(ngay, '%Y-%m') AS thang, don_vi, sum(thu_gom) AS thu_gom, sum(xu_ly) AS xu_ly
FROM rac_thai_xa GROUP BY ALL
"""


def install() -> None:
    """Agree on datasets, source, rules, connection and pipeline; lay the files into the folder."""
    for code, title, fields in (
        (DATASET, "Rác thải sinh hoạt theo ngày (mô phỏng)", FIELDS),
        (SUMS, "Rác thải sinh hoạt theo tháng (mô phỏng)", SUM_FIELDS),
    ):
        owner = org.unit(SUPPLIER).id
        catalogue.define(
            dataset=code, title=title, fields=fields, sector=SECTOR, owner_unit_id=owner, by=SYSTEM
        )
        warehouse.ensure_table(catalogue.contract(code))
    _source()
    _rules()
    _pipeline()
    lay(settings.DATA_DIR / FOLDER, timezone.localdate())
    _connection()


def _source() -> None:
    ingest.create_source(
        code=SOURCE,
        title="Rác thải sinh hoạt, công ty môi trường gửi hằng tuần",
        kind="file",
        dataset=DATASET,
        supplier_unit_id=org.unit(SUPPLIER).id,
        sector=SECTOR,
        cycle="week",
        is_simulated=True,
        by=SYSTEM,
    )
    ingest.propose_automatic(source=SOURCE, by=SYSTEM)
    ingest.approve_automatic(source=SOURCE, by=SYSTEM)


def _rules() -> None:
    balance = {"left": "xu_ly", "operator": "<=", "right": "thu_gom"}
    jump = {"field": "thu_gom", "series": ["don_vi"], "time": "ngay", "percent": 80}
    for title, kind, said, severity in (
        ("Xử lý không nhiều hơn thu gom", "compare", balance, "block"),
        ("Thu gom không nhảy quá xa các ngày trước", "jump", jump, "warn"),
    ):
        made = ingest.declare_rule(
            dataset=DATASET, title=title, kind=kind, settings=said, severity=severity,
            owner_unit_id=org.unit(SUPPLIER).id, reason="Quy tắc mô phỏng", by=SYSTEM,
        )  # fmt: skip
        ingest.switch_rule(rule=made.pk, on=True, reason="Dữ liệu mô phỏng", by=SYSTEM)


def _pipeline() -> None:
    pipelines.create(
        code=SUMS,
        title="Rác thải sinh hoạt theo tháng (mô phỏng)",
        output=SUMS,
        text=pipelines.Text(sql=SQL, inputs=[DATASET]),
        by=acting.scope(WRITER),
        why="Luồng mô phỏng",
        purpose="Cộng số liệu hằng ngày của từng xã, phường thành tháng.",
        timing=pipelines.Timing(cadence="landed"),
    )
    today = timezone.localdate()
    tried = pipelines.try_version(
        pipeline=SUMS, by=acting.scope(WRITER), days=(today - timedelta(days=60), today)
    )
    pipelines.switch_on(
        pipeline=SUMS, by=acting.scope(SECOND), reason="Luồng mô phỏng", seal=tried.seal
    )


def _connection() -> None:
    made = ingest.create_connection(
        source=SOURCE,
        kind="folder",
        title="Thư mục của công ty môi trường (mô phỏng)",
        settings={"path": str(settings.DATA_DIR / FOLDER), "pattern": "rac-thai-*.csv", "still": 0},
        schedule=ingest.Schedule("minutes", every=30),
        reason="Dữ liệu mô phỏng",
        by=SYSTEM,
    )
    ingest.ask_connection(connection=made.id, by=SYSTEM)


def lay(folder: Path, today: date) -> None:
    """Lay one file for each of the last weeks into the folder, some rows of each wrong."""
    folder.mkdir(parents=True, exist_ok=True)
    monday = today - timedelta(days=today.weekday())
    for back in range(WEEKS, 0, -1):
        first = monday - timedelta(weeks=back)
        lines = ["Ngày;Xã, phường;Thu gom;Xử lý", *_week(first, back)]
        path = folder / f"rac-thai-{first:%Y-%m-%d}.csv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _week(first: date, back: int) -> Iterator[str]:
    """Yield the rows of a week; fewer of them are wrong from week to week."""
    chance = np.random.default_rng(zlib.crc32(first.isoformat().encode()))
    for unit in org.all_units(level="commune"):
        usual = 15 + zlib.crc32(unit.code.encode()) % 60
        for day in range(7):
            brought = usual * chance.uniform(0.85, 1.15)
            yield _row(first + timedelta(days=day), unit.code, brought, chance, back)


def _row(day: date, unit: str, brought: float, chance: np.random.Generator, back: int) -> str:
    treated = brought * chance.uniform(0.88, 1)
    cells = [f"{day:%d/%m/%Y}", unit, _text(brought), _text(treated)]
    match int(chance.integers(0, 4000 // (back + 2))):
        case 0:
            cells[3] = _text(brought * 1.4)  # more than was collected
        case 1:
            cells[1] = f"{unit}9"  # no such unit
        case 2:
            cells[2] = "chưa cân"
        case 3:
            cells[2], cells[3] = _text(brought * 3), _text(brought * 2.5)  # a leap
        case 4:
            cells[2] = ""
    return ";".join(cells)


def _text(tons: float) -> str:
    return f"{tons:.2f}".replace(".", ",")
