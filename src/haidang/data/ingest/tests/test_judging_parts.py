"""A load judged part by part is judged as if it were judged whole."""

import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest.actions import quality_rules
from haidang.data.ingest.actions.spooling import LINE, Spool
from haidang.data.ingest.models import QualityRule, RuleOutcome, Run
from haidang.data.ingest.rules.check import ARROW
from haidang.data.ingest.tests.test_judging import FIELDS, load, rule, source

__all__ = ["source"]
WARDS = ("25747", "25741", "25942")


def _rows(rng: random.Random) -> list[tuple[Any, ...]]:
    rows = [
        (ward, f"{year}-{month:02}", rng.randrange(50, 60), rng.randrange(60), rng.randrange(3))
        for ward in WARDS
        for year in (2025, 2026)
        for month in range(1, 13)
    ]
    rng.shuffle(rows)
    return [(*row, sum(row[3:]) + rng.choice([0, 0, 1])) for row in rows]


def _table(rows: list[tuple[Any, ...]]) -> pa.Table:
    columns = zip(FIELDS, zip(*rows, strict=True), strict=True)
    named = {field.name: pa.array(column, ARROW[field.type]) for field, column in columns}
    return pa.table({**named, LINE: pa.array(range(2, len(rows) + 2), pa.int64())})


def _declared() -> list[QualityRule]:
    other = {"dataset": "dan-so"}
    return [
        rule("compare", left="ngheo", operator="<=", right="so_ho"),
        rule("sum", "warn", parts=["ngheo", "can_ngheo"], total="tong"),
        rule("codes", field="xa", codes=list(WARDS[:2])),
        rule("reference", "warn", field="thang", to="thang", **other),
        rule("total", field="so_ho", by=["xa"], total="so_ho", **other),
        rule("jump", "warn", field="so_ho", series=["xa"], time="thang", last=4, times=1, least=2),
    ]


def _judged(folder: Path, table: pa.Table, rules: list[QualityRule], parts: int) -> list[Any]:
    contract = catalogue.contract("ho-ngheo")
    folder.mkdir()
    by = quality_rules.parting(rules, contract)
    spool = Spool(folder, table.drop_columns([LINE]).schema, by, parts)
    spool.write(table)
    spool.finish()
    kept, blocked, outcomes = [], [], list[RuleOutcome]()
    for part in spool.parts():
        verdict = quality_rules.judged(Run.objects.earliest("pk"), contract, part, rules)
        kept += verdict.table.column(LINE).to_pylist()
        blocked += [(line, [why["message"] for why in whys]) for line, _, whys in verdict.blocked]
        outcomes = quality_rules.merged(outcomes, verdict.outcomes)
    told = [(one.rule.kind, one.checked, one.failed, one.rows, one.fault) for one in outcomes]
    return [len(spool), sorted(kept), sorted(blocked), told]


@pytest.mark.parametrize("seed", range(3))
def test_parts_say_what_the_whole_says(source: str, seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    load("nguon-dan-so", *(";".join(map(str, row)) for row in _rows(rng)[:30]))
    rules, table = _declared(), _table(_rows(rng))

    one, *whole = _judged(tmp_path / "whole", table, rules, 1)
    many, *parts = _judged(tmp_path / "parts", table, rules, 5)
    assert (one, many) == (1, 5)
    assert whole == parts
    assert all(checked == len(table) and failed for _kind, checked, failed, *_ in whole[2])


def test_rules_that_hold_rows_of_all_keys_together_are_judged_whole(source: str) -> None:
    contract = catalogue.contract("ho-ngheo")
    row = rule("sum", parts=["ngheo", "can_ngheo"], total="tong")
    ward = rule("jump", field="so_ho", series=["xa"], time="thang")
    month = rule("total", field="so_ho", by=["thang"], dataset="dan-so", total="so_ho")

    assert quality_rules.parting([row], contract) == ("xa", "thang")
    assert quality_rules.parting([row, ward], contract) == ("xa",)
    assert quality_rules.parting([row, ward, month], contract) == ()
