"""Rows that an officer types: checked as files are, at the cell, then loaded as any arrival."""

import hashlib
from collections.abc import Mapping, Sequence

import orjson
import pyarrow as pa

from haidang.data.catalogue import api as catalogue
from haidang.data.ingest.actions import facts, processing, runs
from haidang.data.ingest.actions.spooling import LINE
from haidang.data.ingest.actions.who import By, allowed
from haidang.data.ingest.errors import IngestError, SourceNotFoundError
from haidang.data.ingest.models import Run, Source
from haidang.data.ingest.rules import mending
from haidang.data.ingest.rules.check import Checker
from haidang.data.ingest.rules.chunk import Chunk
from haidang.data.ingest.rules.layout import layout
from haidang.data.ingest.rules.values import Receipt

MOST_ROWS = 200
Row = Mapping[str, str]
Faults = dict[int, list[Mapping[str, str]]]
"""By the row's place, counted from 1: what is wrong with it, as a waiting row is told."""


class RowsWrongError(IngestError):
    """Có dòng chưa đúng hợp đồng dữ liệu. Sửa các ô được đánh dấu rồi gửi lại."""


def enter(*, source: str, rows: Sequence[Row], by: By, token: str = "") -> Receipt:
    """Load typed rows; another person approves them. The same `token` and rows load once.

    Raises SourceNotFoundError, NotAllowedError, and RowsWrongError whose `details["faults"]`
    tell what is wrong in which row and field; nothing is loaded then.
    """
    owner = Source.objects.filter(code=source).first()
    if owner is None:
        raise SourceNotFoundError(f"Không tìm thấy nguồn dữ liệu “{source}”.")
    allowed(by, "ingest.load", owner)
    if not rows:
        raise IngestError("Chưa nhập dòng nào.")
    if len(rows) > MOST_ROWS:
        raise IngestError(f"Mỗi lần nhập tối đa {MOST_ROWS} dòng. Nhiều hơn thì tải tệp lên.")
    if faults := faults_of(owner, rows):
        raise RowsWrongError(faults=faults)
    content = b"\n".join(orjson.dumps(dict(row)) for row in rows)
    mark = hashlib.sha256(content).hexdigest()
    return runs.load(
        source=source,
        file=content,
        by=by,
        name="nhap-tay.ndjson",
        media="application/x-ndjson",
        channel=Run.Channel.FORM,
        idempotency_key=f"form:{token[:64]}:{mark}" if token else None,
        is_typed=True,
    )


def faults_of(source: Source, rows: Sequence[Row]) -> Faults:
    """Return why rows would wait: the check that files pass, and equal keys among them."""
    contract = catalogue.contract(source.dataset)
    declared = mending.layout_for(layout(source.mapping))
    checker = Checker(contract.fields, facts.known(source, contract, declared))
    names = [each.name for each in contract.fields]
    chunk = Chunk(
        rows=pa.array(range(1, len(rows) + 1), pa.int64()),
        columns={
            name: pa.array([row.get(name, "") for row in rows], pa.string()) for name in names
        },
        plain={},
        labels={},
    )
    checked = checker.check(chunk)
    table = checked.table.append_column(LINE, checked.rows)
    _, clashes, _ = processing.without_repeats(table, contract.key_fields)
    found: Faults = {}
    for line, _, reasons in [*checked.rejected, *clashes]:
        found.setdefault(line, []).extend(
            {**reason, "message": mending.without_place(reason["message"])} for reason in reasons
        )
    return found
