"""The newest reading of each device and metric, overwritten from the lake after each landing."""

from haidang.data.warehouse import rules
from haidang.data.warehouse.engine import control, newest, reading

_COLUMNS = ("device", "metric", "time", "value", "status", "unit")


def refresh(dataset: str) -> int:
    """Bring the last readings up to what has landed; return how many series were looked at."""
    with control.session() as held:
        info = held.table(dataset)
        batches, snapshot = held.landed_since_refresh(dataset)
        if not batches:
            return 0
        found = reading.fetch(_question(info, batches)).rows
        with held.raw.transaction(), held.raw.cursor() as cursor:
            cursor.executemany(_UPSERT, [(dataset, *row) for row in found])
            cursor.execute(
                "UPDATE warehouse_laketable SET refreshed_snapshot = %s WHERE dataset = %s",
                [snapshot, dataset],
            )
    return len(found)


def _question(info: rules.TableInfo, batches: list[int]) -> str:
    """The newest value at the last moment that the batches speak of, for each of their series."""
    columns = rules.listed(_COLUMNS)
    listed = ", ".join(str(batch) for batch in batches)
    of_batches = f"_batch BETWEEN {min(batches)} AND {max(batches)} AND _batch IN ({listed})"
    tables = [f"lake.{rules.quoted(name)}" for name in (info.table, info.revisions)]
    brought = " UNION ALL ".join(
        f"SELECT device, metric, time FROM {table} WHERE {of_batches}" for table in tables
    )
    return (
        f"WITH touched AS MATERIALIZED (SELECT device, metric, max(time) AS time FROM ({brought})"
        f" GROUP BY 1, 2)"
        f" SELECT {columns}, _batch FROM ({newest.relation(info, newest.Hidden())})"
        " SEMI JOIN touched USING (device, metric, time)"
    )


_UPSERT = """
INSERT INTO warehouse_lastreading (dataset, device, metric, time, value, status, unit, batch)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (dataset, device, metric) DO UPDATE SET
    time = excluded.time, value = excluded.value, status = excluded.status,
    unit = excluded.unit, batch = excluded.batch
WHERE warehouse_lastreading.time <= excluded.time
"""


def faults(held: control.Control, info: rules.TableInfo) -> list[str]:
    """Compare the last readings with the whole lake; nothing while a landing is not refreshed."""
    waits, _ = held.landed_since_refresh(info.dataset)
    if waits:
        return []
    kept = held.raw.execute(
        "SELECT device, metric, time, value FROM warehouse_lastreading WHERE dataset = %s",
        [info.dataset],
    ).fetchall()
    newest_of = {row[:2]: row[2:] for row in reading.fetch(_newest_of_all(info)).rows}
    wrong = [row[:2] for row in kept if newest_of.get(row[:2]) != row[2:]]
    missing = newest_of.keys() - {row[:2] for row in kept}
    if (not wrong and not missing) or held.landed_since_refresh(info.dataset)[0]:
        return []  # what landed while the lake was read is not a fault
    device, metric = [*wrong, *missing][0]
    return [
        f"Bảng {info.dataset}: giá trị mới nhất của {len(wrong) + len(missing)} chuỗi khác với kho"
        f" (ví dụ {device}/{metric}); việc dọn dẹp hằng đêm sẽ tính lại."
    ]


def mend(dataset: str) -> bool:
    """Make the last readings anew from the lake where they differ; tell whether they did."""
    with control.session() as held:
        info = held.table(dataset)
        if not faults(held, info):
            return False
        more = ", ".join(f"arg_max_null({name}, time)" for name in ("status", "unit", "_batch"))
        found = reading.fetch(_newest_of_all(info, more)).rows
        with held.raw.transaction(), held.raw.cursor() as cursor:
            cursor.execute("DELETE FROM warehouse_lastreading WHERE dataset = %s", [dataset])
            cursor.executemany(_UPSERT, [(dataset, *row) for row in found])
    return True


def _newest_of_all(info: rules.TableInfo, more: str = "") -> str:
    return (
        "SELECT device, metric, max(time), arg_max_null(value, time)"
        f"{', ' + more if more else ''}"
        f" FROM ({newest.relation(info, newest.Hidden())}) GROUP BY 1, 2"
    )
