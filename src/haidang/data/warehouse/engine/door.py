"""The commit door: the one way into the lake.

Compare with the lake under the table's lock; write and sync the files; then, under the lake's
one lock, name them to the catalogue in a snapshot that carries the batch ids. A trigger on the
catalogue lands the batches and publishes their events in that same transaction.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from haidang.data.warehouse import errors, rules
from haidang.data.warehouse.engine import columns, comparison, control, files, instances, store

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

AUTHOR = "haidang.door"
_ATTEMPTS = 3


@dataclass(frozen=True)
class _Prepared:
    """What becomes of the batches of one dataset, whose files are durable."""

    info: rules.TableInfo
    landings: list[rules.Landed]


def commit(batches: Sequence[rules.Batch]) -> list[rules.Landed]:
    """Bring batches into the lake, each exactly once; return what became of each, in order.

    A batch that has landed before is not read again: its first counts are returned. On any error
    nothing of this call has landed and it may be repeated. Rows of one key may come in any number
    of batches, in any order. Raises UnknownTableError, BadRowsError, LakeUnavailableError.
    """
    for attempt in range(_ATTEMPTS):
        try:
            return _commit(batches)
        except errors.StaleCommitError:
            continue
        except Exception as error:
            if (away := store.unavailable(error)) is not None:
                raise away from error
            if attempt or not _is_lost_connection(error):
                raise
            close()
    raise errors.LakeUnavailableError


def close() -> None:
    """Let go of the database; the next call opens it anew."""
    instances.close()
    control.close()


def _commit(batches: Sequence[rules.Batch]) -> list[rules.Landed]:
    with control.session() as door:
        door.lock_tables(sorted({batch.dataset for batch in batches}))
        landed = door.landed([batch.id for batch in batches])
        waiting = {batch.id: batch for batch in batches if batch.id not in landed}
        if waiting:
            _land(door, list(waiting.values()))
            landed = door.landed([batch.id for batch in batches])
    return [landed[batch.id] for batch in batches]


def _land(door: control.Control, batches: list[rules.Batch]) -> None:
    written: list[files.WrittenFile] = []
    try:
        prepared = []
        for dataset in sorted({batch.dataset for batch in batches}):
            own = [batch for batch in batches if batch.dataset == dataset]
            prepared.append(_prepare(door.table(dataset), own, written))
        note = _note(prepared, batches)
        with door.lake_locked():
            if written:
                _register(written, note)
            else:
                door.land_without_files(note)
    except BaseException as error:
        if not door.landed_any([batch.id for batch in batches]):
            files.discard(written)
        if "haidang: table" in str(error):
            raise errors.StaleCommitError from error
        raise


def _note(prepared: list[_Prepared], batches: list[rules.Batch]) -> dict[str, Any]:
    landings = [landing for each in prepared for landing in each.landings]
    received = {batch.id: batch.received_at for batch in batches}
    return {
        "tables": {each.info.dataset: each.info.commits for each in prepared},
        "batches": rules.as_note(landings, received),
    }


def _prepare(
    info: rules.TableInfo, batches: list[rules.Batch], written: list[files.WrittenFile]
) -> _Prepared:
    """Write what batches add to a table; a lone batch goes part by part, since keys never meet."""
    duplicates, revised = Counter[int](), Counter[int]()
    for rows in _pieces(info, batches):
        if rows.num_rows:
            compared = comparison.compare(info, rows)
            _write(info, compared, written)
            duplicates.update(compared.duplicates)
            revised.update(compared.revised)
    landings = [_landing(batch, duplicates[batch.id], revised[batch.id]) for batch in batches]
    return _Prepared(info, landings)


def _pieces(info: rules.TableInfo, batches: list[rules.Batch]) -> Iterator["pa.Table"]:
    import pyarrow as pa

    fitted = (
        columns.fitted(info, batch.id, rows, numbers)
        for batch in batches
        for rows, numbers in batch.parts()
    )
    return fitted if len(batches) == 1 else iter([pa.concat_tables(fitted)])


def _write(
    info: rules.TableInfo, compared: comparison.Compared, written: list[files.WrittenFile]
) -> None:
    for month, part in _parts(info, compared.base):
        written.append(files.write(info.table, part, month=month))
    for table, extra in ((info.revisions, compared.revisions), (info.repeats, compared.repeats)):
        if extra is not None and extra.num_rows:
            written.append(files.write(table, extra))


def _parts(info: rules.TableInfo, rows: "pa.Table") -> Iterator[tuple[str | None, "pa.Table"]]:
    """Yield a sorted table's rows by month (readings), or whole."""
    import numpy as np
    import pyarrow as pa

    if not rows.num_rows:
        return
    if not info.is_partitioned:
        yield None, rows
        return
    times = rows.column(str(info.time_field))
    first, last = times[0].as_py(), times[-1].as_py()
    starts = [(year, month) for year in range(first.year, last.year + 1) for month in range(1, 13)]
    moments = times.combine_chunks().cast(pa.int64()).to_numpy()
    for year, month in starts:
        if (first.year, first.month) <= (year, month) <= (last.year, last.month):
            edges = np.searchsorted(moments, [_micros(year, month), _micros(year, month + 1)])
            if edges[0] < edges[1]:
                part = rows.slice(edges[0], edges[1] - edges[0])
                yield f"{year}-{month:02}", columns.by_series(info, part)


def _micros(year: int, month: int) -> int:
    """Return the start of a month in UTC as microseconds; month 13 is the next January."""
    start = datetime(year + month // 13, (month - 1) % 12 + 1, 1, tzinfo=UTC)
    return int(start.timestamp()) * 1_000_000


def _landing(batch: rules.Batch, duplicate: int, revised: int) -> rules.Landed:
    return rules.Landed(
        batch=batch.id,
        dataset=batch.dataset,
        source=batch.source,
        accepted=batch.rows.num_rows - duplicate,
        duplicate=duplicate,
        revised=revised,
        counts=batch.counts,
    )


def _register(written: list[files.WrittenFile], note: dict[str, Any]) -> None:
    with transaction() as cursor:
        cursor.execute(
            "CALL lake.set_commit_message(?, 'batches', extra_info => ?)",
            [AUTHOR, json.dumps(note)],
        )
        for one in written:
            cursor.execute(
                "CALL ducklake_add_data_files('lake', ?, ?, hive_partitioning => ?)",
                [one.table, one.address, one.is_partitioned],
            )


@contextmanager
def transaction() -> Iterator["duckdb.DuckDBPyConnection"]:
    """Open one transaction of the lake. The caller holds the lake's lock."""
    import duckdb

    cursor = instances.writer().cursor()
    try:
        cursor.execute("BEGIN")
        yield cursor
        cursor.execute("COMMIT")
    except BaseException:
        with suppress(duckdb.Error):  # a failed commit has rolled back already
            cursor.execute("ROLLBACK")
        raise
    finally:
        cursor.close()


def _is_lost_connection(error: Exception) -> bool:
    import duckdb
    import psycopg

    if isinstance(error, psycopg.OperationalError):
        return True
    return isinstance(error, duckdb.Error) and instances.is_lost(error)
