"""Conditions, orders and measures of simple questions, made into SQL with bound values."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from haidang.data.warehouse import errors, rules

Operator = Literal["=", "!=", "<", "<=", ">", ">=", "in", "contains", "empty"]
Condition = tuple[str, str, Any]
_COMPARISONS = {"=", "!=", "<", "<=", ">", ">="}
# Parts of files are passed over for values of a written list only; a long list is slow to read.
_LISTED = 200
_MARKS = {"_batch": "BIGINT", "_row": "BIGINT"}
AGGREGATES = {
    "avg": "avg({})",
    "count": "count({})",
    "first": "arg_min({}, {time})",
    "last": "arg_max({}, {time})",
    "max": "max({})",
    "min": "min({})",
    "sum": "sum({})",
}
_ZONE = "'Asia/Ho_Chi_Minh'"
BUCKETS = {
    "minute": "time_bucket(INTERVAL 1 minute, {})",
    "minute5": "time_bucket(INTERVAL 5 minutes, {})",
    "hour": "time_bucket(INTERVAL 1 hour, {})",
    "day": f"time_bucket(INTERVAL 1 day, {{}}, {_ZONE})",
    "month": f"time_bucket(INTERVAL 1 month, {{}}, {_ZONE})",
}
# The same for moments, a hundred times as quick: Vietnam has been at UTC+7 since 1975.
_LOCAL = "make_timestamp(epoch_us({}) + 25200000000)"
_SINCE = "TIMESTAMPTZ '1980-01-01 00:00:00+00'"
_QUICK = {
    "day": "time_bucket(INTERVAL 24 hours, {}, TIMESTAMPTZ '2000-01-01 17:00:00+00')",
    "month": f"make_timestamptz(epoch_us(date_trunc('month', {_LOCAL})) - 25200000000)",
}


@dataclass
class Builder:
    """One question about one table; `values` are bound in the order of the text."""

    info: rules.TableInfo
    values: list[Any] = field(default_factory=list)
    closed: frozenset[str] = frozenset()

    def column(self, name: str) -> str:
        """Return a column's SQL name. Raises BadQueryError when there is none."""
        if name in self.closed:
            raise errors.BadQueryError(f"Cột “{name}” chứa dữ liệu cá nhân, không tra cứu ở đây.")
        if name not in self.info.names and name not in _MARKS:
            raise errors.BadQueryError(f"Bảng không có cột “{name}”.")
        return rules.quoted(name)

    def where(self, conditions: Sequence[Condition]) -> str:
        return " AND ".join(self._condition(*one) for one in conditions) or "true"

    def _condition(self, name: str, operator: str, value: Any) -> str:
        column = self.column(name)
        kind = _MARKS.get(name) or self.info.lake_type(name)
        if operator in _COMPARISONS:
            self.values.append(value)
            return f"{column} {operator} ?::{kind}"
        if operator == "in":
            wanted = list(value)
            if 0 < len(wanted) <= _LISTED:
                self.values += wanted
                return f"{column} IN ({', '.join([f'?::{kind}'] * len(wanted))})"
            self.values.append(wanted)
            return f"list_contains(?::{kind}[], {column})"
        if operator == "contains":
            self.values.append(str(value))
            return f"contains(lower({column}::VARCHAR), lower(?))"
        if operator == "empty":
            return f"{column} IS {'' if value else 'NOT '}NULL"
        raise errors.BadQueryError(f"Không có phép so sánh “{operator}”.")

    def order(self, names: Sequence[str]) -> str:
        """Return ORDER BY of names, "-name" downwards; empties last."""
        if not names:
            return ""
        parts = [
            f"{self.column(name.lstrip('-'))} {'DESC' if name.startswith('-') else 'ASC'}"
            " NULLS LAST"
            for name in names
        ]
        return " ORDER BY " + ", ".join(parts)

    def measure(self, function: str, name: str) -> str:
        """Return one aggregate of a column ("count" also of "*")."""
        if function not in AGGREGATES:
            raise errors.BadQueryError(f"Không có phép tính “{function}”.")
        column = "*" if (function, name) == ("count", "*") else self.column(name)
        time = rules.quoted(self.info.time_field or "_row")
        return AGGREGATES[function].format(column, time=time)

    def bucket(self, size: str) -> str:
        """Return the start of the time bucket that a row falls into, by Vietnamese days."""
        if size not in BUCKETS or not self.info.time_field:
            raise errors.BadQueryError(f"Không chia được thời gian theo “{size}”.")
        time = rules.quoted(self.info.time_field)
        start = BUCKETS[size].format(time)
        if size not in _QUICK or dict(self.info.columns)[self.info.time_field] != "datetime":
            return start
        return f"CASE WHEN {time} >= {_SINCE} THEN {_QUICK[size].format(time)} ELSE {start} END"
