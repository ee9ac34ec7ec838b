"""One SELECT that a person wrote, over declared inputs alone: run under the readers' role."""

import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

from haidang.data.warehouse import errors, rules
from haidang.data.warehouse.engine import control, instances, newest, store
from haidang.data.warehouse.engine.checking import PERIOD, PIECES, Statement, said

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

T = TypeVar("T")
RESULT = "ket_qua"
_ROWS_AT_ONCE = 20_000
_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


@dataclass(frozen=True)
class Input:
    """A declared input: the name it bears in the statement, and which rows and columns it is."""

    name: str
    info: rules.TableInfo
    hidden: newest.Hidden
    names: tuple[str, ...]

    @property
    def query(self) -> str:
        """Return the query of its rows in the words of the lake's own engine."""
        return f"SELECT {rules.listed(self.names)} FROM ({newest.relation(self.info, self.hidden)})"


def input_name(dataset: str) -> str:
    """Return how a dataset is called in statements: "quan-trac" is quan_trac."""
    return dataset.replace("-", "_").lower()


def input_of(info: rules.TableInfo, hidden: newest.Hidden, names: Sequence[str]) -> Input:
    """Return the newest rows of a table, some columns of them, as an input."""
    return Input(input_name(info.dataset), info, hidden, tuple(names))


def write(
    statement: Statement,
    inputs: Sequence[Input],
    days: tuple[date, date] | None,
    to: Path,
    *,
    seconds: float,
    most: int | None = None,
    seen: Callable[[int], None] = lambda rows: None,
) -> int:
    """Run a statement and write its rows as an Arrow file; return how many. `seen` may raise.

    Raises BadQueryError, TooSlowError.
    """
    import pyarrow as pa

    query = _whole(statement, inputs, days) + (f" LIMIT {int(most)}" if most is not None else "")

    def take(cursor: "duckdb.DuckDBPyConnection") -> int:
        rows = 0
        reader = cursor.to_arrow_reader(_ROWS_AT_ONCE)
        with pa.OSFile(str(to), "wb") as sink, pa.ipc.new_file(sink, reader.schema) as writer:
            for batch in reader:
                writer.write_batch(batch)
                rows += batch.num_rows
                seen(rows)
        return rows

    return _asked(query, values(statement, days), seconds, take)


def rows_of(
    statement: Statement,
    inputs: Sequence[Input],
    days: tuple[date, date] | None,
    *,
    result: "pa.Table",
    seconds: float,
    most: int,
) -> list[dict[str, Any]]:
    """Run a statement that may also read `ket_qua`, a result at hand; return its first rows."""
    query = f"{_whole(statement, inputs, days)} LIMIT {int(most)}"
    return _asked(
        query,
        values(statement, days),
        seconds,
        lambda cursor: list(cursor.to_arrow_table().to_pylist()),
        result,
    )


def counts(inputs: Sequence[Input], seconds: float) -> dict[str, int]:
    """Return how many rows each input has."""

    def take(cursor: "duckdb.DuckDBPyConnection") -> int:
        row = cursor.fetchone()
        return int(row[0]) if row else 0

    return {
        one.name: _asked(f"SELECT count(*) FROM ({one.query})", {}, seconds, take) for one in inputs
    }


def schema_of(
    statement: Statement,
    inputs: Sequence[Input],
    days: tuple[date, date] | None,
    seconds: float,
) -> "pa.Schema":
    """Return the columns of a statement and their types. Raises BadQueryError."""
    query = f"{_whole(statement, inputs, days)} LIMIT 0"
    rows = _asked(query, values(statement, days), seconds, lambda one: one.to_arrow_table())
    return rows.schema


def _whole(statement: Statement, inputs: Sequence[Input], days: tuple[date, date] | None) -> str:
    used = [one for one in inputs if one.name in statement.tables]
    named = [f"{rules.quoted(one.name)} AS ({one.query})" for one in used]
    if PERIOD not in {one.name for one in inputs} and statement.has_period:
        named.append(period(days))
    before = f"WITH {', '.join(named)} " if named else ""
    return f"{before}SELECT * FROM ({statement.text}\n)"


def period(days: tuple[date, date] | None) -> str:
    """Return the table `ky` of a period, as it stands after WITH. Raises BadQueryError."""
    if days is None:
        raise errors.BadQueryError("Câu lệnh tính theo kỳ: cần ngày đầu và ngày cuối.")
    start, end = (_midnight(one).isoformat() for one in days)
    return (
        f"{PERIOD} AS (SELECT DATE '{days[0].isoformat()}' AS tu_ngay,"
        f" DATE '{days[1].isoformat()}' AS den_ngay, TIMESTAMPTZ '{start}' AS tu_luc,"
        f" TIMESTAMPTZ '{end}' AS den_luc)"
    )


def values(statement: Statement, days: tuple[date, date] | None) -> dict[str, Any]:
    """Return the values of the parameters that a statement names."""
    if days is None:
        return {}
    all_values: Mapping[str, Any] = {
        "from": days[0], "to": days[1],
        "from_time": _midnight(days[0]), "to_time": _midnight(days[1]),
    }  # fmt: skip
    return {
        name: value for name, value in all_values.items() if f"${name}" in _bare(statement.text)
    }


def _bare(text: str) -> set[str]:
    """Return the parameters that stand in a statement outside its strings and comments."""
    outside = PIECES.sub(lambda found: " " if found[1] else found[0], text)
    return set(re.findall(r"\$\w+", outside))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), _ZONE)


def _asked(
    query: str,
    values: Mapping[str, Any],
    seconds: float,
    take: "Callable[[duckdb.DuckDBPyConnection], T]",
    result: "pa.Table | None" = None,
) -> T:
    import duckdb

    control.prepare()
    with instances.reading() as cursor, _within(cursor, seconds) as is_over:
        try:
            if result is not None:
                cursor.register(RESULT, result)
            return take(cursor.execute(query, dict(values)))
        except duckdb.InterruptException as error:
            if is_over.is_set():
                raise errors.TooSlowError from error
            raise
        except duckdb.Error as error:
            if instances.is_lost(error) or store.unavailable(error):
                raise
            raise errors.BadQueryError(f"Câu lệnh chưa chạy được: {said(error)}") from error
        finally:
            if result is not None:
                cursor.unregister(RESULT)


@contextmanager
def _within(cursor: "duckdb.DuckDBPyConnection", seconds: float) -> Iterator[threading.Event]:
    """Interrupt what takes longer."""
    is_over = threading.Event()

    def stop() -> None:
        is_over.set()
        cursor.interrupt()

    timer = threading.Timer(seconds, stop)
    timer.daemon = True
    timer.start()
    try:
        yield is_over
    finally:
        timer.cancel()
