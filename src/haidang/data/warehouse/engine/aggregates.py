"""A question for aggregates by columns and time, and its SQL over any source of rows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from haidang.data.warehouse import errors, rules
from haidang.data.warehouse.engine import filters

Measure = tuple[str, str]  # a function and a column


@dataclass(frozen=True)
class Question:
    """What is measured, by which columns and time bucket, of which rows, in what order."""

    measures: Sequence[Measure]
    group: Sequence[str] = ()
    bucket: str | None = None
    where: Sequence[filters.Condition] = ()
    order: Sequence[str] = ()
    limit: int | None = None

    @property
    def counts_everything(self) -> bool:
        """Tell whether it is only the number of all rows."""
        plain = not (self.group or self.bucket or self.where or self.order)
        return plain and list(self.measures) == [("count", "*")]

    @property
    def columns(self) -> list[str]:
        """Return the columns that its answer speaks of."""
        return [*self.group, *(name for _, name in self.measures)]

    def sql(self, builder: filters.Builder, source: str, measure: Callable[[str, str], str]) -> str:
        """Return its query; values are bound in `builder` after those of the source."""
        groups = [f"{builder.column(name)} AS {builder.column(name)}" for name in self.group]
        if self.bucket:
            groups.append(f'{builder.bucket(self.bucket)} AS "bucket"')
        asked = [
            f"{measure(function, name)} AS {rules.quoted(_label(function, name))}"
            for function, name in self.measures
        ]
        query = f"SELECT {', '.join([*groups, *asked])} FROM ({source})"
        query += f" WHERE {builder.where(self.where)}{_grouped(len(groups))}{self._ordered()}"
        return query + (f" LIMIT {int(self.limit)}" if self.limit is not None else "")

    def _ordered(self) -> str:
        bucket = ["bucket"] if self.bucket else []
        labels = [*self.group, *bucket, *(_label(*one) for one in self.measures)]
        parts = []
        for name in self.order:
            if name.lstrip("-") not in labels:
                raise errors.BadQueryError(f"Không sắp xếp được theo “{name.lstrip('-')}”.")
            direction = "DESC" if name.startswith("-") else "ASC"
            parts.append(f"{rules.quoted(name.lstrip('-'))} {direction} NULLS LAST")
        return f" ORDER BY {', '.join(parts)}" if parts else ""


def _label(function: str, name: str) -> str:
    return function if name == "*" else f"{function}_{name}"


def _grouped(count: int) -> str:
    return f" GROUP BY {', '.join(str(place + 1) for place in range(count))}" if count else ""
