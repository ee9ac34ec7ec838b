"""The newest value of every key, without a window over everything.

Keys with one kept row stand in the base table; the few others have their whole history in
`__revisions`. Batches may be left out (waiting for approval, rejected, or not yet known at a
date): a row that such a batch brought counts as brought by the next batch that repeated it.
"""

from dataclasses import dataclass

from haidang.data.warehouse import rules


@dataclass(frozen=True)
class Hidden:
    """Batches left out: all above `after`, and some single ones."""

    after: int | None = None
    batches: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return self.after is not None or bool(self.batches)

    def sql(self, column: str = "_batch") -> str:
        """Return the condition that holds for hidden rows."""
        parts = [] if self.after is None else [f"{column} > {int(self.after)}"]
        if self.batches:
            listed = ", ".join(str(int(batch)) for batch in sorted(self.batches))
            parts.append(f"{column} IN ({listed})")
        return f"({' OR '.join(parts) or 'false'})"


def relation(info: rules.TableInfo, hidden: Hidden, base: str = "") -> str:
    """Return a query of the newest rows: the contract's columns, `_batch` and `_row`.

    `base` is a query of some rows of the base table, where not all are wanted.
    """
    columns = rules.listed([*info.names, "_batch", "_row"])
    key = rules.listed(info.key)
    base = f"({base})" if base else f"lake.{rules.quoted(info.table)}"
    shown = f"NOT {hidden.sql()}"
    if not hidden and not info.revised:
        return f"SELECT {columns} FROM {base}"
    revisions = f"lake.{rules.quoted(info.revisions)}"
    candidates = f"SELECT {columns} FROM {revisions} WHERE {shown}"
    if hidden and info.repeated:
        candidates += f" UNION ALL {_brought_again(info, hidden)}"
    return (
        f"SELECT {columns} FROM {base} ANTI JOIN (SELECT {key} FROM {revisions}) USING ({key})"
        f" WHERE {shown} UNION ALL "
        f"SELECT {columns} FROM ({candidates})"
        f" QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY _batch DESC, _row DESC) = 1"
    )


def _brought_again(info: rules.TableInfo, hidden: Hidden) -> str:
    """Rows of hidden batches under the numbers of shown batches that repeated them."""
    columns = rules.listed([*info.names, "_batch", "_row"])
    stored = " UNION ALL ".join(
        f"SELECT {columns} FROM lake.{rules.quoted(table)} WHERE {hidden.sql()}"
        for table in (info.table, info.revisions)
    )
    same_key = " AND ".join(f"s.{name} = r.{name}" for name in map(rules.quoted, info.key))
    return (
        f"SELECT {rules.listed(info.names, 's.')}, r._batch, r._row FROM ({stored}) s"
        f" JOIN lake.{rules.quoted(info.repeats)} r ON {same_key}"
        f" AND r._of_batch = s._batch AND r._of_row = s._row WHERE NOT {hidden.sql('r._batch')}"
    )
