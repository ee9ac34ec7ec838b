"""Rows that wait: kept, mended, replayed, discarded."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from haidang.data.ingest.models import QuarantinedRow, Run

_AT_ONCE = 2_000


def keep(
    *, run: Run, rows: Iterable[tuple[int, Mapping[str, Any], Sequence[Mapping[str, str]]]]
) -> None:
    """Keep rows of a run as they came, with their reasons. Part of the caller's transaction."""
    QuarantinedRow.objects.bulk_create((_row(run, *row) for row in rows), batch_size=_AT_ONCE)


def _row(
    run: Run, row_no: int, raw: Mapping[str, Any], reasons: Sequence[Mapping[str, str]]
) -> QuarantinedRow:
    return QuarantinedRow(
        run=run,
        source_id=run.source_id,
        row_no=row_no,
        raw=dict(raw),
        reasons=[dict(reason) for reason in reasons],
        first_code=reasons[0]["code"] if reasons else "",
    )
