"""Every real table, loaded through a contract made from the file itself: what was read is told.

Each file is described as a person would in the browser, its dataset and source are made, and the
file goes the way of every upload. `HAIDANG_SHARED` says where the real files lie; without it,
beside the checkout. `HAIDANG_EVERY_TABLE=1` loads all of them (some minutes), and prints
the table of docs/reference/real-files.md, with the name of a folder all of that folder;
otherwise a few of those that look alike.
"""

import os
import re
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from haidang.data.ingest import api as ingest
from haidang.data.ingest.actions import describing
from haidang.data.ingest.files import workbook
from haidang.data.ingest.models import QuarantinedRow, Run
from haidang.foundation.core.audit import SYSTEM
from tests.platform import ROOT
from tests.world import World, build_world

EVERY = os.environ.get("HAIDANG_EVERY_TABLE", "")
ENDINGS = {".csv", ".tsv", ".jsonl", ".geojson", ".xlsx"}
TREES = {"vn_units_34_provinces_full.json", "dvhcvn_63_provinces_3_levels.json"}
# Many files of one kind: one of so many stands for the others, unless all are asked for.
ALIKE = {
    "vn-gso-statistics": 100,
    "smart-data-models": 100,
    "hcmc-air-sensor-2018-10": 24,
    "vn-governance-indices": 15,
    "forecast-tourism": 6,
    "boston-311": 2,
    "vi-topic-sib200": 3,
}
# Files of about a hundred thousand rows and more: only when all are asked for.
LARGE = {"m3_observations.csv", "berlin_crosssection_hourly_2024-09.csv"}


class Loaded(NamedTuple):
    name: str
    receipt: ingest.Receipt
    key: str
    why: Counter[str]


@pytest.fixture(scope="module")
def real() -> Path:
    folder = Path(os.environ.get("HAIDANG_SHARED", ROOT.parent / "shared")) / "data" / "real"
    if not folder.is_dir():
        pytest.skip(f"REAL FILES ABSENT: {folder}; set HAIDANG_SHARED to try them")
    return folder


@pytest.fixture
def world(db: None) -> World:
    return build_world()


def tables(real: Path) -> list[Path]:
    """Return every file that is a table."""
    folder = real / (EVERY if EVERY != "1" else "")
    return sorted(
        path for path in folder.rglob("*") if path.suffix in ENDINGS or path.name in TREES
    )


def chosen(real: Path) -> list[Path]:
    if EVERY:
        return tables(real)
    kept, seen = [], Counter[str]()
    for path in tables(real):
        group = path.relative_to(real).parts[0]
        seen[group] += 1
        if path.name not in LARGE and (group not in ALIKE or seen[group] % ALIKE[group] == 1):
            kept.append(path)
    return kept


def sheets(path: Path) -> list[str]:
    if path.suffix != ".xlsx":
        return [""]
    found = workbook.visible(path)
    return found if EVERY else found[:1]


def load(world: World, real: Path, path: Path, sheet: str, number: int) -> Loaded:
    said = describing.look_at(content=[path.read_bytes()], name=path.name, sheet=sheet, by=SYSTEM)
    fields = [describing.field_of(one) for one in said.proposal.fields]
    draft = describing.Draft(
        dataset=f"bang-{number}",
        title=path.stem[:200],
        fields=fields,
        source=f"nguon-{number}",
        source_title=path.stem[:200],
        supplier_unit_id=world.unit("74.STNMT"),
        encoding=said.encoding,
        mapping=said.proposal.mapping,
    )
    describing.make(draft=draft, by=SYSTEM, reason="Nạp thử")
    receipt = ingest.load(source=draft.source, file=path, by=SYSTEM)
    key = ", ".join(one.name for one in fields if one.key)
    rows = QuarantinedRow.objects.filter(run_id=receipt.run_id).values_list("reasons", flat=True)
    why = Counter(reason["code"] for reasons in rows for reason in reasons[:1])
    name = str(path.relative_to(real)) + (f" [{sheet}]" if sheet else "")
    return Loaded(name, receipt, key, why)


def loads(world: World, real: Path) -> Iterator[Loaded]:
    number = 0
    for path in chosen(real):
        for sheet in sheets(path):
            number += 1
            yield load(world, real, path, sheet, number)


def test_every_real_table_loads_through_a_contract_made_from_itself(world, real):
    done = []
    began = time.monotonic()
    for one in loads(world, real):
        done.append(one)
        said = f"{time.monotonic() - began:.0f} s {report([one]).splitlines()[-1]}"
        print(said, flush=True)

    for one in done:
        receipt = one.receipt
        assert receipt.status == Run.Status.LANDED, (one.name, receipt.failure)
        assert receipt.reconciles and receipt.accepted > 0, one
        # A waiting row is a heading or a foot that stands among the rows (spread over years, one
        # for each of them), never the rule; one file has two of them for two rows of figures.
        assert receipt.quarantined <= max(25, 0.06 * receipt.read), one
        assert receipt.quarantined <= receipt.accepted, one
        assert sum(one.why.values()) == receipt.quarantined, "each waiting row says why"


def report(done: list[Loaded]) -> str:
    lines = ["| tệp | đọc | nhận | trùng | chờ | lý do | khóa |", "|---|--:|--:|--:|--:|---|---|"]
    for name, receipt, key, why in done:
        said = ", ".join(f"{code} {count}" for code, count in why.most_common())
        counts = (receipt.read, receipt.accepted, receipt.duplicate, receipt.quarantined)
        shown = re.sub(r"\|", "/", name)
        lines.append(f"| {shown} | {' | '.join(map(str, counts))} | {said} | {key} |")
    return "\n".join(lines)
