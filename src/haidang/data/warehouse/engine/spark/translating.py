"""A checked statement of the lake's own engine in Spark's words, where both give the same answer.

A word that nobody has compared is refused: two engines that answer differently would be worse
than one that does not answer. Every function listed here is compared by a test.
"""

from datetime import date
from typing import TYPE_CHECKING, Any

from haidang.data.warehouse import errors
from haidang.data.warehouse.engine import checking, selecting

if TYPE_CHECKING:
    from sqlglot import exp

_WORDS = """
    + - * / % || ~~ !~~ abs ceil ceiling exp floor greatest least ln pow power round sign sqrt
    concat concat_ws contains left length lower lpad ltrim replace right rpad rtrim split_part
    starts_with substr substring trim upper
    arg_max arg_min avg bool_and bool_or count count_star max median min stddev_samp sum
    date_diff date_part date_trunc day hour last_day make_date minute month quarter strftime
    timezone week year nullif
    dense_rank first_value lag last_value lead rank row_number
"""
COMPARED = frozenset(_WORDS.split())
# What the lake's own engine makes of INTERVAL 1 DAY.
_INTERVALS = frozenset(f"to_{one}s" for one in ("year", "month", "week", "day", "hour", "minute"))
_CASTS = frozenset({"DATE", "DECIMAL", "DOUBLE", "TIMESTAMPTZ", "BOOLEAN", "INTERVAL"})


def spark_sql(statement: checking.Statement, days: tuple[date, date] | None) -> str:
    """Return a statement as Spark reads it. Raises BadQueryError for what was not compared."""
    import sqlglot
    from sqlglot.errors import SqlglotError

    try:
        tree = sqlglot.parse_one(_with_period(statement, days), read="duckdb")
        _require_compared(statement, tree)
        told = _respelled(tree, selecting.values(statement, days))
        return str(told.sql(dialect="spark", unsupported_level=sqlglot.ErrorLevel.RAISE))
    except SqlglotError as error:
        raise errors.BadQueryError(f"Spark chưa chạy được câu lệnh này: {error}") from error


def _require_compared(statement: checking.Statement, tree: "exp.Expr") -> None:
    from sqlglot import exp

    strange = statement.functions - COMPARED - _INTERVALS - {"trunc"}
    strange |= {one.name.lower() for one in tree.find_all(exp.Anonymous)}
    strange |= {"trunc" for _ in tree.find_all(exp.Trunc)}
    if strange:
        raise errors.BadQueryError(
            f"Hàm “{sorted(strange)[0]}” chưa được đối chiếu giữa DuckDB và Spark; chạy câu lệnh "
            "này bằng DuckDB."
        )
    casts = {one.to.this.name for one in tree.find_all(exp.Cast)}
    if wrong := casts - _CASTS:
        raise errors.BadQueryError(
            f"Chuyển sang kiểu {sorted(wrong)[0]} cho kết quả khác nhau giữa DuckDB và Spark; dùng "
            "round, floor, strftime, hoặc chạy bằng DuckDB."
        )


def _with_period(statement: checking.Statement, days: tuple[date, date] | None) -> str:
    if not statement.has_period:
        return statement.text
    return f"WITH {selecting.period(days)} SELECT * FROM ({statement.text}\n)"


def _respelled(tree: "exp.Expr", values: dict[str, Any]) -> "exp.Expr":
    """Spell every node anew, inner ones first, so that what stands in a new node is new as well."""
    for node in reversed(list(tree.dfs())):
        told = _spelled(node, values)
        if told is not node and node is tree:
            tree = told
        elif told is not node:
            node.replace(told)
    return tree


def _spelled(node: "exp.Expr", values: dict[str, Any]) -> "exp.Expr":
    """Return a node as Spark must be told it for the answer that the lake's engine gives."""
    from sqlglot import exp

    if isinstance(node, exp.Placeholder) and node.name in values:
        value = values[node.name]
        kind = "DATE" if type(value) is date else "TIMESTAMPTZ"
        return exp.cast(exp.Literal.string(value.isoformat()), kind)
    if isinstance(node, exp.Round):
        return _rounded(node)
    if isinstance(node, exp.Cast) and node.to.this == exp.DType.DECIMAL:
        return _as_decimal(node)
    if isinstance(node, exp.Avg):
        return exp.Avg(this=exp.cast(node.this, "DOUBLE"))
    if isinstance(node, exp.Week):
        return exp.WeekOfYear(this=node.this)
    if isinstance(node, exp.ArgMax | exp.ArgMin):
        given = exp.Case().when(node.this.is_(exp.null()).not_(), node.expression)
        return type(node)(this=node.this, expression=given)
    if isinstance(node, exp.Select) and node.args.get("qualify"):
        return _without_qualify(node)
    return node


def _as_decimal(cast: "exp.Cast") -> "exp.Expr":
    """Return a cast that rounds floats by way of the shifted number, other values as they are."""
    from sqlglot import exp

    sizes = [int(one.name) for one in cast.to.expressions] or [18, 3]
    shift = exp.Literal.number(10 ** (sizes[1] if len(sizes) > 1 else 0))
    given = cast.this.copy()
    shifted = exp.Round(this=exp.Mul(this=exp.paren(given), expression=shift))
    rounded = exp.Div(this=exp.cast(shifted, "DECIMAL(38, 0)"), expression=shift, typed=False)
    is_float = exp.func("typeof", given).eq(exp.Literal.string("double"))
    chosen = exp.Case().when(is_float, rounded).else_(cast.copy())
    return exp.cast(chosen, cast.to.copy())


def _without_qualify(select: "exp.Select") -> "exp.Expr":
    """Return a SELECT … QUALIFY as one around another, without the column that this adds to *."""
    from sqlglot import exp, transforms

    has_star = select.is_star
    written = len(select.expressions)
    outer = transforms.eliminate_qualify(select.copy())
    if has_star:
        inner = next(one for one in outer.find_all(exp.Select) if one is not outer)
        added = [exp.to_identifier(one.alias) for one in inner.expressions[written:]]
        outer.set("expressions", [exp.Star(except_=added)])
    return outer


def _rounded(node: "exp.Round") -> "exp.Expr":
    """Return a rounding by way of the shifted number, as the lake's engine does it.

    Spark rounds the number as it is printed: 2,675 to 2,68, where the lake's engine says 2,67.
    """
    from sqlglot import exp

    places = node.args.get("decimals")
    if places is None:
        return node
    if not (isinstance(places, exp.Literal) and places.name.isdecimal()):
        raise errors.BadQueryError("Số chữ số làm tròn phải là một số viết thẳng từ 0 trở lên.")
    shift = exp.Literal.number(10 ** int(places.name))
    shifted = exp.Round(this=exp.Mul(this=exp.paren(node.this), expression=shift))
    return exp.paren(exp.Div(this=shifted, expression=shift, typed=False, safe=False))
