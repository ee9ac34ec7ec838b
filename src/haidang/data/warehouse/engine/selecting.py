"""One SELECT that a person wrote, over declared inputs alone: checked by the engine's own parser.

What may be written is what the parser says stands there, never what a second parser believes: one
SELECT; tables that are declared inputs or named in the statement itself; functions of which the
engine says that equal arguments give equal answers. So nothing reads a file, a setting, another
table or the clock, and the same inputs give the same rows.
"""

import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

from haidang.data.warehouse import errors, rules
from haidang.data.warehouse.engine import control, instances, newest

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

T = TypeVar("T")
RESULT, PERIOD = "ket_qua", "ky"
PARAMETERS = ("from", "to", "from_time", "to_time")
MOST_LETTERS = 20_000
_ROWS_AT_ONCE = 20_000
_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
_FROM_TYPES = {"BASE_TABLE", "JOIN", "SUBQUERY", "TABLE_FUNCTION", "EMPTY", "EXPRESSION_LIST"}
_TABLE_FUNCTIONS = {"range", "generate_series", "unnest"}
# Settings and variables are constant to the engine, but they say what is not in the inputs.
_CLOSED = re.compile(r"current_|getvariable|pg_|has_|inet_|duckdb_|in_search|write_|parse_duckdb")
# Words that the engine takes for the clock or the user where no column bears the name.
_WORDS = {
    "current_date", "current_time", "current_timestamp", "localtime", "localtimestamp", "user",
    "current_user", "session_user", "current_role", "current_catalog", "current_schema", "rowid",
}  # fmt: skip
_MACROS = re.compile(
    r"(list|array|json|map_contains|geo|round|weighted)\w*|split_part|nullif|fdiv|fmod|wavg"
    r"|date_add|days_in_month"
)
_PIECES = re.compile(
    r"('(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/)|(?<!:):(from_time|to_time|from|to)\b",
    re.DOTALL,
)


@dataclass(frozen=True)
class Input:
    """A declared input: the name it bears in the statement, and the query of its rows."""

    name: str
    query: str


@dataclass(frozen=True)
class Statement:
    """A checked SELECT: its text, the inputs it reads, the columns it names, whether by period."""

    text: str
    tables: frozenset[str]
    columns: frozenset[str]
    has_period: bool


def input_name(dataset: str) -> str:
    """Return how a dataset is called in statements: "quan-trac" is quan_trac."""
    return dataset.replace("-", "_").lower()


def input_of(info: rules.TableInfo, hidden: newest.Hidden, names: Sequence[str]) -> Input:
    """Return the newest rows of a table, some columns of them, as an input."""
    query = f"SELECT {rules.listed(names)} FROM ({newest.relation(info, hidden)})"
    return Input(input_name(info.dataset), query)


def checked(text: str, names: Sequence[str]) -> Statement:
    """Return a SELECT that may be run over inputs of some names. Raises BadQueryError."""
    if len(text) > MOST_LETTERS:
        raise errors.BadQueryError(f"Câu lệnh dài quá {MOST_LETTERS} ký tự.")
    written = _PIECES.sub(lambda found: found[1] or f"${found[2]}", text).strip().rstrip(";")
    tree = _parsed(written)
    found = _Found()
    _walk(tree, found, frozenset())
    known = {name.lower() for name in names} | {PERIOD}
    if shadowed := found.named & known:
        raise errors.BadQueryError(
            f"Tên “{sorted(shadowed)[0]}” sau WITH trùng tên bảng đầu vào; đặt tên khác."
        )
    if strange := found.tables - known:
        raise errors.BadQueryError(
            f"Bảng “{sorted(strange)[0]}” không có trong các bộ dữ liệu đầu vào đã khai: "
            f"{', '.join(sorted(known - {PERIOD})) or '(chưa khai)'}."
        )
    if odd := found.parameters - set(PARAMETERS):
        raise errors.BadQueryError(
            f"Không có tham số “{sorted(odd)[0]}”; dùng :from, :to, :from_time, :to_time."
        )
    is_by_period = bool(found.parameters) or PERIOD in found.tables
    tables = frozenset(found.tables & (known - {PERIOD}))
    return Statement(written, tables, frozenset(found.columns), is_by_period)


class _Found:
    def __init__(self) -> None:
        self.tables: set[str] = set()
        self.named: set[str] = set()
        self.columns: set[str] = set()
        self.parameters: set[str] = set()


def _parsed(text: str) -> Any:
    import duckdb

    with instances.parsing() as cursor:
        try:
            row = cursor.execute("SELECT json_serialize_sql(?)", [text]).fetchone()
        except duckdb.Error as error:
            raise errors.BadQueryError(f"Câu lệnh sai cú pháp: {_said(error)}") from error
    tree: Any = json.loads(row[0]) if row else {"error": True}
    if tree.get("error"):
        if tree.get("error_type") == "not implemented":
            raise errors.BadQueryError("Chỉ viết được một câu lệnh SELECT.")
        raise errors.BadQueryError(f"Câu lệnh sai cú pháp: {tree.get('error_message', '')}")
    if len(tree["statements"]) != 1:
        raise errors.BadQueryError("Chỉ viết được một câu lệnh SELECT.")
    return tree["statements"][0]["node"]


def _walk(node: Any, found: _Found, named: frozenset[str]) -> None:
    """Look at every node; `named` are the names after WITH that hold where it stands."""
    if isinstance(node, list):
        for one in node:
            _walk(one, found, named)
    elif isinstance(node, dict):
        # A name holds for the queries behind it alone: before it, in itself and outside, the same
        # name is a table, a view or a file of the engine's own.
        for one in node.get("cte_map", {}).get("map", ()):
            _walk(one["value"], found, named)
            named |= {str(one["key"]).lower()}
        found.named |= named
        _look(node, found, named)
        for key, one in node.items():
            if key != "cte_map":
                _walk(one, found, named)


def _look(node: dict[str, Any], found: _Found, named: frozenset[str]) -> None:
    if "sample" in node and "alias" in node and "class" not in node:
        _look_at_table(node, found, named)
    if node.get("type") == "RECURSIVE_CTE_NODE":
        raise errors.BadQueryError("Không dùng được WITH RECURSIVE.")
    match node.get("class"):
        case "FUNCTION":
            _look_at_function(node)
        case "PARAMETER":
            found.parameters.add(str(node.get("identifier", "")).lower())
        case "STAR":
            found.columns.add("*")
        case "COLUMN_REF":
            _look_at_column(node["column_names"], found)


def _look_at_table(node: dict[str, Any], found: _Found, named: frozenset[str]) -> None:
    kind = node.get("type")
    if kind not in _FROM_TYPES or node.get("at_clause"):
        raise errors.BadQueryError("Sau FROM chỉ được viết tên bảng đầu vào, JOIN hoặc câu con.")
    if kind == "TABLE_FUNCTION":
        name = str(node["function"].get("function_name", "")).lower()
        if name not in _TABLE_FUNCTIONS:
            raise errors.BadQueryError(f"Không dùng được hàm “{name}” sau FROM.")
    if kind == "BASE_TABLE":
        if node.get("schema_name") or node.get("catalog_name"):
            raise errors.BadQueryError("Chỉ viết tên bảng đầu vào, không kèm tên lược đồ.")
        found.tables |= {str(node["table_name"]).lower()} - named


def _look_at_column(parts: Sequence[str], found: _Found) -> None:
    name = parts[-1].lower()
    if len(parts) == 1 and name in _WORDS:
        raise errors.BadQueryError(
            f"Không dùng được “{name}”: kết quả phải chỉ phụ thuộc dữ liệu đầu vào. Cần thời điểm "
            "thì dùng :from, :to của kỳ."
        )
    found.columns.add(name)


def _look_at_function(node: dict[str, Any]) -> None:
    name = str(node["function_name"]).lower()
    if node.get("schema") or node.get("catalog"):
        raise errors.BadQueryError(f"Viết hàm “{name}” không kèm tên lược đồ.")
    if name not in _functions() and name not in _TABLE_FUNCTIONS:
        raise errors.BadQueryError(
            f"Không dùng được hàm “{name}”: kết quả phải chỉ phụ thuộc dữ liệu đầu vào."
        )


@lru_cache(maxsize=1)
def _functions() -> frozenset[str]:
    """Return the functions that give equal answers for equal arguments."""
    with instances.parsing() as cursor:
        rows = cursor.execute(
            "SELECT DISTINCT lower(function_name), function_type, stability FROM duckdb_functions()"
            " WHERE internal AND function_type IN ('scalar', 'aggregate', 'macro')"
        ).fetchall()
    fickle = {name for name, _, stability in rows if stability not in (None, "CONSISTENT")}
    return frozenset(
        name
        for name, kind, _ in rows
        if name not in fickle
        and not _CLOSED.match(name)
        and (kind != "macro" or _MACROS.fullmatch(name))
    )


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

    return _asked(query, _values(statement, days), seconds, take)


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
        _values(statement, days),
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


def _whole(statement: Statement, inputs: Sequence[Input], days: tuple[date, date] | None) -> str:
    used = [one for one in inputs if one.name in statement.tables]
    named = [f"{rules.quoted(one.name)} AS ({one.query})" for one in used]
    if PERIOD not in {one.name for one in inputs} and statement.has_period:
        named.append(_period(days))
    before = f"WITH {', '.join(named)} " if named else ""
    return f"{before}SELECT * FROM ({statement.text})"


def _period(days: tuple[date, date] | None) -> str:
    if days is None:
        raise errors.BadQueryError("Câu lệnh tính theo kỳ: cần ngày đầu và ngày cuối.")
    start, end = (_midnight(one).isoformat() for one in days)
    return (
        f"{PERIOD} AS (SELECT DATE '{days[0].isoformat()}' AS tu_ngay,"
        f" DATE '{days[1].isoformat()}' AS den_ngay, TIMESTAMPTZ '{start}' AS tu_luc,"
        f" TIMESTAMPTZ '{end}' AS den_luc)"
    )


def _values(statement: Statement, days: tuple[date, date] | None) -> dict[str, Any]:
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
    outside = _PIECES.sub(lambda found: " " if found[1] else found[0], text)
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
            if instances.is_lost(error):
                raise
            raise errors.BadQueryError(f"Câu lệnh chưa chạy được: {_said(error)}") from error
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


def _said(error: Exception) -> str:
    """Return the engine's own sentence, without its picture of the whole statement."""
    text = str(error).partition("\n\nLINE")[0].strip()
    return text[:400]
