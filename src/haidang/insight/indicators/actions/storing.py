"""Writing computed cells: staged by COPY, merged in one statement, a revision where they differ."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import connection

from haidang.insight.indicators.models import Indicator
from haidang.insight.indicators.rules.restated import LONGEST

if TYPE_CHECKING:
    import pyarrow as pa
    from django.db.backends.utils import CursorWrapper

_COLUMNS = (
    "indicator_id", "unit_id", "period_start", "period_end", "value", "numerator", "denominator",
    "as_of", "reported", "expected", "status", "source_type", "batch", "lineage", "is_simulated",
    "state", "computed_at",
)  # fmt: skip
# What makes two revisions different; the rest follows silently.
_CONTENT = ("value", "numerator", "denominator", "reported", "status", "source_type")


@dataclass(frozen=True)
class Cell:
    """One value of an indicator, a unit and a period, ready to be kept."""

    unit_id: int
    period_start: datetime
    period_end: datetime
    value: float | None
    as_of: datetime
    numerator: float | None = None
    denominator: float | None = None
    reported: int = 1
    expected: int = 1
    status: str = "preliminary"
    source_type: str = "automatic"
    batch: int | None = None
    lineage: str = ""
    is_simulated: bool = False
    state: str = "normal"


@dataclass(frozen=True)
class Written:
    """A cell that was new or differed from what was known."""

    unit_id: int
    period_start: datetime
    revision: int


def store(indicator: Indicator, cells: Iterable[Cell], *, now: datetime) -> list[Written]:
    """Merge cells into the values; return those that were new or different.

    Must run inside a transaction.
    """
    with connection.cursor() as cursor:
        cursor.execute(_STAGE)
        with cursor.copy(f"COPY staged ({', '.join(_COLUMNS)}) FROM STDIN") as copy:
            for cell in cells:
                copy.write_row(_row(indicator.pk, cell, now))
        return _merged(cursor)


def store_table(table: "pa.Table") -> list[Written]:
    """Merge a table with a column for each of Value's, as `store` does but a million at once."""
    from pyarrow import csv

    text = io.BytesIO()
    csv.write_csv(table.select(_COLUMNS), text, csv.WriteOptions(include_header=False))
    with connection.cursor() as cursor:
        cursor.execute(_STAGE)
        with cursor.copy(f"COPY staged ({', '.join(_COLUMNS)}) FROM STDIN (FORMAT csv)") as copy:
            copy.write(text.getbuffer())
        return _merged(cursor)


def _merged(cursor: "CursorWrapper") -> list[Written]:
    cursor.execute(_MERGE)
    written = [Written(*row) for row in cursor.fetchall()]
    cursor.execute("DROP TABLE staged")
    return written


def _row(indicator_id: int, cell: Cell, now: datetime) -> Sequence[object]:
    return (
        indicator_id, cell.unit_id, cell.period_start, cell.period_end, cell.value, cell.numerator,
        cell.denominator, cell.as_of, cell.reported, cell.expected, cell.status, cell.source_type,
        cell.batch, cell.lineage, cell.is_simulated, cell.state, now,
    )  # fmt: skip


_STAGE = f"""
CREATE TEMP TABLE staged ON COMMIT DROP AS
SELECT {", ".join(_COLUMNS)} FROM indicators_value WITH NO DATA
"""  # noqa: S608 - constants only

_DIFFERENT = (
    f"({', '.join(f'kept.{name}' for name in _CONTENT)})"
    f" IS DISTINCT FROM ({', '.join(f'excluded.{name}' for name in _CONTENT)})"
)

# As `restated.closing` says it.
_LATE = f"""(excluded.computed_at > kept.period_end + LEAST(
    kept.period_end - kept.period_start, interval '{LONGEST.days} days') AND {_DIFFERENT})"""
_FIRST_LATE = f"{_LATE} AND kept.restated_at IS NULL"

_MERGE = f"""
WITH merged AS (
    INSERT INTO indicators_value AS kept
        ({", ".join(_COLUMNS)}, revision, in_lake, closed_state)
    SELECT {", ".join(_COLUMNS)}, 1, false, '' FROM staged
    ON CONFLICT (indicator_id, unit_id, period_start) DO UPDATE SET
        {", ".join(f"{name} = excluded.{name}" for name in _COLUMNS[3:])},
        restated_at = CASE WHEN {_LATE} THEN excluded.computed_at ELSE kept.restated_at END,
        closed_value = CASE WHEN {_FIRST_LATE} THEN kept.value ELSE kept.closed_value END,
        closed_state = CASE WHEN {_FIRST_LATE} THEN kept.state ELSE kept.closed_state END,
        revision = kept.revision + ({_DIFFERENT})::int,
        in_lake = kept.in_lake AND NOT ({_DIFFERENT})
    WHERE {_DIFFERENT}
        OR (kept.as_of, kept.batch, kept.expected, kept.state, kept.lineage, kept.is_simulated)
        IS DISTINCT FROM (excluded.as_of, excluded.batch, excluded.expected, excluded.state,
            excluded.lineage, excluded.is_simulated)
    RETURNING unit_id, period_start, revision, in_lake
)
SELECT unit_id, period_start, revision FROM merged WHERE NOT in_lake
"""  # noqa: S608 - constants only
