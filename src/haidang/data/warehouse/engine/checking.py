"""What a statement that a person wrote may say: judged by the engine's own parser.

What may be written is what the parser says stands there, never what a second parser believes: one
SELECT; tables that are declared inputs or named in the statement itself; functions of which the
engine says that equal arguments give equal answers. So nothing reads a file, a setting, another
table or the clock, and the same inputs give the same rows.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from haidang.data.warehouse import errors
from haidang.data.warehouse.engine import instances

PERIOD = "ky"
PARAMETERS = ("from", "to", "from_time", "to_time")
MOST_LETTERS = 20_000
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
PIECES = re.compile(
    r"('(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/)|(?<!:):(from_time|to_time|from|to)\b",
    re.DOTALL,
)


@dataclass(frozen=True)
class Statement:
    """A checked SELECT: its text, the inputs, columns and words it uses, whether by period."""

    text: str
    tables: frozenset[str]
    columns: frozenset[str]
    has_period: bool
    functions: frozenset[str] = frozenset()


def checked(text: str, names: Sequence[str]) -> Statement:
    """Return a SELECT that may be run over inputs of some names. Raises BadQueryError."""
    if len(text) > MOST_LETTERS:
        raise errors.BadQueryError(f"Câu lệnh dài quá {MOST_LETTERS} ký tự.")
    written = PIECES.sub(lambda found: found[1] or f"${found[2]}", text).strip().rstrip(";")
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
    columns, functions = frozenset(found.columns), frozenset(found.functions)
    return Statement(written, tables, columns, is_by_period, functions)


class _Found:
    def __init__(self) -> None:
        self.functions: set[str] = set()
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
            raise errors.BadQueryError(f"Câu lệnh sai cú pháp: {said(error)}") from error
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
            found.functions.add(str(node["function_name"]).lower())
        case "WINDOW":
            found.functions.add(str(node["function_name"]).lower())
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
    # The parser itself writes "main" before trim, substring and the like.
    if node.get("schema") not in {None, "", "main"} or node.get("catalog"):
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


def said(error: Exception) -> str:
    """Return the engine's own sentence, without its picture of the whole statement."""
    text = str(error).partition("\n\nLINE")[0]
    return " ".join(text.split())[:400]
