"""The lake's table follows a new version of a contract, or says beforehand that it cannot."""

from dataclasses import replace

import pyarrow as pa
import pytest

from haidang.data.catalogue import api as catalogue
from haidang.data.warehouse import api as warehouse
from haidang.data.warehouse import queries
from haidang.foundation.access import api as access
from haidang.foundation.core.audit import SYSTEM

from .test_door import a_batch, a_table, counts

pytestmark = pytest.mark.django_db


def test_a_widened_type_and_a_new_field_keep_every_row_and_its_history():
    spec = a_table()
    warehouse.commit([a_batch(1, ("25747", "2026-01", 5), ("25750", "2026-01", 7))])
    warehouse.commit([a_batch(2, ("25747", "2026-01", 6))])
    wide = (
        *spec.fields[:2],
        replace(spec.field("ho_ngheo"), type="number"),
        catalogue.FieldSpec("ghi_chu", "Ghi chú"),
    )
    warehouse.ensure_table(replace(spec, fields=wide))
    rows = pa.table(
        {
            "xa": ["25747", "25750", "25753"],
            "thang": ["2026-01"] * 3,
            "ho_ngheo": [6.0, 7.5, 0.5],
            "ghi_chu": [None, "sửa", "mới"],
        }
    )
    landed = warehouse.commit([warehouse.Batch(3, "ho-ngheo", "tep", rows)])

    assert counts(landed) == [(2, 1, 1)], "an equal number is the same in the wider type"
    asked = {"scope": access.EVERYTHING, "columns": ("xa", "ho_ngheo", "ghi_chu"), "order": ("xa",)}
    assert warehouse.rows("ho-ngheo", **asked).rows == [
        ("25747", 6.0, None), ("25750", 7.5, "sửa"), ("25753", 0.5, "mới"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("position", "change", "words"),
    [(2, {"type": "date"}, "ho_ngheo"), (2, {"key": True}, "khóa"), (1, {"type": "year"}, "thang")],
)
def test_what_the_lake_cannot_follow_is_refused_when_the_version_is_made(position, change, words):
    spec = a_table()
    catalogue.define(dataset="ho-ngheo", title="Hộ nghèo", fields=spec.fields, by=SYSTEM)
    fields = list(spec.fields)
    fields[position] = replace(fields[position], **change)

    assert words in queries.cannot_follow(replace(spec, fields=tuple(fields)))
    with pytest.raises(catalogue.ContractError, match=words):
        catalogue.revise(dataset="ho-ngheo", fields=fields, reason="thử", by=SYSTEM)
    assert catalogue.newest("ho-ngheo").version == 1
