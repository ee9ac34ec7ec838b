"""`python -m bench.loading DATASET FILE [rule]`: load a file through its contract in this process.

Prints rows, seconds and the process's peak memory in MB as JSON; run by `bench.files`.
"""

import json
import resource
import sys
import time
from decimal import Decimal
from pathlib import Path


def main(dataset: str, path: Path, *more: str) -> dict[str, float]:
    """Define the contract, load the file, return what the receipt and the kernel say."""
    from haidang.data.catalogue import api as catalogue
    from haidang.data.catalogue.api import FieldSpec
    from haidang.data.ingest import api as ingest
    from haidang.foundation.core.audit import SYSTEM
    from haidang.foundation.org import api as org
    from tests.world import build_world

    fields = (
        FieldSpec("ma", "Mã hồ sơ", required=True, key=True),
        FieldSpec("xa", "Phường, xã", "unit", required=True),
        FieldSpec("ngay", "Ngày", "date", required=True),
        FieldSpec(
            "so_luong",
            "Số lượng",
            "integer",
            required=True,
            minimum=Decimal(0),
            maximum=Decimal(5000),
        ),
        FieldSpec("ty_le", "Tỷ lệ", "number", unit_of_measure="%"),
    )
    if "74.STNMT" not in org.codes():
        build_world()
    catalogue.define(dataset=dataset, title=dataset, fields=fields, sector="y-te", by=SYSTEM)
    ingest.create_source(
        code=dataset, title=dataset, kind="file", dataset=dataset,
        supplier_unit_id=org.codes()["74.STNMT"], by=SYSTEM,
    )  # fmt: skip
    if "rule" in more:
        limit = {"left": "ty_le", "operator": "<=", "right": "so_luong"}
        made = ingest.declare_rule(
            dataset=dataset, title="Tỷ lệ không quá số lượng", kind="compare", settings=limit,
            severity="warn", reason="Đo", by=SYSTEM,
        )  # fmt: skip
        ingest.switch_rule(rule=made.pk, on=True, reason="Đo", by=SYSTEM)
    before = _peak()
    began, worked = time.monotonic(), time.process_time()
    receipt = ingest.load(source=dataset, file=path, by=SYSTEM)
    took, worked = time.monotonic() - began, time.process_time() - worked
    return {
        "read": receipt.read, "accepted": receipt.accepted, "seconds": took, "cpu": worked,
        "before": before, "peak": _peak(),
    }  # fmt: skip


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    import django

    django.setup()
    print(json.dumps(main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])))
