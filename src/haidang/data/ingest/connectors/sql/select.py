"""The one statement that is sent: a SELECT made of names, or a given one that only reads."""

import re
from typing import Any

import sqlglot
from sqlglot import exp

from haidang.data.ingest.connectors.protocol import Settings
from haidang.data.ingest.errors import ConnectorError

DIALECTS = {"postgresql": "postgres", "mysql": "mysql", "oracle": "oracle", "sqlserver": "tsql"}
_NAME = re.compile(r"[^\W\d]\w{0,127}", re.UNICODE)
_WRITES: tuple[type[exp.Expression], ...] = (
    exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.Create, exp.Drop, exp.Alter, exp.Command,
    exp.Into, exp.Lock, exp.Set, exp.Copy, exp.Use, exp.Transaction, exp.Commit, exp.Rollback,
    exp.TruncateTable, exp.Grant, exp.Pragma, exp.Kill,
)  # fmt: skip
# Beside what only reads, servers offer functions that wait, write or reach elsewhere.
_FUNCTIONS = re.compile(
    r"^(pg_(sleep|read|ls_|stat_file|terminate|cancel|reload|rotate|switch|advisory|notify|logical)"
    r"|lo_|dblink|set_config|setval|nextval|currval|query_to_xml|database_to_xml|schema_to_xml"
    r"|table_to_xml|cursor_to_xml|load_file|sleep|benchmark|get_lock|release_lock|sys_exec|sys_eval"
    r"|xp_|sp_|openrowset|openquery|opendatasource|utl_|dbms_|httpuritype|extractvalue|updatexml)",
    re.IGNORECASE,
)


def names(text: str) -> list[str]:
    """Return names parted by commas or points. Raises ConnectorError for what is no name."""
    found = [one.strip() for one in re.split(r"[,.]", text)] if text.strip() else []
    for one in found:
        if not _NAME.fullmatch(one):
            raise ConnectorError(f"“{one[:60]}” không phải tên bảng hay cột.")
    return found


def checked(query: str, engine: str) -> exp.Query:
    """Return a given statement parsed. Raises ConnectorError unless it is one that only reads."""
    try:
        found = [one for one in sqlglot.parse(query, read=DIALECTS[engine]) if one is not None]
    except sqlglot.errors.SqlglotError as error:
        raise ConnectorError("Câu SELECT sai cú pháp. Kiểm tra lại câu lệnh.") from error
    if len(found) != 1 or not isinstance(found[0], exp.Query):
        raise ConnectorError("Chỉ dùng được một câu SELECT.")
    for node in found[0].walk():
        if isinstance(node, _WRITES):
            raise ConnectorError("Câu lệnh có phần ghi hoặc khóa dữ liệu. Chỉ dùng SELECT để đọc.")
        if isinstance(node, exp.Func) and _FUNCTIONS.match(_called(node)):
            raise ConnectorError(f"Không dùng được hàm {_called(node)}() ở đây.")
    return found[0]


def _called(node: exp.Func) -> str:
    return node.name if isinstance(node, exp.Anonymous) else node.sql_name()


def statement(settings: Settings, *, is_after: bool) -> str:
    """Return the SQL: ordered by the key where there is one, and from a value on (one parameter
    written `:after`, see `adapters`) where something was read before."""
    engine = settings["engine"]
    made = _inner(settings)
    if settings["increment"] != "none":
        key = exp.column(settings["key"], quoted=_quotes(engine))
        nothing = exp.Is(this=key.copy(), expression=exp.Null())
        later = exp.GTE(this=key.copy(), expression=exp.Var(this=":after"))
        whole = exp.select("*").from_(made.subquery("nguon"))
        made = whole.where(later if is_after else exp.Not(this=nothing)).order_by(key.copy())
    return made.sql(dialect=DIALECTS[engine], comments=False)


def _inner(settings: Settings) -> exp.Query:
    engine = settings["engine"]
    if settings["query"]:
        return checked(settings["query"], engine)
    quoted = _quotes(engine)
    columns: list[Any] = [exp.column(one, quoted=quoted) for one in names(settings["columns"])]
    parts = names(settings["table"])
    if len(parts) > 3:
        raise ConnectorError("Tên bảng có tối đa ba phần: cơ sở dữ liệu, lược đồ, bảng.")
    path = [exp.to_identifier(one, quoted=quoted) for one in reversed(parts)]
    table = exp.Table(**dict(zip(("this", "db", "catalog"), path, strict=False)))
    return exp.select(*(columns or ["*"])).from_(table)


def _quotes(engine: str) -> bool:
    """Oracle keeps unquoted names in capitals: quoting what a person typed would miss them."""
    return engine != "oracle"
